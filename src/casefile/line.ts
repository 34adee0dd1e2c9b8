// One raw line of a trail: the entry in it, the bytes its signature covers, whether it is written the one right way. Pure.
import { hash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import type { Entry } from './entry.ts';
import { around, canonical } from './canonical.ts';

const newline = 0x0a;

/** The finished lines of a trail without their newlines; what follows the last newline is left out. */
export function* rawLines(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}

/** The hash by which the next line names this one (raw bytes, newline excluded). */
export function lineHash(line: Uint8Array): string {
  return hash('sha256', line, 'hex');
}

/** A raw line read: its text, and the entry in it. */
export type Line = { readonly text: string; readonly entry: Entry };

/** Reads a raw line, or gives undefined when it holds no entry. Only the fields every entry has are looked at. */
export function readLine(line: Buffer): Line | undefined {
  const text = line.toString();
  try {
    const entry: unknown = JSON.parse(text);
    return isEntry(entry) ? { text, entry } : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes an entry's signature covers: its canonical form without `sig`. */
export function signedBytes(entry: Entry): Buffer {
  const { before, after } = around(entry, 'sig');
  return Buffer.from(`{${before}${after === '' ? '' : `,${after}`}}`);
}

/**
 * Is this raw line the canonical form of the entry parsed from it?
 *
 * The engine's own writer does the work: when it gives the same text and every key stands in order, that text is canonical.
 * What it orders or escapes otherwise than RFC 8785 (whole-number keys, lone surrogates) is written out and compared.
 */
export function isCanonical(line: Buffer, { text, entry }: Line): boolean {
  // Bytes that are no UTF-8 all read as U+FFFD: the text alone would not show that they changed.
  if (!isUtf8(line)) return false;
  if (!text.includes('\\ud') && JSON.stringify(entry) === text && isOrdered(entry)) return true;
  try {
    return canonical(entry) === text;
  } catch {
    return false;
  }
}

/**
 * `signedBytes` of a line known to be canonical, cut out of it instead of written again.
 *
 * A nested field that repeats the member word for word would be cut in its place, but no signature can cover itself: it then fails, as it should.
 */
export function cutSignature({ text, entry }: Line): Buffer {
  const member = `,"sig":${JSON.stringify(entry.sig)}`;
  return Buffer.from(text.replace(member, () => ''));
}

function isOrdered(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isOrdered);
  const record = value as Readonly<Record<string, unknown>>;
  let before = '';
  for (const key in record) {
    if (key < before || !isOrdered(record[key])) return false;
    before = key;
  }
  return true;
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, prev, at, type, sig } = value as Readonly<Record<string, unknown>>;
  return Number.isSafeInteger(seq) && typeof prev === 'string' && typeof at === 'string' && typeof type === 'string' && typeof sig === 'string';
}
