// Our calls against the official metadata: parameter names, required ones, methods, and every field we answer.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../src/range/call.ts';
import { products } from '../../src/range/gateway.ts';
import { anAccount, leaked } from '../range/kit.ts';

const shared = process.env['FIREBREAK_SHARED'] ?? join(import.meta.dirname, '../../../shared');
const folder = join(shared, 'reference/meta');
const there = existsSync(folder);
if (!there) console.warn(`skipped: no official metadata in ${folder}`);

type Parameter = { readonly name: string; readonly type: string; readonly required?: boolean };
type Schema = { readonly type?: string; readonly properties?: Readonly<Record<string, Schema>>; readonly items?: Schema };
type Meta = {
  readonly openapi_meta_en_US_2026_04?: { readonly method: string; readonly parameters: readonly Parameter[] } | null;
  readonly api_docs_2024_07?: { readonly responseSchema?: Schema } | null;
};

const metaOf = (product: string): Readonly<Record<string, Meta>> => (there ? (JSON.parse(readFileSync(join(folder, `${product}.json`), 'utf8')) as Record<string, Meta>) : {});
const calls: readonly (readonly [string, Operation, Meta])[] = there
  ? Object.values(products).flatMap((product) =>
      Object.entries(product.operations).flatMap(([action, operation]) => {
        const meta = metaOf(product.name)[action];
        // Two calls of IMS are newer than the metadata.
        return meta?.openapi_meta_en_US_2026_04 ? [[`${product.name}:${action}`, operation, meta] as const] : [];
      }),
    )
  : [];

/** Top-level fields that an answer may leave out: the next page when there is none, roles for users, products we do not serve. */
const optional: ReadonlySet<string> = new Set(['Marker', 'NextToken', 'RoleId', 'DedicatedHostAttribute', 'MaxComputeProjectArn', 'MaxComputeWriteRoleArn']);

/** Paths of an answer the schema does not have, or has as another kind of value. */
function strangers(value: unknown, schema: Schema | undefined, path: string): readonly string[] {
  if (value === null || value === undefined) return [];
  if (schema === undefined) return [path];
  if (Array.isArray(value)) return schema.type === 'array' ? value.flatMap((one) => strangers(one, schema.items, `${path}[]`)) : [`${path} is a list`];
  if (typeof value === 'object') {
    if (schema.type !== undefined && schema.type !== 'object') return [`${path} is an object`];
    // An open object (an event) may hold anything.
    if (schema.properties === undefined) return [];
    return Object.entries(value).flatMap(([key, inner]) => strangers(inner, schema.properties?.[key], `${path}.${key}`));
  }
  const kinds: Readonly<Record<string, string>> = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean' };
  return schema.type === undefined || kinds[schema.type] === typeof value ? [] : [`${path} is a ${typeof value}, not ${schema.type}`];
}

const trust = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: ['acs:ram::1000000000000042:root'] } }] });
const policy = { PolicyType: 'System', PolicyName: 'AliyunECSFullAccess' };
const instance = { RegionId: 'cn-hangzhou', InstanceId: 'i-miner1' };
const principal = 'reader@acme-test.onaliyun.com';

/** What to ask so that each call answers with as much as it has. */
const questions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'sts:AssumeRole': { RoleArn: 'acs:ram::1000000000000042:role/Deploy', RoleSessionName: 'one' },
  'ram:GetUser': { UserName: 'reader' },
  'ram:ListAccessKeys': { UserName: 'build' },
  'ram:CreateAccessKey': { UserName: 'nobody' },
  'ram:UpdateAccessKey': { UserName: 'build', UserAccessKeyId: leaked, Status: 'Inactive' },
  'ram:DeleteAccessKey': { UserName: 'build', UserAccessKeyId: leaked },
  'ram:GetAccessKeyLastUsed': { UserName: 'build', UserAccessKeyId: leaked },
  'ram:ListPoliciesForUser': { UserName: 'reader' },
  'ram:ListGroupsForUser': { UserName: 'reader' },
  'ram:ListPoliciesForGroup': { GroupName: 'ops' },
  'ram:ListPoliciesForRole': { RoleName: 'Deploy' },
  'ram:AttachPolicyToUser': { UserName: 'nobody', ...policy },
  'ram:DetachPolicyFromUser': { UserName: 'reader', PolicyType: 'System', PolicyName: 'ReadOnlyAccess' },
  'ram:AttachPolicyToRole': { RoleName: 'Deploy', ...policy },
  'ram:DetachPolicyFromRole': { RoleName: 'Deploy', PolicyType: 'System', PolicyName: 'AliyunECSReadOnlyAccess' },
  'ram:GetPolicy': policy,
  'ram:GetPolicyVersion': { ...policy, VersionId: 'v1' },
  'ram:CreatePolicy': { PolicyName: 'new', PolicyDocument: '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}' },
  'ram:GetLoginProfile': { UserName: 'reader' },
  'ram:CreateLoginProfile': { UserName: 'nobody', Password: 'EXAMPLE' },
  'ram:GetUserMFAInfo': { UserName: 'reader' },
  'ram:GetRole': { RoleName: 'Deploy' },
  'ram:CreateRole': { RoleName: 'New', AssumeRolePolicyDocument: trust },
  'ram:UpdateRole': { RoleName: 'Deploy', NewDescription: 'd' },
  'ram:DeleteUser': { UserName: 'bare' },
  'ram:DeleteRole': { RoleName: 'AppRuntime' },
  'ims:ListAccessKeys': { UserPrincipalName: principal },
  'ims:UpdateLoginProfile': { UserPrincipalName: principal, Status: 'Inactive' },
  'actiontrail:LookupEvents': { MaxResults: '5' },
  'actiontrail:GetAccessKeyLastUsedInfo': { AccessKey: leaked },
  'actiontrail:GetAccessKeyLastUsedProducts': { AccessKey: leaked },
  'actiontrail:GetAccessKeyLastUsedIps': { AccessKey: leaked, ServiceName: 'Ecs', PageSize: '1' },
  'actiontrail:GetAccessKeyLastUsedEvents': { AccessKey: leaked, ServiceName: 'Ecs', PageSize: '1' },
  'actiontrail:GetAccessKeyLastUsedResources': { AccessKey: leaked, ServiceName: 'Ecs' },
  'actiontrail:GetTrailStatus': { Name: 'audit' },
  'actiontrail:StartLogging': { Name: 'audit' },
  'actiontrail:StopLogging': { Name: 'audit' },
  'actiontrail:CreateTrail': { Name: 'another', OssBucketName: 'logs' },
  'actiontrail:UpdateTrail': { Name: 'audit', OssBucketName: 'logs' },
  'actiontrail:DeleteTrail': { Name: 'audit' },
  'ecs:DescribeInstanceAttribute': instance,
  'ecs:StopInstances': { 'InstanceId.1': 'i-miner1' },
  'ecs:StopInstance': instance,
  'ecs:StartInstances': { 'InstanceId.1': 'i-miner1' },
  'ecs:DeleteInstances': { 'InstanceId.1': 'i-miner1', Force: 'true' },
  'ecs:CreateSnapshot': { DiskId: '$disk' },
  'ecs:DescribeSecurityGroupAttribute': { SecurityGroupId: 'sg-test1' },
  'ecs:GetInstanceConsoleOutput': instance,
  'ecs:GetInstanceScreenshot': instance,
  'ecs:DescribeUserData': instance,
  'ecs:DescribeInvocations': { IncludeOutput: 'true' },
  'ecs:DescribeInstanceRamRole': { RamRoleName: 'AppRuntime' },
  'ecs:ModifyInstanceAttribute': { ...instance, InstanceName: 'n' },
  'ecs:ModifyInstanceAutoReleaseTime': { ...instance, AutoReleaseTime: '2026-03-20T00:00:00Z' },
  'ecs:DetachInstanceRamRole': { InstanceIds: '["i-miner1"]', RamRoleName: 'AppRuntime' },
  'ecs:AttachInstanceRamRole': { InstanceIds: '["i-miner2"]', RamRoleName: 'AppRuntime' },
  'ecs:ModifyDiskAttribute': { DiskId: '$disk', DeleteWithInstance: 'false' },
  'ecs:CreateSnapshotGroup': { InstanceId: 'i-miner1', Name: 'set' },
  'ecs:LockSnapshot': { SnapshotId: '$snapshot', LockMode: 'compliance', CoolOffPeriod: '3', LockDuration: '1' },
  'ecs:UnlockSnapshot': { SnapshotId: '$snapshot' },
  'ecs:DescribeAutoProvisioningGroupInstances': { AutoProvisioningGroupId: 'apg-test1' },
  'ecs:ModifyAutoProvisioningGroup': { AutoProvisioningGroupId: 'apg-test1', TotalTargetCapacity: '0' },
  'ecs:DeleteAutoProvisioningGroup': { AutoProvisioningGroupId: 'apg-test1', TerminateInstances: 'false' },
  'ecs:CreateSecurityGroup': { VpcId: '$vpc', SecurityGroupName: 'new' },
  'ecs:ModifySecurityGroupPolicy': { SecurityGroupId: 'sg-test1', InnerAccessPolicy: 'Drop' },
  'ecs:AuthorizeSecurityGroupEgress': {
    SecurityGroupId: 'sg-test1',
    'Permissions.1.Policy': 'drop',
    'Permissions.1.IpProtocol': 'ALL',
    'Permissions.1.PortRange': '-1/-1',
    'Permissions.1.DestCidrIp': '0.0.0.0/0',
  },
  'ecs:DeleteSecurityGroup': { SecurityGroupId: 'sg-empty1' },
  'ecs:ModifyNetworkInterfaceAttribute': { NetworkInterfaceId: '$nic', 'SecurityGroupId.1': 'sg-test1' },
  'ecs:TagResources': { ResourceType: 'instance', 'ResourceId.1': 'i-miner1', 'Tag.1.Key': 'a', 'Tag.1.Value': 'b' },
};

function answer(call: string, operation: Operation): unknown {
  const seed = anAccount().world.seed;
  const maker = { key: leaked, ip: '203.0.113.66' };
  const account = anAccount({
    groups: [{ name: 'ops', created: '-1y', policies: ['ReadOnlyAccess'] }],
    users: [
      ...seed.users.map(({ name, keys, policies, login }) => ({
        name,
        created: '-1y',
        policies,
        keys: keys.map((key) => ({ ...key, created: '-1y' })),
        ...(name === 'reader' ? { groups: ['ops'] } : {}),
        ...(login ? { login: { created: '-1y', mfa: true, lastLogin: '-1d' } } : {}),
      })),
      { name: 'bare', created: '-1y' },
    ],
    roles: [
      { name: 'Deploy', created: '-1y', policies: ['AliyunECSReadOnlyAccess'], trust: seed.roles[0]?.trust ?? {} },
      {
        name: 'AppRuntime',
        created: '-1y',
        trust: { Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['ecs.aliyuncs.com'] } }] },
      },
    ],
    securityGroups: [
      { id: 'sg-test1', region: 'cn-hangzhou', name: 'web', created: '-1y', rules: [{ ports: '22/22', cidr: '0.0.0.0/0' }] },
      { id: 'sg-empty1', region: 'cn-hangzhou', name: 'none', created: '-1y' },
    ],
    provisioningGroups: [{ id: 'apg-test1', region: 'cn-hangzhou', name: 'fleet', created: '-1d', maker, capacity: 1, instanceType: 'ecs.gn6i-c8g1.2xlarge', image: 'img-miner' }],
    launchTemplates: [{ id: 'lt-test1', region: 'cn-hangzhou', name: 'template', created: '-1d', maker }],
    instances: [
      {
        ids: ['i-miner1', 'i-miner2'],
        names: ['m'],
        userData: '#!/bin/sh',
        role: 'AppRuntime',
        interfaces: [{ name: 'second' }],
        commands: [{ name: 'update', at: '-1h', content: 'curl' }],
      },
      { ids: ['i-miner3'], names: ['f'], group: 'apg-test1' },
    ].map((one) => ({ region: 'cn-hangzhou', type: 'ecs.gn6i-c8g1.2xlarge', image: 'img-miner', created: '-2h', maker, ...one })),
  });
  const disk = [...account.world.disks.values()].find((one) => one.instance === 'i-miner1')?.id ?? '';
  const made = account.ok('ecs:CreateSnapshot', { DiskId: [...account.world.disks.values()].find((one) => one.instance === 'i-miner2')?.id ?? '' });
  const snapshot = String(made['SnapshotId']);
  if (call === 'ecs:DescribeLockedSnapshots') account.ok('ecs:LockSnapshot', { ...questions['ecs:LockSnapshot'], SnapshotId: snapshot });
  if (call === 'ecs:DescribeSnapshotGroups') account.ok('ecs:CreateSnapshotGroup', { InstanceId: 'i-miner1' });
  const { vpc = '', interfaces = [] } = account.world.instances.get('i-miner1') ?? {};
  const known: Readonly<Record<string, string>> = { $disk: disk, $snapshot: snapshot, $vpc: vpc, $nic: interfaces[0]?.id ?? '' };
  const params = Object.fromEntries(Object.entries(questions[call] ?? {}).map(([name, value]) => [name, known[value] ?? value]));
  return account.ok(call, params, operation.method ? { method: operation.method } : {});
}

describe.skipIf(!there)('the range speaks the official names', () => {
  it('for nearly every call it serves', () => {
    const served = Object.values(products).flatMap((product) => Object.keys(product.operations));
    expect(calls.length / served.length).toBeGreaterThan(0.85);
  });
  it.each(calls)('%s takes official parameters, the required ones required', (_, operation, meta) => {
    const official = meta.openapi_meta_en_US_2026_04?.parameters ?? [];
    const names = new Map(official.map((one) => [one.name, one]));
    const ours = operation.params.map((one) => one.replace(/!$/, ''));
    expect(ours.filter((one) => !names.has(one.replace(/\.N$/, '')))).toEqual([]);
    expect(ours.filter((one) => one.endsWith('.N') !== ['RepeatList', 'Json'].includes(names.get(one.replace(/\.N$/, ''))?.type ?? ''))).toEqual([]);
    const required = official.filter((one) => one.required === true).map((one) => one.name);
    expect(
      operation.params
        .filter((one) => one.endsWith('!'))
        .map((one) => one.replace(/(\.N)?!$/, ''))
        .toSorted(),
    ).toEqual(required.toSorted());
    expect(operation.method ?? 'GET|POST').toBe(meta.openapi_meta_en_US_2026_04?.method);
  });
  it.each(calls)('%s answers in the official shape', (call, operation, meta) => {
    const schema = meta.api_docs_2024_07?.responseSchema;
    const ours = answer(call, operation) as Readonly<Record<string, unknown>>;
    // The newest calls are in the metadata without their answers: test/range/contain.test.ts reads those with the SDK.
    if (schema === undefined) return;
    expect(strangers(ours, schema, '')).toEqual([]);
    expect(Object.keys(schema?.properties ?? {}).filter((name) => !(name in ours) && !optional.has(name))).toEqual([]);
  });
});
