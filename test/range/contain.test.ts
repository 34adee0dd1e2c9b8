// What containing rogue machines needs of the account: interfaces, groups, roles, launchers, locks, releases. The last part over the real SDK.
import * as ecsPackage from '@alicloud/ecs20140526';
import * as corePackage from '@alicloud/openapi-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRange } from '../../src/range/server.ts';
import type { Range } from '../../src/range/server.ts';
import type { WorldSeedInput } from '../../src/range/seed.ts';
import { lookUp } from '../support/json.ts';
import { aJournal, aSeed, anAccount, day, hour, leaked, minute, nobody, responder, secretOf } from './kit.ts';

const here = { RegionId: 'cn-hangzhou' };
const maker = { key: leaked, ip: '203.0.113.66' };
const ecsTrust = { Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['ecs.aliyuncs.com'] } }] };
const rogue = { region: 'cn-hangzhou', type: 'ecs.gn6i-c8g1.2xlarge', image: 'img-miner', created: '-2h', maker };

const change: Partial<WorldSeedInput> = {
  roles: [
    { name: 'AppRuntime', created: '-1y', trust: ecsTrust },
    { name: 'Deploy', created: '-1y', trust: { Version: '1', Statement: [] } },
  ],
  securityGroups: [
    { id: 'sg-web', region: 'cn-hangzhou', name: 'web', created: '-1y', rules: [{ ports: '22/22', cidr: '0.0.0.0/0' }] },
    { id: 'sg-db', region: 'cn-hangzhou', name: 'db', created: '-1y' },
    { id: 'sg-far', region: 'cn-hangzhou', name: 'far', created: '-1y', vpc: 'vpc-other' },
  ],
  instances: [
    { ...rogue, ids: ['i-two'], names: ['two'], securityGroup: ['sg-web', 'sg-db'], interfaces: [{ name: 'second', securityGroups: ['sg-db'] }], role: 'AppRuntime' },
    { ...rogue, ids: ['i-far'], names: ['far'], vpc: 'vpc-other', securityGroup: 'sg-far' },
    { ...rogue, ids: ['i-classic'], names: ['c'], network: 'classic' },
    { ...rogue, ids: ['i-prepaid'], names: ['p'], charge: 'PrePaid' },
    { ...rogue, ids: ['i-timed'], names: ['t'], autoRelease: '+1h', deletionProtection: true },
    { ...rogue, ids: ['i-locked'], names: ['l'], securityLock: true },
    { ...rogue, ids: ['i-fleet1', 'i-fleet2'], names: ['f'], group: 'apg-fleet' },
    { ...rogue, ids: ['i-slow'], names: ['s'], disks: [{ category: 'cloud_essd' }, { category: 'cloud_efficiency' }] },
  ],
  provisioningGroups: [
    { id: 'apg-fleet', region: 'cn-hangzhou', name: 'fleet', created: '-3h', maker, capacity: 2, instanceType: rogue.type, image: rogue.image, template: 'lt-fleet' },
  ],
  launchTemplates: [{ id: 'lt-fleet', region: 'cn-hangzhou', name: 'fleet', created: '-4h', maker }],
};
const account = () => anAccount(change);
const instance = (world: ReturnType<typeof anAccount>['world'], id: string) => world.instances.get(id);

describe('network interfaces', () => {
  it('a secondary one has groups of its own, the primary one those of its instance', () => {
    const { ok, code, world } = account();
    const nics = () =>
      lookUp(ok('ecs:DescribeNetworkInterfaces', { ...here, InstanceId: 'i-two' }), 'NetworkInterfaceSets.NetworkInterfaceSet') as unknown as Record<string, unknown>[];
    expect(nics().map(({ Type, SecurityGroupIds }) => [Type, SecurityGroupIds])).toEqual([
      ['Primary', { SecurityGroupId: ['sg-web', 'sg-db'] }],
      ['Secondary', { SecurityGroupId: ['sg-db'] }],
    ]);
    const [primary, second] = nics().map(({ NetworkInterfaceId }) => String(NetworkInterfaceId));
    ok('ecs:ModifyInstanceAttribute', { InstanceId: 'i-two', 'SecurityGroupIds.1': 'sg-web' });
    expect(nics().map(({ SecurityGroupIds }) => lookUp(SecurityGroupIds as never, 'SecurityGroupId'))).toEqual([['sg-web'], ['sg-db']]);
    ok('ecs:ModifyNetworkInterfaceAttribute', { ...here, NetworkInterfaceId: second ?? '', 'SecurityGroupId.1': 'sg-web' });
    expect(instance(world, 'i-two')?.interfaces[0]?.securityGroups).toEqual(['sg-web']);
    expect(code('ecs:ModifyNetworkInterfaceAttribute', { ...here, NetworkInterfaceId: primary ?? '', 'SecurityGroupId.1': 'sg-web' })).toBe(
      'InvalidOperation.PrimaryEniOnlySupportModifyNameAndDesc',
    );
    expect(code('ecs:ModifyNetworkInterfaceAttribute', { ...here, NetworkInterfaceId: second ?? '', 'SecurityGroupId.1': 'sg-far' })).toBe('InvalidOperation.VpcMismatch');
    expect(code('ecs:ModifyNetworkInterfaceAttribute', { ...here, NetworkInterfaceId: 'eni-none', 'SecurityGroupId.1': 'sg-web' })).toBe('InvalidEniId.NotFound');
    expect(code('ecs:ModifyInstanceAttribute', { InstanceId: 'i-two', 'SecurityGroupIds.1': 'sg-far' })).toBe('InvalidSecurityGroupVpc.NotBelongToOneVpc');
    expect(code('ecs:ModifyInstanceAttribute', { InstanceId: 'i-classic', 'SecurityGroupIds.1': 'sg-web' })).toBe('InvalidNetworkType.NotSupported');
  });
});

describe('security groups', () => {
  const make = { ...here, SecurityGroupName: 'quarantine', VpcId: 'vpc-other', 'Tag.1.Key': 'case', 'Tag.1.Value': 'one' };
  it('a new one lets its members reach one another and the world, until it is told otherwise', () => {
    const { ok } = account();
    const id = String(ok('ecs:CreateSecurityGroup', make)['SecurityGroupId']);
    const look = () => ok('ecs:DescribeSecurityGroupAttribute', { ...here, SecurityGroupId: id });
    expect(look()).toMatchObject({ InnerAccessPolicy: 'Accept', VpcId: 'vpc-other', Permissions: { Permission: [] } });
    ok('ecs:ModifySecurityGroupPolicy', { ...here, SecurityGroupId: id, InnerAccessPolicy: 'drop' });
    const rules = {
      'Permissions.1.Policy': 'drop',
      'Permissions.1.Priority': '1',
      'Permissions.1.IpProtocol': 'ALL',
      'Permissions.1.PortRange': '-1/-1',
      'Permissions.1.DestCidrIp': '0.0.0.0/0',
      'Permissions.2.Policy': 'drop',
      'Permissions.2.Priority': '1',
      'Permissions.2.IpProtocol': 'all',
      'Permissions.2.PortRange': '-1/-1',
      'Permissions.2.Ipv6DestCidrIp': '::/0',
    };
    ok('ecs:AuthorizeSecurityGroupEgress', { ...here, SecurityGroupId: id, ...rules });
    ok('ecs:AuthorizeSecurityGroupEgress', { ...here, SecurityGroupId: id, ...rules });
    expect(look()).toMatchObject({
      InnerAccessPolicy: 'Drop',
      Permissions: {
        Permission: [
          { Direction: 'egress', Policy: 'Drop', Priority: '1', DestCidrIp: '0.0.0.0/0', Ipv6DestCidrIp: '' },
          { Direction: 'egress', Policy: 'Drop', Priority: '1', DestCidrIp: '', Ipv6DestCidrIp: '::/0' },
        ],
      },
    });
    expect(lookUp(look(), 'Permissions.Permission')).toHaveLength(2);
    expect(lookUp(ok('ecs:DescribeSecurityGroups', { ...here, 'Tag.1.Key': 'case' }), 'SecurityGroups.SecurityGroup')).toHaveLength(1);
  });
  it('is made once for a token, and only in a VPC that is there', () => {
    const { ok, code } = account();
    const once = { ...make, ClientToken: 'once' };
    expect(ok('ecs:CreateSecurityGroup', once)['SecurityGroupId']).toBe(ok('ecs:CreateSecurityGroup', once)['SecurityGroupId']);
    expect(code('ecs:CreateSecurityGroup', { ...once, SecurityGroupName: 'other' })).toBe('IdempotentParameterMismatch');
    expect(code('ecs:CreateSecurityGroup', { ...make, VpcId: 'vpc-none' })).toBe('InvalidVpcId.NotFound');
  });
  it.each([
    [{ 'Permissions.1.Policy': 'maybe' }, 'InvalidPolicy.Malformed'],
    [{ 'Permissions.1.Policy': 'drop', 'Permissions.1.Priority': '0' }, 'InvalidPriority.Malformed'],
    [{ 'Permissions.1.IpProtocol': 'QUIC' }, 'InvalidIpProtocol.ValueNotSupported'],
    [{ 'Permissions.1.IpProtocol': 'ALL' }, 'InvalidPortRange.Malformed'],
    [{ 'Permissions.1.IpProtocol': 'ALL', 'Permissions.1.PortRange': '1/2' }, 'OperationDenied'],
    [{ 'Permissions.1.IpProtocol': 'ALL', 'Permissions.1.PortRange': '-1/-1' }, 'MissingParameter.Dest'],
    [
      { 'Permissions.1.IpProtocol': 'ALL', 'Permissions.1.PortRange': '-1/-1', 'Permissions.1.DestCidrIp': '0.0.0.0/0', 'Permissions.1.Ipv6DestCidrIp': '::/0' },
      'InvalidParam.DestIp',
    ],
    [{}, 'MissingParameter.Dest'],
  ])('refuse the egress rule %o', (rule, wanted) => {
    expect(account().code('ecs:AuthorizeSecurityGroupEgress', { ...here, SecurityGroupId: 'sg-db', ...rule })).toBe(wanted);
  });
  it('go only when nobody is in them', () => {
    const { ok, code } = account();
    expect(code('ecs:DeleteSecurityGroup', { ...here, SecurityGroupId: 'sg-db' })).toBe('DependencyViolation');
    const id = String(ok('ecs:CreateSecurityGroup', make)['SecurityGroupId']);
    ok('ecs:DeleteSecurityGroup', { ...here, SecurityGroupId: id });
    expect(code('ecs:DeleteSecurityGroup', { ...here, SecurityGroupId: id })).toBe('InvalidSecurityGroupId.NotFound');
  });
});

describe('an instance that shall be released', () => {
  it('goes at its time, protected or not, with its disks', () => {
    const { ok, wait, world, code } = account();
    expect(lookUp(ok('ecs:DescribeInstances', { ...here, InstanceIds: '["i-timed"]' }), 'Instances.Instance.0.AutoReleaseTime')).toBe('2026-03-14T20:04Z');
    wait(59 * minute);
    expect(instance(world, 'i-timed')).toBeDefined();
    wait(minute);
    expect(code('ecs:DescribeInstanceAttribute', { InstanceId: 'i-timed' })).toBe('InvalidInstanceId.NotFound');
    expect([...world.disks.values()].filter((disk) => disk.instance === 'i-timed')).toEqual([]);
  });
  it('stays when the time is taken away', () => {
    const { ok, wait, world } = account();
    ok('ecs:ModifyInstanceAutoReleaseTime', { ...here, InstanceId: 'i-timed' });
    wait(2 * hour);
    expect(instance(world, 'i-timed')).toMatchObject({ autoRelease: undefined });
  });
  it('can not be set to less than half an hour, more than three years, or when it is prepaid', () => {
    const { code, ok, world } = account();
    const set = (AutoReleaseTime: string, InstanceId = 'i-two') => ({ ...here, InstanceId, AutoReleaseTime });
    for (const time of ['2026-03-14T19:30:00Z', '2029-03-15T00:00:00Z', 'soon'])
      expect(code('ecs:ModifyInstanceAutoReleaseTime', set(time))).toBe('InvalidAutoReleaseTime.Malformed');
    expect(code('ecs:ModifyInstanceAutoReleaseTime', set('2026-03-15T00:00:00Z', 'i-prepaid'))).toBe('ChargeTypeViolation');
    ok('ecs:ModifyInstanceAutoReleaseTime', set('2026-03-15T00:00:59Z'));
    expect(instance(world, 'i-two')?.autoRelease).toBe(Date.parse('2026-03-15T00:00:00Z'));
  });
  it('by hand must be stopped, paid as it goes and unprotected; disks that are to stay do', () => {
    const { ok, code, wait, world } = account();
    const go = (id: string, more = {}) => code('ecs:DeleteInstances', { ...here, 'InstanceId.1': id, ...more });
    expect([go('i-two'), go('i-prepaid', { Force: 'true' }), go('i-timed', { Force: 'true' }), go('i-locked', { Force: 'true' })]).toEqual([
      'IncorrectInstanceStatus',
      'ChargeTypeViolation',
      'InvalidOperation.DeletionProtection',
      'InstanceLockedForSecurity',
    ]);
    const disk = [...world.disks.values()].find((one) => one.instance === 'i-two')?.id ?? '';
    ok('ecs:ModifyDiskAttribute', { ...here, 'DiskIds.1': disk, DeleteWithInstance: 'false' });
    ok('ecs:StopInstances', { ...here, 'InstanceId.1': 'i-two' });
    wait(minute);
    expect(go('i-two')).toBe('no error');
    expect(lookUp(ok('ecs:DescribeDisks', { ...here, DiskIds: JSON.stringify([disk]) }), 'Disks.Disk.0')).toMatchObject({
      Status: 'Available',
      InstanceId: '',
      DeleteWithInstance: false,
    });
    expect(code('ecs:ModifyInstanceAttribute', { InstanceId: 'i-prepaid', DeletionProtection: 'true' })).toBe('InvalidChargeType.ValueNotSupported');
    expect(code('ecs:ModifyDiskAttribute', { ...here, DeleteWithInstance: 'false' })).toBe('MissingParameter.DiskIdOrDiskIds');
    expect(code('ecs:ModifyDiskAttribute', { ...here, DiskId: disk })).toBe('NoAttributeToModify');
    expect(code('ecs:ModifyDiskAttribute', { ...here, DiskId: disk, 'DiskIds.1': disk, DeleteWithInstance: 'true' })).toBe('ParameterConflict.DiskIdAndDiskIds');
  });
});

describe('the role of an instance', () => {
  it('is taken off and put back; what one refuses keeps none of the others', () => {
    const { ok, world } = account();
    const body = ok('ecs:DetachInstanceRamRole', { ...here, InstanceIds: '["i-two","i-classic","i-far"]', RamRoleName: 'AppRuntime' });
    expect(body).toMatchObject({ TotalCount: 3, FailCount: 2 });
    expect((lookUp(body, 'DetachInstanceRamRoleResults.DetachInstanceRamRoleResult') as unknown as { Code: string }[]).map(({ Code }) => Code)).toEqual([
      '200',
      'InvalidNetworkType.MismatchRamRole',
      'InvalidRamRole.NotFound',
    ]);
    expect(instance(world, 'i-two')?.role).toBeUndefined();
    expect(ok('ecs:AttachInstanceRamRole', { ...here, InstanceIds: '["i-two"]', RamRoleName: 'AppRuntime' })).toMatchObject({ FailCount: 0 });
    expect(instance(world, 'i-two')?.role).toBe('AppRuntime');
  });
  it('is given only by who may pass it, and only when it is for machines', () => {
    const { code } = account();
    const give = { ...here, InstanceIds: '["i-far"]', RamRoleName: 'AppRuntime' };
    expect(code('ecs:AttachInstanceRamRole', give, { key: leaked })).toBe('no error');
    const build = { name: 'build', document: { Version: '1', Statement: [{ Effect: 'Allow', Action: ['ecs:*'], Resource: '*' }] } };
    const { policies } = aSeed();
    const narrow = anAccount({ ...change, policies: [...policies.filter(({ name }) => name !== 'build').map(({ name, document }) => ({ name, document })), build] });
    expect(narrow.code('ecs:AttachInstanceRamRole', give, { key: leaked })).toBe('InvalidUser.PassRoleForbidden');
    expect(code('ecs:AttachInstanceRamRole', { ...give, RamRoleName: 'Deploy' })).toBe('InvalidRamRole.NotEcsRole');
    expect(code('ecs:AttachInstanceRamRole', { ...give, RamRoleName: 'Ghost' })).toBe('InvalidRamRole.NotFound');
    expect(code('ecs:DetachInstanceRamRole', give, { key: nobody })).toBe('Forbidden.RAM');
  });
});

describe('an auto-provisioning group', () => {
  const all = (world: ReturnType<typeof anAccount>['world']) => [...world.instances.values()].filter((one) => one.group === 'apg-fleet').map(({ id }) => id);
  const stopFleet = { ...here, 'InstanceId.1': 'i-fleet1', 'InstanceId.2': 'i-fleet2' };
  it('replaces what was stopped, a minute later, and the log names the service', () => {
    const { ok, wait, world } = account();
    ok('ecs:StopInstances', stopFleet);
    wait(30_000);
    expect(all(world)).toEqual(['i-fleet1', 'i-fleet2']);
    wait(31_000);
    expect(all(world)).toHaveLength(2);
    expect(all(world)).not.toContain('i-fleet1');
    wait(hour);
    const events = lookUp(ok('actiontrail:LookupEvents', { 'LookupAttribute.1.Key': 'EventName', 'LookupAttribute.1.Value': 'RunInstances' }), 'Events') as unknown as Record<
      string,
      never
    >[];
    expect(events[0]).toMatchObject({ eventType: 'AliyunServiceEvent', userIdentity: { type: 'system' }, responseElements: { InstanceIdSets: { InstanceIdSet: all(world) } } });
  });
  it('is the same whether its time comes in one step or in many', () => {
    const [one, many] = [account(), account()];
    for (const each of [one, many]) each.ok('ecs:StopInstances', stopFleet);
    one.wait(10 * minute);
    for (let step = 0; step < 20; step++) many.wait(30_000);
    expect(all(many.world)).toEqual(all(one.world));
    expect(many.world.instances.get(all(many.world)[0] ?? '')?.created).toBe(one.world.instances.get(all(one.world)[0] ?? '')?.created);
  });
  it('set to nothing without terminating launches no more and leaves what runs', () => {
    const { ok, wait, world } = account();
    const close = {
      ...here,
      AutoProvisioningGroupId: 'apg-fleet',
      TotalTargetCapacity: '0',
      PayAsYouGoTargetCapacity: '0',
      SpotTargetCapacity: '0',
      ExcessCapacityTerminationPolicy: 'no-termination',
    };
    ok('ecs:ModifyAutoProvisioningGroup', close);
    ok('ecs:StopInstances', stopFleet);
    wait(day);
    expect(all(world)).toEqual([]);
    expect(instance(world, 'i-fleet1')).toMatchObject({ power: 'Stopped', group: undefined });
    expect(lookUp(ok('ecs:DescribeAutoProvisioningGroups', here), 'AutoProvisioningGroups.AutoProvisioningGroup.0')).toMatchObject({
      TargetCapacitySpecification: { TotalTargetCapacity: 0 },
      ExcessCapacityTerminationPolicy: 'no-termination',
    });
  });
  it('made smaller with termination releases what is too much', () => {
    const { ok, wait, world } = account();
    ok('ecs:ModifyAutoProvisioningGroup', { ...here, AutoProvisioningGroupId: 'apg-fleet', TotalTargetCapacity: '1' });
    wait(1);
    expect(all(world)).toHaveLength(1);
    expect(instance(world, 'i-fleet2')).toBeUndefined();
  });
  it('deleted leaves or releases its instances, as it is told', () => {
    const { ok, code, world } = account();
    expect(code('ecs:DeleteAutoProvisioningGroup', { ...here, AutoProvisioningGroupId: 'apg-fleet' })).toBe('MissingParameter.InstanceType');
    ok('ecs:DeleteAutoProvisioningGroup', { ...here, AutoProvisioningGroupId: 'apg-fleet', TerminateInstances: 'false' });
    expect(instance(world, 'i-fleet1')).toMatchObject({ group: undefined });
    expect(code('ecs:ModifyAutoProvisioningGroup', { ...here, AutoProvisioningGroupId: 'apg-fleet' })).toBe('InvalidAutoProvisioningGroupId.NotFound');
    const other = account();
    other.ok('ecs:DeleteAutoProvisioningGroup', { ...here, AutoProvisioningGroupId: 'apg-fleet', TerminateInstances: 'true' });
    expect(instance(other.world, 'i-fleet1')).toBeUndefined();
  });
  it('and its template are in the log under who made them', () => {
    const { ok } = account();
    for (const [name, id] of [
      ['CreateAutoProvisioningGroup', 'apg-fleet'],
      ['CreateLaunchTemplate', 'lt-fleet'],
    ]) {
      const events = lookUp(ok('actiontrail:LookupEvents', { 'LookupAttribute.1.Key': 'EventName', 'LookupAttribute.1.Value': name ?? '' }), 'Events') as unknown as Record<
        string,
        never
      >[];
      expect(events).toMatchObject([{ userIdentity: { accessKeyId: leaked }, resourceName: id }]);
    }
  });
});

describe('snapshot groups and locks', () => {
  const lock = (SnapshotId: string, CoolOffPeriod: string, LockDuration = '7') => ({ ...here, SnapshotId, LockMode: 'compliance', CoolOffPeriod, LockDuration });
  const snapshotOf = ({ ok, world }: ReturnType<typeof anAccount>, id: string): string =>
    String(ok('ecs:CreateSnapshot', { DiskId: [...world.disks.values()].find((one) => one.instance === id)?.id ?? '' })['SnapshotId']);
  it('one call for all disks of the ESSD family, none for others', () => {
    const { ok, code, wait } = account();
    const id = String(ok('ecs:CreateSnapshotGroup', { ...here, InstanceId: 'i-two', Name: 'set', 'Tag.1.Key': 'case', 'Tag.1.Value': 'one' })['SnapshotGroupId']);
    const look = () => lookUp(ok('ecs:DescribeSnapshotGroups', { ...here, InstanceId: 'i-two', Name: 'set' }), 'SnapshotGroups.SnapshotGroup.0');
    expect(look()).toMatchObject({ SnapshotGroupId: id, Status: 'progressing', Snapshots: { Snapshot: [{ Available: false }] } });
    wait(5 * minute);
    expect(look()).toMatchObject({ Status: 'accomplished', Snapshots: { Snapshot: [{ Available: true, Progress: '100%' }] } });
    expect(code('ecs:CreateSnapshotGroup', { ...here, InstanceId: 'i-slow' })).toBe('DiskCategory.OperationNotSupported');
    expect(code('ecs:CreateSnapshotGroup', { ...here, InstanceId: 'i-two', 'DiskId.1': 'd-none' })).toBe('InvalidDiskId.NotFound');
    expect(code('ecs:CreateSnapshotGroup', { ...here })).toBe('MissingParamter.InstanceId');
  });
  it('a stop spoils a group under way', () => {
    const { ok, wait } = account();
    ok('ecs:CreateSnapshotGroup', { ...here, InstanceId: 'i-two', Name: 'set' });
    ok('ecs:StopInstances', { ...here, 'InstanceId.1': 'i-two' });
    wait(10 * minute);
    expect(lookUp(ok('ecs:DescribeSnapshotGroups', here), 'SnapshotGroups.SnapshotGroup.0.Status')).toBe('failed');
  });
  it('while it cools off a locked snapshot can be unlocked but not deleted; then nothing takes the lock off before its end', () => {
    const all = account();
    const { ok, code, wait } = all;
    const id = snapshotOf(all, 'i-two');
    wait(5 * minute);
    expect(lookUp(ok('ecs:LockSnapshot', lock(id, '2')), 'LockedSnapshotInfo')).toMatchObject({
      LockStatus: 'compliance-cooloff',
      CoolOffPeriodExpiredTime: '2026-03-14T21:09:00Z',
      LockExpiredTime: '2026-03-21T19:09:00Z',
    });
    expect(code('ecs:DeleteSnapshot', { SnapshotId: id })).toBe('OperationDenied.SnapshotLocked');
    ok('ecs:UnlockSnapshot', { ...here, SnapshotId: id });
    expect(lookUp(ok('ecs:DescribeLockedSnapshots', here), 'LockedSnapshotsInfo')).toEqual([]);
    ok('ecs:LockSnapshot', lock(id, '2'));
    wait(2 * hour);
    expect(lookUp(ok('ecs:DescribeLockedSnapshots', { ...here, 'SnapshotIds.1': id }), 'LockedSnapshotsInfo.0.LockStatus')).toBe('compliance');
    for (const call of ['ecs:UnlockSnapshot', 'ecs:DeleteSnapshot']) expect(code(call, { ...here, SnapshotId: id })).toBe('OperationDenied.SnapshotLocked');
    expect(code('ecs:LockSnapshot', lock(id, '0', '6'))).toBe('OperationDenied.SnapshotLocked');
    ok('ecs:LockSnapshot', lock(id, '0', '8'));
    wait(8 * day);
    expect(lookUp(ok('ecs:DescribeLockedSnapshots', here), 'LockedSnapshotsInfo.0.LockStatus')).toBe('expired');
    ok('ecs:DeleteSnapshot', { SnapshotId: id });
  });
  it('refuse what is out of bounds', () => {
    const all = account();
    const id = snapshotOf(all, 'i-two');
    for (const bad of [lock(id, '73'), lock(id, '1', '0'), lock(id, '1', '36501'), { ...lock(id, '1'), LockMode: 'governance' }])
      expect(all.code('ecs:LockSnapshot', bad)).toMatch(/ValueNotSupported$/);
    expect(all.code('ecs:LockSnapshot', { ...lock(id, '1'), DryRun: 'true' })).toBe('DryRunOperation');
    expect(all.code('ecs:LockSnapshot', lock('s-none', '1'))).toBe('InvalidSnapshotId.NotFound');
  });
});

describe('over the real SDK', () => {
  const Ecs = ecsPackage.default.default;
  let range: Range;
  let ecs: InstanceType<typeof Ecs>;
  const regionId = 'cn-hangzhou';
  beforeAll(async () => {
    range = await openRange({ seed: aSeed(change), journal: aJournal(), time: { kind: 'virtual' } });
    const endpoint = range.url.slice('http://'.length);
    ecs = new Ecs(
      new corePackage.$OpenApiUtil.Config({
        accessKeyId: responder,
        accessKeySecret: secretOf(responder),
        endpoint,
        protocol: 'http',
        regionId,
        readTimeout: 10_000,
        connectTimeout: 10_000,
      }),
    );
  });
  afterAll(() => range.close());

  it('a machine is quarantined: a group that reaches nothing, on both interfaces', async () => {
    const nics = await ecs.describeNetworkInterfaces(new ecsPackage.DescribeNetworkInterfacesRequest({ regionId, instanceId: 'i-two' }));
    const second = nics.body?.networkInterfaceSets?.networkInterfaceSet?.find(({ type }) => type === 'Secondary');
    const made = await ecs.createSecurityGroup(new ecsPackage.CreateSecurityGroupRequest({ regionId, securityGroupName: 'q', vpcId: second?.vpcId ?? '', clientToken: 'q' }));
    const securityGroupId = made.body?.securityGroupId ?? '';
    await ecs.modifySecurityGroupPolicy(new ecsPackage.ModifySecurityGroupPolicyRequest({ regionId, securityGroupId, innerAccessPolicy: 'Drop' }));
    const permissions = [{ destCidrIp: '0.0.0.0/0' }, { ipv6DestCidrIp: '::/0' }].map(
      (to) => new ecsPackage.AuthorizeSecurityGroupEgressRequestPermissions({ policy: 'drop', priority: '1', ipProtocol: 'ALL', portRange: '-1/-1', ...to }),
    );
    await ecs.authorizeSecurityGroupEgress(new ecsPackage.AuthorizeSecurityGroupEgressRequest({ regionId, securityGroupId, permissions }));
    await ecs.modifyInstanceAttribute(new ecsPackage.ModifyInstanceAttributeRequest({ instanceId: 'i-two', securityGroupIds: [securityGroupId] }));
    await ecs.modifyNetworkInterfaceAttribute(
      new ecsPackage.ModifyNetworkInterfaceAttributeRequest({ regionId, networkInterfaceId: second?.networkInterfaceId ?? '', securityGroupId: [securityGroupId] }),
    );
    const rules = await ecs.describeSecurityGroupAttribute(new ecsPackage.DescribeSecurityGroupAttributeRequest({ regionId, securityGroupId }));
    expect(rules.body?.innerAccessPolicy).toBe('Drop');
    expect(rules.body?.permissions?.permission?.map(({ destCidrIp, ipv6DestCidrIp }) => [destCidrIp, ipv6DestCidrIp])).toEqual([
      ['0.0.0.0/0', ''],
      ['', '::/0'],
    ]);
    const after = await ecs.describeNetworkInterfaces(new ecsPackage.DescribeNetworkInterfacesRequest({ regionId, instanceId: 'i-two' }));
    expect(after.body?.networkInterfaceSets?.networkInterfaceSet?.map((nic) => nic.securityGroupIds?.securityGroupId)).toEqual([[securityGroupId], [securityGroupId]]);
    await ecs.modifyInstanceAttribute(new ecsPackage.ModifyInstanceAttributeRequest({ instanceId: 'i-two', securityGroupIds: ['sg-web', 'sg-db'] }));
    await ecs.modifyNetworkInterfaceAttribute(
      new ecsPackage.ModifyNetworkInterfaceAttributeRequest({ regionId, networkInterfaceId: second?.networkInterfaceId ?? '', securityGroupId: ['sg-db'] }),
    );
    await ecs.deleteSecurityGroup(new ecsPackage.DeleteSecurityGroupRequest({ regionId, securityGroupId }));
    expect(range.effects().at(-1)).toMatchObject({ action: 'DeleteSecurityGroup', targets: [securityGroupId] });
  });

  it('launchers are read and closed', async () => {
    const groups = await ecs.describeAutoProvisioningGroups(new ecsPackage.DescribeAutoProvisioningGroupsRequest({ regionId }));
    expect(groups.body?.autoProvisioningGroups?.autoProvisioningGroup?.[0]).toMatchObject({
      autoProvisioningGroupId: 'apg-fleet',
      targetCapacitySpecification: { totalTargetCapacity: 2 },
    });
    const members = await ecs.describeAutoProvisioningGroupInstances(
      new ecsPackage.DescribeAutoProvisioningGroupInstancesRequest({ regionId, autoProvisioningGroupId: 'apg-fleet' }),
    );
    expect(members.body?.instances?.instance?.map(({ instanceId }) => instanceId)).toEqual(['i-fleet1', 'i-fleet2']);
    const templates = await ecs.describeLaunchTemplates(new ecsPackage.DescribeLaunchTemplatesRequest({ regionId }));
    expect(templates.body?.launchTemplateSets?.launchTemplateSet?.map(({ launchTemplateId }) => launchTemplateId)).toEqual(['lt-fleet']);
    await ecs.modifyAutoProvisioningGroup(
      new ecsPackage.ModifyAutoProvisioningGroupRequest({
        regionId,
        autoProvisioningGroupId: 'apg-fleet',
        totalTargetCapacity: '0',
        excessCapacityTerminationPolicy: 'no-termination',
      }),
    );
    await ecs.deleteAutoProvisioningGroup(new ecsPackage.DeleteAutoProvisioningGroupRequest({ regionId, autoProvisioningGroupId: 'apg-fleet', terminateInstances: false }));
    expect(range.effects().at(-1)).toMatchObject({ action: 'DeleteAutoProvisioningGroup', targets: ['apg-fleet'] });
  });

  it('the role, the release time, the disks and the protection of a machine are changed', async () => {
    const detached = await ecs.detachInstanceRamRole(new ecsPackage.DetachInstanceRamRoleRequest({ regionId, instanceIds: '["i-two"]', ramRoleName: 'AppRuntime' }));
    expect(detached.body).toMatchObject({ failCount: 0, detachInstanceRamRoleResults: { detachInstanceRamRoleResult: [{ instanceId: 'i-two', success: true }] } });
    const attached = await ecs.attachInstanceRamRole(new ecsPackage.AttachInstanceRamRoleRequest({ regionId, instanceIds: '["i-two"]', ramRoleName: 'AppRuntime' }));
    expect(attached.body).toMatchObject({ totalCount: 1, failCount: 0 });
    await ecs.modifyInstanceAutoReleaseTime(new ecsPackage.ModifyInstanceAutoReleaseTimeRequest({ regionId, instanceId: 'i-timed' }));
    await ecs.modifyInstanceAttribute(new ecsPackage.ModifyInstanceAttributeRequest({ instanceId: 'i-timed', deletionProtection: false }));
    const disks = await ecs.describeDisks(new ecsPackage.DescribeDisksRequest({ regionId, instanceId: 'i-timed' }));
    await ecs.modifyDiskAttribute(
      new ecsPackage.ModifyDiskAttributeRequest({ regionId, diskIds: disks.body?.disks?.disk?.map(({ diskId }) => diskId), deleteWithInstance: false }),
    );
    const shown = await ecs.describeInstances(new ecsPackage.DescribeInstancesRequest({ regionId, instanceIds: '["i-timed"]' }));
    expect(shown.body?.instances?.instance?.[0]).toMatchObject({ autoReleaseTime: '', deletionProtection: false });
  });

  it('a snapshot group is made, and its snapshots locked and unlocked', async () => {
    const made = await ecs.createSnapshotGroup(new ecsPackage.CreateSnapshotGroupRequest({ regionId, instanceId: 'i-far', name: 'set' }));
    const read = await ecs.describeSnapshotGroups(new ecsPackage.DescribeSnapshotGroupsRequest({ regionId, instanceId: 'i-far', name: 'set' }));
    expect(read.body?.snapshotGroups?.snapshotGroup?.[0]).toMatchObject({ snapshotGroupId: made.body?.snapshotGroupId, status: 'progressing' });
    const snapshotId = read.body?.snapshotGroups?.snapshotGroup?.[0]?.snapshots?.snapshot?.[0]?.snapshotId ?? '';
    const locked = await ecs.lockSnapshot(new ecsPackage.LockSnapshotRequest({ regionId, snapshotId, lockMode: 'compliance', coolOffPeriod: 3, lockDuration: 1 }));
    expect(locked.body?.lockedSnapshotInfo).toMatchObject({ snapshotId, lockStatus: 'compliance-cooloff', coolOffPeriod: 3 });
    const list = await ecs.describeLockedSnapshots(new ecsPackage.DescribeLockedSnapshotsRequest({ regionId, snapshotIds: [snapshotId] }));
    expect(list.body?.lockedSnapshotsInfo).toMatchObject([{ snapshotId, lockMode: 'compliance', lockDuration: 1 }]);
    await ecs.unlockSnapshot(new ecsPackage.UnlockSnapshotRequest({ regionId, snapshotId }));
    expect(range.effects().at(-1)).toMatchObject({ action: 'UnlockSnapshot', targets: [snapshotId] });
  });
});
