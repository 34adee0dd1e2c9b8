// ECS: how its calls look and what its answers say about instances, disks and snapshots. Decides nothing.
import type { JsonObject } from '../text.ts';
import type { Call, Reader, Refused } from './define.ts';
import { at, homeRegion, listAt, named, numberAt, numbered, read, textAt, textsAt, write, yesAt } from './wire.ts';

/** The same list from everywhere; where it is asked decides whose log shows the call. */
export function describeRegions(region: string = homeRegion): Call {
  return read('ecs', 'DescribeRegions', { AcceptLanguage: 'en-US' }, region);
}

/** A page of 100; an empty answer may also mean "no permission": see `probeInstances`. */
export function describeInstances(region: string, token = ''): Call {
  return read('ecs', 'DescribeInstances', { MaxResults: '100', ...pageAfter(token) }, region);
}

/** Answers with the error `DryRunOperation` when the caller may list instances. */
export function probeInstances(region: string): Call {
  return read('ecs', 'DescribeInstances', { DryRun: 'true' }, region);
}

/** At most 100. `InstanceIds` is a JSON text; an empty list would be a filter that finds nothing. */
export function describeSome(region: string, instanceIds: readonly string[], token = ''): Call {
  return read('ecs', 'DescribeInstances', { InstanceIds: JSON.stringify(instanceIds.map((id) => named('instance id', id))), MaxResults: '100', ...pageAfter(token) }, region);
}

export function describeInstance(region: string, instanceId: string): Call {
  return describeSome(region, [instanceId]);
}

export function describeUserData(region: string, instanceId: string): Call {
  return read('ecs', 'DescribeUserData', { InstanceId: named('instance id', instanceId) }, region);
}

export function getInstanceConsoleOutput(region: string, instanceId: string): Call {
  return read('ecs', 'GetInstanceConsoleOutput', { InstanceId: named('instance id', instanceId) }, region);
}

/** At most one in 10 seconds for an instance, and only while it runs. */
export function getInstanceScreenshot(region: string, instanceId: string): Call {
  return read('ecs', 'GetInstanceScreenshot', { InstanceId: named('instance id', instanceId) }, region);
}

/** Cloud Assistant history with its output: what was run on the instance. */
export function describeInvocations(region: string, instanceId: string, token = ''): Call {
  return read('ecs', 'DescribeInvocations', { InstanceId: named('instance id', instanceId), IncludeOutput: 'true', MaxResults: '50', ...pageAfter(token) }, region);
}

export function describeNetworkInterfaces(region: string, instanceId: string, token = ''): Call {
  return read('ecs', 'DescribeNetworkInterfaces', { InstanceId: named('instance id', instanceId), MaxResults: '100', ...pageAfter(token) }, region);
}

export function describeDisks(region: string, instanceId: string, token = ''): Call {
  return read('ecs', 'DescribeDisks', { InstanceId: named('instance id', instanceId), MaxResults: '100', ...pageAfter(token) }, region);
}

export function describeSnapshots(region: string, filter: Readonly<Record<string, string>>, token = ''): Call {
  return read('ecs', 'DescribeSnapshots', { ...filter, MaxResults: '100', ...pageAfter(token) }, region);
}

/** The list price of one instance for one hour. */
export function describePrice(region: string, instanceType: string): Call {
  return read('ecs', 'DescribePrice', { ResourceType: 'instance', InstanceType: named('instance type', instanceType), PriceUnit: 'Hour' }, region);
}

export type NewSnapshot = { readonly diskId: string; readonly name: string; readonly clientToken: string; readonly caseId: string };

/** Without RetentionDays it is never deleted by itself. */
export function createSnapshot(region: string, { diskId, name, clientToken, caseId }: NewSnapshot): Call {
  return write(
    'ecs',
    'CreateSnapshot',
    {
      DiskId: named('disk id', diskId),
      SnapshotName: named('snapshot name', name),
      ClientToken: named('client token', clientToken),
      'Tag.1.Key': 'firebreak-case',
      'Tag.1.Value': named('case id', caseId),
    },
    region,
  );
}

/** `SuccessFirst`: one that can not be stopped does not keep the others running. */
export function stopInstances(region: string, instanceIds: readonly string[], stoppedMode: 'StopCharging' | 'KeepCharging'): Call {
  return write('ecs', 'StopInstances', { ...numbered('InstanceId', instanceIds), StoppedMode: stoppedMode, BatchOptimization: 'SuccessFirst', ForceStop: 'false' }, region);
}

export function startInstances(region: string, instanceIds: readonly string[]): Call {
  return write('ecs', 'StartInstances', { ...numbered('InstanceId', instanceIds), BatchOptimization: 'SuccessFirst' }, region);
}

/** Nothing for the first page. */
export function pageAfter(token: string): Readonly<Record<string, string>> {
  return token === '' ? {} : { NextToken: token };
}

/** Far beyond any list these calls give; a service that never ends is not followed for ever. */
const mostPages = 200;

type Seal = { readonly kind: string; readonly target?: string; readonly sensitive?: boolean };

/** The bodies of all pages of a list: a service may make them as short as it likes. `cut`: it went on without end. */
export type Pages = { readonly bodies: readonly JsonObject[]; readonly cut: boolean };

/** Reads a list to its end; the first page that is refused refuses all. */
export async function readPages(reader: Reader, call: (token: string) => Call, seal?: Seal): Promise<Pages | Refused> {
  const bodies: JsonObject[] = [];
  let token = '';
  do {
    const reply = await reader.read(call(token), seal);
    if (!reply.ok) return reply;
    bodies.push(reply.body);
    const following = textAt(reply.body, 'NextToken');
    if (following === token) break;
    token = following;
  } while (token !== '' && bodies.length < mostPages);
  return { bodies, cut: token !== '' && bodies.length >= mostPages };
}

export type Instance = {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly type: string;
  readonly image: string;
  /** ISO 8601, to the minute. */
  readonly created: string;
  readonly status: string;
  readonly stoppedMode: string;
  /** Public or elastic address; '' when it has none. */
  readonly publicIp: string;
  /** `PostPaid` or `PrePaid`. */
  readonly charge: string;
  /** A spot instance: the cloud may take it back, and it can not be protected. */
  readonly spot: boolean;
  readonly network: string;
  readonly deletionProtection: boolean;
  /** When it is released by itself, ISO 8601 to the minute; '' when it is not. */
  readonly autoRelease: string;
  /** '' on the classic network. */
  readonly vpc: string;
  /** The security groups of its primary interface. */
  readonly groups: readonly string[];
  readonly localDisk: boolean;
  readonly securityLocked: boolean;
  /** `key=value`, sorted. */
  readonly tags: readonly string[];
};

/** The instances of an answer to DescribeInstances. */
export function instancesIn(body: JsonObject): readonly Instance[] {
  return listAt(body, 'Instances', 'Instance').map((row) => ({
    id: textAt(row, 'InstanceId'),
    name: textAt(row, 'InstanceName'),
    region: textAt(row, 'RegionId'),
    type: textAt(row, 'InstanceType'),
    image: textAt(row, 'ImageId'),
    created: textAt(row, 'CreationTime'),
    status: textAt(row, 'Status'),
    stoppedMode: textAt(row, 'StoppedMode'),
    publicIp: textsAt(row, 'PublicIpAddress', 'IpAddress')[0] ?? textAt(row, 'EipAddress', 'IpAddress'),
    charge: textAt(row, 'InstanceChargeType'),
    spot: !['', 'NoSpot'].includes(textAt(row, 'SpotStrategy')),
    network: textAt(row, 'InstanceNetworkType'),
    deletionProtection: yesAt(row, 'DeletionProtection'),
    autoRelease: textAt(row, 'AutoReleaseTime'),
    vpc: textAt(row, 'VpcAttributes', 'VpcId'),
    groups: textsAt(row, 'SecurityGroupIds', 'SecurityGroupId'),
    localDisk: Number(textAt(row, 'LocalStorageAmount') || '0') > 0,
    securityLocked: listAt(row, 'OperationLocks', 'LockReason').some((lock) => textAt(lock, 'LockReason') === 'security'),
    tags: listAt(row, 'Tags', 'Tag')
      .map((tag) => `${textAt(tag, 'TagKey')}=${textAt(tag, 'TagValue')}`)
      .toSorted(),
  }));
}

/** `withInstance`: released together with its instance. */
export type Disk = { readonly id: string; readonly category: string; readonly gib: number; readonly withInstance: boolean };

export function disksIn(body: JsonObject): readonly Disk[] {
  return listAt(body, 'Disks', 'Disk').map((row) => ({
    id: textAt(row, 'DiskId'),
    category: textAt(row, 'Category'),
    gib: numberAt(row, 'Size') ?? 0,
    withInstance: yesAt(row, 'DeleteWithInstance'),
  }));
}

/** Local disks die with their host; no snapshot can be made of them. */
export function isLocal({ category }: Pick<Disk, 'category'>): boolean {
  return category.startsWith('local') || category.startsWith('ephemeral');
}

export type Snapshot = { readonly id: string; readonly name: string; readonly diskId: string; readonly status: string; readonly progress: string };

export function snapshotsIn(body: JsonObject): readonly Snapshot[] {
  return listAt(body, 'Snapshots', 'Snapshot').map((row) => ({
    id: textAt(row, 'SnapshotId'),
    name: textAt(row, 'SnapshotName'),
    diskId: textAt(row, 'SourceDiskId'),
    status: textAt(row, 'Status'),
    progress: textAt(row, 'Progress'),
  }));
}

/** CNY an hour for the instance alone, without disks and traffic; null when the answer does not say or is in another currency. */
export function hourlyPrice(body: JsonObject): number | null {
  if (textAt(body, 'PriceInfo', 'Price', 'Currency') !== 'CNY') return null;
  const parts = listAt(body, 'PriceInfo', 'Price', 'DetailInfos', 'DetailInfo');
  const own = parts.find((part) => textAt(part, 'Resource') === 'instanceType');
  const price = Number(textAt(own ?? at(body, 'PriceInfo', 'Price'), 'TradePrice') || Number.NaN);
  return Number.isFinite(price) ? price : null;
}

/** One instance as it is now. Gone only when an empty list was earned: who may not look sees an empty list too. */
export async function readInstance(reader: Reader, region: string, instanceId: string, seal?: Seal): Promise<Instance | Refused> {
  const reply = await reader.read(describeInstance(region, instanceId), seal);
  if (!reply.ok) return reply;
  const found = instancesIn(reply.body).find(({ id }) => id === instanceId);
  if (found !== undefined) return found;
  const probe = await reader.read(probeInstances(region));
  if (probe.ok || mayList(probe)) return { ok: false, refusal: 'gone', code: 'InvalidInstanceId.NotFound', message: `${instanceId} is not in the list.`, retries: 0 };
  return probe;
}

/** The dry run's way to say yes. */
export function mayList(probe: Refused): boolean {
  return probe.code.startsWith('DryRun');
}
