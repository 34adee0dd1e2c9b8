// One case at work in this process: store, cloud, clock and, in a drill, the simulated account. Opened by every command that drives.
import { hash } from 'node:crypto';
import { actions } from '../actions/index.ts';
import { record, openRun, catchUp, witness, type Run } from '../engine/run.ts';
import { advanceJobs, drive, type Stop } from '../engine/drive.ts';
import { maySend } from '../engine/notice.ts';
import type { CaseStore, Clock, Cloud } from '../engine/ports.ts';
import { Fault } from '../errors.ts';
import type { Runbook } from '../runbook/schema.ts';
import type { Scenario } from '../drill/scenario.ts';
import { standingStill } from '../drill/still.ts';
import { openWorld, type Range, type RangeOptions } from '../drill/world.ts';
import { inheritWorld } from './linked.ts';
import { expectOriginal, openingOf, sealedRunbooks, sealedScenario } from './library.ts';
import { checkIdentity, expectEndpoint, offline, profileOf } from './reach.ts';
import { lastTimeOf, lateTime, openingTexts, sealOpening, sealText } from './opening.ts';
import { readSettled, webhookOf, type Settled } from './settled.ts';
import { drillOf, loadRunbook, loadScenario, type Drill } from './shipped.ts';
import type { Shell } from './shell.ts';

export type Session = {
  readonly shell: Shell;
  readonly run: Run;
  readonly store: CaseStore;
  readonly clock: Clock;
  /** Runbooks this case carries, by SHA-256. */
  readonly library: Map<string, Runbook>;
  /** Drills only. */
  readonly scenario?: Scenario;
  readonly range?: Range;
  close(): Promise<void>;
};

/** What a drill's trail names as the cloud it spoke to. */
const rangeEndpoint = 'range';

/** How long a non-interactive command works on what nobody waits for, host milliseconds (design §8). */
const budgetMs = 60_000;

export type NewCase = {
  readonly id?: string;
  readonly runbook: string;
  readonly profile?: string;
  /** Names a drill of the runbook; absent: a real run. */
  readonly scenario?: string;
  readonly time: RangeOptions['time'];
  /** Reads the account, changes nothing, and never can: the case's mode says so for good. */
  readonly rehearse?: boolean;
  /** Refuses what this runbook would not take: called before anything is written. */
  check?(runbook: Runbook): void;
};

/** Opens a new case: folder, key, sealed runbook, first witness. What can be refused is refused before there is a folder. */
export async function newSession(shell: Shell, ask: NewCase): Promise<Session> {
  const { runbook, text } = await loadRunbook(shell, ask.runbook);
  const drill = ask.scenario === undefined ? undefined : await loadScenario(shell, ask.runbook, ask.scenario);
  ask.check?.(runbook);
  const settled = await readSettled(shell);
  const id = ask.id ?? shell.newCaseId(drill ? 'EX' : 'INC');
  const cloud = drill ? undefined : await shell.cloud({ credential: await shell.credential(ask.profile), clock: shell.host, caseId: id, readOnly: ask.rehearse === true });
  try {
    return await makeCase(shell, ask, { id, runbook, text, ...(drill ? { drill } : {}), ...(cloud ? { cloud } : {}), ...(settled ? { settled } : {}) });
  } catch (cause) {
    await cloud?.close();
    throw cause;
  }
}

type Prepared = { readonly id: string; readonly runbook: Runbook; readonly text: string; readonly drill?: Drill; readonly cloud?: Cloud; readonly settled?: Settled };

async function makeCase(shell: Shell, ask: NewCase, { id, runbook, text, drill, cloud, settled }: Prepared): Promise<Session> {
  const endpoint = cloud?.endpoint ?? rangeEndpoint;
  // A drill's case begins in scenario time: its clock needs the folder first, so the start is read from the seed.
  const time = lateTime(drill ? { now: () => drill.world.start } : shell.host);
  const runbookSha256 = hash('sha256', text, 'hex');
  const store = await shell.createCase(
    id,
    {
      origin: endpoint === 'alibaba' && ask.rehearse !== true ? 'case' : 'exercise',
      mode: drill ? 'drill' : ask.rehearse === true ? 'rehearse' : 'live',
      runbook: runbook.id,
      runbookSha256,
      endpoint,
      version: shell.version,
      by: shell.by,
      lang: shell.lang,
      credential: cloud?.source ?? 'drill',
      ...(drill ? { scenario: `${runbook.id}/${drill.scenario.id}` } : {}),
    },
    text,
    time,
  );
  await sealOpening(shell, store, { runbook: text, ...(drill ? { scenario: drill.text } : {}), ...(settled ? { organisation: settled.text } : {}) }, settled?.organisation);
  const session = await attach(shell, store, ask, { runbooks: new Map([[runbookSha256, runbook]]), ...(drill ? { drill } : {}), ...(cloud ? { cloud } : {}) });
  time.set(session.clock);
  await witness(session.run, 'opening');
  return session;
}

export type Reopen = {
  readonly profile?: string;
  readonly time: RangeOptions['time'];
  readonly takeOver?: string;
  readonly adopt?: string;
  /** The command makes no call: it needs no credential. */
  readonly offline?: boolean;
};

/** Opens an existing case to go on with it. A closed one opens without credential and calls nothing. */
export async function openSession(shell: Shell, id: string, ask: Reopen): Promise<Session> {
  const time = lateTime({ now: (known) => lastTimeOf(known) ?? shell.host.now() });
  const store = await shell.openCase(id, time, ask);
  const opening = !store.entries().some(({ type }) => type === 'witness.given' || type === 'case.closed');
  try {
    expectOriginal(store);
    if (opening) await finishOpening(shell, store);
  } catch (cause) {
    await store.close();
    throw cause;
  }
  const session = await attach(shell, store, ask);
  time.set(session.clock);
  if (opening) await witness(session.run, 'opening');
  return session;
}

/** What the file says now is what the case begins with: nothing has happened in it yet. */
async function finishOpening(shell: Shell, store: CaseStore): Promise<void> {
  const settled = await readSettled(shell);
  await sealOpening(shell, store, { ...(await openingTexts(shell, store)), ...(settled ? { organisation: settled.text } : {}) }, settled?.organisation);
}

/** What a process that opens a case has parsed already: the texts it has just sealed need no second reading. */
type Known = { readonly runbooks: ReadonlyMap<string, Runbook>; readonly drill?: Omit<Drill, 'text'>; readonly cloud?: Cloud };

/** Puts together what a case is worked on with. Whatever was opened for it is closed again when it can not be. */
async function attach(shell: Shell, store: CaseStore, ask: Pick<Reopen, 'time' | 'profile' | 'offline'>, known: Known = { runbooks: new Map() }): Promise<Session> {
  const held: { close(): Promise<void> }[] = [store];
  const hold = <T extends { close(): Promise<void> }>(thing: T): T => {
    held.unshift(thing);
    return thing;
  };
  const close = async (): Promise<void> => {
    for (const thing of held.splice(0)) await thing.close();
  };
  try {
    const opened = openingOf(store);
    const closed = store.entries().at(-1)?.type === 'case.closed';
    const library = await sealedRunbooks(store, known.runbooks);
    const drill = opened.mode === 'drill' && !closed ? await openDrill(shell, store, ask.time, known.drill) : undefined;
    if (drill) hold(drill.range);
    const clock: Clock = drill?.range.clock ?? shell.host;
    const reach = async (): Promise<Cloud> => {
      if (closed || ask.offline === true) return offline(opened);
      // A drill's port is drawn anew each time: its record names what answers, not where.
      if (drill) return { ...(await shell.cloud({ credential: drill.world.credential, clock, caseId: store.id, endpoint: drill.range.url })), endpoint: rangeEndpoint };
      expectEndpoint(opened, shell.endpoint);
      return (
        known.cloud ?? shell.cloud({ credential: await shell.credential(ask.profile ?? profileOf(store.entries())), clock, caseId: store.id, readOnly: opened.mode === 'rehearse' })
      );
    };
    const cloud = hold(await reach());
    const child = async (id: string): Promise<{ runbook: string; runbookSha256: string }> => {
      const { runbook, text } = await loadRunbook(shell, id);
      const sha = await sealText(shell, store, clock.now().toISOString(), 'runbook', text);
      library.set(sha, runbook);
      return { runbook: runbook.id, runbookSha256: sha };
    };
    const find = (sha: string): Runbook => {
      const found = library.get(sha);
      if (!found) throw new Fault('E_ENTRY', `The trail names a runbook that is not sealed in this case: ${sha.slice(0, 12)}.`);
      return found;
    };
    const webhook = maySend(opened) && !closed && ask.offline !== true ? webhookOf(store.entries()) : undefined;
    const messenger = webhook && (await shell.messenger(webhook));
    const run = openRun(
      {
        store: drill ? standingStill(store, drill.range.clock) : store,
        cloud,
        clock,
        by: shell.by,
        version: shell.version,
        child,
        signal: shell.signal,
        ...(messenger ? { messenger } : {}),
      },
      find,
      actions,
    );
    const session: Session = { shell, run, store, clock, library, ...(drill ? { scenario: drill.scenario, range: drill.range } : {}), close };
    await checkIdentity(run);
    return session;
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function openDrill(shell: Shell, store: CaseStore, time: RangeOptions['time'], known: Known['drill']): Promise<Omit<Drill, 'text'> & { readonly range: Range }> {
  const scenario = known?.scenario ?? (await sealedScenario(store));
  if (!scenario) throw new Fault('E_ENTRY', 'This drill has no sealed scenario. Start a new one.');
  const drill = known ?? drillOf(scenario, `${store.id}/scenario`);
  await inheritWorld(shell, store);
  return { ...drill, range: await openWorld(drill.world, { journal: `${store.dir}/world.jsonl`, time }) };
}

/** Does `work` under the drive lock, on the newest state: another process may have answered meanwhile. */
export function driving<T>(session: Session, work: () => Promise<T>): Promise<T> {
  return session.store.drive(async () => {
    await session.store.refresh();
    await session.range?.refresh();
    for (const [sha, book] of await sealedRunbooks(session.store, session.library)) session.library.set(sha, book);
    catchUp(session.run);
    return work();
  });
}

/** Drives until a person, a time or the end is reached. Call it inside `driving`. */
export async function goOn(session: Session, options: { readonly poll?: boolean } = {}): Promise<Stop> {
  const { host } = session.shell;
  const until = host.now().getTime() + budgetMs;
  const stop = await drive(session.run, { budget: () => host.now().getTime() < until, ...options });
  if (stop.state !== 'closed') await advanceJobs(session.run);
  return stop;
}

/** Puts a pause on record, with a witness of everything before it. */
export async function pause(session: Session, why: string): Promise<void> {
  if (session.run.state.closed) return;
  await witness(session.run, 'pause');
  const root = session.run.state.frames[0];
  if (root) await record(session.run, root, { type: 'case.paused', why, by: session.shell.by });
}
