// ECS on the wire: what an instance looks like, how listings page, how dry runs end. Reads only.
import { ApiError } from './call.ts';
import type { Context } from './call.ts';
import { iso, statusOf } from './world.ts';
import type { Disk, Instance, World } from './world.ts';

/** ECS writes times to the minute. */
export function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}

/** Tags as every ECS listing shows them. */
export const tagList = (tags: ReadonlyMap<string, string>) => ({ Tag: [...tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })) });

/** The parameters every ECS listing pages by. */
export const pageParams = ['MaxResults', 'NextToken', 'PageNumber', 'PageSize'] as const;

/** One page, by token or by number. `MaxResults` below 10 counts as 10, above `most` as `most`. */
export function page<T extends { readonly id: string }>(
  context: Context,
  items: readonly T[],
  most = 100,
): { readonly items: readonly T[]; readonly frame: { readonly TotalCount: number; readonly PageNumber: number; readonly PageSize: number; readonly NextToken: string } } {
  const { p } = context;
  const listed = context.hidden ? [] : items;
  if (p.text('MaxResults') === undefined && p.text('NextToken') === undefined) {
    const number = p.whole('PageNumber', 1, [1, 1_000_000]);
    const size = p.whole('PageSize', 10, [1, most]);
    return { items: listed.slice((number - 1) * size, number * size), frame: { TotalCount: listed.length, PageNumber: number, PageSize: size, NextToken: '' } };
  }
  const { items: shown, NextToken, size } = tokenPage(context, items, most);
  return { items: shown, frame: { TotalCount: listed.length, PageNumber: 1, PageSize: size, NextToken } };
}

/** One page of a listing that knows tokens only. */
export function tokenPage<T extends { readonly id: string }>(
  { p, hidden }: Context,
  items: readonly T[],
  most = 100,
): { readonly items: readonly T[]; readonly NextToken: string; readonly size: number } {
  const listed = hidden ? [] : items;
  const size = p.whole('MaxResults', 10, [10, most]);
  const after = p.text('NextToken');
  const from = after === undefined ? 0 : listed.findIndex((one) => one.id === Buffer.from(after, 'base64url').toString('utf8')) + 1;
  if (after !== undefined && from === 0) throw new ApiError(400, 'InvalidParameter.NextToken', 'The specified NextToken is not valid.');
  const shown = listed.slice(from, from + size);
  const last = shown.at(-1);
  const more = from + size < listed.length && last !== undefined;
  return { items: shown, size, NextToken: more ? Buffer.from(last.id).toString('base64url') : '' };
}

/** Ends a dry run the way the cloud does: with an error that means it would have worked. */
export function endDryRun(context: Context, code: 'DryRunOperation' | 'DRYRUN.SUCCESS' = 'DryRunOperation'): void {
  if (context.p.flag('DryRun')) throw new ApiError(400, code, 'Request validation has been passed with DryRun flag set.');
}

/** An instance of the call's region, or the cloud's 404. */
export function instanceOf(context: Context, id = context.p.need('InstanceId')): Instance {
  const instance = context.world.instances.get(id);
  if (!instance || instance.region !== context.region) throw new ApiError(404, 'InvalidInstanceId.NotFound', 'The specified InstanceId does not exist.');
  return instance;
}

/** What every order to an instance under a security lock answers. */
export const locked = (): ApiError => new ApiError(403, 'InstanceLockedForSecurity', 'The specified operation is denied as your instance is locked for security reasons.');

/** The disks of an instance, its system disk first. */
export const disksOf = (world: World, instance: string): readonly Disk[] => [...world.disks.values()].filter((disk) => disk.instance === instance);

/** Fits the filters a listing names? Absent filters fit everything. */
export function fits(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted === undefined || wanted === actual;
}

/** Has it every tag the call filters by? A filter without a value asks for the key alone. */
export function hasTags(context: Context, tags: ReadonlyMap<string, string>): boolean {
  return context.p.objects('Tag').every(({ Key, Value }) => Key === undefined || (tags.has(Key) && (Value === undefined || tags.get(Key) === Value)));
}

/** The id of an instance's primary network interface. */
const interfaceId = (instance: Instance): string => `eni-${instance.id.slice(2)}`;
/** The MAC address of an interface, made from its private address. */
export const macOf = (privateIp: string): string =>
  `00:16:3e:${privateIp
    .split('.')
    .slice(1)
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`;

/** One network interface, as listings and calls know it. */
export type Nic = { readonly id: string; readonly instance: Instance; readonly primary: boolean; readonly name: string; readonly privateIp: string; readonly vSwitch: string };

/** The interfaces of an instance, the primary one first; a classic instance has none. */
export function nicsOf(instance: Instance): readonly Nic[] {
  if (instance.network === 'classic') return [];
  const { privateIp, vSwitch } = instance;
  return [{ id: interfaceId(instance), instance, primary: true, name: '', privateIp, vSwitch }, ...instance.interfaces.map((one) => ({ ...one, instance, primary: false }))];
}

const common = (instance: Instance, at: number) => ({
  InstanceId: instance.id,
  InstanceName: instance.name,
  Description: instance.description,
  HostName: instance.hostName,
  ImageId: instance.image,
  RegionId: instance.region,
  ZoneId: instance.zone,
  ClusterId: '',
  VlanId: '',
  SerialNumber: `00000000-0000-4000-8000-${Buffer.from(instance.id).toString('hex').padEnd(12, '0').slice(-12)}`,
  InstanceType: instance.type,
  Cpu: instance.cpu,
  Memory: instance.memoryMiB,
  Status: statusOf(instance, at),
  StoppedMode: stoppedModeOf(instance, at),
  InstanceNetworkType: instance.network,
  InstanceChargeType: instance.charge,
  InternetChargeType: 'PayByTraffic',
  InternetMaxBandwidthIn: 100,
  InternetMaxBandwidthOut: instance.publicIp === undefined ? 0 : 100,
  CreationTime: minute(instance.created),
  ExpiredTime: instance.charge === 'PrePaid' ? minute(instance.created + 3 * 365 * 86_400_000) : '2099-12-31T15:59Z',
  CreditSpecification: '',
  SecurityGroupIds: { SecurityGroupId: instance.securityGroups },
  PublicIpAddress: { IpAddress: instance.publicIp === undefined ? [] : [instance.publicIp] },
  InnerIpAddress: { IpAddress: instance.network === 'classic' ? [instance.privateIp] : [] },
  VpcAttributes:
    instance.network === 'classic'
      ? { VpcId: '', VSwitchId: '', NatIpAddress: '', PrivateIpAddress: { IpAddress: [] } }
      : { VpcId: instance.vpc, VSwitchId: instance.vSwitch, NatIpAddress: '', PrivateIpAddress: { IpAddress: [instance.privateIp] } },
  EipAddress:
    instance.eip === undefined
      ? { AllocationId: '', IpAddress: '', InternetChargeType: '', Bandwidth: 0 }
      : { AllocationId: `eip-${instance.id.slice(2)}`, IpAddress: instance.eip, InternetChargeType: 'PayByTraffic', Bandwidth: 100 },
  OperationLocks: { LockReason: instance.securityLock ? [{ LockReason: 'security' }] : [] },
});

const osNames = { linux: ['CentOS  7.9 64位', 'CentOS  7.9 64 bit'], windows: ['Windows Server  2022 数据中心版 64位中文版', 'Windows Server  2022 Data Center 64 bit'] } as const;

/** An instance as DescribeInstances shows it. */
export function describedInstance(instance: Instance, at: number) {
  const [OSName, OSNameEn] = osNames[instance.os];
  return {
    ...common(instance, at),
    OSType: instance.os,
    OSName,
    OSNameEn,
    StartTime: minute(instance.started),
    AutoReleaseTime: instance.autoRelease === undefined ? '' : minute(instance.autoRelease),
    DeletionProtection: instance.deletionProtection,
    DeviceAvailable: true,
    GPUAmount: instance.gpu,
    GPUSpec: instance.gpu > 0 ? 'NVIDIA GPU' : '',
    InstanceTypeFamily: instance.type.split('.').slice(0, 2).join('.'),
    IoOptimized: true,
    KeyPairName: '',
    LocalStorageAmount: instance.localDisk ? 1 : 0,
    LocalStorageCapacity: instance.localDisk ? 894 : 0,
    Recyclable: false,
    ResourceGroupId: '',
    SaleCycle: '',
    SpotStrategy: instance.spot ? 'SpotAsPriceGo' : 'NoSpot',
    SpotPriceLimit: 0,
    SpotDuration: 0,
    Tags: tagList(instance.tags),
    MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'optional', HttpPutResponseHopLimit: 1 },
    NetworkInterfaces: {
      NetworkInterface: nicsOf(instance).map(({ id, primary, privateIp }) => ({
        NetworkInterfaceId: id,
        MacAddress: macOf(privateIp),
        Type: primary ? 'Primary' : 'Secondary',
        PrimaryIpAddress: privateIp,
        PrivateIpSets: { PrivateIpSet: [{ PrivateIpAddress: privateIp, Primary: true }] },
      })),
    },
  };
}

/** The same as DescribeInstanceAttribute shows it. */
export function instanceAttribute(instance: Instance, at: number) {
  return { ...common(instance, at), IoOptimized: 'optimized', EnableJumboFrame: false };
}

/** `Not-applicable` while it runs, as the cloud has it. */
export function stoppedModeOf(instance: Instance, at: number): string {
  return statusOf(instance, at) === 'Stopped' ? (instance.stoppedMode ?? 'KeepCharging') : 'Not-applicable';
}

/** ISO 8601, or an empty text for what never happened. */
export const isoOrEmpty = (at: number | undefined): string => (at === undefined ? '' : iso(at));
