// The pieces a Markdown page is made of: headings, tables, lists, code. Foreign text enters only through `cell` and `code`. Pure.
import { escapeMarkdown, escapeTerminal, type Lang, type Text } from '../text.ts';

/** What every piece of a page needs to know. */
export type Style = { readonly lang: Lang; readonly exercise: boolean };

/** A heading. An exercise says so in every one of them. */
export function heading({ exercise }: Style, level: 1 | 2 | 3, text: string): string {
  return `${'#'.repeat(level)} ${exercise ? 'EXERCISE · ' : ''}${text}\n`;
}

/** A name or a value somebody else chose, safe anywhere inside a line. */
export function cell(text: string, most = 160): string {
  return escapeMarkdown(text.trim(), { most });
}

/** Our own sentence with foreign names in it. */
export function words({ lang }: Style, text: Text, most = 400): string {
  return cell(text[lang].replaceAll(/\s*\n\s*/g, ' '), most);
}

/** Cells must be escaped already. Without rows there is no table, only the sentence for none. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return `${none}\n`;
  const line = (cells: readonly string[]): string => `| ${cells.map((text) => (text === '' ? '–' : text)).join(' | ')} |`;
  return `${[line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

/** Items must be escaped already. */
export function list(items: readonly string[], none: string, ordered = false): string {
  return items.length === 0 ? `${none}\n` : `${items.map((item, index) => `${ordered ? `${index + 1}.` : '-'} ${item}`).join('\n')}\n`;
}

/** A block to copy. The fence is longer than any run of backticks inside. */
export function code(lines: readonly string[]): string {
  const text = lines.map((line) => escapeTerminal(line)).join('\n');
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}\n`;
}

/** `2026-03-14 19:04:05Z`; a time that is none stays as it is. */
export function when(at: string | undefined): string {
  if (at === undefined || at === '') return '';
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(at) ? cell(`${at.slice(0, 10)} ${at.slice(11, 19)}Z`) : cell(at);
}

/** A window in time; the day is said once when it is the same. */
export function between(from: string | undefined, to: string | undefined): string {
  const [start, end] = [when(from), when(to)];
  if (start === '' || end === '') return start === end ? '' : `${start} – ${end}`;
  return start.slice(0, 11) === end.slice(0, 11) ? `${start} – ${end.slice(11)}` : `${start} – ${end}`;
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
export function speaker({ lang }: Style): (text: Text) => string {
  return (text) => text[lang];
}

/** Bytes for people. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
