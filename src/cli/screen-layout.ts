// A screen, what is asked and what is typed, laid out in a window of any size: two rows stay on top, two at the bottom. Pure.
import { clip, ends, pad, width, wrap } from './screen-text.ts';
import type { Ask, Frame, Row, Size, Tone, Typing } from './terminal.ts';

export type Line = string | Row;

/** What one screen says, in plain escaped text. Rows of the body are wrapped already. */
export type Screen = {
  readonly status: readonly [string, string];
  /** A third row on top, where something was settled to be in time for. */
  readonly timers?: Row;
  readonly title: string;
  /** At the right end of the title row: the step, the job, the page. */
  readonly tag: string;
  readonly body: readonly Line[];
  readonly jobs: string;
  readonly keys: string;
  /** What stands where body rows had to be left out. */
  more(rows: number): string;
};

export type Choice = { readonly value: string; readonly label: string; readonly note?: string; readonly closed?: string };

/** The place where the person acts, and how its rows look. */
export type Asking =
  | { readonly kind: 'choice'; readonly choices: readonly Choice[]; readonly unpicked: string; readonly hint: string }
  | { readonly kind: 'line'; readonly hint: string; readonly tone?: Tone; readonly initial?: string; readonly empty?: string; check(value: string): string | undefined }
  | { readonly kind: 'key' };

/** Rows and columns a screen uses at most and, when the window has them, at least. */
export const bounds = { columns: 100, rows: 24 } as const;

const untouched: Typing = { line: '', cursor: 0, picked: -1, error: undefined };

/** How many columns a screen may use in this window. */
export function roomOf(size: Size): number {
  return Math.min(size.columns, bounds.columns);
}

export function askOf(asking: Asking): Ask {
  switch (asking.kind) {
    case 'choice':
      return { kind: 'choice', values: asking.choices.map(({ value }) => value), closed: asking.choices.map(({ closed }) => closed), unpicked: asking.unpicked };
    case 'line':
      return {
        kind: 'line',
        check: asking.check,
        ...(asking.initial === undefined ? {} : { initial: asking.initial }),
        ...(asking.empty === undefined ? {} : { empty: asking.empty }),
      };
    case 'key':
      return { kind: 'key' };
  }
}

/** Fills a window. What can not be shown is counted, never silently lost; the place to act is always there. */
export function layout(screen: Screen, asking: Asking, size: Size, typing: Typing = untouched): Frame {
  const room = roomOf(size);
  const asked = rowsOf(asking, typing, room);
  const small = size.rows < 16;
  const rule = row('-'.repeat(room), 'faint');
  const head = [
    row(screen.status[0], 'mode'),
    row(screen.status[1]),
    ...(screen.timers ? [screen.timers] : []),
    ...(small ? [] : [rule]),
    row(ends(screen.title, screen.tag, room), 'strong'),
    ...(small ? [] : [row('')]),
  ];
  const foot = [...(small ? [] : [rule]), row(screen.jobs), row(screen.keys)];
  const fixed = head.length + asked.rows.length + foot.length;
  const body = screen.body.map((line) => (typeof line === 'string' ? row(line) : line));
  const height = Math.min(size.rows, Math.max(bounds.rows, fixed + body.length));
  const space = Math.max(0, height - fixed);
  const shown = body.length <= space ? body : [...body.slice(0, Math.max(0, space - 1)), ...(space > 0 ? [row(screen.more(body.length - space + 1), 'faint')] : [])];
  const filler = Array.from({ length: Math.max(0, space - shown.length) }, () => row(''));
  const rows = [...head, ...shown, ...asked.rows, ...filler, ...foot];
  // A window too low for all of it keeps the place to act: the head goes first.
  const cut = Math.max(0, rows.length - size.rows);
  const kept = cut === 0 ? rows : [...rows.slice(0, 1), ...rows.slice(1 + cut)];
  const cursorRow = head.length + shown.length + asked.cursor.row - cut;
  return {
    rows: kept.map(({ text, tone }) => ({ text: clip(text, room).trimEnd(), tone })),
    ...(asked.cursor.row >= 0 && cursorRow >= 0 ? { cursor: { row: cursorRow, column: Math.min(room - 1, asked.cursor.column) } } : {}),
  };
}

type Asked = { readonly rows: readonly Row[]; readonly cursor: { readonly row: number; readonly column: number } };

function rowsOf(asking: Asking, typing: Typing, room: number): Asked {
  const said = (text: string): Row => row(`  ${text}`, 'strong');
  switch (asking.kind) {
    case 'key':
      return { rows: [], cursor: { row: -1, column: 0 } };
    case 'choice': {
      const label = Math.min(Math.max(...asking.choices.map((choice) => width(choice.label))), Math.floor(room / 2));
      const rows = asking.choices.map(({ label: text, note = '', closed }, nth) => {
        const marked = nth === typing.picked;
        const left = `${marked ? '>' : ' '} ${nth + 1} `;
        const rest = closed ?? note;
        return row(rest === '' ? left + text : `${left}${pad(text, label)}  ${rest}`, closed === undefined ? (marked ? 'strong' : 'plain') : 'faint');
      });
      const under = typing.error ?? fullOf(asking.choices[typing.picked], label, room);
      return { rows: [row(''), ...rows, under === undefined ? row(`  ${asking.hint}`, 'faint') : said(under)], cursor: { row: -1, column: 0 } };
    }
    case 'line': {
      const hint = wrap(asking.hint, room - 2).map((text) => row(`  ${text}`, asking.tone ?? 'plain'));
      const line = windowOf(typing, room - 5);
      // The row for what does not fit is always there, so that nothing moves when it is needed.
      const errors = wrap(typing.error ?? '', room - 2).slice(0, 2);
      return {
        rows: [row(''), ...hint, row(`  > ${line.text}`), ...errors.map((text) => (text === '' ? row('') : said(text)))],
        cursor: { row: 1 + hint.length, column: 4 + line.column },
      };
    }
  }
}

/** The whole text of a marked choice whose row is too short for it. */
function fullOf(choice: Choice | undefined, label: number, room: number): string | undefined {
  if (!choice) return undefined;
  const rest = choice.closed ?? choice.note ?? '';
  const tooLong = width(choice.label) > (rest === '' ? room - 4 : label) || width(rest) > room - label - 6;
  return tooLong ? [choice.label, rest].filter((part) => part !== '').join(': ') : undefined;
}

/** The part of a long line around the cursor. */
function windowOf({ line, cursor }: Typing, room: number): { readonly text: string; readonly column: number } {
  let start = 0;
  while (width(line.slice(start, cursor)) >= room) start += (line.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
  return { text: clip(line.slice(start), room), column: width(line.slice(start, cursor)) };
}

function row(text: string, tone: Tone = 'plain'): Row {
  return { text, tone };
}
