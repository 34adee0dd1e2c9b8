// firebreak run: a real incident, the same against a loopback endpoint, or a rehearsal that reads a real account and changes nothing.
import type { Command } from './command.ts';
import { expectSteps, readAnswers, readInputs } from './given.ts';
import { announceOpening, conclude, playOn } from './play.ts';
import { newSession } from './session.ts';

export const run: Command = {
  name: 'run',
  usage: 'run RUNBOOK [--profile NAME] [--input name=value]… [--case ID] [--answers FILE] [--rehearse]',
  summary: { en: 'handle a real incident', zh: '处置真实事件' },
  examples: ['firebreak run leaked-access-key --profile break-glass', 'firebreak run leaked-access-key --profile break-glass --input accessKeyId=LTAI5tEXAMPLEci00001'],
  flags: { profile: 'text', input: 'list', case: 'text', answers: 'text', rehearse: 'switch' },
  words: [1, 1],
  async run(shell, args) {
    const path = args.text('answers');
    const file = path === undefined ? undefined : await readAnswers(shell, path);
    const inputs = args.list('input');
    const profile = args.text('profile');
    const id = args.text('case');
    const session = await newSession(shell, {
      runbook: args.words[0] as string,
      time: { kind: 'host' },
      rehearse: args.on('rehearse'),
      check(book) {
        readInputs(book, inputs);
        if (file) expectSteps(book, file);
      },
      ...(profile === undefined ? {} : { profile }),
      ...(id === undefined ? {} : { id }),
    });
    try {
      announceOpening(session);
      if (shell.interactive && !file) {
        const { walkthrough } = await import('./walkthrough.ts');
        return await walkthrough(session, inputs);
      }
      await playOn(session, { inputs, ...(file ? { answers: file.answers } : {}) });
      return await conclude(session);
    } finally {
      await session.close();
    }
  },
};
