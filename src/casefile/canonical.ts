// RFC 8785: the one way a JSON value is written. Pure; knows values, not what they mean.
import { Fault } from '../errors.ts';

/** One `"key":value` of an object, written canonically. */
export type Member = { readonly key: string; readonly text: string };

/**
 * Writes a JSON value as RFC 8785 says: no spaces, keys in UTF-16 order, shortest numbers.
 *
 * @throws Fault E_BUG for what JSON or UTF-8 can not carry: `undefined`, functions, non-finite numbers, bigints, lone surrogates.
 */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw unrepresentable('a lone surrogate');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw unrepresentable(String(value));
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${Array.from(value, canonical).join(',')}]`;
      return join(members(value));
    default:
      throw unrepresentable(typeof value);
  }
}

/**
 * The members of an object in canonical order, so that one can be left out or added without writing the rest again.
 *
 * @throws Fault E_BUG as `canonical` does, and for objects that are not plain records.
 */
export function members(record: object): Member[] {
  const prototype: unknown = Object.getPrototypeOf(record);
  if (prototype !== Object.prototype && prototype !== null) throw unrepresentable('an object with a class');
  return Object.entries(record)
    .sort(byKey)
    .map(([key, value]) => ({ key, text: `${canonical(key)}:${canonical(value)}` }));
}

/** Writes members, already in order, as one object. */
export function join(sorted: readonly Member[]): string {
  return `{${sorted.map((member) => member.text).join(',')}}`;
}

/**
 * A copy without lone surrogates, each replaced by U+FFFD.
 *
 * Foreign text can hold them (`"\ud800"` is valid JSON) and no UTF-8 line can: an attacker's name must not stop a run.
 */
export function wellFormed<T>(value: T): T;
export function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => wellFormed<unknown>(item));
  // fromEntries defines own properties: a key named `__proto__` stays a key.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormed<unknown>(item)]));
}

// `<` on strings compares UTF-16 code units, which is the order RFC 8785 asks for.
function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function unrepresentable(what: string): Fault {
  return new Fault('E_BUG', `An entry holds ${what}, which a trail can not carry.`);
}
