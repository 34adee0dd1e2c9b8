import { afterEach, describe, expect, it } from 'vitest';
import { openRange } from '../../src/range/server.ts';
import type { Range, RangeFault } from '../../src/range/server.ts';
import { lookUp } from '../support/json.ts';
import { aJournal, aSeed, leaked, send } from './kit.ts';

const ranges: Range[] = [];
afterEach(() => Promise.all(ranges.splice(0).map((range) => range.close())));

async function faulty(...faults: readonly RangeFault[]): Promise<Range> {
  const range = await openRange({ seed: aSeed(), journal: aJournal(), time: { kind: 'virtual' }, faults });
  ranges.push(range);
  return range;
}
const params = { UserName: 'build', UserAccessKeyId: leaked, Status: 'Inactive' };
const disable = (range: Range, timeoutMs?: number) => send(range.url, 'ram:UpdateAccessKey', params, timeoutMs === undefined ? {} : { timeoutMs });
const match = { action: 'UpdateAccessKey', nth: 1 };
const until = async (done: () => boolean): Promise<void> => {
  for (let wait = 0; wait < 100 && !done(); wait++) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('a fault on the way back', () => {
  it('hangs after the effect', async () => {
    const range = await faulty({ match, do: 'hang-after-effect', delayMs: 400 });
    await expect(disable(range, 100)).rejects.toThrow('timed out');
    expect(range.effects()).toHaveLength(1);
    expect((await disable(range)).status).toBe(200);
  });
  it.each([
    ['503-after-effect', 503],
    ['html-502-after-effect', 502],
  ] as const)('%s has taken effect', async (kind, status) => {
    const range = await faulty({ match, do: kind });
    expect((await disable(range)).status).toBe(status);
    expect(range.effects()).toHaveLength(1);
  });
  it('resets the connection after the effect', async () => {
    const range = await faulty({ match, do: 'reset-after-effect' });
    await expect(disable(range)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(range.effects()).toHaveLength(1);
  });
});

describe('a fault on the way there', () => {
  it.each([
    ['503', 503],
    ['html-502', 502],
  ] as const)('%s has no effect', async (kind, status) => {
    const range = await faulty({ match, do: kind });
    const answer = await disable(range);
    expect(answer.status).toBe(status);
    expect(answer.text.startsWith(kind === 'html-502' ? '<html>' : '{')).toBe(true);
    expect(range.effects()).toEqual([]);
  });
  it('resets the connection without effect', async () => {
    const range = await faulty({ match, do: 'reset' });
    await expect(disable(range)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(range.effects()).toEqual([]);
  });
  it('throttles with the time to wait', async () => {
    const range = await faulty({ match, do: 'throttle', retryAfterMs: 700 });
    expect(await disable(range)).toMatchObject({ status: 400, headers: { 'x-acs-retry-after': '700' }, body: { Code: 'Throttling.User' } });
    expect((await disable(range)).status).toBe(200);
  });
  it('lets a request land late, after its client has gone', async () => {
    const range = await faulty({ match, do: 'delay', delayMs: 200 });
    await expect(disable(range, 50)).rejects.toThrow('timed out');
    expect(range.effects()).toEqual([]);
    await until(() => range.effects().length > 0);
    expect(range.effects()).toMatchObject([{ action: 'UpdateAccessKey' }]);
  });
});

it('a request that would land after the range closed does not land', async () => {
  const range = await openRange({ seed: aSeed(), journal: aJournal(), time: { kind: 'virtual' }, faults: [{ match, do: 'delay', delayMs: 100 }] });
  await expect(disable(range, 30)).rejects.toThrow('timed out');
  await range.close();
  await range.clock.hostSleep(150);
  expect(() => range.effects()).toThrow('closed');
});

it('a taken port is a fault with a hint', async () => {
  const range = await faulty();
  await expect(openRange({ seed: aSeed(), journal: aJournal(), time: { kind: 'virtual' }, port: Number(new URL(range.url).port) })).rejects.toMatchObject({ code: 'E_USAGE' });
});

describe('a fault inside the cloud', () => {
  it('denies one action in one region', async () => {
    const range = await faulty({ match: { action: 'DescribeDisks', region: 'ap-southeast-1' }, do: 'deny' });
    expect((await send(range.url, 'ecs:DescribeDisks', { RegionId: 'ap-southeast-1' })).body['Code']).toBe('Forbidden.RAM');
    expect((await send(range.url, 'ecs:DescribeDisks', { RegionId: 'cn-hangzhou' })).status).toBe(200);
  });
  it('empties a listing', async () => {
    const range = await faulty({ match: { action: 'DescribeInstances', nth: 2 }, do: 'empty' });
    const totals = [];
    for (let time = 0; time < 3; time++) totals.push((await send(range.url, 'ecs:DescribeInstances', { RegionId: 'cn-hangzhou' })).body['TotalCount']);
    expect(totals).toEqual([6, 0, 6]);
  });
  it('fails some of the targets', async () => {
    const range = await faulty({ match: { action: 'StopInstances' }, do: 'partial', code: 'InstanceNotReady' });
    const { body } = await send(range.url, 'ecs:StopInstances', {
      RegionId: 'cn-hangzhou',
      'InstanceId.1': 'i-miner1',
      'InstanceId.2': 'i-miner2',
      BatchOptimization: 'SuccessFirst',
    });
    expect(lookUp(body, 'InstanceResponses.InstanceResponse')).toMatchObject([
      { Code: 'InstanceNotReady', CurrentStatus: 'Running' },
      { Code: '200', CurrentStatus: 'Stopping' },
    ]);
    expect(range.effects()).toMatchObject([{ targets: ['i-miner2'] }]);
  });
  it('is remembered by the journal', async () => {
    const journal = aJournal();
    const open = (faults: readonly RangeFault[]) => openRange({ seed: aSeed(), journal, time: { kind: 'virtual' }, faults });
    const first = await open([{ match: { action: 'CreateSnapshot' }, do: 'never-completes' }]);
    const disks = await send(first.url, 'ecs:DescribeDisks', { RegionId: 'cn-hangzhou', InstanceId: 'i-miner1' });
    await send(first.url, 'ecs:CreateSnapshot', { RegionId: 'cn-hangzhou', DiskId: String(lookUp(disks.body, 'Disks.Disk.0.DiskId')) });
    await first.clock.sleep(86_400_000);
    await first.close();
    const second = await open([]);
    ranges.push(second);
    expect((await send(second.url, 'ecs:DescribeSnapshots', { RegionId: 'cn-hangzhou' })).body).toMatchObject({ Snapshots: { Snapshot: [{ Status: 'progressing' }] } });
  });
  it('can be bound to a key', async () => {
    const range = await faulty({ match: { action: 'GetCallerIdentity', accessKeyId: leaked }, do: '503' });
    expect((await send(range.url, 'sts:GetCallerIdentity')).status).toBe(200);
    expect((await send(range.url, 'sts:GetCallerIdentity', {}, { key: leaked })).status).toBe(503);
  });
});

it('adds the latency asked for', async () => {
  const range = await openRange({ seed: aSeed(), journal: aJournal(), time: { kind: 'virtual' }, latencyMs: 80 });
  ranges.push(range);
  const begin = performance.now();
  await send(range.url, 'sts:GetCallerIdentity');
  expect(performance.now() - begin).toBeGreaterThanOrEqual(79);
});
