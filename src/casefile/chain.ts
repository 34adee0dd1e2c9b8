// How entries hang together: each line names the hash of the line before it. Pure; knows bytes and links, not what entries mean.
import { hash } from 'node:crypto';
import type { Draft, Entry } from './entry.ts';
import { join, members, wellFormed } from './canonical.ts';
import type { Sign } from './signing.ts';

/** The end of a trail: what the next line must follow. */
export type Tip = { readonly seq: number; readonly sha256: string };

/** A new entry and the exact bytes to write for it, newline included. */
export type Link = { readonly entry: Entry; readonly line: Buffer; readonly tip: Tip };

/** A trail as read. `ends[i]` is the offset just after entry i's newline; `tip` and `bytes` tell where to go on. */
export type Trail = {
  readonly entries: readonly Entry[];
  readonly ends: readonly number[];
  readonly tip: Tip | undefined;
  readonly bytes: number;
  /** Bytes after the last newline: a write that never finished. */
  readonly torn?: Buffer;
  /** The first line that does not follow from the one before it; reading stops there. */
  readonly broken?: { readonly seq: number; readonly why: 'not an entry' | 'wrong number' | 'wrong link' };
};

/** What the first entry names as the line before it. */
export const genesis = '0'.repeat(64);
const newline = 0x0a;

/**
 * Links a draft to the end of a trail. The caller supplies the time (UTC ISO 8601) and the key.
 *
 * @throws Fault E_BUG for a draft that JSON can not carry.
 */
export function link(last: Tip | undefined, draft: Draft, at: string, sign: Sign): Link {
  const seq = last === undefined ? 0 : last.seq + 1;
  const unsigned = { ...wellFormed(draft), seq, prev: last?.sha256 ?? genesis, at };
  const parts = members(unsigned);
  const sig = sign(Buffer.from(join(parts)));
  const place = parts.findIndex(({ key }) => key > 'sig');
  parts.splice(place === -1 ? parts.length : place, 0, { key: 'sig', text: `"sig":"${sig}"` });
  const line = Buffer.from(`${join(parts)}\n`);
  return { entry: { ...unsigned, sig }, line, tip: { seq, sha256: lineHash(line.subarray(0, -1)) } };
}

/** The hash by which the next line names this one (raw bytes, newline excluded). */
export function lineHash(line: Uint8Array): string {
  return hash('sha256', line, 'hex');
}

/**
 * Reads a trail, or what was added to one after `from`, checking numbers and links but no signature.
 *
 * Offsets count from the start of `bytes`.
 */
export function readTrail(bytes: Buffer, from?: Tip): Trail {
  const entries: Entry[] = [];
  const ends: number[] = [];
  let tip = from;
  let start = 0;
  for (const line of rawLines(bytes)) {
    const seq = tip === undefined ? 0 : tip.seq + 1;
    const entry = parseLine(line);
    const why = entry === undefined ? 'not an entry' : entry.seq !== seq ? 'wrong number' : entry.prev !== (tip?.sha256 ?? genesis) ? 'wrong link' : undefined;
    if (entry === undefined || why !== undefined) return { entries, ends, tip, bytes: start, broken: { seq, why: why ?? 'not an entry' } };
    entries.push(entry);
    tip = { seq, sha256: lineHash(line) };
    start += line.length + 1;
    ends.push(start);
  }
  return { entries, ends, tip, bytes: start, ...(start < bytes.length ? { torn: bytes.subarray(start) } : {}) };
}

/** The finished lines of a trail without their newlines; what follows the last newline is left out. */
export function* rawLines(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}

/** The entry in a raw line, or undefined when it is none. Only the fields every entry has are looked at. */
export function parseLine(line: Buffer): Entry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line.toString());
  } catch {
    return undefined;
  }
  return isEntry(value) ? value : undefined;
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, prev, at, type, sig } = value as Readonly<Record<string, unknown>>;
  return Number.isSafeInteger(seq) && [prev, at, type, sig].every((field) => typeof field === 'string');
}
