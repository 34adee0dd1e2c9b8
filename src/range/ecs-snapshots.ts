// ECS: snapshots, which take scenario time and fail when their instance stops meanwhile.
import { ApiError, newId, read, write } from './call.ts';
import type { Context, Operation } from './call.ts';
import { claim } from './ecs-idempotence.ts';
import { endDryRun, fits, hasTags, page, pageParams, tagList } from './ecs-shape.ts';
import { isLocked, lockedSnapshot } from './ecs-snapshot-locks.ts';
import { iso, lower, statusOf } from './world.ts';
import type { Disk, Snapshot } from './world.ts';

export const statusAt = (snapshot: Snapshot, at: number): 'progressing' | 'accomplished' | 'failed' =>
  snapshot.failed !== undefined ? 'failed' : at >= snapshot.done ? 'accomplished' : 'progressing';

export function progress(snapshot: Snapshot, at: number): string {
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

type Taking = { readonly name: string; readonly retentionDays?: number | undefined; readonly index?: number };

/** Begins a snapshot of a disk, or says why not. */
export function take(context: Context, disk: Disk, { name, retentionDays, index = 0 }: Taking): string {
  const { world, p, at, twist } = context;
  const instance = world.instances.get(disk.instance);
  if (instance?.securityLock) throw new ApiError(403, 'InstanceLockedForSecurity', 'The specified operation is denied as your instance is locked for security reasons.');
  if (instance && !['Running', 'Stopped'].includes(statusOf(instance, at)))
    throw new ApiError(403, 'IncorrectInstanceStatus', 'The current status of the resource does not support this operation.');
  if ([...world.snapshots.values()].some((one) => one.disk === disk.id && statusAt(one, at) === 'progressing'))
    throw new ApiError(403, 'IncorrectDiskStatus.CreatingSnapshot', 'A previous snapshot creation is in process.');
  const id = `s-${newId(context, 20, lower, index === 0 ? 'snapshot' : `snapshot ${index}`)}`;
  world.snapshots.set(id, {
    id,
    region: disk.region,
    disk: disk.id,
    instance: disk.instance,
    sizeGiB: disk.sizeGiB,
    kind: disk.kind,
    name,
    description: p.text('Description') ?? '',
    created: at,
    done: twist?.do === 'never-completes' ? Infinity : at + disk.sizeGiB * world.seed.snapshotMsPerGiB,
    failed: undefined,
    lock: undefined,
    retentionDays,
    tags: new Map(p.objects('Tag').map(({ Key = '', Value = '' }) => [Key, Value])),
  });
  return id;
}

export const snapshots: Readonly<Record<string, Operation>> = {
  CreateSnapshot: write(
    ['DiskId!', 'SnapshotName', 'Description', 'ClientToken', 'RetentionDays', 'Category', 'InstantAccess', 'Tag.N'],
    (context) => {
      const disk = context.world.disks.get(context.p.need('DiskId'));
      if (!disk || disk.region !== context.region) throw new ApiError(404, 'InvalidDiskId.NotFound', 'The specified disk does not exist.');
      if (context.p.text('SnapshotName')?.startsWith('auto')) throw new ApiError(400, 'InvalidSnapshotName.Malformed', 'The specified snapshot name is wrongly formed.');
      const days = context.p.text('RetentionDays');
      const { ids, changed } = claim(context, () => [
        take(context, disk, { name: context.p.text('SnapshotName') ?? '', retentionDays: days === undefined ? undefined : Number(days) }),
      ]);
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
      const snapshot = context.world.snapshots.get(id);
      if (snapshot?.region !== context.region) throw new ApiError(404, 'InvalidSnapshotId.NotFound', 'The specified snapshot does not exist.');
      if (isLocked(snapshot, context.at)) throw lockedSnapshot();
      context.world.snapshots.delete(id);
      return { targets: [id], body: {} };
    },
    { resources: (p) => [`snapshot/${p.need('SnapshotId')}`] },
  ),
};
