// Recorded values: looking them up and filling them into arguments and texts. Pure.
import type { Json, JsonObject, Lang, Text } from '../text.ts';

export type Facts = Readonly<Record<string, Json>>;

/** The value at `owner.userName`; undefined when any part is missing. */
export function lookUp(facts: Facts, path: string): Json | undefined {
  let value: Json | undefined = facts;
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object') return undefined;
    if (Array.isArray(value)) value = part === 'count' ? value.length : value[Number(part)];
    else value = (value as JsonObject)[part];
  }
  return value;
}

/** The step's `with`: `$fact` becomes its value, anything else stays. An undefined fact is left out. */
export function resolveArgs(args: Readonly<Record<string, string | number | boolean>>, facts: Facts): JsonObject {
  const resolved: Record<string, Json> = {};
  for (const [name, value] of Object.entries(args)) {
    const found = typeof value === 'string' && value.startsWith('$') ? lookUp(facts, value.slice(1)) : value;
    if (found !== undefined) resolved[name] = found;
  }
  return resolved;
}

/** Fills `{fact.path}`; a value that is not known yet reads "?" and so never passes for a real one. */
export function fill(text: Text, facts: Facts): Text {
  const one = (lang: Lang): string => text[lang].replaceAll(/\{([A-Za-z][\w.]*)\}/g, (_, path: string) => show(lookUp(facts, path), lang));
  return { en: one('en'), zh: one('zh') };
}

/** Lists are cut after five; a bilingual value shows its own language; an object shows its label. */
function show(value: Json | undefined, lang: Lang): string {
  if (value === undefined || value === null || value === '') return '?';
  if (Array.isArray(value)) {
    if (value.length === 0) return '-';
    const shown = value
      .slice(0, 5)
      .map((item) => show(item, lang))
      .join(', ');
    return value.length > 5 ? `${shown} … (${value.length})` : shown;
  }
  if (typeof value !== 'object') return String(value);
  const object = value as JsonObject;
  return show(object[lang] ?? object['label'] ?? object['id'] ?? JSON.stringify(value), lang);
}
