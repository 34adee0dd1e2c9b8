// Text that crosses a border: bilingual strings, JSON, escapes for foreign text, redaction. Pure.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const languages = ['en', 'zh'] as const;
export type Lang = (typeof languages)[number];
/** One text in both languages. */
export type Text = { readonly en: string; readonly zh: string };

/** At most `most` characters; what is cut says how long it was. */
export function clip(text: string, most: number): string {
  // A string has at least as many code units as characters: the short ones need no counting.
  if (text.length <= most) return text;
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most).join('')}… (${characters.length} characters)`;
}

const mostCharacters = 2000;

/** `lines`: line breaks stay, everything else on them is escaped. `most`: default 2000 characters, the text is clipped there. */
export type EscapeOptions = { readonly lines?: boolean; readonly most?: number };

// Controls, formats (bidi, zero-width, tags), separators, lone surrogates, and the letters that look like nothing.
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;
const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Foreign text for a screen: whatever could move the cursor, reverse the line or hide is written out as `\u{1b}`. */
export function escapeTerminal(text: string, options: EscapeOptions = {}): string {
  const one = (line: string): string =>
    clip(line, options.most ?? mostCharacters)
      .replace(unseen, (character) => named[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
      // Marks stacked without end paint over the lines above.
      .replace(/(\p{M}{4})\p{M}+/gu, '$1…');
  return options.lines === true ? text.split(/\r?\n/).map(one).join('\n') : one(text);
}

// Ids, hashes and times: most of a report. None of these characters means anything here.
const harmless = /^[A-Za-z0-9][A-Za-z0-9: -]*$/;

/** Foreign text inside a line of Markdown: no markup, no HTML, no link, no line of its own; a table cell too. */
export function escapeMarkdown(text: string, options: { readonly most?: number } = {}): string {
  if (text.length <= (options.most ?? mostCharacters) && harmless.test(text)) return text;
  return (
    escapeTerminal(text, options)
      .replace(/[\\`*_[\]|~$]/g, String.raw`\$&`)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // At the start of a cell or an item these would open a block.
      .replace(/^(\s*(?:\d+(?=[.)](?:\s|$))|(?=[-+=#:])))/, '$1\\')
      // Addresses become links by themselves, without any bracket.
      .replaceAll('@', String.raw`\@`)
      .replace(/:(?=\/\/)|(?<=\bwww)\./gi, String.raw`\$&`)
  );
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Foreign text inside an element or a quoted attribute of HTML or SVG. */
export function escapeHtml(text: string, options: EscapeOptions = {}): string {
  return escapeTerminal(text, options).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/**
 * Foreign text as one cell of CSV (RFC 4180). What a spreadsheet would run as a formula gets an apostrophe in front, which it
 * shows as part of the text: a cell that begins with `=`, `+`, `-`, `@` (full width as well), a tab or a line break.
 */
export function escapeCsv(text: string, options: { readonly most?: number } = {}): string {
  const shown = `${/^[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]/.test(text) ? "'" : ''}${escapeTerminal(text, options)}`;
  return /[",]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

/** JSON that means the same, without the controls it may leave raw (C1, bidi, separators): a terminal that shows it would obey them. */
export function escapeJson(json: string): string {
  return json.replace(/[\u007f-\u009f]|[\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}
