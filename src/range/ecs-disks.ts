// ECS: disks and their snapshots, which take scenario time and fail when their instance stops meanwhile.
import { ApiError, newId, read, write } from './call.ts';
import type { Context, Operation } from './call.ts';
import { claim } from './ecs-idempotence.ts';
import { endDryRun, fits, hasTags, page, pageParams, tagList } from './ecs-shape.ts';
import { iso, lower, statusOf } from './world.ts';
import type { Disk, Snapshot } from './world.ts';

const attached = (disk: Disk) => ({ InstanceId: disk.instance, Device: disk.device, AttachedTime: iso(disk.created) });

const describedDisk = (context: Context, disk: Disk) => {
  const { world } = context;
  const instance = world.instances.get(disk.instance);
  const used = instance !== undefined;
  return {
    DiskId: disk.id,
    DiskName: '',
    Description: '',
    RegionId: disk.region,
    ZoneId: disk.zone,
    SerialNumber: disk.id.slice(2),
    Size: disk.sizeGiB,
    Category: disk.category,
    Type: disk.kind,
    Encrypted: false,
    PerformanceLevel: disk.category === 'cloud_essd' ? 'PL1' : '',
    Status: used ? 'In_use' : 'Available',
    Portable: disk.kind === 'data',
    InstanceId: used ? disk.instance : '',
    Device: used ? disk.device : '',
    ImageId: disk.kind === 'system' ? (instance?.image ?? '') : '',
    SourceSnapshotId: '',
    CreationTime: iso(disk.created),
    AttachedTime: used ? iso(disk.created) : '',
    DetachedTime: '',
    ExpiredTime: '2999-09-08T16:00Z',
    DiskChargeType: instance?.charge ?? 'PostPaid',
    DeleteWithInstance: disk.withInstance,
    DeleteAutoSnapshot: true,
    EnableAutoSnapshot: true,
    ResourceGroupId: '',
    Attachments: { Attachment: used ? [attached(disk)] : [] },
    MountInstances: { MountInstance: [] },
    OperationLocks: { OperationLock: instance?.securityLock ? [{ LockReason: 'security' }] : [] },
    Tags: tagList(disk.tags),
  };
};

const statusAt = (snapshot: Snapshot, at: number): 'progressing' | 'accomplished' | 'failed' =>
  snapshot.failed !== undefined ? 'failed' : at >= snapshot.done ? 'accomplished' : 'progressing';

function progress(snapshot: Snapshot, at: number): string {
  if (statusAt(snapshot, at) === 'accomplished') return '100%';
  // One that never ends stands still at a plausible figure.
  const share = Number.isFinite(snapshot.done) ? (Math.min(at, snapshot.failed ?? at) - snapshot.created) / (snapshot.done - snapshot.created) : 0.42;
  return `${Math.floor(share * 100)}%`;
}

const describedSnapshot = (context: Context, snapshot: Snapshot) => {
  const { at } = context;
  const status = statusAt(snapshot, at);
  return {
    SnapshotId: snapshot.id,
    SnapshotName: snapshot.name,
    Description: snapshot.description,
    RegionId: snapshot.region,
    SourceDiskId: snapshot.disk,
    SourceDiskSize: String(snapshot.sizeGiB),
    SourceDiskType: snapshot.kind,
    SnapshotType: 'user',
    Category: 'standard',
    Usage: 'none',
    Status: status,
    Progress: progress(snapshot, at),
    Available: status === 'accomplished',
    RemainTime: status === 'progressing' && Number.isFinite(snapshot.done) ? Math.ceil((snapshot.done - at) / 1000) : 0,
    CreationTime: iso(snapshot.created),
    LastModifiedTime: iso(Math.min(at, snapshot.failed ?? snapshot.done)),
    Encrypted: false,
    InstantAccess: false,
    InstantAccessRetentionDays: 0,
    RetentionDays: snapshot.retentionDays ?? 0,
    SnapshotLinkId: `sl-${snapshot.disk.slice(2)}`,
    SnapshotSN: snapshot.id.slice(2),
    SourceSnapshotId: '',
    ResourceGroupId: '',
    ProductCode: '',
    KMSKeyId: '',
    Tags: tagList(snapshot.tags),
  };
};

function take(context: Context, disk: Disk): string {
  const { world, p, at, twist } = context;
  const instance = world.instances.get(disk.instance);
  if (instance?.securityLock) throw new ApiError(403, 'InstanceLockedForSecurity', 'The specified operation is denied as your instance is locked for security reasons.');
  if (instance && !['Running', 'Stopped'].includes(statusOf(instance, at)))
    throw new ApiError(403, 'IncorrectInstanceStatus', 'The current status of the resource does not support this operation.');
  if ([...world.snapshots.values()].some((one) => one.disk === disk.id && statusAt(one, at) === 'progressing'))
    throw new ApiError(403, 'IncorrectDiskStatus.CreatingSnapshot', 'A previous snapshot creation is in process.');
  const id = `s-${newId(context, 20, lower, 'snapshot')}`;
  const days = p.text('RetentionDays');
  world.snapshots.set(id, {
    id,
    region: disk.region,
    disk: disk.id,
    instance: disk.instance,
    sizeGiB: disk.sizeGiB,
    kind: disk.kind,
    name: p.text('SnapshotName') ?? '',
    description: p.text('Description') ?? '',
    created: at,
    done: twist?.do === 'never-completes' ? Infinity : at + disk.sizeGiB * world.seed.snapshotMsPerGiB,
    failed: undefined,
    retentionDays: days === undefined ? undefined : Number(days),
    tags: new Map(p.objects('Tag').map(({ Key = '', Value = '' }) => [Key, Value])),
  });
  return id;
}

export const disks: Readonly<Record<string, Operation>> = {
  DescribeDisks: read(
    ['RegionId!', 'DiskIds', 'InstanceId', 'DiskType', 'Category', 'Status', 'ZoneId', 'Tag.N', 'DryRun', ...pageParams],
    (context) => {
      const { world, p, region } = context;
      const ids = p.array('DiskIds');
      endDryRun(context);
      const found = [...world.disks.values()]
        .map((disk) => ({ ...describedDisk(context, disk), id: disk.id, tags: disk.tags }))
        .filter(
          (disk) =>
            disk.RegionId === region &&
            (ids === undefined || ids.includes(disk.id)) &&
            fits(p.text('InstanceId'), disk.InstanceId) &&
            (p.text('DiskType') === 'all' || fits(p.text('DiskType'), disk.Type)) &&
            (p.text('Category') === 'all' || fits(p.text('Category'), disk.Category)) &&
            (p.text('Status') === 'All' || fits(p.text('Status'), disk.Status)) &&
            fits(p.text('ZoneId'), disk.ZoneId) &&
            hasTags(context, disk.tags),
        );
      const { items, frame } = page(context, found, 500);
      return { Disks: { Disk: items.map(({ id: _id, tags: _tags, ...disk }) => disk) }, ...frame };
    },
    { resources: () => ['disk/*'] },
  ),
  CreateSnapshot: write(
    ['DiskId!', 'SnapshotName', 'Description', 'ClientToken', 'RetentionDays', 'Category', 'InstantAccess', 'Tag.N'],
    (context) => {
      const disk = context.world.disks.get(context.p.need('DiskId'));
      if (!disk || disk.region !== context.region) throw new ApiError(404, 'InvalidDiskId.NotFound', 'The specified disk does not exist.');
      if (context.p.text('SnapshotName')?.startsWith('auto')) throw new ApiError(400, 'InvalidSnapshotName.Malformed', 'The specified snapshot name is wrongly formed.');
      const { ids, changed } = claim(context, () => [take(context, disk)]);
      return { targets: [disk.id, ...ids], changed, body: { SnapshotId: ids[0] ?? '' } };
    },
    { resources: (p) => [`disk/${p.need('DiskId')}`] },
  ),
  DescribeSnapshots: read(
    ['RegionId!', 'SnapshotIds', 'SnapshotName', 'InstanceId', 'DiskId', 'Status', 'Tag.N', 'DryRun', ...pageParams],
    (context) => {
      const { world, p, at, region } = context;
      const ids = p.array('SnapshotIds');
      endDryRun(context);
      const found = [...world.snapshots.values()].filter(
        (one) =>
          one.region === region &&
          (ids === undefined || ids.includes(one.id)) &&
          fits(p.text('SnapshotName'), one.name) &&
          fits(p.text('InstanceId'), one.instance) &&
          fits(p.text('DiskId'), one.disk) &&
          (p.text('Status') === 'all' || fits(p.text('Status'), statusAt(one, at))) &&
          hasTags(context, one.tags),
      );
      const { items, frame } = page(context, found);
      return { Snapshots: { Snapshot: items.map((one) => describedSnapshot(context, one)) }, ...frame };
    },
    { resources: () => ['snapshot/*'] },
  ),
  DeleteSnapshot: write(
    ['SnapshotId!', 'Force'],
    (context) => {
      const id = context.p.need('SnapshotId');
      if (context.world.snapshots.get(id)?.region !== context.region) throw new ApiError(404, 'InvalidSnapshotId.NotFound', 'The specified snapshot does not exist.');
      context.world.snapshots.delete(id);
      return { targets: [id], body: {} };
    },
    { resources: (p) => [`snapshot/${p.need('SnapshotId')}`] },
  ),
};
