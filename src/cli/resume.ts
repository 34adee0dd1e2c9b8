// firebreak resume: goes on, after a crash too.
import { record } from '../engine/run.ts';
import type { Command } from './command.ts';
import { expectSteps, readAnswers } from './given.ts';
import { conclude, playOn } from './play.ts';
import { driving, openSession } from './session.ts';

export const resume: Command = {
  name: 'resume',
  usage: 'resume CASE [--profile NAME] [--answers FILE] [--take-over REASON] [--adopt REASON]',
  summary: { en: 'go on with a case', zh: '继续处置' },
  examples: ['firebreak resume INC-20260314-4f2a', 'firebreak resume INC-20260314-4f2a --profile break-glass-2'],
  flags: { profile: 'text', answers: 'text', 'take-over': 'text', adopt: 'text' },
  words: [1, 1],
  async run(shell, args) {
    const path = args.text('answers');
    const file = path === undefined ? undefined : await readAnswers(shell, path);
    const [profile, takeOver, adopt] = [args.text('profile'), args.text('take-over'), args.text('adopt')];
    const person = shell.interactive && file === undefined;
    const session = await openSession(shell, args.words[0] as string, {
      time: person ? { kind: 'flowing' } : { kind: 'virtual' },
      ...(profile === undefined ? {} : { profile }),
      ...(takeOver === undefined ? {} : { takeOver }),
      ...(adopt === undefined ? {} : { adopt }),
    });
    try {
      const { run, store } = session;
      const [root] = run.state.frames;
      if (file && root) expectSteps(root.runbook, file);
      if (!shell.json) shell.out(`case: ${store.id}`);
      if (run.state.closed) return await conclude(session);
      if (root) await driving(session, () => record(run, root, { type: 'case.resumed', by: shell.by, via: person ? 'terminal' : 'command', ...shell.here }));
      if (person) {
        const { walkthrough } = await import('./walkthrough.ts');
        return await walkthrough(session, []);
      }
      await playOn(session, { ...(file ? { answers: file.answers } : {}), poll: true });
      return await conclude(session);
    } finally {
      await session.close();
    }
  },
};
