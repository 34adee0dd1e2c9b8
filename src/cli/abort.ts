// firebreak abort: ends a case with a reason; containment stays as it is. Calls nothing, and so needs no credential.
import { abort as abortCase } from '../engine/answer.ts';
import { exits } from '../errors.ts';
import type { Command } from './command.ts';
import { conclude, working } from './play.ts';
import { openSession } from './session.ts';

export const abort: Command = {
  name: 'abort',
  usage: 'abort CASE REASON',
  summary: { en: 'end a case with a reason; nothing is undone', zh: '说明原因并终止；不会撤销任何操作' },
  examples: ['firebreak abort INC-20260314-4f2a "handled by another team"'],
  flags: {},
  words: [2, 2],
  async run(shell, args) {
    const [id, reason] = args.words as [string, string];
    const session = await openSession(shell, id, { time: { kind: 'virtual' }, offline: true });
    try {
      await working(session, async () => {
        await abortCase(session.run, reason);
        if (!shell.json) shell.out(`case: ${id}`);
      });
      await conclude(session);
      return exits.ok;
    } finally {
      await session.close();
    }
  },
};
