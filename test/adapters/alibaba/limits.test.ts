import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../../src/actions/define.ts';
import { Budgets, knownLimits, type Limit } from '../../../src/adapters/alibaba/limits.ts';
import { aClock, aRead, type TestClock } from './support.ts';

const lookup = (region = 'cn-hangzhou'): Call => aRead('actiontrail', 'LookupEvents', {}, region);
const screenshot = (instance: string): Call => aRead('ecs', 'GetInstanceScreenshot', { InstanceId: instance });

/** Sends all calls at once; gives each one's scenario time of departure, and how many were under way at most. */
async function rush(calls: readonly Call[], clock: TestClock = aClock(), limits?: readonly Limit[]): Promise<{ readonly left: readonly number[]; readonly most: number }> {
  const budgets = new Budgets(clock, limits);
  const left: number[] = [];
  let under = 0;
  let most = 0;
  await Promise.all(
    calls.map(async (call, index) => {
      const leave = await budgets.enter(call, false);
      left[index] = clock.now().getTime();
      most = Math.max(most, (under += 1));
      await new Promise((resolve) => setImmediate(resolve));
      under -= 1;
      leave();
    }),
  );
  return { left, most };
}

function mostInAnySecond(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));
}

describe('the budget of an API', () => {
  it('lets 30 concurrent callers of LookupEvents through at 2 a second, in order, across regions', async () => {
    const { left } = await rush(Array.from({ length: 30 }, (_, index) => lookup(`ap-example-${index}`)));
    expect(mostInAnySecond(left)).toBe(2);
    expect(left).toEqual(left.toSorted((a, b) => a - b));
  });

  it('moves a drill clock no further than the calls need, however many wait', async () => {
    const clock = aClock();
    await rush(
      Array.from({ length: 30 }, () => lookup()),
      clock,
    );
    expect(clock.now().getTime()).toBeLessThan(29 * 500 * 1.1);
  });

  it('holds back one API and not another, one region and not another', async () => {
    const { left } = await rush([lookup(), aRead('ram', 'ListUsers'), aRead('ecs', 'DescribeDisks'), aRead('ecs', 'DescribeDisks', {}, 'ap-southeast-1')]);
    expect(left).toEqual([0, 0, 0, 0]);
  });

  it('lets a few ECS calls leave together, and counts per region', async () => {
    const calls = ['cn-hangzhou', 'ap-southeast-1'].flatMap((region) => Array.from({ length: 300 }, () => aRead('ecs', 'DescribeDisks', {}, region)));
    const { left } = await rush(calls);
    expect(mostInAnySecond(left.slice(0, 300))).toBeLessThanOrEqual(100);
    expect(Math.max(...left)).toBeLessThan(3000 * 1.1);
  });

  it('has never more than five RAM calls under way', async () => {
    const { most } = await rush(Array.from({ length: 40 }, () => aRead('ram', 'ListUsers')));
    expect(most).toBeLessThanOrEqual(5);
  });

  it('keeps 10 s between two screenshots of one instance, and lets others pass', async () => {
    const { left } = await rush([screenshot('i-1'), screenshot('i-1'), screenshot('i-2'), screenshot('i-1')]);
    const [first, second, other, third] = left as [number, number, number, number];
    expect([first, other]).toEqual([0, 0]);
    expect(second).toBeGreaterThanOrEqual(10_000);
    expect(third - second).toBeGreaterThanOrEqual(10_000);
    expect(third).toBeLessThan(22_000);
  });

  it('follows a table that is data', async () => {
    const { left, most } = await rush(
      Array.from({ length: 4 }, () => lookup()),
      aClock(),
      [{ api: 'actiontrail:*', perSecond: 1, concurrent: 1, scope: 'account' }, ...knownLimits],
    );
    expect(mostInAnySecond(left)).toBe(1);
    expect(most).toBe(1);
  });
});

describe('waiting for a budget', () => {
  it('ends when aborted, leaves its place to the next, and nothing behind', async () => {
    const clock = aClock();
    const budgets = new Budgets(clock);
    const abort = new AbortController();
    (await budgets.enter(lookup(), false, abort.signal))();
    const aborted = budgets.enter(lookup(), false, abort.signal);
    const next = budgets.enter(lookup(), false);
    abort.abort(new Error('Ctrl-C'));
    await expect(aborted).rejects.toThrow('Ctrl-C');
    (await next)();
    expect(clock.now().getTime()).toBeLessThan(600);
    await expect(budgets.enter(lookup(), false, abort.signal)).rejects.toThrow('Ctrl-C');
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  });

  it('stops the sleeper when nobody waits any more', async () => {
    const clock = aClock();
    let woken: AbortSignal | undefined;
    const budgets = new Budgets({
      ...clock,
      sleep: async (_ms, signal) => new Promise((_resolve, reject) => (woken = signal)?.addEventListener('abort', () => reject(new Error('woken')))),
    });
    const abort = new AbortController();
    (await budgets.enter(lookup(), false))();
    const waiting = budgets.enter(lookup(), false, abort.signal);
    expect(woken?.aborted).toBe(false);
    abort.abort();
    await expect(waiting).rejects.toThrow();
    expect(woken?.aborted).toBe(true);
  });

  it('fails with the clock when that fails', async () => {
    const budgets = new Budgets({ ...aClock(), sleep: async () => Promise.reject(new Error('the clock is gone')) });
    (await budgets.enter(lookup(), false))();
    await expect(budgets.enter(lookup(), false)).rejects.toThrow('the clock is gone');
  });

  it('lasts for everyone while the service asked for a pause, and who was throttled goes first', async () => {
    const clock = aClock();
    const budgets = new Budgets(clock);
    const order: string[] = [];
    const go = async (name: string, again: boolean): Promise<void> => {
      const leave = await budgets.enter(lookup(), again);
      order.push(`${name} at ${clock.now().getTime() >= 5000 ? 5 : 0} s`);
      leave();
    };
    await go('first', false);
    budgets.pause(lookup(), 5000);
    await Promise.all([go('other', false), go('first again', true)]);
    expect(order).toEqual(['first at 0 s', 'first again at 5 s', 'other at 5 s']);
  });
});
