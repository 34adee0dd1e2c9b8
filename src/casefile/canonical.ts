// RFC 8785: the one way a JSON value is written. Pure; knows values, not what they mean.
import { Fault } from '../errors.ts';

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
      return `{${writeMembers(value, () => true)}}`;
    default:
      throw unrepresentable(typeof value);
  }
}

/**
 * The members of an object before and after the place of one key, which itself is left out: what is signed, and where the signature goes.
 *
 * @throws Fault E_BUG as `canonical` does.
 */
export function around(record: object, left: string): { readonly before: string; readonly after: string } {
  return { before: writeMembers(record, (key) => key < left), after: writeMembers(record, (key) => key > left) };
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
  if (!isRecord(value)) return value;
  // fromEntries defines own properties: a key named `__proto__` stays a key.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormed<unknown>(item)]));
}

// Sorting without a comparison goes by UTF-16 code units, which is the order RFC 8785 asks for.
function writeMembers(record: object, wanted: (key: string) => boolean): string {
  if (!isRecord(record)) throw unrepresentable('an object with a class');
  let text = '';
  for (const key of Object.keys(record).toSorted()) {
    if (!wanted(key)) continue;
    text += `${text === '' ? '' : ','}${canonical(key)}:${canonical((record as Readonly<Record<string, unknown>>)[key])}`;
  }
  return text;
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function unrepresentable(what: string): Fault {
  return new Fault('E_BUG', `An entry holds ${what}, which a trail can not carry.`);
}
