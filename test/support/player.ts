// A player who does anything a person can, by seed: right and wrong answers, refusals, skips, waivers, jumps, undo, an abort. Ends every case.
import { abort, giveAnswer, jump, skip, tick, waive } from '../../src/engine/answer.ts';
import { current, stepPath } from '../../src/engine/frame.ts';
import { pendingOf, type Pending } from '../../src/engine/pending.ts';
import { driving, goOn, type Session } from '../../src/cli/session.ts';
import { advanceJobs, drive, type Stop } from '../../src/engine/drive.ts';
import { catchUp, type Run } from '../../src/engine/run.ts';
import { undo, undoPlanOf } from '../../src/engine/undo.ts';
import { Fault } from '../../src/errors.ts';
import type { Memory } from './memory.ts';

/** From here on the player hurries to an end, and at the last turn gives up. */
const [hurry, lastTurn] = [60, 160];
const answers = { list: 'a, b', line: 'something', time: '2026-03-14T18:00:00Z' } as const;

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Where the player sits: a session over HTTP, or a case in memory. */
export type Table = {
  readonly run: Run;
  /** Does something as a command would: alone, on the newest state. */
  move<T>(work: () => Promise<T>): Promise<T>;
  goOn(): Promise<Stop>;
  wait(until: Date): Promise<void>;
};

export function tableOf(session: Session): Table {
  return {
    run: session.run,
    move: (work) => driving(session, work),
    goOn: () => driving(session, () => goOn(session)),
    wait: async (until) => session.range?.clock.jumpTo(until, 'the player waits'),
  };
}

export function tableInMemory({ run, clock }: Memory): Table {
  return {
    run,
    move: async (work) => {
      catchUp(run);
      return work();
    },
    async goOn() {
      const stop = await drive(run, { budget: () => true });
      if (stop.state !== 'closed') await advanceJobs(run);
      return stop;
    },
    wait: async (until) => Promise.resolve(clock.jumpTo(until.toISOString())),
  };
}

export type Played = {
  readonly turns: number;
  /** Moves by kind, those that were refused apart. */
  readonly moves: Readonly<Record<string, number>>;
  /** Kinds of questions that came up. */
  readonly kinds: ReadonlySet<string>;
  /** A refusal that wrote something all the same. */
  readonly halfWritten: readonly string[];
};

export async function playAtRandom({ run, move, goOn: proceed, wait }: Table, seed: number, keys: readonly string[]): Promise<Played> {
  const roll = dice(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(roll() * items.length)] as T;
  const { store, clock } = run.ports;
  const moves: Record<string, number> = {};
  const halfWritten: string[] = [];
  const visited = new Set<string>();
  const kinds = new Set<string>();

  const attempt = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const before = store.entries().length;
    try {
      await move(work);
      moves[name] = (moves[name] ?? 0) + 1;
    } catch (error) {
      if (!(error instanceof Fault) || error.code === 'E_BUG') throw error;
      moves[`${name} refused`] = (moves[`${name} refused`] ?? 0) + 1;
      if (store.entries().length !== before) halfWritten.push(`${name} at ${stepPath(current(run.state))}: ${error.code}`);
    }
  };

  const valueFor = (pending: Pending, hurried: boolean): string => {
    if (pending.kind === 'approve') return hurried || roll() < 0.7 ? (pending.expects?.text ?? '') : 'no';
    if (pending.choices) return hurried && pending.kind === 'watch' ? 'unverified' : hurried && pending.kind === 'failed' ? 'go-on' : pick(pending.choices);
    if (pending.step.endsWith('input.accessKeyId')) return pick(keys);
    return pending.expects?.example ?? answers[(pending.expects?.format ?? 'line') as keyof typeof answers] ?? answers.line;
  };

  /** Takes a change back, with the right text or a wrong one. */
  const takeBack = async (): Promise<void> => {
    const card = pick(Object.values(run.state.cards));
    const plan = undoPlanOf(store.entries(), run.library, card.saved);
    const right = roll() < 0.8;
    await attempt(right ? 'undo' : 'undo wrong', () => undo(run, plan, { text: right ? plan.text : pick(['yes', '', 'undo 1 0000']), via: 'answer' }));
  };

  for (let turn = 0; ; turn += 1) {
    const stop = await proceed();
    if (stop.state === 'closed') return { turns: turn, moves, kinds, halfWritten };
    if (turn > 3 * lastTurn) throw new Error(`seed ${seed} never ends: ${stop.state} at ${stepPath(current(run.state))}`);
    const hurried = turn > hurry;
    const pending = pendingOf(run.state);
    visited.add(stepPath(current(run.state)));
    if (pending) kinds.add(pending.kind);
    if (turn >= lastTurn && pending?.kind !== 'in-doubt') await attempt('abort', () => abort(run, 'the player gives up'));
    else if (stop.state === 'watching' && roll() < (hurried ? 0.4 : 0.85)) await wait(new Date(stop.until));
    else if (pending) {
      const at = roll();
      const { step } = pending;
      const grave = pending.kind === 'approve' && current(run.state).work.batch?.class === 'R3';
      if (hurried ? at < 0.05 : at < 0.15) {
        const wrong: readonly (readonly [string, () => Promise<void>])[] = [
          ['wrong', () => giveAnswer(run, { step, value: pick(['yes', '', 'y', 'stop 11 0000', '\u0000', 'x'.repeat(5000)]), via: 'answer', lang: 'en' })],
          ['stale', () => giveAnswer(run, { step: pick([...visited, 'nowhere']), value: 'done', via: 'answer', lang: 'en' })],
          ['jump', () => jump(run, 'nowhere', 'because')],
        ];
        await attempt(...pick(wrong));
      } else if (at < 0.22) await attempt('skip', () => skip(run, step, 'no time'));
      else if (!hurried && at < 0.28) await attempt('jump', () => jump(run, pick([...visited]), 'once more'));
      else if (!hurried && turn > 10 && at < 0.29) await attempt('abort', () => abort(run, 'enough'));
      else if (at < 0.34 && Object.keys(run.state.cards).length > 0) await takeBack();
      else if (pending.kind === 'failed' && at < 0.6) await attempt('waive', () => waive(run, step, 'not worth the wait', roll() < 0.3 ? { second: 'bo' } : {}));
      else if (grave && at < 0.55) await attempt('waive second', () => waive(run, step, 'nobody answers', { tried: ['bo 03:12'] }));
      else if (grave && at < 0.62) await wait(new Date(clock.now().getTime() + 31 * 60_000));
      else if (pending.kind === 'approve' && at < 0.4)
        await attempt('tick', () =>
          tick(
            run,
            (current(run.state).work.batch?.held ?? []).map(({ id }) => id),
          ),
        );
      else
        await attempt(pending.kind, () =>
          giveAnswer(run, { step, value: valueFor(pending, hurried), via: 'answer', lang: 'en', ...(grave && roll() < 0.5 ? { second: pick(['bo', 'ana']) } : {}) }),
        );
    }
  }
}
