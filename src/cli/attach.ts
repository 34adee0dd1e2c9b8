// firebreak attach: a file from anywhere becomes sealed evidence, at any time, from any terminal.
import { basename } from 'node:path';
import { exits } from '../errors.ts';
import { escapeTerminal } from '../text.ts';
import { appendBeside, expectText } from './beside.ts';
import type { Command } from './command.ts';

/** More is a note. */
const mostCharacters = 500;

export const attach: Command = {
  name: 'attach',
  usage: 'attach CASE FILE [--what TEXT] [--linked]',
  summary: { en: 'seal a file as evidence, at any time, beside a running walk', zh: '随时将文件封存为证据，不影响正在进行的处置' },
  examples: ['firebreak attach INC-20260314-4f2a mail.eml --what "the mail that named the key"'],
  flags: { what: 'text', linked: 'switch' },
  words: [2, 2],
  async run(shell, args) {
    const [id, path] = args.words as [string, string];
    const said = args.text('what');
    const what = said === undefined ? undefined : expectText(said, 'The description', { most: mostCharacters });
    await appendBeside(
      shell,
      { id, linked: args.on('linked') },
      async ({ store, now }) => {
        const startedAt = now();
        const sealed = await store.put(shell.stream(path));
        return {
          type: 'evidence.sealed',
          ...sealed,
          kind: 'attached',
          mediaType: 'application/octet-stream',
          // The name alone: where it lay tells of this machine, not of the case.
          source: { file: escapeTerminal(basename(path), { most: 255 }), ...(what === undefined ? {} : { what }) },
          collector: { tool: 'firebreak', version: shell.version, by: shell.by },
          startedAt,
          endedAt: now(),
          redactions: [],
        };
      },
      (entry) => {
        if (entry.type !== 'evidence.sealed') return { text: '' };
        const { seq, sha256, bytes } = entry;
        const text = shell.lang === 'zh' ? `已封存: #${seq}，${bytes} 字节\nsha256: ${sha256}` : `sealed: #${seq}, ${bytes} bytes\nsha256: ${sha256}`;
        return { text, fields: { attached: { entry: seq, sha256, bytes } } };
      },
    );
    return exits.ok;
  },
};
