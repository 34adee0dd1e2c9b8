// Scenario time: virtual, flowing, or the host's. The only part of the range that reads or waits for host time.
import { Fault } from '../errors.ts';

export type Time = { readonly kind: 'virtual' } | { readonly kind: 'flowing'; readonly speed?: number } | { readonly kind: 'host' };

/** What the drill and the engine see of it (the engine's Clock, and the way to move it). */
export type RangeClock = {
  now(): Date;
  /** Waits scenario time; virtual time moves instead, the nearest sleeper first. Rejects when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Moves scenario time forward; a time that has passed leaves it. @throws Fault E_USAGE where scenario time is host time. */
  jumpTo(at: Date, why?: string): Promise<void>;
  /** Virtual time stands until the function it gives is called. Who holds once has to hold whenever something is under way: no guess is made any more. */
  hold(): () => void;
  hostNow(): Date;
  hostSleep(ms: number, signal?: AbortSignal): Promise<void>;
};

export type Timekeeper = RangeClock & {
  /** Follows a time another process reached; never goes back. */
  follow(at: number): void;
  /** Does something every so many host milliseconds; alone it keeps no process alive. Gives the way to end it. */
  repeat(ms: number, work: () => void): () => void;
  /** Idle waiting ends: sleepers reject, no timer is left. */
  stop(): void;
};

type Sleeper = { readonly until: number; readonly wake: () => void; readonly fail: (reason: unknown) => void };

type Parts = {
  readonly time: Time;
  /** Scenario time to go on from, milliseconds. */
  readonly from: number;
  /** Makes a move durable before anyone lives by it. */
  readonly record: (to: number, why: string) => Promise<void>;
  /** What is going on: virtual time stands while a call is answered, and for a moment after anything began. */
  readonly doing: () => { readonly open: number; readonly begun: number };
};

/**
 * For those who do not hold: how many looks, a millisecond apart, must find nothing new before virtual time moves. Whoever was just woken
 * or answered gets to send its next call at this time, not at a later one.
 */
const calmLooks = 4;

/** Host time now, ISO 8601. */
export function hostTime(): string {
  return new Date().toISOString();
}

/** Makes a clock that goes on from a scenario time. */
export function keepTime({ time, from, record, doing }: Parts): Timekeeper {
  const speed = time.kind === 'flowing' ? (time.speed ?? 1) : 1;
  let base = from;
  let hostBase = Date.now();
  const sleepers = new Set<Sleeper>();
  let turn: NodeJS.Timeout | NodeJS.Immediate | undefined;
  let calm = 0;
  /** Who holds now; undefined as long as nobody ever did. */
  let held: number | undefined;
  let seen = 0;

  const now = (): number => {
    if (time.kind === 'host') return Date.now();
    return time.kind === 'virtual' ? base : Math.floor(base + (Date.now() - hostBase) * speed);
  };
  const follow = (at: number): void => {
    if (time.kind === 'host' || at <= now()) return;
    base = at;
    hostBase = Date.now();
  };
  const wakeDue = (): void => {
    for (const sleeper of sleepers) if (sleeper.until <= now()) sleeper.wake();
  };
  const nearest = (): Sleeper | undefined => [...sleepers].toSorted((a, b) => a.until - b.until)[0];

  /** Moves virtual time to the nearest sleeper, one at a time, when nothing is going on. */
  const pump = async (): Promise<void> => {
    const next = nearest();
    if (!next) return;
    const { open, begun } = doing();
    const still = open === 0 && (held ?? 0) === 0;
    calm = still && begun === seen ? calm + 1 : 0;
    seen = begun;
    if (still && (held === 0 || calm > calmLooks)) {
      calm = 0;
      try {
        if (next.until > now()) await record(next.until, 'sleep');
        follow(next.until);
        next.wake();
      } catch (error) {
        next.fail(error);
      }
    }
    schedule();
  };
  const schedule = (): void => {
    if (turn !== undefined || sleepers.size === 0 || (time.kind === 'virtual' && (held ?? 0) > 0)) return;
    const run = (work: () => void) => () => {
      turn = undefined;
      work();
    };
    if (time.kind === 'virtual')
      turn =
        held === 0 && doing().open === 0
          ? setImmediate(run(() => void pump()))
          : setTimeout(
              run(() => void pump()),
              1,
            );
    else
      turn = setTimeout(
        run(() => (wakeDue(), schedule())),
        Math.min(2 ** 31 - 1, Math.max(1, ((nearest()?.until ?? now()) - now()) / speed)),
      );
  };
  const forget = (): void => {
    clearTimeout(turn as NodeJS.Timeout);
    clearImmediate(turn as NodeJS.Immediate);
    turn = undefined;
  };
  const reschedule = (): void => {
    calm = 0;
    forget();
    schedule();
  };

  return {
    now: () => new Date(now()),
    follow(at) {
      follow(at);
      wakeDue();
    },
    sleep: (ms, signal) =>
      waiting(signal, (wake, fail) => {
        const sleeper: Sleeper = { until: now() + ms, wake: () => (sleepers.delete(sleeper), wake()), fail: (reason) => (sleepers.delete(sleeper), fail(reason)) };
        sleepers.add(sleeper);
        reschedule();
        return () => sleepers.delete(sleeper);
      }),
    async jumpTo(at, why = 'jump') {
      if (time.kind === 'host') throw new Fault('E_USAGE', 'Scenario time is host time here: it can not jump.');
      if (at.getTime() <= now()) return;
      await record(at.getTime(), why);
      follow(at.getTime());
      wakeDue();
      reschedule();
    },
    hold() {
      held = (held ?? 0) + 1;
      let holding = true;
      return () => {
        if (!holding) return;
        holding = false;
        calm = 0;
        held = (held ?? 1) - 1;
        if (held === 0) reschedule();
      };
    },
    hostNow: () => new Date(),
    hostSleep: (ms, signal) =>
      waiting(signal, (wake) => {
        const timer = setTimeout(wake, ms);
        return () => clearTimeout(timer);
      }),
    repeat(ms, work) {
      const timer = setInterval(work, ms).unref();
      return () => clearInterval(timer);
    },
    stop() {
      forget();
      for (const sleeper of sleepers) sleeper.fail(new Fault('E_INTERRUPTED', 'The simulated account was closed.'));
    },
  };
}

/** A promise that an abort rejects; `begin` starts the wait and gives the way to end it early. */
function waiting(signal: AbortSignal | undefined, begin: (wake: () => void, fail: (reason: unknown) => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const aborted = (): void => {
      end();
      reject(signal?.reason);
    };
    const settle =
      <A extends readonly unknown[]>(done: (...args: A) => void) =>
      (...args: A): void => {
        signal?.removeEventListener('abort', aborted);
        done(...args);
      };
    const end = begin(settle(resolve), settle(reject));
    signal?.addEventListener('abort', aborted, { once: true });
  });
}
