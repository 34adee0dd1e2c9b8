// Verification: bytes in, verdicts out. Pure; the shell reads the trail, hashes the objects and prints.
import type { Entry } from './entry.ts';
import { checkLines } from './links.ts';
import type { Lines } from './links.ts';
import { checkRules } from './rules.ts';
import { parseFingerprint } from './signing.ts';
import type { CaseKey, CheckedWitness, Coverage, TrailProblem, Verdict } from './verdict.ts';
import { problemCodes, quote } from './verdict.ts';
import { parseWitness, prefixHashes } from './witness.ts';
import type { Witness } from './witness.ts';

/** What a file in `objects/` really holds. */
export type ObjectFound = { readonly bytes: number; readonly sha256: string };

export type VerifyOptions = {
  /** Witness lines held outside the case folder. */
  readonly witnesses?: readonly string[];
  /** Key fingerprints held outside the case folder: the case's own, and that of each key adopted without its signature. */
  readonly key?: string | readonly string[];
  /** Do not ask that the case be closed. */
  readonly open?: boolean;
};

/**
 * Checks a whole case: every link, every signature, every object.
 *
 * @param objects every file in `objects/`, by its name.
 * @throws Fault E_USAGE for a malformed witness line or fingerprint; never for what the trail holds.
 */
export function verify(trail: Buffer, objects: ReadonlyMap<string, ObjectFound>, options: VerifyOptions = {}): Verdict {
  const witnesses = (options.witnesses ?? []).map(parseWitness);
  const pins = new Set([options.key ?? []].flat().map(parseFingerprint));
  const read = checkLines(trail);
  const opened = read.entries[0]?.type === 'case.opened' ? read.entries[0] : undefined;
  const problems = [...read.problems, ...checkRules(read.entries, options.open ?? false)];

  const evidence = checkObjects(read.entries, objects);
  const anchors = checkWitnesses(trail, read, witnesses, opened?.case);
  const keys = read.keys.map((key): CaseKey => ({ fingerprint: key.fingerprint, from: key.from, endorsed: key.endorsed, pinned: pins.has(key.fingerprint) }));
  problems.push(...evidence.problems, ...anchors.problems, ...checkPins(keys, pins));

  const spoilt = new Set(problems.map(({ code }) => problemCodes[code].spoils));
  const unendorsed = keys.find((key) => !key.endorsed);
  const closed = read.entries.at(-1);
  const coverage: Coverage = {
    entries: read.entries.length,
    bytes: trail.length,
    ...(read.head === undefined ? {} : { head: read.head }),
    ...bounds(read.entries),
    state: closed?.type === 'case.closed' ? (closed.outcome === 'aborted' ? 'aborted' : 'closed') : 'open',
    ...evidence.coverage,
    ...(anchors.shown === undefined ? {} : { shown: anchors.shown }),
    ...(unendorsed === undefined ? {} : { unendorsedFrom: unendorsed.from }),
  };
  return {
    exit: spoilt.size === 0 ? 0 : 1,
    ...(opened === undefined
      ? {}
      : {
          case: {
            id: opened.case,
            origin: opened.origin,
            mode: opened.mode,
            runbook: opened.runbook,
            endpoint: opened.endpoint,
            ...(opened.continues === undefined ? {} : { continues: opened.continues }),
          },
        }),
    intact: !spoilt.has('intact'),
    ...(anchors.entry === undefined ? {} : { anchored: { entry: anchors.entry, after: read.entries.length - 1 - anchors.entry } }),
    complete: !spoilt.has('complete'),
    witnesses: anchors.checked,
    keys,
    coverage,
    problems: problems.toSorted((a, b) => (a.entry ?? Infinity) - (b.entry ?? Infinity) || 0),
  };
}

function checkObjects(
  entries: readonly (Entry | undefined)[],
  objects: ReadonlyMap<string, ObjectFound>,
): { problems: TrailProblem[]; coverage: Pick<Coverage, 'objects' | 'objectBytes' | 'unsealed'> } {
  const problems: TrailProblem[] = [];
  const named = new Set<string>();
  for (const [entry, said] of entries.entries()) {
    const sha256 = said?.type === 'evidence.sealed' ? said.sha256 : said?.type === 'case.opened' || said?.type === 'frame.opened' ? said.runbookSha256 : undefined;
    if (said === undefined || sha256 === undefined) continue;
    const found = objects.get(sha256);
    if (found !== undefined && said.type === 'evidence.sealed' && found.bytes !== said.bytes) problems.push({ code: 'object.size', entry, what: sha256 });
    if (named.has(sha256)) continue;
    named.add(sha256);
    if (found === undefined) problems.push({ code: 'object.missing', entry, what: quote(sha256) });
    else if (found.sha256 !== sha256) problems.push({ code: 'object.altered', entry, what: sha256 });
  }
  const unsealed: string[] = [];
  let objectBytes = 0;
  for (const [name, found] of objects) {
    if (named.has(name)) objectBytes += found.bytes;
    else if (name === found.sha256) unsealed.push(name);
    else problems.push({ code: 'object.foreign', what: name });
  }
  return { problems, coverage: { objects: named.size, objectBytes, unsealed } };
}

function checkWitnesses(
  trail: Buffer,
  read: Lines,
  given: readonly Witness[],
  caseId: string | undefined,
): { problems: TrailProblem[]; checked: CheckedWitness[]; entry?: number; shown?: NonNullable<Coverage['shown']> } {
  const recorded = read.entries.flatMap((said, entry) => (said?.type === 'witness.given' ? [{ said, entry }] : []));
  const hashes = prefixHashes(trail, [...given.map(({ bytes }) => bytes), ...recorded.map(({ said }) => said.bytes)]);
  const problems: TrailProblem[] = [];
  let shown: Coverage['shown'];
  for (const { said, entry } of recorded) {
    const before = read.ends[entry - 1] ?? 0;
    if (said.bytes <= before && hashes.get(said.bytes) === said.sha256) shown = { bytes: said.bytes, sha256: said.sha256, entry: lastWithin(read.ends, said.bytes) };
    else problems.push({ code: 'witness.recorded', entry });
  }
  const checked = given.map((witness): CheckedWitness => {
    const sameCase = witness.case === undefined || witness.case === caseId;
    const holds = sameCase && hashes.get(witness.bytes) === witness.sha256;
    if (!sameCase) problems.push({ code: 'witness.other-case', what: witness.case ?? '' });
    else if (!holds) problems.push({ code: 'witness.broken', what: String(witness.bytes) });
    return { ...witness, holds, ...(holds ? { entry: lastWithin(read.ends, witness.bytes) } : {}) };
  });
  const entry = Math.max(-1, ...checked.map((witness) => witness.entry ?? -1));
  return { problems, checked, ...(entry >= 0 ? { entry } : {}), ...(shown === undefined ? {} : { shown }) };
}

// A pinned key vouches for what it signed and for the keys it endorsed; one adopted without it must be pinned too.
function checkPins(keys: readonly CaseKey[], pins: ReadonlySet<string>): TrailProblem[] {
  if (pins.size === 0) return [];
  const absent = [...pins].filter((pin) => !keys.some((key) => key.fingerprint === pin));
  const strangers = keys.filter((key) => (key.from === 0 || !key.endorsed) && !key.pinned);
  return [...absent.map((what): TrailProblem => ({ code: 'key.not-used', what })), ...strangers.map((key): TrailProblem => ({ code: 'key.unpinned', entry: key.from }))];
}

// The last entry wholly inside the first `bytes` bytes; -1 if none.
function lastWithin(ends: readonly number[], bytes: number): number {
  return ends.findLastIndex((end) => end <= bytes);
}

function bounds(entries: readonly (Entry | undefined)[]): { first?: string; last?: string } {
  const first = entries[0]?.at;
  const last = entries.at(-1)?.at;
  return { ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) };
}
