// firebreak verify: is the trail intact, anchored, complete? Offline, without a lock.
import { exits } from '../errors.ts';
import type { Command } from './command.ts';

export const verify: Command = {
  name: 'verify',
  usage: 'verify CASE [--witness LINE]… [--key FINGERPRINT] [--open]',
  summary: { en: 'check a case: intact, anchored, complete', zh: '校验案件：完好、锚定、完整' },
  examples: ['firebreak verify INC-20260314-4f2a', 'firebreak verify INC-20260314-4f2a --witness "INC-20260314-4f2a bytes=66980 sha256=…"'],
  flags: { witness: 'list', key: 'text', open: 'switch' },
  words: [1, 1],
  async run(shell, args) {
    const key = args.text('key');
    const done = await shell.verify(args.words[0] as string, { witnesses: args.list('witness'), open: args.on('open'), ...(key === undefined ? {} : { key }) });
    shell.out(shell.json ? JSON.stringify(done.document) : done.text(shell.lang));
    return done.ok ? exits.ok : exits.findings;
  },
};
