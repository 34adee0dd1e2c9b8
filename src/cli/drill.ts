// firebreak drill: the same runbook on a simulated account.
import type { Command } from './command.ts';
import { expectSteps, readAnswers, readInputs } from './given.ts';
import { announceOpening, conclude, playOn } from './play.ts';
import { newSession } from './session.ts';
import { drillNamed } from './shipped.ts';

export const drill: Command = {
  name: 'drill',
  usage: 'drill [RUNBOOK[/SCENARIO]] [--case ID] [--answers FILE] [--input name=value]…',
  summary: { en: 'rehearse on a simulated account', zh: '在模拟账号上演练' },
  examples: ['firebreak drill', 'firebreak drill leaked-access-key/first-night --lang zh'],
  flags: { input: 'list', case: 'text', answers: 'text' },
  words: [0, 1],
  async run(shell, args) {
    const named = await drillNamed(shell, args.words[0] ?? 'leaked-access-key');
    const path = args.text('answers');
    const file = path === undefined ? undefined : await readAnswers(shell, path);
    const inputs = args.list('input');
    const person = shell.interactive && !file;
    const id = args.text('case');
    const session = await newSession(shell, {
      ...named,
      time: person ? { kind: 'flowing' } : { kind: 'virtual' },
      ...(id === undefined ? {} : { id }),
      check(book) {
        readInputs(book, inputs);
        if (file) expectSteps(book, file);
      },
    });
    try {
      announceOpening(session);
      if (person) {
        const { walkthrough } = await import('./walkthrough.ts');
        return await walkthrough(session, inputs);
      }
      // Played from a file, a drill stops where the file has no answer; by itself it plays its reference answers to the end.
      await playOn(session, { inputs, answers: file?.answers ?? session.scenario?.answers ?? {}, via: file ? 'file' : 'reference', jump: true });
      return await conclude(session);
    } finally {
      await session.close();
    }
  },
};
