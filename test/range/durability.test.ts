import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/range/journal.ts';
import { openRange } from '../../src/range/server.ts';
import type { Range, RangeOptions } from '../../src/range/server.ts';
import { Fault } from '../../src/errors.ts';
import { lookUp } from '../support/json.ts';
import { aJournal, aSeed, leaked, minute, send } from './kit.ts';

const open = (journal: string, more: Partial<RangeOptions> = {}): Promise<Range> => openRange({ seed: aSeed(), journal, time: { kind: 'virtual' }, ...more });
const disable = (range: Range) => send(range.url, 'ram:UpdateAccessKey', { UserName: 'build', UserAccessKeyId: leaked, Status: 'Inactive' });
const fault = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no fault',
    (error: unknown) => (error instanceof Fault ? error.code : String(error)),
  );

describe('a reopened account', () => {
  it('is the account it was: keys, instances, snapshots, clock, bill, record and log', async () => {
    const journal = aJournal();
    const first = await open(journal, { seed: aSeed({ events: [{ at: '+3m', who: leaked, ip: '203.0.113.66', call: 'ram:CreateUser', params: { UserName: 'late' } }] }) });
    const seed = aSeed({ events: [{ at: '+3m', who: leaked, ip: '203.0.113.66', call: 'ram:CreateUser', params: { UserName: 'late' } }] });
    const disks = await send(first.url, 'ecs:DescribeDisks', { RegionId: 'cn-hangzhou', InstanceId: 'i-miner1' });
    await send(first.url, 'ecs:CreateSnapshot', { RegionId: 'cn-hangzhou', DiskId: String(lookUp(disks.body, 'Disks.Disk.0.DiskId')), ClientToken: 'one' });
    await first.clock.sleep(4 * minute);
    await disable(first);
    await send(first.url, 'ram:CreateAccessKey', { UserName: 'nobody' });
    await send(first.url, 'sts:AssumeRole', { RoleArn: 'acs:ram::1000000000000042:role/Deploy', RoleSessionName: 'one' });
    await send(first.url, 'ecs:StopInstances', { RegionId: 'cn-hangzhou', 'InstanceId.1': 'i-miner1', StoppedMode: 'StopCharging' });
    await send(first.url, 'ram:GetUser', { UserName: 'ghost' });
    await first.clock.jumpTo(new Date(first.clock.now().getTime() + 20 * minute), 'a quiet while');
    const state = async (range: Range) => [
      range.effects(),
      range.bill(),
      range.clock.now(),
      (await send(range.url, 'ecs:DescribeInstances', { RegionId: 'cn-hangzhou', MaxResults: '100' })).body['Instances'],
      (await send(range.url, 'ecs:DescribeSnapshots', { RegionId: 'cn-hangzhou' })).body['Snapshots'],
      (await send(range.url, 'actiontrail:LookupEvents', { MaxResults: '50', StartTime: '2026-03-14T19:04:00Z', EndTime: '2026-03-14T19:20:00Z' })).body['Events'],
    ];
    const before = await state(first);
    await first.close();
    const second = await open(journal, { seed });
    await second.clock.jumpTo(new Date(second.clock.now().getTime() + 1_000));
    await first.clock.hostSleep(1);
    const after = await state(second);
    expect(after[0]).toEqual(before[0]);
    expect(after.slice(3)).toEqual(before.slice(3));
    expect((after[2] as Date).getTime() - (before[2] as Date).getTime()).toBe(1_000);
    // Our own reads and failures are in the log, as its other readers would see them.
    expect(JSON.stringify(after[5])).toContain('"GetUser"');
    expect(JSON.stringify(after[0])).toContain('"late"');
    await second.close();
  });
  it('drops a torn last line, and goes on after it', async () => {
    const journal = aJournal();
    const first = await open(journal);
    await disable(first);
    await first.close();
    truncateSync(journal, statSync(journal).size - 10);
    const second = await open(journal);
    expect(second.effects()).toEqual([]);
    await disable(second);
    await second.close();
    const third = await open(journal);
    expect(third.effects()).toHaveLength(1);
    await third.close();
  });
  it('starts afresh when not even the first line was whole', async () => {
    const journal = aJournal();
    writeFileSync(journal, '{"n":0,"w":"x","ran');
    const range = await open(journal);
    await disable(range);
    await range.close();
    const again = await open(journal);
    expect(again.effects()).toHaveLength(1);
    await again.close();
  });
  it('refuses the journal of another seed, a missing line and a line that does not replay', async () => {
    const journal = aJournal();
    const range = await open(journal);
    for (let time = 0; time < 2; time++) await send(range.url, 'ram:CreateUser', { UserName: `user${time}` });
    await range.close();
    expect(await fault(open(journal, { seed: aSeed({ seed: 'other' }) }))).toBe('E_TRAIL_BROKEN');
    const whole = readFileSync(journal, 'utf8');
    writeFileSync(
      journal,
      whole
        .split('\n')
        .filter((_, index) => index !== 1)
        .join('\n'),
    );
    expect(await fault(open(journal))).toBe('E_TRAIL_BROKEN');
    writeFileSync(journal, whole.replace('user0', 'userX'));
    expect(await fault(open(journal))).toBe('E_TRAIL_BROKEN');
    writeFileSync(journal, 'hello\n');
    expect(await fault(open(journal))).toBe('E_TRAIL_BROKEN');
  });
  it('never writes a secret', async () => {
    const journal = aJournal();
    const range = await open(journal);
    const made = await send(range.url, 'ram:CreateAccessKey', { UserName: 'nobody' });
    await send(range.url, 'ram:CreateLoginProfile', { UserName: 'nobody', Password: 'EXAMPLE-password' });
    const session = await send(range.url, 'sts:AssumeRole', { RoleArn: 'acs:ram::1000000000000042:role/Deploy', RoleSessionName: 'one' });
    const secrets = [
      'EXAMPLE-password',
      ...['AccessKey.AccessKeySecret', 'Credentials.AccessKeySecret', 'Credentials.SecurityToken'].map((path) => String(lookUp(made.body, path) ?? lookUp(session.body, path))),
    ];
    await range.close();
    for (const secret of secrets) expect(readFileSync(journal, 'utf8')).not.toContain(secret);
    for (const secret of secrets) expect(secret.length).toBeGreaterThan(10);
  });
});

describe('a killed range', () => {
  it('has kept every change it answered for, kill after kill', async () => {
    const journal = aJournal();
    const answered: string[] = [];
    for (let round = 0; round < 3; round++) answered.push(...(await killAfter(journal, 5 + round * 7, round)));
    const range = await open(journal);
    const kept = range.effects().map((effect) => effect.requestId);
    expect(kept).toEqual(expect.arrayContaining(answered));
    // At most one a round was done and not yet answered.
    expect(kept.length - answered.length).toBeLessThanOrEqual(3);
    expect(answered.length).toBe(5 + 12 + 19);
    await range.close();
  });
});

/** Lets another process serve the account, makes `calls` changes over the wire, kills it with the next one under way. */
async function killAfter(journal: string, calls: number, round: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./serve.ts', import.meta.url)), journal], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data: Buffer) => resolve(String(data).trim()));
    child.once('exit', (code) => reject(new Error(`the range ended with ${code}`)));
  });
  const ids: string[] = [];
  for (let call = 0; call < calls; call++) ids.push(String((await send(url, 'ram:CreateUser', { UserName: `r${round}-${call}` })).body['RequestId']));
  const last = send(url, 'ram:CreateUser', { UserName: `r${round}-last` }).catch(() => undefined);
  child.removeAllListeners('exit');
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await Promise.all([gone, last]);
  return ids;
}

describe('two processes on one account', () => {
  it('see what the other did, and never lose or double a change', async () => {
    const journal = aJournal();
    const [one, two] = [await open(journal), await open(journal)];
    await disable(one);
    await two.refresh();
    expect(two.effects()).toHaveLength(1);
    expect((await send(two.url, 'ecs:DescribeRegions', {}, { key: leaked })).body['Code']).toBe('InvalidAccessKeyId.Inactive');
    await Promise.all(Array.from({ length: 40 }, (_, index) => send(index % 2 === 0 ? one.url : two.url, 'ram:CreateUser', { UserName: `user${index}` })));
    await one.clock.sleep(minute);
    await two.refresh();
    expect(two.clock.now()).toEqual(one.clock.now());
    expect(one.effects()).toEqual(two.effects());
    expect(new Set(one.effects().map((effect) => effect.params['UserName'])).size).toBe(41);
    await Promise.all([one.close(), two.close()]);
  });
  it('closes off the torn line of a process that died', async () => {
    const journal = aJournal();
    const range = await open(journal);
    await disable(range);
    appendFileSync(journal, '{"n":2,"w":"dead","at":"20');
    await send(range.url, 'ram:CreateUser', { UserName: 'after' });
    await range.close();
    const again = await open(journal);
    expect(again.effects().map((effect) => effect.action)).toEqual(['UpdateAccessKey', 'CreateUser']);
    await again.close();
  });
  it('the line that comes first counts; the other’s writer is told and gets the first’s', async () => {
    const path = aJournal();
    const fresh = { range: 1, seed: 's', start: '2026-03-14T19:04:00.000Z' } as const;
    const [one, two] = [Journal.open(path, fresh).journal, Journal.open(path, fresh).journal];
    const move = (minutes: number) => ({ at: `2026-03-14T19:0${minutes}:00.000Z`, clock: 'test' });
    expect(one.append(move(5), true)).toEqual({ won: true, others: [] });
    const lost = two.append(move(6), true);
    expect(lost.won).toBe(false);
    expect(lost.others).toMatchObject([move(5)]);
    expect(two.append(move(7), true)).toEqual({ won: true, others: [] });
    expect(one.news()).toMatchObject([move(7)]);
    expect(two.all()).toMatchObject([move(5), move(7)]);
    await Promise.all([one.close(), two.close()]);
    expect(Journal.open(path, fresh).lines).toMatchObject([move(5), move(7)]);
  });
});

describe('request ids', () => {
  it('depend on the call and how often it was made, not on the order or the case’s own names', async () => {
    const ask = async (order: readonly string[], token: string): Promise<Readonly<Record<string, unknown>>> => {
      const range = await open(aJournal());
      const ids: Record<string, unknown> = {};
      for (const user of order) ids[user] = (await send(range.url, 'ram:ListAccessKeys', { UserName: user })).body['RequestId'];
      ids['policy'] = (
        await send(range.url, 'ram:CreatePolicy', { PolicyName: `deny-${token}`, PolicyDocument: '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}' })
      ).body['RequestId'];
      await range.close();
      return ids;
    };
    const first = await ask(['build', 'nobody', 'reader'], 'case-a');
    expect(await ask(['reader', 'build', 'nobody'], 'case-b')).toEqual(first);
    expect(new Set(Object.values(first)).size).toBe(4);
  });
});
