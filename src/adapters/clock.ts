// The host's clock: scenario time is host time. Knows nothing of drills.
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../engine/ports.ts';

/** Timers hold 31 bits of milliseconds; a longer wait is made of several. */
const longestTimerMs = 2 ** 31 - 1;

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = Math.max(0, ms); ; left -= longestTimerMs) {
    await delay(Math.min(left, longestTimerMs), undefined, signal ? { signal } : {});
    if (left <= longestTimerMs) return;
  }
}

/** The clock of a real case. A negative wait ends at once. */
export function hostClock(): Clock {
  const now = (): Date => new Date();
  return { now, sleep, hostNow: now, hostSleep: sleep };
}
