// firebreak brief: one screen to hand a case over with. Reads only, without a lock.
import { exits } from '../errors.ts';
import { reportOf } from '../report/model.ts';
import { briefOf } from './brief-known.ts';
import type { Command } from './command.ts';
import { readState } from './library.ts';
import { renderBrief } from './screen-brief.ts';
import { statusOf } from './status.ts';

export const brief: Command = {
  name: 'brief',
  usage: 'brief CASE',
  summary: { en: 'one screen to hand a case over with', zh: '交接用的一屏摘要' },
  examples: ['firebreak brief INC-20260314-4f2a', 'firebreak brief INC-20260314-4f2a --lang zh'],
  flags: {},
  words: [1, 1],
  async run(shell, args) {
    const store = await shell.readCase(args.words[0] as string);
    const { state, library } = await readState(store);
    const [entries, witness, { lang, vaultFlag }] = [store.entries(), store.witness(), shell];
    const model = reportOf(entries, { library: (sha256) => library.get(sha256), witness });
    const document = briefOf({ state, entries, status: statusOf(state, witness, lang), model, lang, ...(vaultFlag === undefined ? {} : { flags: vaultFlag }) });
    shell.out(shell.json ? JSON.stringify(document) : renderBrief(document, lang));
    return exits.ok;
  },
};
