// firebreak drill: the same runbook on a simulated account.
import { Fault } from '../errors.ts';
import type { Command } from './command.ts';
import { announceOpening, conclude, playOn, readAnswers } from './play.ts';
import { newSession } from './session.ts';

export const drill: Command = {
  name: 'drill',
  usage: 'drill [RUNBOOK[/SCENARIO]] [--case ID] [--answers FILE] [--input name=value]…',
  summary: { en: 'rehearse on a simulated account', zh: '在模拟账号上演练' },
  examples: ['firebreak drill', 'firebreak drill leaked-access-key/first-night --lang zh'],
  flags: { input: 'list', case: 'text', answers: 'text' },
  words: [0, 1],
  async run(shell, args) {
    const [runbook = 'leaked-access-key', named] = (args.words[0] ?? 'leaked-access-key').split('/');
    const scenario = named ?? (await shell.scenarios(runbook))[0];
    if (scenario === undefined) throw new Fault('E_RUNBOOK_UNKNOWN', `The runbook "${runbook}" has no drill.`);
    const answers = args.text('answers');
    const given = answers === undefined ? undefined : await readAnswers(shell, answers);
    const person = shell.interactive && answers === undefined;
    const id = args.text('case');
    const session = await newSession(shell, { runbook, scenario, time: person ? { kind: 'flowing' } : { kind: 'virtual' }, ...(id === undefined ? {} : { id }) });
    try {
      announceOpening(session);
      if (person) {
        const { walkthrough } = await import('./walkthrough.ts');
        return await walkthrough(session, args.list('input'));
      }
      // Played from a file, a drill stops where the file has no answer; by itself it plays its reference answers to the end.
      const reference = given === undefined;
      await playOn(session, { inputs: args.list('input'), answers: given ?? session.scenario?.answers ?? {}, via: reference ? 'reference' : 'file', jump: true });
      return await conclude(session);
    } finally {
      await session.close();
    }
  },
};
