// firebreak answer: one answer, skip or waiver, from any terminal; then on to the next question.
import { expectInput, giveAnswer, giveInput, skip, waive } from '../engine/answer.ts';
import { current } from '../engine/frame.ts';
import { acceptSigned, countersign } from '../engine/second.ts';
import { Fault } from '../errors.ts';
import type { Command } from './command.ts';
import { conclude, play, working } from './play.ts';
import { openSession, type Session } from './session.ts';
import { rosterOf } from './settled.ts';
import type { Shell } from './shell.ts';

export const answer: Command = {
  name: 'answer',
  usage: 'answer CASE STEP VALUE [--second NAME] | --skip REASON | --waive REASON [--second NAME] [--tried WHO-AND-WHEN]… | --signed FILE',
  summary: { en: 'give one answer and go on to the next question', zh: '回答一个问题并继续' },
  examples: ['firebreak answer INC-20260314-4f2a confirm-account 000042', 'firebreak answer INC-20260314-4f2a volatile --waive "host is gone"'],
  flags: { skip: 'text', waive: 'text', second: 'text', tried: 'list', signed: 'text' },
  words: [2, 3],
  async run(shell, args) {
    const [id, step, value] = args.words as [string, string, string | undefined];
    const [skipped, waived, second, signed] = [args.text('skip'), args.text('waive'), args.text('second'), args.text('signed')];
    const tried = args.list('tried');
    const hint = `Usage: firebreak ${answer.usage}`;
    if ([value, skipped, waived, signed].filter((each) => each !== undefined).length !== 1)
      throw new Fault('E_USAGE', 'Give one of VALUE, --skip REASON, --waive REASON, --signed FILE.', { hint });
    if (second !== undefined && waived === undefined && value === undefined)
      throw new Fault('E_USAGE', '--second names who else stands for an approval or a waiver: it goes with VALUE or --waive.', { hint });
    if (tried.length > 0 && waived === undefined) throw new Fault('E_USAGE', '--tried says whom one tried to reach: it goes with --waive.', { hint });
    const signature = signed === undefined ? undefined : await signatureIn(shell, signed);
    const session = await openSession(shell, id, { time: { kind: 'virtual' } });
    try {
      const { run } = session;
      await working(session, async () => {
        if (skipped !== undefined) await skip(run, step, skipped);
        else if (waived !== undefined) await waive(run, step, waived, { tried, ...(second === undefined ? {} : { second }) });
        else if (signature !== undefined) await acceptSigned(run, step, signature, rosterOf(run.state));
        else if (second !== undefined || !(await countersign(run, step, value ?? ''))) await say(session, step, value ?? '', second);
        if (!shell.json) shell.out(`case: ${id}`);
        await play(session, { poll: value === 'wait' });
      });
      return await conclude(session);
    } finally {
      await session.close();
    }
  },
};

async function signatureIn(shell: Shell, path: string): Promise<string> {
  const text = await shell.read(path);
  if (text === undefined) throw new Fault('E_USAGE', `The signature ${path} can not be read.`, { hint: 'Give the file ssh-keygen wrote, or - for stdin.' });
  return text;
}

/** One answer to what waits. Inputs are asked in order, but may be given in any. */
async function say({ run, shell }: Session, step: string, value: string, second?: string): Promise<void> {
  const frame = current(run.state);
  if (!step.startsWith('input.') || frame.path !== '' || run.state.closed) {
    await giveAnswer(run, { step, value, via: 'answer', lang: shell.lang, ...(second === undefined ? {} : { second }) });
    return;
  }
  const name = step.slice('input.'.length);
  expectInput(frame.runbook.inputs, name, value);
  if (frame.facts[name] !== undefined) throw new Fault('E_STALE', `The input ${name} was given already. Nothing was changed.`);
  await giveInput(run, name, value, 'answer');
}
