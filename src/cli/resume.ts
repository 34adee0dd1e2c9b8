// firebreak resume: goes on, after a crash too.
import { record } from '../engine/run.ts';
import type { Command } from './command.ts';
import { conclude, playOn, readAnswers } from './play.ts';
import { driving, openSession } from './session.ts';

export const resume: Command = {
  name: 'resume',
  usage: 'resume CASE [--profile NAME] [--answers FILE] [--take-over REASON] [--adopt REASON]',
  summary: { en: 'go on with a case', zh: '继续处置' },
  examples: ['firebreak resume INC-20260314-4f2a', 'firebreak resume INC-20260314-4f2a --profile break-glass-2'],
  flags: { profile: 'text', answers: 'text', 'take-over': 'text', adopt: 'text' },
  words: [1, 1],
  async run(shell, args) {
    const answers = args.text('answers');
    const given = answers === undefined ? {} : await readAnswers(shell, answers);
    const [profile, takeOver, adopt] = [args.text('profile'), args.text('take-over'), args.text('adopt')];
    const person = shell.interactive && answers === undefined;
    const session = await openSession(shell, args.words[0] as string, {
      time: person ? { kind: 'flowing' } : { kind: 'virtual' },
      ...(profile === undefined ? {} : { profile }),
      ...(takeOver === undefined ? {} : { takeOver }),
      ...(adopt === undefined ? {} : { adopt }),
    });
    try {
      const { run } = session;
      if (!shell.json) shell.out(`case: ${session.store.id}`);
      if (run.state.closed) return await conclude(session);
      const root = run.state.frames[0];
      if (root) await driving(session, () => record(run, root, { type: 'case.resumed', by: shell.by, via: person ? 'terminal' : 'command', ...shell.here }));
      if (person) {
        const { walkthrough } = await import('./walkthrough.ts');
        return await walkthrough(session, []);
      }
      if (session.range) {
        const due = run.state.frames.flatMap((frame) => [...Object.values(frame.jobs).map((job) => job.waitUntil), frame.work.waitUntil]).filter((at) => at !== undefined);
        const [next] = due.toSorted();
        if (next !== undefined && next > session.clock.now().toISOString()) await session.range.clock.jumpTo(new Date(next), 'resume polls the watch');
      }
      await playOn(session, { answers: given, poll: true });
      return await conclude(session);
    } finally {
      await session.close();
    }
  },
};
