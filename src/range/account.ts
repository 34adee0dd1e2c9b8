// The durable account: a world, its journal and its clock kept in step. Knows no HTTP.
import { Fault } from '../errors.ts';
import { buildWorld } from './build.ts';
import type { Incoming, Twist } from './call.ts';
import { hostTime, keepTime } from './clock.ts';
import type { Time, Timekeeper } from './clock.ts';
import { advance, remember, serve } from './gateway.ts';
import type { Served } from './gateway.ts';
import { forgetful, Journal } from './journal.ts';
import type { Line, Memory } from './journal.ts';
import { seedDigest } from './seed.ts';
import type { WorldSeed } from './seed.ts';
import type { World } from './world.ts';

export type Account = {
  /** The account as it is now, with what other processes did. */
  world(): World;
  /** Carries out a call; what it changed is in the journal, not yet on the disk (`settled`). */
  handle(call: Incoming, twist: Twist | undefined): Served;
  settled(): Promise<void>;
  readonly clock: Timekeeper;
  close(): Promise<void>;
};

type Options = {
  readonly seed: WorldSeed;
  readonly path: string;
  readonly time: Time;
  readonly still?: boolean;
  readonly doing: () => { readonly open: number; readonly begun: number };
};

/** How often flowing time is written down while nothing else happens, host milliseconds. */
const tickMs = 5_000;
/** The last line of a process that ended as it should. */
const closedMark = 'closed';
const attempts = 20;

/** Opens the account its journal describes, or a new one. @throws Fault E_TRAIL_BROKEN, E_VAULT_WRITE. */
export function openAccount({ seed, path, time, still = false, doing }: Options): Account {
  const hostStart = time.kind === 'host' ? hostTime() : new Date(seed.start).toISOString();
  const { journal: file, header, lines } = Journal.open(path, { range: 1, seed: seedDigest(seed), start: hostStart }, still);
  const journal: Memory = still ? forgetful(file, lines) : file;
  const start = Date.parse(header.start);
  let world = buildWorld(seed, start);
  const replay = (news: readonly Line[]): number => {
    for (const line of news) apply(world, line, path);
    return world.now;
  };
  const reached = replay(lines);
  const clock = keepTime({ time, from: reached + (wasKilled(time, lines) ? tickMs : 0), doing, record: (to, why) => move(to, why) });

  const catchUp = (): World => {
    const news = journal.news();
    if (news.length > 0) clock.follow(replay(news));
    advance(world, clock.now().getTime());
    return world;
  };
  /** Another process was faster: forget what we did and take its lines over. */
  const rebuild = (): void => {
    world = buildWorld(seed, start);
    clock.follow(replay(journal.all()));
  };
  const append = (line: Line, must: boolean): boolean => {
    try {
      const { won, others } = journal.append(line, must);
      if (!won) rebuild();
      else if (others.length > 0) clock.follow(replay(others));
      return won;
    } catch (error) {
      rebuild();
      throw error;
    }
  };
  const move = async (to: number, why: string): Promise<void> => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      catchUp();
      if (append({ at: new Date(to).toISOString(), clock: why }, true)) return journal.settled();
    }
    throw busyFault(path);
  };
  const tick = (why: string, must: boolean): void => {
    catchUp();
    append({ at: clock.now().toISOString(), clock: why }, must);
  };
  // A tick that can not be written is no loss: the next call will say so.
  const ticking = time.kind === 'flowing' ? clock.repeat(tickMs, () => attempt(() => tick('tick', false))) : undefined;

  return {
    world: catchUp,
    handle(call, twist) {
      for (let attempt = 0; attempt < attempts; attempt++) {
        catchUp();
        const at = clock.now().getTime();
        const served = attemptCall(() => serve(world, call, at, twist), rebuild);
        const line: Line = {
          at: new Date(at).toISOString(),
          call,
          requestId: served.requestId,
          ...(served.effect ? { effect: true } : {}),
          ...(served.error ? { error: served.error } : {}),
          ...(twist ? { twist } : {}),
        };
        if (append(line, served.effect)) return served;
      }
      throw busyFault(path);
    },
    settled: () => journal.settled(),
    clock,
    async close() {
      ticking?.();
      clock.stop();
      if (time.kind === 'flowing') attempt(() => tick(closedMark, true));
      await journal.close();
    },
  };
}

/** A killed process may have lived up to a tick longer than its last line: time must not run backwards for those who saw it. */
function wasKilled(time: Time, lines: readonly Line[]): boolean {
  const last = lines.at(-1);
  return time.kind === 'flowing' && last !== undefined && !('clock' in last && last.clock === closedMark);
}

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
}

/** A bug in the middle of a call may leave half a change: the account is rebuilt before the bug goes on its way. */
function attemptCall(call: () => Served, rebuild: () => void): Served {
  try {
    return call();
  } catch (error) {
    rebuild();
    throw error;
  }
}

/** Brings a world one journal line further. @throws Fault E_TRAIL_BROKEN when it does not replay. */
function apply(world: World, line: Line, path: string): void {
  const at = Date.parse(line.at);
  advance(world, at);
  if ('clock' in line) return;
  const served = line.effect ? serve(world, line.call, at, line.twist) : undefined;
  const requestId = served ? served.requestId : remember(world, line.call, at, line.error);
  if (requestId !== line.requestId || (served && !served.effect))
    throw new Fault('E_TRAIL_BROKEN', `${path} does not replay at request ${line.requestId}: it was written by another version.`);
}

function busyFault(path: string): Fault {
  return new Fault('E_BUSY', `Too many processes write ${path} at once.`);
}
