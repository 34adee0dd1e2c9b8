// Two drills side by side: what of their trails has to be equal, and what may differ. Pure.
import type { Entry } from '../../src/casefile/entry.ts';

/** What no two runs share: places in the chain, keys, signatures, and when by the host's clock a call was sent (law 3 settles by that). */
const drawn: ReadonlySet<string> = new Set(['seq', 'prev', 'sig', 'key', 'sentAt']);
/** Calls of one step are under way together; whose answer comes first is the network's affair. */
const together: ReadonlySet<string> = new Set(['call.intended', 'call.finished', 'evidence.sealed', 'target.settled']);
const times: ReadonlySet<string> = new Set(['at', 'startedAt', 'endedAt']);

export type Comparable = {
  /** Entries in their order, with their times. */
  readonly course: readonly string[];
  /** Calls and what they brought, a list for each step, in no order and without times. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
  /** The time of every entry, in order. */
  readonly times: readonly string[];
};

export function comparable(entries: readonly Entry[]): Comparable {
  const calls = Map.groupBy(
    entries.filter(({ type }) => together.has(type)),
    (entry) => ('step' in entry ? (entry.step ?? '') : ''),
  );
  return {
    course: entries.filter(({ type }) => !together.has(type)).map((entry) => without(entry, new Set())),
    calls: Object.fromEntries([...calls].map(([step, group]) => [step, group.map((entry) => without(entry, times)).toSorted()])),
    times: entries.map(({ at }) => at),
  };
}

/** A witness hashes lines with their signatures: only how many bytes it covers is the same. */
function without(entry: Entry, more: ReadonlySet<string>): string {
  const witness = entry.type === 'witness.given';
  return JSON.stringify(Object.fromEntries(Object.entries(entry).filter(([name]) => !drawn.has(name) && !more.has(name) && !(witness && name === 'sha256'))));
}

/** The first lines that only one of two lists has. */
export function onlyInOne(left: readonly string[], right: readonly string[]): readonly string[] {
  const [inLeft, inRight] = [new Set(left), new Set(right)];
  return [...left.filter((line) => !inRight.has(line)).slice(0, 2), ...right.filter((line) => !inLeft.has(line)).slice(0, 2)];
}
