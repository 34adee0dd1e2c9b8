// Recorded values: looking them up and filling them into arguments and texts. Pure.
import type { Json, JsonObject, Text } from '../text.ts';

export type Facts = Readonly<Record<string, Json>>;

/** The value at `owner.userName`; undefined when any part is missing. */
export function lookUp(facts: Facts, path: string): Json | undefined {
  let value: Json | undefined = facts as JsonObject;
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
  const one = (template: string): string => template.replaceAll(/\{([A-Za-z][\w.]*)\}/g, (_, path: string) => show(lookUp(facts, path)));
  return { en: one(text.en), zh: one(text.zh) };
}

function show(value: Json | undefined): string {
  if (value === undefined || value === null) return '?';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map((item) => show(item)).join(', ');
  if (typeof value === 'object') {
    const object = value as JsonObject;
    return show(object['label'] ?? object['id'] ?? JSON.stringify(value));
  }
  return String(value);
}
