// ECS: making instances.
import { addInstance } from './build.ts';
import { ApiError, newId, write } from './call.ts';
import type { Context, Operation } from './call.ts';
import { claim } from './ecs-idempotence.ts';
import { releaseAt } from './ecs-attributes.ts';
import { endDryRun } from './ecs-shape.ts';
import { defaultGroup, lower } from './world.ts';

const bootMs = 45_000;

type Size = { readonly cpu: number; readonly memoryMiB: number; readonly gpu: number };
const sizes: Readonly<Record<string, Size>> = {
  'ecs.gn7i-c16g1.4xlarge': { cpu: 16, memoryMiB: 61_440, gpu: 1 },
  'ecs.gn6i-c8g1.2xlarge': { cpu: 8, memoryMiB: 31_744, gpu: 1 },
};

/** What an instance of a type has; a small one when the type is not known here. */
export const sizeOf = (type: string): Size => sizes[type] ?? { cpu: 4, memoryMiB: 8192, gpu: 0 };

const launchParams = [
  'RegionId!',
  'ImageId',
  'InstanceType',
  'SecurityGroupId',
  'VSwitchId',
  'ZoneId',
  'InstanceName',
  'Description',
  'HostName',
  'InstanceChargeType',
  'SpotStrategy',
  'InternetMaxBandwidthOut',
  'RamRoleName',
  'UserData',
  'ClientToken',
  'DryRun',
  'Tag.N',
  'DataDisk.N',
  'DeletionProtection',
  'AutoReleaseTime',
] as const;

function launch(context: Context, amount: number, power: 'Running' | 'Stopped'): readonly string[] {
  const { world, p, at, region } = context;
  const type = p.text('InstanceType');
  if (type === undefined)
    throw new ApiError(400, 'MissingParameter.InstanceType', 'The input parameter InstanceType that is mandatory for processing this request is not supplied.');
  if (p.text('ImageId') === undefined)
    throw new ApiError(400, 'MissingParameter.ImageId', 'The input parameter ImageId that is mandatory for processing this request is not supplied.');
  endDryRun(context);
  const group = p.text('SecurityGroupId') ?? defaultGroup(world, region);
  return Array.from({ length: amount }, (_, index) => {
    const id = `i-${newId(context, 20, lower, `instance ${index}`)}`;
    addInstance(
      world,
      {
        id,
        region,
        zone: p.text('ZoneId') ?? `${region}-a`,
        name: p.text('InstanceName') ?? id,
        description: p.text('Description') ?? '',
        hostName: p.text('HostName') ?? id,
        type,
        image: p.text('ImageId') ?? '',
        os: 'linux',
        ...sizeOf(type),
        created: at,
        charge: p.text('InstanceChargeType') === 'PrePaid' ? 'PrePaid' : 'PostPaid',
        spot: (p.text('SpotStrategy') ?? 'NoSpot') !== 'NoSpot',
        network: 'vpc',
        localDisk: false,
        power,
        settles: at + bootMs,
        started: at,
        stoppedMode: power === 'Stopped' ? 'KeepCharging' : undefined,
        publicIp: Number(p.text('InternetMaxBandwidthOut') ?? 0) > 0 ? `203.0.113.${100 + (world.instances.size % 100)}` : undefined,
        eip: undefined,
        securityGroups: [group],
        interfaces: [],
        role: p.text('RamRoleName'),
        tags: new Map(p.objects('Tag').map(({ Key = '', Value = '' }) => [Key, Value])),
        userData: p.text('UserData') === undefined ? '' : Buffer.from(p.need('UserData'), 'base64').toString('utf8'),
        console: '',
        invocations: [],
        securityLock: false,
        deletionProtection: p.flag('DeletionProtection'),
        autoRelease: releaseAt(p.text('AutoReleaseTime'), at),
        group: undefined,
      },
      [
        { category: 'cloud_essd', sizeGiB: 40, withInstance: true },
        ...p.objects('DataDisk').map((disk) => ({ category: disk['Category'] ?? 'cloud_essd', sizeGiB: Number(disk['Size'] ?? 40), withInstance: true })),
      ],
    );
    return id;
  });
}

export const launches: Readonly<Record<string, Operation>> = {
  RunInstances: write(
    [...launchParams, 'Amount', 'MinAmount', 'UniqueSuffix'],
    (context) => {
      const { ids, changed } = claim(context, () => launch(context, context.p.whole('Amount', 1, [1, 100]), 'Running'));
      return { targets: ids, changed, body: { InstanceIdSets: { InstanceIdSet: ids } } };
    },
    { resources: () => ['instance/*'] },
  ),
  CreateInstance: write(
    launchParams,
    (context) => {
      const { ids, changed } = claim(context, () => launch(context, 1, 'Stopped'));
      return { targets: ids, changed, body: { InstanceId: ids[0] ?? '' } };
    },
    { resources: () => ['instance/*'] },
  ),
};
