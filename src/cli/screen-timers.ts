// The row of timers: when the next status update is due, which outside clock runs out first. Only what was settled in peacetime. Pure.
import type { Text } from '../text.ts';
import { escapeTerminal } from '../text.ts';
import { span, textOf, type View } from './screen-status.ts';
import { joined } from './screen-text.ts';
import { wordsOf } from './words.ts';

/** `status`, or the id of a clock. */
type Timer = { readonly id: string; readonly name: Text; readonly dueAt: string };

const minuteMs = 60_000;

/** Every timer that runs, the nearest first. A clock whose moment is not known yet, or that was met (`note --told`), does not. */
export function timersOf({ state, entries }: Pick<View, 'state' | 'entries'>): readonly Timer[] {
  const { organisation, opened, closed } = state;
  if (organisation === undefined || closed) return [];
  const { statusEveryMinutes: every, clocks } = organisation;
  const told = new Set(entries.flatMap((entry) => (entry.type === 'note.added' && entry.told !== undefined ? [entry.told] : [])));
  const facts = state.frames[0]?.facts ?? {};
  const running = clocks.flatMap(({ id, name, hours, from }): Timer[] => {
    const began = from === 'opened' ? opened.at : textOf(facts[from]);
    if (began === undefined || Number.isNaN(Date.parse(began)) || told.has(id)) return [];
    return [{ id, name, dueAt: after(began, hours * 60) }];
  });
  const said = entries.findLast(
    (entry) =>
      (entry.type === 'note.added' && entry.told === 'status') ||
      (entry.type === 'answer.given' && entry.kind === 'notify' && entry.value === 'done') ||
      (entry.type === 'message.finished' && entry.result === 'done'),
  );
  const update = every === undefined ? [] : [{ id: 'status', name: { en: 'status update', zh: '状态通报' }, dueAt: after((said ?? opened).at, every) }];
  return [...update, ...running.toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : 1))];
}

function after(at: string, minutes: number): string {
  return new Date(Date.parse(at) + minutes * minuteMs).toISOString();
}

/** One row, or none when nothing was settled. What is overdue says so first. */
export function timerRow(view: View, columns: number): { readonly text: string; readonly late: boolean } | undefined {
  const words = wordsOf(view.lang);
  const timers = timersOf(view);
  if (timers.length === 0) return undefined;
  const parts = timers.map(({ name, dueAt }) => {
    const late = dueAt <= view.now;
    const text = (late ? words.timers.late : words.timers.due)(escapeTerminal(name[view.lang], { most: 60 }), late ? span(view.now, dueAt, words) : span(dueAt, view.now, words));
    return { text, rank: late ? 0 : 1, late };
  });
  return { text: joined(parts, ' | ', columns), late: parts.some(({ late }) => late) };
}
