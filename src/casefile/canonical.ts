// RFC 8785: the one way a JSON value is written. Pure; knows values, not what they mean.
import { Fault } from '../errors.ts';

/**
 * Writes a JSON value as RFC 8785 says: no spaces, keys in UTF-16 order, shortest numbers.
 *
 * @throws Fault E_BUG for what JSON or UTF-8 can not carry: `undefined`, functions, non-finite numbers, bigints, lone surrogates, objects with a class.
 */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      if (!Number.isFinite(value)) throw unrepresentable(String(value));
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? `[${Array.from(value, canonical).join(',')}]` : `{${around(value).before}}`;
    default:
      throw unrepresentable(typeof value);
  }
}

/**
 * The members of an object before and after the place of one key, which itself is left out: what is signed, and where the signature goes.
 * Without a key all of them are before.
 *
 * @throws Fault E_BUG as `canonical` does.
 */
export function around(record: object, left?: string): { readonly before: string; readonly after: string } {
  if (!isRecord(record)) throw unrepresentable('an object with a class');
  let before = '';
  let after = '';
  // Sorting without a comparison goes by UTF-16 code units, as does `<`: the order RFC 8785 asks for.
  for (const key of Object.keys(record).toSorted()) {
    if (key === left) continue;
    const member = `${quote(key)}:${canonical(record[key])}`;
    if (left === undefined || key < left) before += before === '' ? member : `,${member}`;
    else after += after === '' ? member : `,${member}`;
  }
  return { before, after };
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

// Nearly every string needs no escape; this finds out faster than the engine's own writer.
const plain = /^[ !#-[\]-~]*$/;

function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw unrepresentable('a lone surrogate');
  return JSON.stringify(text);
}

function isRecord(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function unrepresentable(what: string): Fault {
  return new Fault('E_BUG', `An entry holds ${what}, which a trail can not carry.`);
}
