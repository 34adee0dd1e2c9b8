// How fast and how wide we call: one budget per API, in scenario time, fair and abortable. Knows no transport.
import type { Call } from '../../actions/define.ts';
import type { Clock } from '../../engine/ports.ts';

/** One line of the table; the first that matches a call counts. */
export type Limit = {
  /** `product:Action`, `product:*` or `*`. */
  readonly api: string;
  readonly perSecond: number;
  readonly concurrent: number;
  readonly scope: 'account' | 'region';
  /** Besides: calls with the same value of `param` one by one, `everyMs` after each answer. */
  readonly spacing?: { readonly param: string; readonly everyMs: number };
};

/**
 * LookupEvents and the screenshot have official figures; ECS counts per API and region. The rest is not published: a careful start, and
 * throttling tells the truth. LookupEvents goes one by one, which costs nothing while an answer takes less than half a second, and keeps
 * the rate even where a drill's clock jumps while a request is on its way.
 */
export const knownLimits: readonly Limit[] = [
  { api: 'actiontrail:LookupEvents', perSecond: 2, concurrent: 1, scope: 'account' },
  { api: 'ecs:GetInstanceScreenshot', perSecond: 100, concurrent: 20, scope: 'region', spacing: { param: 'InstanceId', everyMs: 10_000 } },
  { api: 'ecs:*', perSecond: 100, concurrent: 20, scope: 'region' },
  { api: '*', perSecond: 10, concurrent: 5, scope: 'account' },
];

/** The share of a limit we use: what leaves evenly arrives less evenly. */
const share = 0.95;

type Waiter = { readonly enter: () => void; readonly fail: (why: unknown) => void };

type Pace = { readonly perSecond: number; readonly concurrent: number; readonly afterAnswer?: boolean };

/** A queue before one API: `interval` apart on average, `burst` at once, `concurrent` under way. Times are scenario milliseconds. */
class Gate {
  readonly interval: number;
  readonly queue: Waiter[] = [];
  readonly #burst: number;
  readonly #concurrent: number;
  readonly #afterAnswer: boolean;
  #running = 0;
  /** When the next call would leave if calls left evenly. */
  #due = Number.NEGATIVE_INFINITY;

  constructor({ perSecond, concurrent, afterAnswer = false }: Pace) {
    this.interval = 1000 / (perSecond * share);
    this.#burst = Math.max(1, Math.floor(perSecond * (1 - share)));
    this.#concurrent = concurrent;
    this.#afterAnswer = afterAnswer;
  }

  /** When the first in the queue may leave; undefined while nobody waits or too many are under way. */
  opensAt(): number | undefined {
    if (this.queue.length === 0 || this.#running >= this.#concurrent) return undefined;
    return this.#due - (this.#burst - 1) * this.interval;
  }

  leave(now: number): void {
    this.#running += 1;
    this.#due = Math.max(this.#due, now) + this.interval;
    this.queue.shift()?.enter();
  }

  done(now: number): void {
    this.#running -= 1;
    if (this.#afterAnswer) this.#due = Math.max(this.#due, now + this.interval);
  }

  pauseUntil(at: number): void {
    this.#due = Math.max(this.#due, at + (this.#burst - 1) * this.interval);
  }
}

/** All budgets of one account. One sleeper serves every queue: in a drill a sleep moves the clock, and many would add up. */
export class Budgets {
  readonly #clock: Clock;
  readonly #limits: readonly Limit[];
  readonly #gates = new Map<string, Gate>();
  #sleeping: { readonly until: number; readonly wake: AbortController } | undefined;

  constructor(clock: Clock, limits: readonly Limit[] = knownLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Waits for a place, at the head of the queue if `again`; the function it gives returns it. Rejects with the signal's reason when aborted first. */
  async enter(call: Call, again: boolean, signal?: AbortSignal): Promise<() => void> {
    const held: Gate[] = [];
    const release = (): void => {
      for (const gate of held) gate.done(this.#clock.now().getTime());
      this.#turn();
    };
    try {
      for (const gate of this.#gatesOf(call)) {
        await this.#queue(gate, again, signal);
        held.push(gate);
      }
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  /** Keeps everyone away from this call's API for a while, scenario milliseconds. */
  pause(call: Call, ms: number): void {
    this.#gatesOf(call)
      .at(-1)
      ?.pauseUntil(this.#clock.now().getTime() + ms);
  }

  #gatesOf(call: Call): readonly Gate[] {
    const api = `${call.product}:${call.action}`;
    const limit = this.#limits.find((one) => one.api === api || one.api === `${call.product}:*` || one.api === '*');
    if (!limit) return [];
    const key = limit.scope === 'region' ? `${api} ${call.region}` : api;
    const { spacing } = limit;
    const spaced = spacing && call.params[spacing.param];
    const gate = this.#gate(key, limit);
    return spacing && spaced !== undefined ? [this.#gate(`${key} ${spaced}`, { perSecond: 1000 / spacing.everyMs, concurrent: 1, afterAnswer: true }), gate] : [gate];
  }

  #gate(key: string, pace: Pace): Gate {
    const known = this.#gates.get(key);
    if (known) return known;
    const gate = new Gate(pace);
    this.#gates.set(key, gate);
    return gate;
  }

  async #queue(gate: Gate, again: boolean, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        const at = gate.queue.indexOf(waiter);
        if (at >= 0) gate.queue.splice(at, 1);
        this.#turn();
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        enter: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
        fail: (why) => {
          signal?.removeEventListener('abort', abort);
          reject(why);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      if (again) gate.queue.unshift(waiter);
      else gate.queue.push(waiter);
      this.#turn();
    });
  }

  /** Lets go whoever may, then sleeps until the next one may. */
  #turn(): void {
    let next = Number.POSITIVE_INFINITY;
    const now = this.#clock.now().getTime();
    for (const gate of this.#gates.values()) {
      let at = gate.opensAt();
      while (at !== undefined && at <= now) {
        gate.leave(now);
        at = gate.opensAt();
      }
      if (at !== undefined) next = Math.min(next, at);
    }
    if (this.#sleeping && this.#sleeping.until === next) return;
    this.#sleeping?.wake.abort();
    this.#sleeping = undefined;
    if (next !== Number.POSITIVE_INFINITY) this.#sleep(next, next - now);
  }

  #sleep(until: number, ms: number): void {
    const sleeping = { until, wake: new AbortController() };
    this.#sleeping = sleeping;
    const over = (): boolean => {
      if (this.#sleeping !== sleeping) return false;
      this.#sleeping = undefined;
      return true;
    };
    this.#clock.sleep(Math.ceil(ms), sleeping.wake.signal).then(
      () => over() && this.#turn(),
      (error: unknown) => over() && this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    for (const gate of this.#gates.values()) for (const waiter of gate.queue.splice(0)) waiter.fail(error);
  }
}
