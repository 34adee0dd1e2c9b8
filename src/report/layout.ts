// What a page is made of: blocks, and inlines inside them, whatever the format. Foreign text enters only through `cell` and `code`. Pure.
import type { Lang, Text } from '../text.ts';
import type { TimelineRow } from './rows.ts';

/** What every piece of a page needs to know. */
export type Style = { readonly lang: Lang; readonly exercise: boolean };

/** A string is our own words. What somebody else chose is `foreign`: each format escapes it in its own way, clipped at `most` characters. */
export type Inline = string | Piece | readonly Inline[];
type Piece =
  | { readonly kind: 'foreign'; readonly text: string; readonly most: number }
  /** `2026-03-14 19:04:05Z`. */
  | { readonly kind: 'time'; readonly text: string }
  | { readonly kind: 'strong'; readonly text: Inline }
  | { readonly kind: 'mono'; readonly text: string };

export type Block =
  /** `reader`: begins a page for one kind of reader. `annex`: what follows is long, and read by few; a format that can fold it does. */
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: Inline; readonly exercise: boolean; readonly part?: 'reader' | 'annex' }
  | { readonly kind: 'paragraph'; readonly text: Inline }
  | { readonly kind: 'quote'; readonly text: Inline }
  | { readonly kind: 'table'; readonly heads: readonly Inline[]; readonly rows: readonly (readonly Inline[])[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly Inline[] }
  /** Foreign as well: to be copied, and shown to the end. */
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  /** A picture of the timeline, for formats that can draw; the table after it says the same. */
  | { readonly kind: 'lanes'; readonly rows: readonly TimelineRow[] };

/** What stands before every heading of an exercise, and every row that may be copied out of its report. */
export const exerciseMark = 'EXERCISE · ';

export function heading({ exercise }: Style, level: 1 | 2 | 3, text: Inline): Block {
  return { kind: 'heading', level, text, exercise };
}

/** The head of a section that few read to the end. */
export function annex({ exercise }: Style, text: Inline): Block {
  return { kind: 'heading', level: 2, text, exercise, part: 'annex' };
}

/** The head of a page that one kind of reader takes along alone. */
export function reader({ exercise }: Style, text: Inline): Block {
  return { kind: 'heading', level: 2, text, exercise, part: 'reader' };
}

export function paragraph(text: Inline): Block {
  return { kind: 'paragraph', text };
}

export function quote(text: Inline): Block {
  return { kind: 'quote', text };
}

/** Without rows there is no table, only the sentence for none. */
export function table(heads: readonly Inline[], rows: readonly (readonly Inline[])[], none: Inline): Block {
  return rows.length === 0 ? paragraph(none) : { kind: 'table', heads, rows };
}

export function list(items: readonly Inline[], none: Inline, ordered = false): Block {
  return items.length === 0 ? paragraph(none) : { kind: 'list', ordered, items };
}

/** A block to copy. */
export function code(lines: readonly string[]): Block {
  return { kind: 'code', lines };
}

/** A name or a value somebody else chose, safe anywhere inside a line. */
export function cell(text: string, most = 160): Inline {
  return { kind: 'foreign', text: text.trim(), most };
}

/** Our own sentence with foreign names in it. */
export function words({ lang }: Style, text: Text, most = 400): Inline {
  return cell(text[lang].replaceAll(/\s*\n\s*/g, ' '), most);
}

/** Our own words around inlines: ``line`${cell(name)} of ${cell(owner)}` ``. */
export function line(ours: TemplateStringsArray, ...between: readonly (Inline | number)[]): Inline {
  return ours.flatMap((text, at): readonly Inline[] => {
    const next = between[at];
    return next === undefined ? [text] : [text, typeof next === 'number' ? String(next) : next];
  });
}

export function strong(text: Inline): Inline {
  return { kind: 'strong', text };
}

/** Our own words, to be typed as they stand. */
export function mono(text: string): Inline {
  return { kind: 'mono', text };
}

export function join(items: readonly Inline[], between: string): Inline {
  return items.flatMap((item, at) => (at === 0 ? [item] : [between, item]));
}

/** Nothing would be seen of it. */
export function isBlank(inline: Inline): boolean {
  if (typeof inline === 'string') return inline === '';
  return 'kind' in inline ? isBlank(inline.text) : inline.every(isBlank);
}

/** `2026-03-14 19:04:05Z`; a time that is none stays as it is. */
export function clock(at: string | undefined): string {
  return at === undefined || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(at) ? (at ?? '') : `${at.slice(0, 10)} ${at.slice(11, 19)}Z`;
}

/** A moment, as `clock` writes it; recorded times come from the cloud as well, and may be anything. */
export function when(at: string | undefined): Inline {
  const text = clock(at);
  return /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}Z$/.test(text) ? { kind: 'time', text } : cell(text);
}

/** A window in time; the day is said once when it is the same. */
export function between(from: string | undefined, to: string | undefined): Inline {
  const [start, end] = [clock(from), clock(to)];
  if (start === '' || end === '') return start === end ? '' : line`${when(from)} – ${when(to)}`;
  return line`${when(from)} – ${cell(start.slice(0, 11) === end.slice(0, 11) ? end.slice(11) : end)}`;
}

/** `45 s`, `12 min`, `1 h 6 min`. */
export function span(seconds: number, lang: Lang): string {
  const [s, min, h, d] = lang === 'zh' ? [' 秒', ' 分钟', ' 小时', ' 天'] : [' s', ' min', ' h', ' d'];
  if (seconds < 60) return `${Math.round(seconds)}${s}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${minutes}${min}${seconds % 60 === 0 ? '' : ` ${Math.round(seconds % 60)}${s}`}`;
  if (minutes < 60) return `${Math.round(seconds / 60)}${min}`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}${h}${minutes % 60 === 0 ? '' : ` ${minutes % 60}${min}`}` : `${Math.floor(hours / 24)}${d} ${hours % 24}${h}`;
}

/** Our words for one language. */
export function speaker({ lang }: Style): <T extends Inline>(text: { readonly en: T; readonly zh: T }) => T {
  return (text) => text[lang];
}

/** Bytes for people. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
