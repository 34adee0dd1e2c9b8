// The reference run of the crash suite: the whole drill once, and what the disk and the account held at every boundary of it.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Call } from '../../src/actions/define.ts';
import type { Draft, Entry } from '../../src/casefile/entry.ts';
import { canonical } from '../../src/casefile/canonical.ts';
import type { Answers } from '../../src/cli/given.ts';
import { playOn } from '../../src/cli/play.ts';
import { newSession, type Session } from '../../src/cli/session.ts';
import type { CaseStore, Cloud } from '../../src/engine/ports.ts';
import { catchUp, type Run } from '../../src/engine/run.ts';
import type { Frame } from '../../src/engine/frame.ts';
import { aShell, bytesOf, caseId, runbook, scenario } from './crash-shell.ts';

/** A place where the run can be stopped. */
export type Mark = {
  readonly side: 'before' | 'after';
  readonly kind: 'append' | 'call';
  /** The entry types appended together, or `product:Action`. */
  readonly name: string;
  readonly step: string;
  readonly write: boolean;
};

/** What a crash leaves: so many bytes of the trail and of the account's journal. Several places may leave the same. */
export type State = { readonly trail: number; readonly world: number; readonly marks: readonly Mark[] };

type Placed = Mark & { readonly trail: number; readonly world: number };

export type Effect = { readonly at: string; readonly what: string };

/** Plain data: it is handed to the processes that resume. */
export type Reference = {
  readonly root: string;
  /** In the order of the trail. */
  readonly states: readonly State[];
  /** Digest of a state → the place of that state in the reference. */
  readonly points: Readonly<Record<string, number>>;
  /** Where and when the reference stood. */
  readonly places: readonly string[];
  /** Digests of where the reference stood once nothing but reading, asking and closing was left. */
  readonly calm: readonly string[];
  /** The acts that its answers led to. */
  readonly acts: readonly string[];
  /** What our own key changed, in the account's record. */
  readonly effects: readonly Effect[];
  /** `step target` → how it was settled. */
  readonly settled: Readonly<Record<string, string>>;
  readonly answers: Answers;
  /** How our requests name themselves in the account's log. */
  readonly userAgent: string;
};

/** Plays the drill to its end on the real SDKs, over real HTTP, and notes every boundary. */
export async function record(root: string): Promise<Reference> {
  const marks: (Omit<Placed, 'step'> & { step: string; readonly call?: Call })[] = [];
  const points: Record<string, number> = {};
  const places = new Set<string>();
  const calm = new Map<string, number>();
  const dir = join(root, 'vault', caseId);
  let session: Session | undefined;
  const mark = (part: Pick<Mark, 'side' | 'kind' | 'name' | 'write'> & { step: string; readonly call?: Call }): void => {
    marks.push({ ...part, trail: sizeOf(join(dir, 'trail.jsonl')), world: sizeOf(join(dir, 'world.jsonl')) });
  };
  const watchStore = (store: CaseStore): CaseStore => {
    const append = async (...drafts: readonly Draft[]): Promise<readonly Entry[]> => {
      for (const draft of drafts) label(marks, draft);
      const part = { kind: 'append', name: [...new Set(drafts.map(({ type }) => type))].join('+'), step: stepOf(drafts[0]), write: drafts.some(isWrite) } as const;
      mark({ side: 'before', ...part });
      const entries = await store.append(...drafts);
      mark({ side: 'after', ...part });
      if (session && standing(session, drafts)) {
        points[digestOf(session)] ??= Object.keys(points).length;
        places.add(placeOf(session));
        calm.set(calmPlace(session), actsOf(session).length);
      }
      return entries;
    };
    return wrapped(store, append);
  };
  const watchCloud = (cloud: Cloud): Cloud => ({
    ...cloud,
    async send(call, signal) {
      const part = { kind: 'call', name: `${call.product}:${call.action}`, step: '', write: call.effect === 'write', call } as const;
      mark({ side: 'before', ...part });
      const reply = await cloud.send(call, signal);
      mark({ side: 'after', ...part });
      return reply;
    },
  });
  session = await newSession(aShell({ root, store: watchStore, cloud: watchCloud }), { runbook, scenario, id: caseId, time: { kind: 'virtual' } });
  const answers = (session.scenario?.answers ?? {}) as Answers;
  await playOn(session, { answers, via: 'reference', jump: true });
  const effects = ours(session);
  const settled = settledIn(session.store.entries());
  await session.close();
  if (!session.run.state.closed) throw new Error('the reference run did not reach its end');
  const world = await bytesOf(join(dir, 'world.jsonl'));
  const acts = actsOf(session);
  const after = [...calm].flatMap(([place, done]) => (done === acts.length ? [place] : []));
  const userAgent = /"agent":"([^"]*firebreak[^"]*)"/.exec(world.toString('utf8'))?.[1] ?? '';
  return { root, states: statesOf(marks, world), points, places: [...places], calm: after, acts, effects, settled, answers, userAgent };
}

/** Places that leave the same on the disk are one state. */
function statesOf(marks: readonly (Placed & { readonly call?: Call })[], world: Buffer): readonly State[] {
  const groups = [...Map.groupBy(marks, (mark) => `${mark.trail} ${mark.world}`).values()];
  const states = groups.map((group): State => {
    const [first] = group as [Placed];
    // A slice that was recorded to its end is followed by a wait; one that was not is done again at once.
    const ended = group.some(({ side, kind, name }) => side === 'after' && kind === 'append' && !name.startsWith('call.finished'));
    return {
      trail: first.trail,
      world: ended ? afterSleeps(world, first.world) : first.world,
      marks: group.map(({ side, kind, name, step, write }) => ({ side, kind, name, step, write })),
    };
  });
  return states.toSorted((a, b) => a.trail - b.trail || a.world - b.world);
}

/**
 * While nobody runs, time goes by: the moves of the clock that followed are kept, so that the next call is made when the reference made it.
 * A jump (the player thinks, nobody waits) is a deed of the run and is not kept.
 */
function afterSleeps(world: Buffer, from: number): number {
  for (let at = from; ;) {
    const end = world.indexOf('\n', at) + 1;
    if (end === 0 || !world.subarray(at, end).toString('utf8').endsWith('"clock":"sleep"}\n')) return at;
    at = end;
  }
}

/** The store with another `append`, which `seal` goes through as well. */
export function wrapped(store: CaseStore, append: CaseStore['append']): CaseStore {
  return {
    id: store.id,
    dir: store.dir,
    append,
    entries: () => store.entries(),
    refresh: () => store.refresh(),
    put: (bytes) => store.put(bytes),
    async seal(bytes, custody, frame) {
      const sealed = await store.put([bytes]);
      await append({ type: 'evidence.sealed', ...sealed, ...custody, ...(frame === undefined ? {} : { frame }) });
      return sealed;
    },
    object: (sha256) => store.object(sha256),
    witness: () => store.witness(),
    drive: (work, waitMs) => store.drive(work, waitMs),
    close: () => store.close(),
  };
}

/** Every change our key made, as the account itself recorded it. */
export function ours({ range, run }: Session): readonly Effect[] {
  const key = run.ports.cloud.accessKeyId;
  return (range?.effects() ?? [])
    .filter(({ accessKeyId }) => accessKeyId === key)
    .map(({ at, product, action, region, params, changed }) => ({ at, what: canonical([product, action, region, params, changed]) }));
}

/** How each target of each step was settled last. */
export function settledIn(entries: readonly Entry[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.flatMap((entry) => (entry.type === 'target.settled' ? [[`${entry.step} ${entry.target}`, entry.status]] : [])));
}

/** Appended alone by a slice or a step, these say that nothing is left half-way in memory: the fold holds everything the process knows. */
const turns: ReadonlySet<string> = new Set(['step.started', 'step.finished', 'job.started', 'job.advanced', 'job.finished', 'answer.given', 'batch.frozen']);

/** Is what these drafts ended all that the process had under way? Never in the middle of an act. */
export function standing({ run }: Session, drafts: readonly Draft[]): boolean {
  catchUp(run);
  return drafts.some(({ type }) => turns.has(type)) && Object.keys(run.state.openCalls).length === 0 && run.state.frames.every(({ work }) => work.plan === undefined);
}

/**
 * What the rest of a run depends on: the folded case without its links to the chain, scenario time, and the changes made to the account.
 * Those count by content, since the acts that made them are over and have read them in place.
 */
export function digestOf(session: Session): string {
  const { run } = session;
  const state = [
    stateOf(run),
    run.ports.clock.now().toISOString(),
    ours(session)
      .map(({ what }) => what)
      .toSorted(),
  ];
  return createHash('sha256')
    .update(canonical(JSON.parse(JSON.stringify(state))))
    .digest('base64url');
}

/**
 * Where a run stands that has none of these acts before it, nor, when `watched`, a watch: the steps it came by, how its jobs ended and what
 * it changed, without times. Undefined before that. `acts` are those the reference did by the same answers; others of the runbook need another answer.
 */
export function calmOf(session: Session, watched: boolean, acts: readonly string[]): string | undefined {
  const { frames } = session.run.state;
  const watching = frames.some((frame) => Object.values(frame.jobs).some(({ job, status }) => status === 'running' && frame.steps.get(job)?.kind === 'watch'));
  const done = new Set(actsOf(session));
  return (watched && watching) || acts.some((id) => !done.has(id)) ? undefined : calmPlace(session);
}

function calmPlace(session: Session): string {
  return canonical(
    JSON.parse(
      JSON.stringify([
        session.run.state.frames.map(({ path, position }) => [path, position]),
        ours(session)
          .map(({ what }) => what)
          .toSorted(),
      ]),
    ),
  );
}

/** The acts a run has behind it, the one it stands at left out. */
function actsOf({ run }: Session): readonly string[] {
  return run.state.frames.flatMap((frame) =>
    [...frame.steps.values()].flatMap(({ id, kind }) => (kind === 'act' && frame.visits[id] !== undefined && frame.step.id !== id ? [id] : [])),
  );
}

/** Where and when: what a run must share with the reference before its whole state is worth comparing. */
export function placeOf({ run }: Session): string {
  return `${run.ports.clock.now().toISOString()} ${run.state.frames.map(({ position }) => position.at).join(' ')}`;
}

/** The place of an entry in the chain, and host times: nothing the engine decides by. */
const links: ReadonlySet<string> = new Set(['seq', 'prev', 'sig', 'sentAt', 'sentAtLast']);
const plain = (entry: object | undefined, more: readonly string[] = []): unknown =>
  entry && Object.fromEntries(Object.entries(entry).filter(([name]) => !links.has(name) && !more.includes(name)));
const each = (entries: Readonly<Record<string, object>>, more?: readonly string[]): unknown =>
  Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, plain(entry, more)]));

function stateOf({ state }: Run): unknown {
  const { frames, openCalls, sealed, waived, findings, identity, cards, phase, closed } = state;
  return { frames: frames.map(frameOf), openCalls: each(openCalls), sealed, waived, findings, identity: plain(identity, ['at']), cards, phase, closed: plain(closed, ['at']) };
}

function frameOf({ path, position, visits, facts, work, jobs, approved }: Frame): unknown {
  const { batch, calls, targets, failed, ...rest } = work;
  return {
    path,
    position,
    visits,
    facts,
    jobs,
    approved: each(approved, ['at']),
    work: { ...rest, batch: plain(batch, ['at']), failed: plain(failed, ['at']), calls: each(calls), targets: each(targets, ['at']) },
  };
}

/** A call is labelled when its record comes: only that names the step. */
function label(marks: readonly { step: string; readonly call?: Call }[], draft: Draft): void {
  if (draft.type !== 'call.finished') return;
  for (const mark of marks) if (mark.step === '' && mark.call !== undefined && isOf(mark.call, draft)) mark.step = draft.step;
}

function isOf(call: Call, draft: Extract<Draft, { type: 'call.finished' }>): boolean {
  if (call.product !== draft.product || call.action !== draft.action || call.region !== draft.region) return false;
  return draft.effect === 'write' ? call.effect === 'write' : JSON.stringify(call.params) === JSON.stringify(draft.params);
}

function isWrite({ type, ...draft }: Draft): boolean {
  return type === 'call.intended' || (type === 'call.finished' && 'effect' in draft && draft.effect === 'write');
}

function stepOf(draft: Draft | undefined): string {
  if (draft === undefined) return 'case';
  if ('job' in draft) return draft.job;
  return 'step' in draft ? (draft.step ?? 'case') : 'case';
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
