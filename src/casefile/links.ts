// Every raw line of a trail: does it follow from the one before, is it written the one right way, did a key of the case sign it? Pure.
import type { KeyObject } from 'node:crypto';
import type { Entry } from './entry.ts';
import { genesis } from './chain.ts';
import type { Line } from './line.ts';
import { cutSignature, isCanonical, lineHash, rawLines, readLine, signedBytes } from './line.ts';
import { fingerprint, isSignedBy, publicKeyOf } from './signing.ts';
import type { TrailProblem } from './verdict.ts';

/** A key of the case, known from entry `from` on; `endorsed` unless it was adopted without the signature of one before. */
export type KnownKey = { readonly publicKey: KeyObject; readonly fingerprint: string; readonly from: number; readonly endorsed: boolean };

/** A trail line by line. `entries[i]` is undefined where line i is no entry; `ends[i]` is the offset after its newline. */
export type Lines = {
  readonly entries: readonly (Entry | undefined)[];
  readonly ends: readonly number[];
  readonly keys: readonly KnownKey[];
  /** SHA-256 of the last complete line. */
  readonly head: string | undefined;
  readonly problems: readonly TrailProblem[];
};

type Signed = { readonly place: number; readonly said: Entry; readonly bytes: Buffer };

// Reading and checking signatures by turns for each line empties the processor's caches; by hundreds it does not.
const atOnce = 256;

/** Checks every line. A bad one is named and the reading goes on from its raw bytes, so that one change is one problem. */
export function checkLines(trail: Buffer): Lines {
  const entries: (Entry | undefined)[] = [];
  const ends: number[] = [];
  const keys: KnownKey[] = [];
  const problems: TrailProblem[] = [];
  const unchecked: Signed[] = [];
  let head: string | undefined;
  let expected = 0;
  let end = 0;
  for (const raw of rawLines(trail)) {
    const place = entries.length;
    const line = readLine(raw);
    if (line === undefined) {
      problems.push({ code: 'line.unreadable', entry: place });
    } else {
      const said = line.entry;
      if (said.seq !== expected) problems.push({ code: 'chain.number', entry: place, what: String(said.seq) });
      if (said.prev !== (head ?? genesis)) problems.push({ code: 'chain.link', entry: place });
      const canonical = isCanonical(raw, line);
      if (!canonical) problems.push({ code: 'line.not-canonical', entry: place });
      expected = said.seq;
      unchecked.push({ place, said, bytes: canonical ? cutSignature(line) : trySignedBytes(line) });
    }
    expected += 1;
    head = lineHash(raw);
    end += raw.length + 1;
    entries.push(line?.entry);
    ends.push(end);
    if (unchecked.length === atOnce) checkSignatures(unchecked.splice(0), keys, problems);
  }
  checkSignatures(unchecked, keys, problems);
  if (entries.length === 0) problems.push({ code: 'trail.empty' });
  if (end < trail.length) {
    // Unfinished bytes are what a crash leaves in an open case; behind the last word of a closed one they are an addition.
    problems.push({ code: 'trail.torn', what: String(trail.length - end) });
    if (entries.at(-1)?.type === 'case.closed') problems.push({ code: 'closed.followed', entry: entries.length });
  }
  return { entries, ends, keys, head, problems };
}

/** Is this entry signed by one of these recorded keys? For a store that goes on with a trail and can not check all of it first. */
export function isSignedEntry(entry: Entry, keys: readonly string[]): boolean {
  const bytes = signedBytes(entry);
  return keys.some((key) => {
    const publicKey = publicKeyOf(key);
    return publicKey !== undefined && isSignedBy(publicKey, bytes, entry.sig);
  });
}

// In the order of the trail, for keys are learnt on the way: the first is the case's own.
function checkSignatures(lines: readonly Signed[], keys: KnownKey[], problems: TrailProblem[]): void {
  for (const { place, said, bytes } of lines) {
    const added = newKey(said, place);
    const publicKey = added === undefined ? undefined : publicKeyOf(added);
    if (added !== undefined && publicKey === undefined) problems.push({ code: 'key.unreadable', entry: place });

    const known = keys.findLast((key) => isSignedBy(key.publicKey, bytes, said.sig));
    const byItself = known === undefined && publicKey !== undefined && said.type !== 'key.added' && isSignedBy(publicKey, bytes, said.sig);
    if (known === undefined && !byItself) problems.push({ code: 'signature.wrong', entry: place });
    else if (added !== undefined && publicKey !== undefined) keys.push({ publicKey, fingerprint: fingerprint(added), from: place, endorsed: place === 0 || !byItself });
  }
}

function newKey(said: Entry, place: number): string | undefined {
  const introduces = said.type === 'key.adopted' || said.type === 'key.added' || (said.type === 'case.opened' && place === 0);
  return introduces ? said.key : undefined;
}

// What was never canonical may hold what canonical JSON can not: then nothing can have signed it.
function trySignedBytes({ entry }: Line): Buffer {
  try {
    return signedBytes(entry);
  } catch {
    return Buffer.alloc(0);
  }
}
