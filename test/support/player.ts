// A player who does anything a person can, by seed: right and wrong answers, refusals, skips, waivers, jumps, an abort. Ends every case.
import { abort, giveAnswer, jump, skip, tick, waive } from '../../src/engine/answer.ts';
import { current, stepPath } from '../../src/engine/frame.ts';
import { pendingOf, type Pending } from '../../src/engine/pending.ts';
import { driving, goOn, type Session } from '../../src/cli/session.ts';
import { Fault } from '../../src/errors.ts';

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

export type Played = {
  readonly turns: number;
  /** Moves by kind, those that were refused apart. */
  readonly moves: Readonly<Record<string, number>>;
  /** A refusal that wrote something all the same. */
  readonly halfWritten: readonly string[];
};

export async function playAtRandom(session: Session, seed: number, keys: readonly string[]): Promise<Played> {
  const roll = dice(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(roll() * items.length)] as T;
  const { run, store, range } = session;
  const moves: Record<string, number> = {};
  const halfWritten: string[] = [];
  const visited = new Set<string>();

  const attempt = async (name: string, move: () => Promise<void>): Promise<void> => {
    const before = store.entries().length;
    try {
      await driving(session, move);
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

  for (let turn = 0; ; turn += 1) {
    const stop = await driving(session, () => goOn(session));
    if (stop.state === 'closed') return { turns: turn, moves, halfWritten };
    const hurried = turn > hurry;
    const pending = pendingOf(run.state);
    visited.add(stepPath(current(run.state)));
    if (turn >= lastTurn) await attempt('abort', () => abort(run, 'the player gives up'));
    else if (stop.state === 'watching' && range && roll() < (hurried ? 0.4 : 0.85)) await range.clock.jumpTo(new Date(stop.until), 'the player waits');
    else if (pending) {
      const at = roll();
      const { step } = pending;
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
      else if (pending.kind === 'failed' && at < 0.6) await attempt('waive', () => waive(run, step, 'not worth the wait'));
      else if (pending.kind === 'approve' && at < 0.33)
        await attempt('tick', () =>
          tick(
            run,
            (current(run.state).work.batch?.held ?? []).map(({ id }) => id),
          ),
        );
      else await attempt(pending.kind, () => giveAnswer(run, { step, value: valueFor(pending, hurried), via: 'answer', lang: 'en' }));
    }
  }
}
