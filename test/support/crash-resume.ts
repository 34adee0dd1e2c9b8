// One crash: the disk as a boundary of the reference run left it, resumed by the product's own session, and what is wrong afterwards.
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holder, renderHolder } from '../../src/adapters/disk/holder.ts';
import { format } from '../../src/casefile/format.ts';
import type { Draft, Entry } from '../../src/casefile/entry.ts';
import { playOn } from '../../src/cli/play.ts';
import { openSession, type Session } from '../../src/cli/session.ts';
import type { CaseStore } from '../../src/engine/ports.ts';
import { openLightCloud } from './crash-cloud.ts';
import { calmOf, digestOf, ours, placeOf, settledIn, standing, wrapped, type Reference, type State } from './crash-record.ts';
import { aShell, caseId, disk } from './crash-shell.ts';

export type Crash = {
  readonly state: Pick<State, 'trail' | 'world'>;
  /** Bytes of the next line that were written when it died. */
  readonly torn?: number;
  /**
   * How far it is played, unless the reference's own state is met before. `acts`: until no act is left; `calm`: until no act and no watch is
   * left; `end`: to the very end, on the real SDKs, whatever is met on the way.
   */
  readonly until: 'acts' | 'calm' | 'end';
};

export type Outcome = {
  readonly problems: readonly string[];
  /** Entries appended by the resumption. */
  readonly appended: number;
  /** The reference's own state was reached before the end: the rest is the reference's. */
  readonly met: boolean;
};

/** Thrown through the store once the run is the reference's own again. */
class Met extends Error {}

/** How many points in a row must be the reference's, in its order: pacing, which lives in memory only, is then the same as well. */
const inARow = 3;

/** The reference's files, read once a process. */
export type Sources = { readonly trail: Buffer; readonly world: Buffer };

export function sourcesOf({ root }: Reference): Sources {
  const dir = join(root, 'vault', caseId);
  return { trail: readFileSync(join(dir, 'trail.jsonl')), world: readFileSync(join(dir, 'world.jsonl')) };
}

/** Crashes there, resumes, and says what is wrong. `root` is this resumption's own folder; it is emptied first. */
export async function crashAndResume(reference: Reference, sources: Sources, crash: Crash, root: string): Promise<Outcome> {
  const dir = layOut(reference, sources, crash, root);
  const before = crash.state.trail;
  const places = new Set(reference.places);
  let row = 0;
  let last = Number.NaN;
  let session: Session | undefined;
  let met = false;
  const watch = (store: CaseStore): CaseStore =>
    wrapped(store, async (...drafts: readonly Draft[]) => {
      if (met) throw new Met();
      const entries = await store.append(...drafts);
      if (!session || crash.until === 'end' || !standing(session, drafts)) return entries;
      const place = (places.has(placeOf(session)) ? reference.points[digestOf(session)] : undefined) ?? Number.NaN;
      row = place === last + 1 ? row + 1 : Number.isNaN(place) ? 0 : 1;
      last = place;
      if (row < inARow && !reference.calm.includes(calmOf(session, crash.until === 'calm', reference.acts) ?? '')) return entries;
      met = true;
      throw new Met();
    });
  try {
    const { userAgent } = reference;
    session = await openSession(
      aShell({ root, stateDir: join(reference.root, 'state'), store: watch, ...(crash.until === 'end' ? {} : { open: (options) => openLightCloud(options, userAgent) }) }),
      caseId,
      { time: { kind: 'virtual' } },
    );
    const stop = await playOn(session, { answers: reference.answers, via: 'reference', jump: true });
    const problems = stop.state === 'closed' ? [] : [`it stopped, ${stop.state}, at ${session.run.state.frames.at(-1)?.step.id}`];
    return await judge(reference, session, { dir, before, met, problems });
  } catch (error) {
    if (session && met) return await judge(reference, session, { dir, before, met, problems: [] });
    return { problems: [`${(error as Error).name}: ${(error as Error).message}`], appended: 0, met };
  } finally {
    await session?.close();
  }
}

/** The case folder as the dead process left it: its prefix of both journals, its locks still held, the objects it had named. */
function layOut({ root: from }: Reference, { trail, world }: Sources, { state, torn = 0 }: Crash, root: string): string {
  const dir = join(root, 'vault', caseId);
  rmSync(root, { recursive: true, force: true });
  for (const name of ['objects', 'tmp', 'locks']) mkdirSync(join(dir, name), { recursive: true, mode: 0o700 });
  const dead = renderHolder({ ...holder(), started: 'before' });
  writeFileSync(join(dir, 'locks', `drive.${dead}`), '');
  writeFileSync(join(dir, 'locks', torn > 0 ? `append.${dead}` : 'append.free'), '');
  writeFileSync(join(dir, 'trail.jsonl'), trail.subarray(0, state.trail + torn));
  if (state.world > 0) writeFileSync(join(dir, 'world.jsonl'), world.subarray(0, state.world));
  for (const entry of entriesOf(trail.subarray(0, state.trail))) {
    const sha256 = entry.type === 'case.opened' ? entry.runbookSha256 : entry.type === 'evidence.sealed' ? entry.sha256 : undefined;
    if (sha256 !== undefined) link(join(from, 'vault', caseId, 'objects', sha256), join(dir, 'objects', sha256));
  }
  return dir;
}

function link(from: string, to: string): void {
  if (!existsSync(to)) linkSync(from, to);
}

function entriesOf(trail: Uint8Array): readonly Entry[] {
  return format.readTrail(Buffer.from(trail)).entries;
}

type Ended = { readonly dir: string; readonly before: number; readonly met: boolean; readonly problems: readonly string[] };

/** Everything that must hold, of a whole case or of one that is the reference's own again. */
async function judge(reference: Reference, session: Session, { dir, before, met, problems }: Ended): Promise<Outcome> {
  const entries = session.store.entries();
  const found = [...problems, ...(await unsound(dir, before, met)), ...unevenCalls(entries), ...backwards(entries)];
  const effects = (session.range ? ours(session) : reference.effects).map(({ what }) => what);
  const expected = reference.effects.map(({ what }) => what).slice(0, met ? effects.length : undefined);
  const [off, idle] = differences(expected, effects);
  // A call that changes nothing may be spared where reading shows that what it asks for holds already; never made once more.
  if (off.length > 0) found.push(`changes in the account: ${off.join('; ')}`);
  if (idle.some((count) => count > 0)) found.push('calls that change nothing were repeated');
  const settled = settledIn(entries);
  for (const [target, status] of Object.entries(reference.settled)) {
    if (met && settled[target] === undefined) continue;
    if (settled[target] !== status) found.push(`${target} is ${settled[target] ?? 'lost'}, not ${status}`);
  }
  const appended = entries.filter(({ type }) => type !== 'evidence.sealed').length;
  return { problems: found, appended, met };
}

/**
 * `verify` on a whole case; on a part of one, the chain, the objects of what is new, and the signatures on either side of the crash and at
 * the end: the rest is the reference's own, or signed by the same hand in between.
 */
async function unsound(dir: string, before: number, met: boolean): Promise<readonly string[]> {
  if (!met) {
    const verdict = await disk.verifyCase(dir);
    return verdict.exit === 0 ? [] : [`verify exits ${verdict.exit}: ${JSON.stringify(verdict.problems).slice(0, 500)}`];
  }
  const bytes = readFileSync(join(dir, 'trail.jsonl'));
  const { entries, broken, torn } = format.readTrail(bytes);
  if (broken !== undefined || torn !== undefined) return [`the chain is broken: ${JSON.stringify(broken ?? 'torn')}`];
  const keys = entries.flatMap((entry) => (entry.type === 'case.opened' ? [entry.key] : []));
  const fresh = entries.slice(entriesOf(bytes.subarray(0, before)).length);
  const unsigned = [...fresh.slice(0, 10), ...fresh.slice(-1)].filter((entry) => !format.isSignedEntry(entry, keys));
  const missing = fresh.flatMap((entry) => (entry.type === 'evidence.sealed' && !existsSync(join(dir, 'objects', entry.sha256)) ? [entry.sha256] : []));
  return [...unsigned.map(({ seq }) => `entry ${seq} is not signed`), ...missing.map((sha256) => `object ${sha256} is missing`)];
}

/** Entries that are older than the one before them. */
function backwards(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ seq, at, type }, index) => (at < (entries[index - 1]?.at ?? '') ? [`entry ${seq}, ${type}, lies before the one it follows`] : []));
}

/** Intents without exactly one outcome. */
function unevenCalls(entries: readonly Entry[]): readonly string[] {
  const outcomes = Map.groupBy(
    entries.filter((entry) => entry.type === 'call.finished' && entry.effect === 'write'),
    (entry) => (entry.type === 'call.finished' ? entry.call : ''),
  );
  return entries.flatMap((entry) => {
    if (entry.type !== 'call.intended') return [];
    const count = outcomes.get(entry.call)?.length ?? 0;
    return count === 1 ? [] : [`${entry.call} has ${count} outcomes`];
  });
}

/** What is missing or too much of the changes, and by how many the calls that changed nothing are off. */
function differences(expected: readonly string[], found: readonly string[]): readonly [readonly string[], readonly number[]] {
  const counts = new Map<string, number>();
  for (const what of expected) counts.set(what, (counts.get(what) ?? 0) - 1);
  for (const what of found) counts.set(what, (counts.get(what) ?? 0) + 1);
  const off = [...counts].filter(([, count]) => count !== 0);
  const isIdle = (what: string): boolean => what.endsWith(',false]');
  return [off.flatMap(([what, count]) => (isIdle(what) ? [] : [`${count > 0 ? '+' : ''}${count} ${what}`])), off.flatMap(([what, count]) => (isIdle(what) ? [count] : []))];
}
