// When to send a call again, and after how long. Knows verdicts and times; touches nothing but the dice.
import type { Verdict } from './classify.ts';

const mostTries = 6;
/** A responder waits no longer than this for one call that does not come through, host milliseconds. */
const giveUpAfterMs = 90_000;

const backOff = { throttled: { firstMs: 500, mostMs: 8_000 }, transport: { firstMs: 200, mostMs: 5_000 } } as const;

/**
 * The patience for one call begun at `startedAt` (host milliseconds): asked after each try, it gives the wait before the next one, or
 * undefined to stop. What the service asks for counts; else the wait doubles, with full jitter, so that many callers spread out.
 */
export function patience(startedAt: number, random: () => number = Math.random): (verdict: Verdict, tries: number, now: number) => number | undefined {
  return (verdict, tries, now) => {
    if (verdict.again === undefined || tries >= mostTries || now - startedAt >= giveUpAfterMs) return undefined;
    const { firstMs, mostMs } = backOff[verdict.again];
    return verdict.retryAfterMs ?? Math.round(random() * Math.min(mostMs, firstMs * 2 ** (tries - 1)));
  };
}
