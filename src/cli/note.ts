// firebreak note: one remark on record, at any time, from any terminal.
import { exits } from '../errors.ts';
import { appendBeside, expectText } from './beside.ts';
import type { Command } from './command.ts';

/** More than this is a document: it is attached. */
const mostCharacters = 4_000;

export const note: Command = {
  name: 'note',
  usage: 'note CASE TEXT [--linked]',
  summary: { en: 'put a remark on record, at any time, beside a running walk', zh: '随时记录一条备注，不影响正在进行的处置' },
  examples: ['firebreak note INC-20260314-4f2a "the owner is on a plane until 06:00"', 'firebreak note INC-20260314-4f2a "the owner asked for the key back" --linked'],
  flags: { linked: 'switch' },
  words: [2, 2],
  async run(shell, args) {
    const [id, words] = args.words as [string, string];
    const text = expectText(words, 'The note', { most: mostCharacters, lines: true });
    const said = shell.lang === 'zh' ? '已记录' : 'noted';
    await appendBeside(
      shell,
      { id, linked: args.on('linked') },
      async () => Promise.resolve({ type: 'note.added', text, by: shell.by }),
      ({ seq }) => ({ text: `${said}: #${seq}` }),
    );
    return exits.ok;
  },
};
