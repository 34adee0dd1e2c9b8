// firebreak jump: back to a step that was visited, with a reason; then on to its question.
import { jump as jumpTo } from '../engine/answer.ts';
import { expectText } from './beside.ts';
import type { Command } from './command.ts';
import { conclude, play, working } from './play.ts';
import { openSession } from './session.ts';

const mostCharacters = 500;

export const jump: Command = {
  name: 'jump',
  usage: 'jump CASE STEP REASON',
  summary: { en: 'go back to a step that was visited, with a reason', zh: '说明原因并回到已访问过的步骤' },
  examples: ['firebreak jump INC-20260314-4f2a quick-look "a second key was found"'],
  flags: {},
  words: [3, 3],
  async run(shell, args) {
    const [id, step, words] = args.words as [string, string, string];
    const reason = expectText(words, 'The reason', { most: mostCharacters });
    const session = await openSession(shell, id, { time: { kind: 'virtual' } });
    try {
      await working(session, async () => {
        await jumpTo(session.run, step, reason);
        if (!shell.json) shell.out(`case: ${id}`);
        await play(session, {});
      });
      return await conclude(session);
    } finally {
      await session.close();
    }
  },
};
