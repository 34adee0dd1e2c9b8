// How entries hang together: each line names the hash of the line before it. Pure; knows bytes and links, not what entries mean.
import type { Draft, Entry } from './entry.ts';
import { around, wellFormed } from './canonical.ts';
import { lineHash, readLine, rawLines } from './line.ts';
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

/**
 * Links a draft to the end of a trail. The caller supplies the time (UTC ISO 8601) and the key.
 *
 * Foreign text may hold lone surrogates, which no UTF-8 line can carry: they become U+FFFD, for a name must not stop a run.
 *
 * @throws Fault E_BUG for a draft that JSON can not carry.
 */
export function link(last: Tip | undefined, draft: Draft, at: string, sign: Sign): Link {
  const seq = last === undefined ? 0 : last.seq + 1;
  const place = { seq, prev: last?.sha256 ?? genesis, at };
  const { unsigned, before, after } = writable({ ...draft, ...place });
  const rest = after === '' ? '' : `,${after}`;
  const sig = sign(Buffer.from(`{${before}${rest}}`));
  const line = Buffer.from(`{${before},"sig":"${sig}"${rest}}\n`);
  return { entry: { ...unsigned, sig }, line, tip: { seq, sha256: lineHash(line.subarray(0, -1)) } };
}

function writable<T extends object>(unsigned: T): { readonly unsigned: T; readonly before: string; readonly after: string } {
  try {
    return { unsigned, ...around(unsigned, 'sig') };
  } catch {
    const replaced = wellFormed(unsigned);
    return { unsigned: replaced, ...around(replaced, 'sig') };
  }
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
    const entry = readLine(line)?.entry;
    const why = entry === undefined ? 'not an entry' : entry.seq !== seq ? 'wrong number' : entry.prev !== (tip?.sha256 ?? genesis) ? 'wrong link' : undefined;
    if (entry === undefined || why !== undefined) return { entries, ends, tip, bytes: start, broken: { seq, why: why ?? 'not an entry' } };
    entries.push(entry);
    tip = { seq, sha256: lineHash(line) };
    start += line.length + 1;
    ends.push(start);
  }
  return { entries, ends, tip, bytes: start, ...(start < bytes.length ? { torn: bytes.subarray(start) } : {}) };
}
