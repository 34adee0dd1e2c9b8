// firebreak abort: ends a case with a reason; containment stays as it is.
import { abort as abortCase } from '../engine/answer.ts';
import { exits } from '../errors.ts';
import type { Command } from './command.ts';
import { conclude } from './play.ts';
import { driving, openSession } from './session.ts';

export const abort: Command = {
  name: 'abort',
  usage: 'abort CASE REASON',
  summary: { en: 'end a case with a reason; nothing is undone', zh: '说明原因并终止；不会撤销任何操作' },
  examples: ['firebreak abort INC-20260314-4f2a "handled by another team"'],
  flags: {},
  words: [2, 2],
  async run(shell, args) {
    const session = await openSession(shell, args.words[0] as string, { time: { kind: 'virtual' } });
    try {
      await driving(session, () => abortCase(session.run, args.words[1] as string));
      if (!shell.json) shell.out(`case: ${session.store.id}`);
      await conclude(session);
      return exits.ok;
    } finally {
      await session.close();
    }
  },
};
