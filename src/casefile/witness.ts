// Witness lines: what a second person holds so that nobody can rewrite the past. Pure; knows byte counts and hashes only.
import { createHash } from 'node:crypto';
import { Fault } from '../errors.ts';

/** What a witness line says: the trail of `case` once began with these many bytes of that hash. */
export type Witness = { readonly case?: string; readonly bytes: number; readonly sha256: string };

/** The line a person copies, photographs or reads out; `head -c N trail.jsonl | sha256sum` checks it. */
export function renderWitness(caseId: string, bytes: number, sha256: string): string {
  return `${caseId} bytes=${bytes} sha256=${sha256}`;
}

/**
 * A witness line, with or without the case in front.
 *
 * @throws Fault E_USAGE for anything else, and for `bytes=0`, which would vouch for nothing.
 */
export function parseWitness(line: string): Witness {
  const match = /^(?:([A-Za-z0-9][\w.-]{0,63})\s+)?bytes=([1-9]\d{0,14})\s+sha256=([0-9a-f]{64})$/i.exec(line.trim());
  const [, caseId, bytes, sha256] = match ?? [];
  if (bytes === undefined || sha256 === undefined) {
    throw new Fault('E_USAGE', 'This is not a witness line.', { hint: 'A witness line reads: CASE bytes=N sha256=64 hexadecimal digits. Quote it as one argument.' });
  }
  return { ...(caseId === undefined ? {} : { case: caseId }), bytes: Number(bytes), sha256: sha256.toLowerCase() };
}

/** SHA-256 of the first N bytes for each N asked, in one pass; what is no length of a part of the trail is absent. */
export function prefixHashes(trail: Uint8Array, lengths: Iterable<number>): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  const running = createHash('sha256');
  let at = 0;
  const sane = [...new Set(lengths)].filter((length) => Number.isSafeInteger(length) && length >= 0 && length <= trail.length);
  for (const length of sane.toSorted((a, b) => a - b)) {
    running.update(trail.subarray(at, length));
    at = length;
    found.set(length, running.copy().digest('hex'));
  }
  return found;
}
