import { describe, expect, it } from 'vitest';
import { billOf } from '../../src/range/bill.ts';
import type { JsonObject } from '../../src/text.ts';
import { lookUp } from '../support/json.ts';
import { anAccount, leaked, nobody, reader } from './kit.ts';

const here = { RegionId: 'cn-hangzhou' };
const list = (body: JsonObject, path: string): readonly JsonObject[] => lookUp(body, path) as unknown as readonly JsonObject[];
const ids = (body: JsonObject): readonly unknown[] => list(body, 'Instances.Instance').map((one) => one['InstanceId']);
const stopping = (...names: readonly string[]): Record<string, string> => Object.fromEntries(names.map((id, index) => [`InstanceId.${index + 1}`, id]));
const results = (body: JsonObject) => list(body, 'InstanceResponses.InstanceResponse');

describe('listing instances', () => {
  it('keeps regions apart', () => {
    const { ok, code } = anAccount();
    expect(ids(ok('ecs:DescribeInstances', here))).toHaveLength(6);
    expect(ids(ok('ecs:DescribeInstances', { RegionId: 'ap-southeast-1' }))).toEqual([]);
    expect(code('ecs:DescribeInstances', { RegionId: 'mars-1' })).toBe('InvalidRegionId.NotFound');
    expect(code('ecs:DescribeInstances', { RegionId: '' })).toBe('MissingParameter');
  });
  it('shows a caller without permission an empty list, and the truth only to a dry run', () => {
    const { ok, code } = anAccount();
    const denied = { key: nobody };
    expect(ok('ecs:DescribeInstances', here, denied)).toMatchObject({ Instances: { Instance: [] }, TotalCount: 0 });
    expect(code('ecs:DescribeInstances', { ...here, DryRun: 'true' }, denied)).toBe('Forbidden.RAM');
    expect(ok('ecs:DescribeInstances', { RegionId: 'us-west-1' })).toMatchObject({ TotalCount: 0 });
    expect(code('ecs:DescribeInstances', { ...here, DryRun: 'true' })).toBe('DryRunOperation');
    expect(code('ecs:DescribeDisks', here, denied)).toBe('Forbidden.RAM');
  });
  it('pages by token, and clamps the page size', () => {
    const { ok } = anAccount();
    ok('ecs:RunInstances', { ...here, ImageId: 'img', InstanceType: 't', Amount: '20' });
    const first = ok('ecs:DescribeInstances', { ...here, MaxResults: '1' });
    expect(ids(first)).toHaveLength(10);
    const second = ok('ecs:DescribeInstances', { ...here, MaxResults: '10', NextToken: String(first['NextToken']) });
    const third = ok('ecs:DescribeInstances', { ...here, MaxResults: '10', NextToken: String(second['NextToken']) });
    expect(new Set([...ids(first), ...ids(second), ...ids(third)]).size).toBe(26);
    expect(third['NextToken']).toBe('');
    expect(ids(ok('ecs:DescribeInstances', { ...here, PageNumber: '2', PageSize: '20' }))).toHaveLength(6);
  });
  it('takes an empty list of ids as a filter that fits nothing', () => {
    const { ok, code } = anAccount();
    expect(ids(ok('ecs:DescribeInstances', { ...here, InstanceIds: '[]' }))).toEqual([]);
    expect(ids(ok('ecs:DescribeInstances', { ...here, InstanceIds: '["i-miner2","i-gone"]' }))).toEqual(['i-miner2']);
    expect(code('ecs:DescribeInstances', { ...here, InstanceIds: 'i-miner2' })).toBe('InvalidInstanceIds.Malformed');
  });
});

describe('stopping instances', () => {
  it('takes a while, and says how it charges only when it is over', () => {
    const { ok, wait } = anAccount();
    const stopped = ok('ecs:StopInstances', { ...here, ...stopping('i-miner1'), StoppedMode: 'StopCharging' });
    expect(results(stopped)).toEqual([{ InstanceId: 'i-miner1', Code: '200', Message: 'success', CurrentStatus: 'Stopping', PreviousStatus: 'Running' }]);
    const read = () => list(ok('ecs:DescribeInstances', { ...here, InstanceIds: '["i-miner1"]' }), 'Instances.Instance')[0];
    expect(read()).toMatchObject({ Status: 'Stopping', StoppedMode: 'Not-applicable' });
    wait(25_000);
    // Stopped without charge, the public address is gone.
    expect(read()).toMatchObject({ Status: 'Stopped', StoppedMode: 'StopCharging', PublicIpAddress: { IpAddress: [] } });
  });
  it.each(['i-prepaid1', 'i-local1', 'i-classic1'])('goes on charging for %s without an error', (id) => {
    const { ok, wait, world } = anAccount();
    const before = billOf(world).perHour;
    ok('ecs:StopInstances', { ...here, ...stopping(id), StoppedMode: 'StopCharging' });
    wait(30_000);
    expect(ok('ecs:DescribeInstanceAttribute', { InstanceId: id })).toMatchObject({ Status: 'Stopped', StoppedMode: 'KeepCharging' });
    expect(billOf(world).perHour).toBe(before);
  });
  it('is all or nothing by default', () => {
    const { code, ok } = anAccount();
    expect(code('ecs:StopInstances', { ...here, ...stopping('i-miner1', 'i-locked1') })).toBe('InstanceLockedForSecurity');
    expect(ok('ecs:DescribeInstanceAttribute', { InstanceId: 'i-miner1' })).toMatchObject({ Status: 'Running' });
  });
  it('does what it can with SuccessFirst and says which failed, in an HTTP 200', () => {
    const { ok } = anAccount();
    const body = ok('ecs:StopInstances', { ...here, ...stopping('i-miner1', 'i-locked1', 'i-gone', 'i-hidden1'), BatchOptimization: 'SuccessFirst' });
    expect(results(body).map((one) => one['Code'])).toEqual(['200', 'InstanceLockedForSecurity', 'InvalidInstanceId.NotFound', 'InvalidInstanceId.NotFound']);
  });
  it('fails on the instances a fault names', () => {
    const { ok } = anAccount();
    const body = ok(
      'ecs:StopInstances',
      { ...here, ...stopping('i-miner1', 'i-miner2'), BatchOptimization: 'SuccessFirst' },
      { twist: { do: 'partial', code: 'IncorrectInstanceStatus', targets: ['i-miner2'] } },
    );
    expect(results(body).map((one) => one['Code'])).toEqual(['200', 'IncorrectInstanceStatus']);
  });
  it('ends a dry run with the error that means success', () => {
    const { code, world } = anAccount();
    expect(code('ecs:StopInstances', { ...here, ...stopping('i-miner1'), DryRun: 'true' })).toBe('DRYRUN.SUCCESS');
    expect(code('ecs:StopInstances', { ...here, ...stopping('i-gone'), DryRun: 'true' })).toBe('InvalidInstanceId.NotFound');
    expect(code('ecs:StopInstances', { ...here, ...stopping('i-gone'), DryRun: 'true', BatchOptimization: 'SuccessFirst' })).toBe('DRYRUN.SUCCESS');
    expect(world.effects).toEqual([]);
  });
  it('is recorded as no change when it repeats itself', () => {
    const { ok, world } = anAccount();
    for (let time = 0; time < 2; time++) ok('ecs:StopInstances', { ...here, ...stopping('i-miner1') });
    expect(world.effects.map((effect) => [effect.targets, effect.changed])).toEqual([
      [['i-miner1'], true],
      [['i-miner1'], false],
    ]);
  });
});

describe('snapshots', () => {
  const diskOf = (account: ReturnType<typeof anAccount>, instance: string) =>
    String(list(account.ok('ecs:DescribeDisks', { ...here, InstanceId: instance }), 'Disks.Disk')[0]?.['DiskId']);
  const read = (account: ReturnType<typeof anAccount>) => list(account.ok('ecs:DescribeSnapshots', here), 'Snapshots.Snapshot');
  it('progress with scenario time until accomplished', () => {
    const account = anAccount({ snapshotMsPerGiB: 1000 });
    account.ok('ecs:CreateSnapshot', { DiskId: diskOf(account, 'i-miner1') });
    account.wait(10_000);
    expect(read(account)).toMatchObject([{ Status: 'progressing', Progress: '25%' }]);
    account.wait(30_000);
    expect(read(account)).toMatchObject([{ Status: 'accomplished', Progress: '100%', Available: true }]);
  });
  it('fail when their instance stops meanwhile', () => {
    const account = anAccount();
    account.ok('ecs:CreateSnapshot', { DiskId: diskOf(account, 'i-miner1') });
    account.wait(1_000);
    account.ok('ecs:StopInstances', { ...here, ...stopping('i-miner1') });
    account.wait(3_600_000);
    expect(read(account)).toMatchObject([{ Status: 'failed', Available: false }]);
  });
  it('can be made of a stopped instance, not of a stopping one', () => {
    const account = anAccount();
    const disk = diskOf(account, 'i-miner1');
    account.ok('ecs:StopInstances', { ...here, ...stopping('i-miner1') });
    expect(account.code('ecs:CreateSnapshot', { DiskId: disk })).toBe('IncorrectInstanceStatus');
    account.wait(25_000);
    expect(account.code('ecs:CreateSnapshot', { DiskId: disk })).toBe('no error');
    expect(account.code('ecs:CreateSnapshot', { DiskId: disk })).toBe('IncorrectDiskStatus.CreatingSnapshot');
  });
  it('are made once per ClientToken', () => {
    const account = anAccount();
    const disk = diskOf(account, 'i-miner1');
    const ask = { DiskId: disk, ClientToken: 'case-step-disk', SnapshotName: 'evidence' };
    const first = account.ok('ecs:CreateSnapshot', ask);
    expect(account.ok('ecs:CreateSnapshot', ask)['SnapshotId']).toBe(first['SnapshotId']);
    expect(account.code('ecs:CreateSnapshot', { ...ask, SnapshotName: 'other' })).toBe('IdempotentParameterMismatch');
    expect(account.world.effects.map((effect) => effect.changed)).toEqual([true, false]);
  });
  it('never end when a fault says so', () => {
    const account = anAccount();
    account.ok('ecs:CreateSnapshot', { DiskId: diskOf(account, 'i-miner1') }, { twist: { do: 'never-completes' } });
    account.wait(30 * 24 * 3_600_000);
    expect(read(account)).toMatchObject([{ Status: 'progressing' }]);
  });
});

describe('what is lost with an instance', () => {
  it('can be read: user data, console, Cloud Assistant, interfaces', () => {
    const { ok } = anAccount();
    const plain = (text: unknown): string => Buffer.from(String(text), 'base64').toString('utf8');
    expect(plain(ok('ecs:DescribeUserData', { InstanceId: 'i-miner1' })['UserData'])).toBe('#!/bin/sh\n');
    expect(plain(ok('ecs:GetInstanceConsoleOutput', { InstanceId: 'i-miner1' })['ConsoleOutput'])).toBe('boot');
    const invocation = (include: string) => list(ok('ecs:DescribeInvocations', { ...here, InstanceId: 'i-miner1', IncludeOutput: include }), 'Invocations.Invocation')[0];
    expect(plain(lookUp(invocation('true'), 'InvokeInstances.InvokeInstance.0.Output'))).toBe('ok');
    expect(lookUp(invocation('false'), 'InvokeInstances.InvokeInstance.0.Output')).toBe('');
    expect(list(ok('ecs:DescribeNetworkInterfaces', { ...here, InstanceId: 'i-miner1' }), 'NetworkInterfaceSets.NetworkInterfaceSet')).toMatchObject([
      { InstanceId: 'i-miner1', AssociatedPublicIp: { PublicIpAddress: '203.0.113.201' } },
    ]);
  });
  it('screenshots one instance every ten seconds, while it runs', () => {
    const { ok, ask, code, wait } = anAccount();
    const picture = Buffer.from(String(ok('ecs:GetInstanceScreenshot', { InstanceId: 'i-miner1' })['Screenshot']), 'base64');
    expect([...picture.subarray(0, 2), ...picture.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
    expect(ask('ecs:GetInstanceScreenshot', { InstanceId: 'i-miner1' })).toMatchObject({ status: 429, error: { code: 'Throttling' } });
    expect(code('ecs:GetInstanceScreenshot', { InstanceId: 'i-miner2' })).toBe('no error');
    wait(10_000);
    expect(code('ecs:GetInstanceScreenshot', { InstanceId: 'i-miner1' })).toBe('no error');
    ok('ecs:StopInstances', { ...here, ...stopping('i-miner1') });
    wait(30_000);
    expect(code('ecs:GetInstanceScreenshot', { InstanceId: 'i-miner1' })).toBe('IncorrectInstanceStatus');
  });
});

describe('making and deleting', () => {
  it('RunInstances makes what it says and names it in the log', () => {
    const { ok, world, wait } = anAccount();
    const made = list(
      ok(
        'ecs:RunInstances',
        { RegionId: 'ap-southeast-1', ImageId: 'img', InstanceType: 'ecs.gn6i-c8g1.2xlarge', Amount: '2', 'Tag.1.Key': 'a', 'Tag.1.Value': 'b' },
        { key: leaked },
      ),
      'InstanceIdSets.InstanceIdSet',
    );
    expect(made).toHaveLength(2);
    wait(60_000);
    expect(list(ok('ecs:DescribeInstances', { RegionId: 'ap-southeast-1' }), 'Instances.Instance')).toMatchObject([
      { Status: 'Running', Tags: { Tag: [{ TagKey: 'a', TagValue: 'b' }] } },
      {},
    ]);
    expect(world.log.findLast((line) => line.event['eventName'] === 'RunInstances')?.event).toMatchObject({
      acsRegion: 'ap-southeast-1',
      responseElements: { InstanceIdSets: { InstanceIdSet: made } },
    });
  });
  it('deletes only what is stopped, unprotected, pay-as-you-go and unlocked', () => {
    const { ok, code, wait } = anAccount();
    expect(code('ecs:DeleteInstances', { ...here, ...stopping('i-miner1') })).toBe('IncorrectInstanceStatus');
    ok('ecs:StopInstances', { ...here, ...stopping('i-miner1') });
    wait(30_000);
    ok('ecs:ModifyInstanceAttribute', { InstanceId: 'i-miner1', DeletionProtection: 'true' });
    expect(code('ecs:DeleteInstances', { ...here, ...stopping('i-miner1') })).toBe('InvalidOperation.DeletionProtection');
    ok('ecs:ModifyInstanceAttribute', { InstanceId: 'i-miner1', DeletionProtection: 'false' });
    expect(code('ecs:DeleteInstances', { ...here, ...stopping('i-prepaid1'), Force: 'true' })).toBe('ChargeTypeViolation');
    expect(code('ecs:DeleteInstances', { ...here, ...stopping('i-locked1'), Force: 'true' })).toBe('InstanceLockedForSecurity');
    ok('ecs:DeleteInstances', { ...here, ...stopping('i-miner1') });
    expect(code('ecs:DescribeInstanceAttribute', { InstanceId: 'i-miner1' })).toBe('InvalidInstanceId.NotFound');
    expect(list(ok('ecs:DescribeDisks', { ...here, InstanceId: 'i-miner1' }), 'Disks.Disk')).toEqual([]);
  });
  it('starts what was stopped, and pays again', () => {
    const { ok, wait, world } = anAccount();
    ok('ecs:StopInstances', { ...here, ...stopping('i-miner1'), StoppedMode: 'StopCharging' });
    wait(30_000);
    const stopped = billOf(world).perHour;
    ok('ecs:StartInstances', { ...here, ...stopping('i-miner1') });
    wait(30_000);
    expect(billOf(world).perHour - stopped).toBeCloseTo(10);
    expect(ok('ecs:DescribeInstanceAttribute', { InstanceId: 'i-miner1' })).toMatchObject({ Status: 'Running', StoppedMode: 'Not-applicable' });
  });
  it('replaces the whole list of security groups, and tags', () => {
    const { ok, code } = anAccount();
    ok('ecs:ModifyInstanceAttribute', { InstanceId: 'i-miner1', 'SecurityGroupIds.1': 'sg-test1' });
    expect(ok('ecs:DescribeInstanceAttribute', { InstanceId: 'i-miner1' })).toMatchObject({ SecurityGroupIds: { SecurityGroupId: ['sg-test1'] } });
    expect(code('ecs:ModifyInstanceAttribute', { InstanceId: 'i-miner1', 'SecurityGroupIds.1': 'sg-nowhere' })).toBe('InvalidSecurityGroupId.NotFound');
    ok('ecs:TagResources', { ...here, ResourceType: 'instance', 'ResourceId.1': 'i-miner1', 'Tag.1.Key': 'case', 'Tag.1.Value': 'c1' });
    expect(ids(ok('ecs:DescribeInstances', { ...here, 'Tag.1.Key': 'case', 'Tag.1.Value': 'c1' }))).toEqual(['i-miner1']);
    expect(code('ecs:TagResources', { ...here, ResourceType: 'instance', 'ResourceId.1': 'i-hidden1', 'Tag.1.Key': 'a', 'Tag.1.Value': '' })).toBe('InvalidResourceId.NotFound');
  });
});

describe('the bill', () => {
  it('runs with scenario time, and stops with StopCharging but for the disks', () => {
    const { ok, wait, world } = anAccount();
    // Six instances at 10, six disks of 40 GiB at 0.01; one of them is seen by nobody here, and costs all the same.
    expect(billOf(world).perHour).toBeCloseTo(7 * 10.4);
    wait(3_600_000);
    expect(billOf(world).total).toBeCloseTo(7 * 10.4);
    ok('ecs:StopInstances', { ...here, ...stopping('i-miner1', 'i-miner2'), StoppedMode: 'StopCharging' });
    expect(billOf(world).perHour).toBeCloseTo(5 * 10.4 + 2 * 0.4);
    expect(billOf(world).instances.find((one) => one.id === 'i-miner1')?.spent).toBeCloseTo(3 * 10.4);
  });
  it('calls what has no price unknown, never nothing', () => {
    const { ok, code, world } = anAccount({ prices: { instances: {} } });
    expect(billOf(world).unpriced).toEqual(['ecs.gn6i-c8g1.2xlarge']);
    expect(code('ecs:DescribePrice', { ...here, InstanceType: 'ecs.gn6i-c8g1.2xlarge' })).toBe('InvalidInstanceType.ValueNotSupported');
    const priced = anAccount().ok('ecs:DescribePrice', {
      ...here,
      InstanceType: 'ecs.gn6i-c8g1.2xlarge',
      'SystemDisk.Category': 'cloud_essd',
      'SystemDisk.Size': '40',
      Amount: '2',
    });
    expect(priced).toMatchObject({ PriceInfo: { Price: { Currency: 'CNY', TradePrice: 20.8 } } });
    expect(ok('ecs:DescribeAccountAttributes', { ...here, 'AttributeName.1': 'instance-network-type' }, { key: reader })).toMatchObject({
      AccountAttributeItems: { AccountAttributeItem: [{ AttributeValues: { ValueItem: [{ Value: 'vpc' }] } }] },
    });
  });
});
