// Text measured in terminal columns: width, clip, wrap, columns. Chinese and emoji are two wide. Pure.
import measure from 'fast-string-width';

const plain = /^[\u0020-\u007e]*$/;
/** Made when the first text needs it: it takes 20 ms, and the first screen has none to spare. */
let graphemes: Intl.Segmenter | undefined;

/** How many columns the text takes. */
export function width(text: string): number {
  return plain.test(text) ? text.length : measure(text);
}

/** How many code units of the text fit into `columns`: never half a character. */
export function fitting(text: string, columns: number): number {
  if (plain.test(text)) return Math.min(text.length, Math.max(0, columns));
  let taken = 0;
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { segment, index } of graphemes.segment(text)) {
    taken += measure(segment);
    if (taken > columns) return index;
  }
  return text.length;
}

/** At most `columns` wide; what is cut ends in "…". */
export function clip(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  return columns < 1 ? '' : `${text.slice(0, fitting(text, columns - 1))}…`;
}

/** Exactly `columns` wide. */
export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const fitted = clip(text, columns);
  const fill = ' '.repeat(columns - width(fitted));
  return align === 'left' ? fitted + fill : fill + fitted;
}

/** `left` and `right` at the two edges; the left gives way. */
export function ends(left: string, right: string, columns: number): string {
  if (right === '') return clip(left, columns);
  const kept = clip(right, Math.floor(columns / 2));
  return `${pad(left, columns - width(kept) - 1)} ${kept}`;
}

/** Parts joined in their order, as many as fit; what ranks first (lowest) is kept first. The first kept one is clipped at worst. */
export function joined(parts: readonly (string | { readonly text: string; readonly rank: number })[], separator: string, columns: number): string {
  const all = parts.map((part, nth) => (typeof part === 'string' ? { text: part, rank: nth, nth } : { ...part, nth })).filter(({ text }) => text !== '');
  const kept = new Set<number>();
  let room = columns;
  for (const { text, nth } of all.toSorted((a, b) => a.rank - b.rank || a.nth - b.nth)) {
    const taken = width(text) + (kept.size === 0 ? 0 : width(separator));
    if (kept.size > 0 && taken > room) break;
    kept.add(nth);
    room -= taken;
  }
  const row = all.filter(({ nth }) => kept.has(nth)).map(({ text }) => text);
  return clip(row.join(separator), columns);
}

/** Breaks lines at spaces, and anywhere inside a word that is too long or has none (Chinese). Later rows are indented by `indent`. */
export function wrap(text: string, columns: number, indent = 0): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line.trimEnd(), Math.max(2, columns), indent));
}

function wrapLine(line: string, columns: number, indent: number): readonly string[] {
  const rows: string[] = [];
  let rest = line;
  for (let room = columns; width(rest) > room; room = columns - indent) {
    const end = breakOf(rest, Math.max(1, fitting(rest, room)));
    rows.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  rows.push(rest);
  return rows.map((row, nth) => (nth === 0 ? row : ' '.repeat(indent) + row));
}

/** The last good place to end a row at or before `hard`; inside a word only when the row would be mostly empty otherwise. */
function breakOf(text: string, hard: number): number {
  for (let end = hard; end > hard / 3; end -= 1) {
    const next = text.charAt(end);
    if (next === ' ' || ((isWide(next) || isWide(text.charAt(end - 1))) && !closing.test(next))) return end;
  }
  return hard;
}

/** What no row begins with. */
const closing = /^[，。、；：？！）》”’]/u;

/** Chinese has no spaces: a row may end between any two of its characters. */
function isWide(character: string): boolean {
  return measure(character) === 2;
}

export type Column = { readonly head: string; readonly align?: 'left' | 'right'; readonly least?: number };

/** A table that fits: columns that find no room are left out from the right, then the widest gives way first, down to `least`. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], room: number): readonly string[] {
  const lines = [columns.map(({ head }) => head), ...rows];
  const wanted = columns.map(({ least = 8 }, nth) => ({ least, width: Math.max(...lines.map((line) => width(line[nth] ?? ''))) }));
  const gap = 2;
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, (sizes.length - 1) * gap);
  let shown = columns.length;
  while (shown > 1 && sum(wanted.slice(0, shown).map((each) => Math.min(each.width, each.least))) > room) shown -= 1;
  const widths = wanted.slice(0, shown).map((each) => each.width);
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const able = widths.map((each, nth) => (each > (wanted[nth]?.least ?? 0) ? each : 0));
    const widest = able.indexOf(Math.max(...able));
    if ((able[widest] ?? 0) === 0) break;
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  return lines.map((line) =>
    clip(
      widths
        .map((each, nth) => pad(line[nth] ?? '', each, columns[nth]?.align))
        .join(' '.repeat(gap))
        .trimEnd(),
      room,
    ),
  );
}
