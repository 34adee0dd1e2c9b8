import { describe, expect, it } from 'vitest';
import type { Done, Target } from '../../src/actions/define.ts';
import { rogueInstances } from '../../src/actions/ecs-rogue.ts';
import { snapshotDisks } from '../../src/actions/ecs-snapshot.ts';
import { stop } from '../../src/actions/ecs-stop.ts';
import { volatile } from '../../src/actions/ecs-volatile.ts';
import { aCloud, aContext, aReader, collect } from '../support/cloud.ts';
import type { FakeCloud } from '../support/cloud.ts';
import { lookUp } from '../support/json.ts';
import { anAttackedAccount, knownSuspects } from '../support/night.ts';

async function rogueOf(cloud: FakeCloud): Promise<Target[]> {
  return lookUp((await collect(cloud, rogueInstances, knownSuspects)).facts, 'rogue') as unknown as Target[];
}

async function world(): Promise<{ cloud: FakeCloud; targets: Target[]; first: Target }> {
  const cloud = aCloud(anAttackedAccount());
  const targets = (await rogueOf(cloud)).filter(({ held }) => held === undefined);
  return { cloud, targets, first: targets[0] as Target };
}

describe('the volatile set', () => {
  it('seals every part for its instance, what the attacked system says as sensitive', async () => {
    const { cloud, first } = await world();
    const done = await collect(cloud, volatile, {}, { target: first });
    expect(done.last.outcome).toBe('all');
    expect(done.sealed.every(({ kind, target }) => kind === 'volatile' && target === first.id)).toBe(true);
    expect(done.sealed.filter(({ sensitive }) => sensitive === true)).toHaveLength(4);
    expect(done.sealed).toHaveLength(7);
  });

  it('seals the error when the API has nothing to give, and names the part', async () => {
    const { cloud, first } = await world();
    cloud.refuse('ecs:GetInstanceScreenshot', 'invalid', { code: 'NotSupported' });
    const done = await collect(cloud, volatile, {}, { target: first });
    expect(done.last.outcome).toBe('all');
    expect(done.sealed.find(({ reply }) => !reply.ok)?.reply).toMatchObject({ code: 'NotSupported' });
    expect(lookUp(done.facts, 'notGiven.0.en')).toBe('No screenshot: refused as invalid (NotSupported).');
  });

  it.each(['denied', 'throttled', 'unavailable', 'unreachable'] as const)('does not count as kept when a part was %s, and says which', async (refusal) => {
    const { cloud, first } = await world();
    cloud.refuse('ecs:GetInstanceConsoleOutput', refusal, { code: 'Some.Code' });
    const done = await collect(cloud, volatile, {}, { target: first });
    expect(done.last).toMatchObject({ outcome: 'some', refused: { refusal, message: expect.stringContaining('console output') as unknown } });
  });

  it('says of an instance that is gone that it is gone', async () => {
    const { cloud, first } = await world();
    cloud.account.instances = [];
    const done = await collect(cloud, volatile, {}, { target: first });
    expect(done.last).toMatchObject({ outcome: 'all', facts: { gone: true } });
  });
});

describe('snapshots', () => {
  it('name and mark the snapshot by case, step and disk, so that a repeat makes no second one', async () => {
    const { cloud, targets, first } = await world();
    const context = aContext();
    const plan = snapshotDisks.plan(targets, context);
    expect(plan).toHaveLength(2);
    expect(plan[0]?.call.params).toMatchObject({ DiskId: `d-${first.id}`, SnapshotName: `firebreak-case-1-d-${first.id}`, 'Tag.1.Key': 'firebreak-case', 'Tag.1.Value': 'case-1' });
    expect(plan[0]?.call.params['ClientToken']).toMatch(/^[0-9a-f]{64}$/);
    const call = plan[0]?.call;
    if (call) for (const _ of [1, 2]) await cloud.send(call);
    expect(cloud.account.snapshots).toHaveLength(1);
    expect(snapshotDisks.plan(targets, { ...context, step: 'again' })[0]?.call.params['ClientToken']).not.toBe(call?.params['ClientToken']);
  });

  it('hold when all are done, are pending while one is made, and have failed for good when one has', async () => {
    const { cloud, first } = await world();
    const reader = aReader(cloud);
    const [planned] = snapshotDisks.plan([first], aContext());
    expect((await snapshotDisks.holds(reader, first, aContext())).status).toBe('no');
    if (planned) await cloud.send(planned.call);
    expect((await snapshotDisks.holds(reader, first, aContext())).status).toBe('pending');
    for (const snapshot of cloud.account.snapshots) snapshot.status = 'failed';
    expect(await snapshotDisks.holds(reader, first, aContext())).toMatchObject({ status: 'no', final: true });
    for (const snapshot of cloud.account.snapshots) snapshot.status = 'accomplished';
    expect(await snapshotDisks.holds(reader, first, aContext())).toMatchObject({ status: 'yes', facts: { snapshots: [{ status: 'accomplished' }] } });
  });

  it('count as made already when this case has made them, and are not made of a disk that is no longer there', async () => {
    const { cloud, first } = await world();
    for (const { call } of snapshotDisks.plan([first], aContext())) await cloud.send(call);
    for (const snapshot of cloud.account.snapshots) snapshot.status = 'accomplished';
    expect((await snapshotDisks.before(aReader(cloud), first, aContext())).status).toBe('already');
    Object.assign(cloud.account.instances.find(({ id }) => id === first.id) as object, { disks: [] });
    expect((await snapshotDisks.before(aReader(cloud), first, aContext())).status).toBe('changed');
  });

  it('refuse an instance that has only local disks, and leave out a local disk beside others', async () => {
    const { first } = await world();
    const disks = [{ id: 'd-1', category: 'local_ssd_pro', local: true }];
    expect(snapshotDisks.guard?.({ ...first, data: { ...first.data, disks } }, aContext())?.en).toContain('local disks only');
    const both = { ...first, data: { ...first.data, disks: [...disks, { id: 'd-2', category: 'cloud_essd', local: false }] } };
    expect(snapshotDisks.plan([both], aContext()).map(({ call }) => call.params['DiskId'])).toEqual(['d-2']);
  });
});

describe('stopping', () => {
  it('makes one call a region and mode: theirs without billing, ours with it', async () => {
    const cloud = aCloud(anAttackedAccount());
    const calls = stop.plan(await rogueOf(cloud), aContext()).map(({ call }) => [call.region, call.params]);
    expect(calls).toEqual([
      ['ap-southeast-1', { 'InstanceId.1': 'i-rogue2', StoppedMode: 'StopCharging', BatchOptimization: 'SuccessFirst', ForceStop: 'false' }],
      ['cn-beijing', { 'InstanceId.1': 'i-rogue1', StoppedMode: 'StopCharging', BatchOptimization: 'SuccessFirst', ForceStop: 'false' }],
      ['cn-beijing', { 'InstanceId.1': 'i-ours', StoppedMode: 'KeepCharging', BatchOptimization: 'SuccessFirst', ForceStop: 'false' }],
    ]);
  });

  it('never puts more than a hundred into one call', async () => {
    const { first } = await world();
    const many = Array.from({ length: 230 }, (_, index): Target => ({ ...first, id: `i-${index}` }));
    expect(stop.plan(many, aContext()).map(({ targets }) => targets.length)).toEqual([100, 100, 30]);
  });

  it('reads the verdict on each instance inside an answer of 200', async () => {
    const { cloud, targets } = await world();
    const instance = cloud.account.instances.find(({ id }) => id === targets[0]?.id);
    if (instance) instance.lockedForSecurity = true;
    const [planned] = stop.plan(targets, aContext());
    if (planned === undefined) throw new Error('nothing planned');
    const reply = (await cloud.send(planned.call)) as Done;
    expect(stop.settle?.(reply, planned)).toEqual({
      [targets[0]?.id as string]: {
        ok: false,
        code: 'InstanceLockedForSecurity',
        note: { en: 'Refused (InstanceLockedForSecurity): locked', zh: '被拒绝（InstanceLockedForSecurity）：locked' },
      },
    });
  });

  it.each([
    ['another image', { image: 'm-other' }],
    ['another creation time', { created: '2026-03-02T00:00Z' }],
    ['other tags', { tags: { prod: 'yes' } }],
  ])('drops a target that has %s since the list was made', async (_what, change) => {
    const { cloud, first } = await world();
    Object.assign(cloud.account.instances.find(({ id }) => id === first.id) as object, change);
    expect((await stop.before(aReader(cloud), first, aContext())).status).toBe('changed');
  });

  it('does not spoil a snapshot that is being made, and goes on when it is done', async () => {
    const { cloud, first } = await world();
    const [planned] = snapshotDisks.plan([first], aContext());
    if (planned) await cloud.send(planned.call);
    expect(await stop.before(aReader(cloud), first, aContext())).toMatchObject({ status: 'unreadable', note: { en: expect.stringContaining('still being made') as unknown } });
    for (const snapshot of cloud.account.snapshots) snapshot.status = 'accomplished';
    expect((await stop.before(aReader(cloud), first, aContext())).status).toBe('ready');
  });

  it('tells gone from hidden: an empty list counts only with the right to list', async () => {
    const { cloud, first } = await world();
    cloud.account.instances = [];
    expect((await stop.before(aReader(cloud), first, aContext())).status).toBe('gone');
    cloud.refuse('ecs:DescribeInstances', 'denied', { code: 'Forbidden.RAM', when: ({ params }) => params['DryRun'] === 'true' });
    expect((await stop.before(aReader(cloud), first, aContext())).status).toBe('unreadable');
    expect((await stop.holds(aReader(cloud), first, aContext())).status).toBe('unknown');
  });

  it('reads back what goes on being billed', async () => {
    const { cloud, first } = await world();
    const instance = cloud.account.instances.find(({ id }) => id === first.id);
    Object.assign(instance as object, { status: 'Stopping' });
    expect((await stop.holds(aReader(cloud), first, aContext())).status).toBe('pending');
    Object.assign(instance as object, { status: 'Stopped', stoppedMode: 'StopCharging' });
    expect(await stop.holds(aReader(cloud), first, aContext())).toMatchObject({ status: 'yes', facts: { cnyPerHourBefore: 12.5, cnyPerHourAfter: 0 } });
    Object.assign(instance as object, { stoppedMode: 'KeepCharging' });
    expect(await stop.holds(aReader(cloud), first, aContext())).toMatchObject({
      status: 'yes',
      note: { en: expect.stringContaining('billing') as unknown },
      facts: { cnyPerHourAfter: 12.5 },
    });
  });

  it('refuses an instance the cloud has locked, and warns of what a person should know', async () => {
    const { first } = await world();
    expect(stop.guard?.({ ...first, data: { ...first.data, securityLocked: true } }, aContext())).toBeDefined();
    const notes = stop.warn?.({ ...first, data: { ...first.data, ours: true, charge: 'PrePaid', localDisk: true } }, aContext());
    expect(notes).toHaveLength(4);
    expect(stop.undo(first, { status: 'Running' }, aContext())).toMatchObject([{ action: 'StartInstances', region: first.region }]);
    expect(stop.undo(first, { status: 'Stopped' }, aContext())).toEqual([]);
  });
});
