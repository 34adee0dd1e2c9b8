// Text that crosses a border: bilingual strings, JSON, escapes for foreign text, redaction. Pure.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const languages = ['en', 'zh'] as const;
export type Lang = (typeof languages)[number];
/** One text in both languages. */
export type Text = { readonly en: string; readonly zh: string };

/** Makes foreign text safe to print: control, format and direction characters become visible. `lines` keeps line feeds. */
export function escapeTerminal(value: string, options: { readonly lines?: boolean } = {}): string {
  return value.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, (character) =>
    options.lines === true && character === '\n' ? character : String.raw`\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
