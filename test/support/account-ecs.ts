// The fake account's ECS: listing, volatile parts, snapshots, stop and start, prices. Answers as the real one does where our code depends on it.
import type { Call } from '../../src/actions/define.ts';
import type { JsonObject } from '../../src/text.ts';
import type { Account, Answer, Instance } from './account.ts';

/** One rogue-looking instance; give it an id of its own. */
export function anInstance(over: Partial<Instance> & { readonly id: string }): Instance {
  return {
    region: 'cn-beijing',
    type: 'ecs.gn7i-c16g1.4xlarge',
    image: 'm-EXAMPLEminer',
    created: '2026-03-01T02:20Z',
    status: 'Running',
    stoppedMode: 'Not-applicable',
    publicIp: '198.51.100.9',
    charge: 'PostPaid',
    tags: {},
    disks: [{ id: `d-${over.id}`, category: 'cloud_essd' }],
    ...over,
  };
}

const param = (call: Call, name: string): string => call.params[name] ?? '';
const refusing = (refusal: 'gone' | 'invalid', code: string, status: number) =>
  ({ ok: false, refusal, code, message: code, status, text: JSON.stringify({ Code: code }), retries: 0 }) as const;

function here({ instances }: Account, call: Call): readonly Instance[] {
  const wanted = param(call, 'InstanceIds');
  const ids = wanted === '' ? undefined : (JSON.parse(wanted) as string[]);
  return instances.filter(({ id, region }) => region === call.region && (ids === undefined || ids.includes(id)));
}

function one(account: Account, call: Call): Instance | undefined {
  return account.instances.find(({ id, region }) => id === param(call, 'InstanceId') && region === call.region);
}

function described(instance: Instance): JsonObject {
  const { id, region, type, image, created, status, stoppedMode, publicIp, charge, tags, protection, localDisk, lockedForSecurity } = instance;
  return {
    InstanceId: id,
    InstanceName: id,
    RegionId: region,
    InstanceType: type,
    ImageId: image,
    CreationTime: created,
    Status: status,
    StoppedMode: stoppedMode,
    PublicIpAddress: { IpAddress: publicIp === '' ? [] : [publicIp] },
    InstanceChargeType: charge,
    InstanceNetworkType: 'vpc',
    DeletionProtection: protection ?? false,
    LocalStorageAmount: localDisk === true ? 1 : 0,
    OperationLocks: { LockReason: lockedForSecurity === true ? [{ LockReason: 'security' }] : [] },
    Tags: { Tag: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
  };
}

/** Answers about one instance: gone when it is not there. */
function about(give: (instance: Instance) => JsonObject | ReturnType<typeof refusing>): Answer {
  return (account, call) => {
    const instance = one(account, call);
    return instance === undefined ? refusing('gone', 'InvalidInstanceId.NotFound', 404) : give(instance);
  };
}

function power(to: 'Stopped' | 'Running'): Answer {
  return (account, call) => {
    const ids = Object.entries(call.params)
      .filter(([name]) => name.startsWith('InstanceId.'))
      .map(([, id]) => id);
    const rows = ids.map((id) => {
      const instance = account.instances.find((each) => each.id === id && each.region === call.region);
      if (instance === undefined) return { InstanceId: id, Code: 'InvalidInstanceId.NotFound', Message: 'not found' };
      if (instance.lockedForSecurity === true) return { InstanceId: id, Code: 'InstanceLockedForSecurity', Message: 'locked', PreviousStatus: instance.status };
      const before = instance.status;
      instance.status = to;
      instance.stoppedMode = to === 'Stopped' ? (instance.charge === 'PrePaid' || instance.localDisk === true ? 'KeepCharging' : param(call, 'StoppedMode')) : 'Not-applicable';
      return { InstanceId: id, Code: '200', Message: 'success', PreviousStatus: before, CurrentStatus: to };
    });
    return { InstanceResponses: { InstanceResponse: rows } };
  };
}

export const ecs: Readonly<Record<string, Answer>> = {
  'ecs:DescribeRegions': ({ regions }) => ({ Regions: { Region: regions.map((id) => ({ RegionId: id })) } }),
  'ecs:DescribeInstances': (account, call) => {
    if (param(call, 'DryRun') === 'true') return refusing('invalid', 'DryRunOperation', 400);
    return { Instances: { Instance: here(account, call).map(described) }, NextToken: '' };
  },
  'ecs:DescribeUserData': about(({ id }) => ({ InstanceId: id, UserData: 'IyEvYmluL3No' })),
  'ecs:GetInstanceConsoleOutput': about(({ id }) => ({ InstanceId: id, ConsoleOutput: 'Ym9vdA==' })),
  'ecs:GetInstanceScreenshot': about(({ id, status }) => (status === 'Running' ? { InstanceId: id, Screenshot: '/9j/' } : refusing('invalid', 'IncorrectInstanceStatus', 405))),
  'ecs:DescribeInvocations': about(() => ({ Invocations: { Invocation: [] }, NextToken: '' })),
  'ecs:DescribeNetworkInterfaces': about(() => ({ NetworkInterfaceSets: { NetworkInterfaceSet: [] } })),
  'ecs:DescribeDisks': (account, call) => ({ Disks: { Disk: (one(account, call)?.disks ?? []).map(({ id, category }) => ({ DiskId: id, Category: category })) } }),
  'ecs:DescribePrice': ({ prices }, call) => {
    const price = prices[param(call, 'InstanceType')];
    return price === undefined ? refusing('invalid', 'PriceNotFound', 404) : { PriceInfo: { Price: { Currency: 'CNY', TradePrice: price, OriginalPrice: price } } };
  },
  'ecs:CreateSnapshot': (account, call) => {
    const known = account.snapshots.find(({ token }) => token === param(call, 'ClientToken'));
    if (known !== undefined) return { SnapshotId: known.id };
    const owner = account.instances.find(({ disks }) => disks.some(({ id }) => id === param(call, 'DiskId')));
    if (owner === undefined) return refusing('gone', 'InvalidDiskId.NotFound', 404);
    const id = `s-${account.snapshots.length + 1}`;
    account.snapshots.push({
      id,
      diskId: param(call, 'DiskId'),
      instanceId: owner.id,
      region: call.region,
      name: param(call, 'SnapshotName'),
      status: 'progressing',
      tags: {},
      token: param(call, 'ClientToken'),
    });
    return { SnapshotId: id };
  },
  'ecs:DescribeSnapshots': ({ snapshots }, call) => {
    const fits =
      ([name, key]: readonly [string, 'diskId' | 'instanceId' | 'name' | 'status']) =>
      (each: (typeof snapshots)[number]) =>
        param(call, name) === '' || each[key] === param(call, name);
    const tests = (
      [
        ['DiskId', 'diskId'],
        ['InstanceId', 'instanceId'],
        ['SnapshotName', 'name'],
        ['Status', 'status'],
      ] as const
    ).map(fits);
    const found = snapshots.filter((each) => each.region === call.region && tests.every((test) => test(each)));
    return {
      Snapshots: {
        Snapshot: found.map(({ id, name, diskId, status }) => ({
          SnapshotId: id,
          SnapshotName: name,
          SourceDiskId: diskId,
          Status: status,
          Progress: status === 'accomplished' ? '100%' : '30%',
        })),
      },
    };
  },
  'ecs:StopInstances': power('Stopped'),
  'ecs:StartInstances': power('Running'),
};
