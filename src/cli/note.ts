// firebreak note: one remark on record, at any time, from any terminal.
import { appendBeside, expectText } from './beside.ts';
import type { Entry } from '../casefile/entry.ts';
import { Fault, exits } from '../errors.ts';
import { clip } from '../text.ts';
import type { Command } from './command.ts';
import { organisationIn } from './settled.ts';

/** More than this is a document: it is attached. */
const mostCharacters = 4_000;

export const note: Command = {
  name: 'note',
  usage: 'note CASE TEXT [--told status|CLOCK] [--linked]',
  summary: { en: 'put a remark on record, at any time, beside a running walk', zh: '随时记录一条备注，不影响正在进行的处置' },
  examples: [
    'firebreak note INC-20260314-4f2a "the owner is on a plane until 06:00"',
    'firebreak note INC-20260314-4f2a "told the duty manager: key cut" --told status',
    'firebreak note INC-20260314-4f2a "the owner asked for the key back" --linked',
  ],
  flags: { told: 'text', linked: 'switch' },
  words: [2, 2],
  async run(shell, args) {
    const [id, words] = args.words as [string, string];
    const text = expectText(words, 'The note', { most: mostCharacters, lines: true });
    const told = args.text('told');
    const said = shell.lang === 'zh' ? '已记录' : 'noted';
    await appendBeside(
      shell,
      { id, linked: args.on('linked') },
      async ({ store }) => {
        if (told !== undefined) expectTimer(store.entries(), told);
        return Promise.resolve({ type: 'note.added', text, by: shell.by, ...(told === undefined ? {} : { told }) });
      },
      ({ seq }) => ({ text: `${said}: #${seq}` }),
    );
    return exits.ok;
  },
};

/** @throws Fault E_VALUE for a timer this case does not have. */
function expectTimer(entries: readonly Entry[], told: string): void {
  const known = ['status', ...(organisationIn(entries)?.clocks ?? []).map(({ id }) => id)];
  if (!known.includes(told)) throw new Fault('E_VALUE', `--told takes ${known.join(', ')} in this case, not "${clip(told, 40)}". Nothing was recorded.`);
}
