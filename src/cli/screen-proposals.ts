// The proposed inputs as one screen: Enter takes all of it, a number changes one. Pure.
import { pendingOf, type Pending } from '../engine/pending.ts';
import { current, openInputs, type RunState } from '../engine/frame.ts';
import { escapeTerminal, type Lang } from '../text.ts';
import type { Asking } from './screen-layout.ts';
import { clockOf, textOf, type View } from './screen-status.ts';
import { pad, width } from './screen-text.ts';
import { wordsOf } from './words.ts';

export type Proposed = { readonly name: string; readonly title: string; readonly value: string; readonly label: string; readonly given: boolean };

/** The value a proposal stands for. `$operator` needs the person's name, which only a record knows: the one who opened the case. */
export function proposalFor(state: RunState, pending: Pending, by: string = state.opened.by): string | undefined {
  const { proposal } = pending;
  if (proposal === '$operator') return by;
  if (proposal === '$now') return state.opened.at;
  return proposal;
}

/** Every input with a proposal, in the runbook's order, once the next open one is of that sort; otherwise none. */
export function proposedInputs(state: RunState, lang: Lang, by: string): readonly Proposed[] {
  const frame = current(state);
  const [next] = openInputs(frame);
  if (next === undefined || pendingOf(state)?.proposal === undefined) return [];
  return Object.entries(frame.runbook.inputs).flatMap(([name, input]): readonly Proposed[] => {
    if (input.propose === undefined) return [];
    const given = textOf(frame.facts[name]);
    const proposal = input.propose === '$operator' ? by : input.propose === '$now' ? state.opened.at : input.propose;
    const value = given ?? proposal;
    return [{ name, title: input.title[lang], value, label: input.choices?.[value]?.[lang] ?? value, given: given !== undefined }];
  });
}

/** `2  How severe is it?   critical`. */
export function proposalRows(view: View, proposed: readonly Proposed[]): readonly string[] {
  const words = wordsOf(view.lang);
  const column = Math.max(...proposed.map(({ title }) => width(title)));
  return [
    `  ${words.proposals.text}`,
    '',
    ...proposed.map(({ title, value, label, given }, nth) => {
      const time = Number.isNaN(Date.parse(value)) || !/^\d{4}-\d\d-\d\dT/.test(value) ? '' : `  (${clockOf(value)} UTC+8)`;
      return `  ${nth + 1}  ${pad(escapeTerminal(title), column)}  ${escapeTerminal(label)}${time}${given ? `  ${words.proposals.given}` : ''}`;
    }),
  ];
}

/** Enter alone is `all`; a number names one. */
export function proposalAsking(view: View, proposed: readonly Proposed[]): Asking {
  const words = wordsOf(view.lang);
  const wrong = words.proposals.wrong(proposed.length);
  const open = (value: string): boolean => /^[1-9]$/.test(value) && proposed[Number(value) - 1]?.given === false;
  return { kind: 'line', hint: '', empty: 'all', check: (value) => (open(value) ? undefined : wrong) };
}
