import { describe, expect, it } from 'vitest';
import { openRange } from '../../src/range/server.ts';
import type { Range, RangeOptions } from '../../src/range/server.ts';
import { aJournal, aSeed, day, leaked, minute, send } from './kit.ts';

const start = Date.parse('2026-03-14T19:04:00Z');
const open = (time: RangeOptions['time'], journal = aJournal()): Promise<Range> =>
  openRange({ seed: aSeed({ events: [{ at: '+3m', who: leaked, ip: '203.0.113.66', call: 'ram:CreateUser', params: { UserName: 'late' } }] }), journal, time });
const passed = (range: Range): number => range.clock.now().getTime() - start;

describe('virtual time', () => {
  it('moves only when someone sleeps or jumps', async () => {
    const range = await open({ kind: 'virtual' });
    await range.clock.hostSleep(20);
    expect(passed(range)).toBe(0);
    await range.clock.sleep(day);
    expect(passed(range)).toBe(day);
    await range.clock.jumpTo(new Date(start + 2 * day), 'next morning');
    await range.clock.jumpTo(new Date(start));
    expect(passed(range)).toBe(2 * day);
    await range.close();
  });
  it('wakes sleepers in the order of their times, each at its own', async () => {
    const range = await open({ kind: 'virtual' });
    const woken: [string, number][] = [];
    const nap = async (name: string, ms: number, times: number): Promise<void> => {
      for (let time = 0; time < times; time++) {
        await range.clock.sleep(ms);
        woken.push([name, passed(range)]);
      }
    };
    await Promise.all([nap('long', 2_500, 1), nap('short', 1_000, 3)]);
    expect(woken).toEqual([
      ['short', 1_000],
      ['short', 2_000],
      ['long', 2_500],
      ['short', 3_000],
    ]);
    await range.close();
  });
  it('stands while a call is answered', async () => {
    const range = await openRange({ seed: aSeed(), journal: aJournal(), time: { kind: 'virtual' }, latencyMs: 100 });
    const call = send(range.url, 'sts:GetCallerIdentity').then(() => passed(range));
    await range.clock.hostSleep(50);
    const nap = range.clock.sleep(minute);
    expect(await call).toBe(0);
    await nap;
    expect(passed(range)).toBe(minute);
    await range.close();
  });
  it('stands while a call is on its way, before it arrives', async () => {
    const range = await open({ kind: 'virtual' });
    const release = range.clock.hold();
    const nap = range.clock.sleep(minute);
    await range.clock.hostSleep(40);
    expect(passed(range)).toBe(0);
    release();
    release();
    await nap;
    expect(passed(range)).toBe(minute);
    await range.close();
  });
  it('is the same after a reopen, and foreseen events happen on the way', async () => {
    const journal = aJournal();
    const first = await open({ kind: 'virtual' }, journal);
    await first.clock.sleep(5 * minute);
    await first.close();
    const second = await open({ kind: 'virtual' }, journal);
    expect(passed(second)).toBe(5 * minute);
    expect(second.effects()).toMatchObject([{ action: 'CreateUser', at: '2026-03-14T19:07:00Z' }]);
    await second.close();
  });
  it('rejects a sleep that is aborted, and all when the range closes', async () => {
    const range = await open({ kind: 'virtual' });
    const abort = new AbortController();
    const nap = range.clock.sleep(day, abort.signal);
    abort.abort(new Error('Ctrl-C'));
    await expect(nap).rejects.toThrow('Ctrl-C');
    await expect(range.clock.sleep(day, abort.signal)).rejects.toThrow('Ctrl-C');
    expect(passed(range)).toBe(0);
    await range.close();
  });
});

describe('flowing time', () => {
  it('runs at its speed, stands still while closed, and goes on where it was', async () => {
    const journal = aJournal();
    const first = await open({ kind: 'flowing', speed: 1000 }, journal);
    await first.clock.sleep(10_000);
    const reached = passed(first);
    expect(reached).toBeGreaterThanOrEqual(10_000);
    expect(reached).toBeLessThan(200_000);
    await first.close();
    const closed = passed(first);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = await open({ kind: 'flowing' }, journal);
    expect(passed(second)).toBeGreaterThanOrEqual(reached);
    expect(passed(second)).toBeLessThan(closed + 20_000);
    await second.close();
  });
  it('does not run backwards after a kill', async () => {
    const journal = aJournal();
    const killed = await open({ kind: 'flowing' }, journal);
    await send(killed.url, 'sts:GetCallerIdentity');
    await killed.clock.hostSleep(50);
    const seen = passed(killed);
    // It never gets to write its last line before the next one opens.
    const next = await open({ kind: 'flowing' }, journal);
    expect(passed(next)).toBeGreaterThan(seen);
    await Promise.all([killed.close(), next.close()]);
  });
  it('wakes its sleepers when it jumps past them', async () => {
    const range = await open({ kind: 'flowing' });
    const nap = range.clock.sleep(day);
    await range.clock.jumpTo(new Date(start + day + minute), 'skip');
    await nap;
    expect(passed(range)).toBeGreaterThanOrEqual(day + minute);
    await range.close();
  });
});

describe('host time', () => {
  it('counts the seed’s offsets back from the first start, and can not jump', async () => {
    const journal = aJournal();
    const first = await open({ kind: 'host' }, journal);
    expect(Math.abs(first.clock.now().getTime() - Date.now())).toBeLessThan(1_000);
    const made = async (range: Range) =>
      (await send(range.url, 'ecs:DescribeInstances', { RegionId: 'cn-hangzhou', InstanceIds: '["i-miner1"]' })).text.match(/"CreationTime":"([^"]+)"/)?.[1];
    const before = await made(first);
    expect(Math.abs(Date.parse(String(before)) - (Date.now() - 120 * minute))).toBeLessThan(2 * minute);
    await expect(first.clock.jumpTo(new Date(Date.now() + day))).rejects.toThrow('host time');
    await first.close();
    const second = await open({ kind: 'host' }, journal);
    expect(await made(second)).toBe(before);
    await second.close();
  });
});
