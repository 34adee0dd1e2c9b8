// firebreak answer: one answer, skip or waiver, from any terminal; then on to the next question.
import { giveAnswer, giveInput, skip, waive } from '../engine/answer.ts';
import { Fault } from '../errors.ts';
import type { Command } from './command.ts';
import { conclude, play } from './play.ts';
import { driving, openSession } from './session.ts';

export const answer: Command = {
  name: 'answer',
  usage: 'answer CASE STEP (VALUE | --skip REASON | --waive REASON [--second NAME])',
  summary: { en: 'give one answer and go on to the next question', zh: '回答一个问题并继续' },
  examples: ['firebreak answer INC-20260314-4f2a confirm-account 000042', 'firebreak answer INC-20260314-4f2a volatile --waive "host is gone"'],
  flags: { skip: 'text', waive: 'text', second: 'text' },
  words: [2, 3],
  async run(shell, args) {
    const [id, step, value] = args.words as [string, string, string | undefined];
    const [skipped, waived, second] = [args.text('skip'), args.text('waive'), args.text('second')];
    if ([value, skipped, waived].filter((each) => each !== undefined).length !== 1) {
      throw new Fault('E_USAGE', 'Give a value, or --skip REASON, or --waive REASON.', { hint: `Usage: firebreak ${answer.usage}` });
    }
    const session = await openSession(shell, id, { time: { kind: 'virtual' } });
    try {
      const { run } = session;
      await driving(session, async () => {
        if (skipped !== undefined) await skip(run, step, skipped);
        else if (waived !== undefined) await waive(run, step, waived, second);
        else if (value !== undefined && step.startsWith('input.') && run.state.frames.length === 1 && !run.state.closed) await giveOpenInput(step.slice(6), value);
        else await giveAnswer(run, { step, value: value ?? '', via: 'answer', lang: shell.lang });
        await play(session, {}, 'answer', { jump: false, poll: value === 'wait' });
      });
      if (!shell.json) shell.out(`case: ${session.store.id}`);
      return await conclude(session);

      async function giveOpenInput(name: string, given: string): Promise<void> {
        const known = run.state.frames[0]?.facts[name];
        if (known !== undefined) throw new Fault('E_STALE', `The input ${name} was given already. Nothing was changed.`);
        await giveInput(run, name, given, 'answer');
      }
    } finally {
      await session.close();
    }
  },
};
