// Faults a test plants in the cloud, as data: which call they hit and what goes wrong. Pure.
import type { Incoming, Twist } from './call.ts';

/** `nth` counts the matching calls since the range was opened, from 1; without it each one is hit. */
export type Match = { readonly action: string; readonly product?: string; readonly region?: string; readonly nth?: number; readonly accessKeyId?: string };

export type RangeFault = { readonly match: Match } &
  /** Takes effect at once; the answer comes after `delayMs` of host time. */
  (
    | { readonly do: 'hang-after-effect'; readonly delayMs: number }
    /** Takes effect `delayMs` of host time later, though the client may be gone. */
    | { readonly do: 'delay'; readonly delayMs: number }
    | { readonly do: '503' | '503-after-effect' | 'html-502' | 'html-502-after-effect' | 'reset' | 'reset-after-effect' }
    | { readonly do: 'throttle'; readonly retryAfterMs: number }
    /** Of the named instances of StopInstances or StartInstances, `targets` (default: the first) fail with `code`. */
    | { readonly do: 'partial'; readonly code: string; readonly targets?: readonly string[] }
    | { readonly do: 'deny' | 'empty' | 'never-completes' }
  );

/** What a fault changes inside the cloud; the others only spoil the way there or back. */
export function twistOf(fault: RangeFault | undefined): Twist | undefined {
  if (fault?.do === 'partial') return { do: 'partial', code: fault.code, ...(fault.targets ? { targets: fault.targets } : {}) };
  return fault?.do === 'deny' || fault?.do === 'empty' || fault?.do === 'never-completes' ? { do: fault.do } : undefined;
}

/** Counts calls against the planted faults and names the one that hits. */
export function planted(faults: readonly RangeFault[]): (call: Incoming) => RangeFault | undefined {
  const seen = faults.map(() => 0);
  return (call) => {
    let hit: RangeFault | undefined;
    faults.forEach((fault, index) => {
      const { action, product, region, nth, accessKeyId } = fault.match;
      const fits =
        action === call.action && (product ?? call.product) === call.product && (region ?? call.region) === call.region && (accessKeyId ?? call.accessKeyId) === call.accessKeyId;
      if (!fits) return;
      seen[index] = (seen[index] ?? 0) + 1;
      if (nth === undefined || nth === seen[index]) hit ??= fault;
    });
    return hit;
  };
}
