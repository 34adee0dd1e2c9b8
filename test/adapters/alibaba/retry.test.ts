import { describe, expect, it } from 'vitest';
import { pauseAfter } from '../../../src/adapters/alibaba/retry.ts';
import type { Verdict } from '../../../src/adapters/alibaba/classify.ts';

const reply = { ok: false, refusal: 'throttled', code: 'Throttling', message: '' } as const;
const throttled: Verdict = { reply, again: 'throttled' };
const faulty: Verdict = { reply, again: 'transport' };
const longest = (): number => 1;

describe('the pause before sending again', () => {
  it('is none for what must not be sent again', () => {
    expect(pauseAfter({ reply }, 1, 0)).toBeUndefined();
  });
  it('doubles up to a bound', () => {
    expect([1, 2, 3, 4, 5].map((tries) => pauseAfter(throttled, tries, 0, longest))).toEqual([500, 1000, 2000, 4000, 8000]);
    expect([1, 2, 3, 4, 5].map((tries) => pauseAfter(faulty, tries, 0, longest))).toEqual([200, 400, 800, 1600, 3200]);
  });
  it('is drawn evenly between nothing and that', () => {
    expect(pauseAfter(faulty, 3, 0, () => 0.25)).toBe(200);
    expect(pauseAfter(faulty, 3, 0, () => 0)).toBe(0);
  });
  it('is what the service asked for, to the millisecond', () => {
    expect(pauseAfter({ ...throttled, retryAfterMs: 730 }, 1, 0, longest)).toBe(730);
  });
  it('ends after six tries, after 15 s of faults, 90 s of throttling, and when the service asks for longer than that', () => {
    expect(pauseAfter(faulty, 6, 0, longest)).toBeUndefined();
    expect(pauseAfter(faulty, 2, 15_000, longest)).toBeUndefined();
    expect(pauseAfter(throttled, 2, 89_999, longest)).toBe(1000);
    expect(pauseAfter(throttled, 2, 90_000, longest)).toBeUndefined();
    expect(pauseAfter({ ...throttled, retryAfterMs: 90_001 }, 1, 0, longest)).toBeUndefined();
  });
});
