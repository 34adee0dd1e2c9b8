// When to send a call again, and after how long. Knows verdicts and times; touches nothing but the dice.
import type { Verdict } from './classify.ts';

const mostTries = 6;
/** A responder waits no longer than this for one call that does not come through, nor obeys a longer pause. Milliseconds. */
const giveUpAfterMs = 90_000;

/** `tryForMs`: a region that is dead is told from a hiccup by then, and the cut waits behind the quick look. */
const backOff = { throttled: { firstMs: 500, mostMs: 8_000, tryForMs: giveUpAfterMs }, transport: { firstMs: 200, mostMs: 5_000, tryForMs: 15_000 } } as const;

/**
 * How long to wait before sending a call again, milliseconds; undefined: stop. `tries` were made within `spentMs` of host time.
 * What the service asks for counts; else the wait doubles, with full jitter, so that many callers spread out.
 */
export function pauseAfter(verdict: Verdict, tries: number, spentMs: number, random: () => number = Math.random): number | undefined {
  if (verdict.again === undefined || tries >= mostTries || spentMs >= backOff[verdict.again].tryForMs) return undefined;
  if (verdict.retryAfterMs !== undefined) return verdict.retryAfterMs <= giveUpAfterMs ? verdict.retryAfterMs : undefined;
  const { firstMs, mostMs } = backOff[verdict.again];
  return Math.round(random() * Math.min(mostMs, firstMs * 2 ** (tries - 1)));
}
