// Text that crosses a border: bilingual strings, JSON, escapes for foreign text, redaction. Pure.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const languages = ['en', 'zh'] as const;
export type Lang = (typeof languages)[number];
/** One text in both languages. */
export type Text = { readonly en: string; readonly zh: string };
