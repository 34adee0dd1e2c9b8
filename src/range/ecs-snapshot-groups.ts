// ECS: snapshots of all disks of an instance at one moment.
import { ApiError, newId, read, write } from './call.ts';
import type { Context, Operation } from './call.ts';
import { claim } from './ecs-idempotence.ts';
import { disksOf, fits, instanceOf, tokenPage } from './ecs-shape.ts';
import { progress, statusAt, take } from './ecs-snapshots.ts';
import { iso, lower } from './world.ts';
import type { Disk, SnapshotSet } from './world.ts';

const mostDisks = 16;
const mostGiB = 32 * 1024;
const essd: ReadonlySet<string> = new Set(['cloud_essd', 'cloud_auto', 'cloud_essd_entry']);

/** The disks a call is about. @throws ApiError when they can not be one set. */
function disksIn(context: Context): readonly Disk[] {
  const { world, p } = context;
  const instance = instanceOf(context);
  const named = p.list('DiskId');
  const without = p.list('ExcludeDiskId');
  if (named.length > 0 && without.length > 0)
    throw new ApiError(400, 'InvalidParam.ExcludeDiskIdsAndDiskIds.Conflict', "The use of parameter 'ExcludeDiskIds' and 'DiskIds' at the same time is not supported.");
  const own = disksOf(world, instance.id);
  if (!named.every((id) => own.some((disk) => disk.id === id))) throw new ApiError(404, 'InvalidDiskId.NotFound', 'The specified DiskId does not exist.');
  const disks = own.filter(({ id }) => (named.length === 0 || named.includes(id)) && !without.includes(id));
  if (disks.length === 0) throw new ApiError(403, 'InvalidInstance.NoDisk', 'There is no disk mounted on the instance.');
  if (disks.length > mostDisks) throw new ApiError(403, 'NumberExceed.TooManyDisks', 'The number of all disks in the request exceeds.');
  if (disks.reduce((sum, disk) => sum + disk.sizeGiB, 0) > mostGiB) throw new ApiError(403, 'CapacityExceed.TooManyDisks', 'The capacity of all disks in the request exceeds.');
  if (!disks.every(({ category }) => essd.has(category)))
    throw new ApiError(400, 'DiskCategory.OperationNotSupported', 'The type of the specified disk does not support this operation.');
  return disks;
}

function create(context: Context): string {
  const { world, p, at, region } = context;
  const disks = disksIn(context);
  const id = `ssg-${newId(context, 20, lower, 'snapshot group')}`;
  world.snapshotSets.set(id, {
    id,
    region,
    instance: p.need('InstanceId'),
    name: p.text('Name') ?? '',
    description: p.text('Description') ?? '',
    created: at,
    snapshots: disks.map((disk, index) => take(context, disk, { name: '', index: index + 1 })),
    tags: new Map(p.objects('Tag').map(({ Key = '', Value = '' }) => [Key, Value])),
  });
  return id;
}

const setTags = (tags: ReadonlyMap<string, string>) => ({ Tag: [...tags].map(([Key, Value]) => ({ Key, Value })) });

function statusOfSet({ world, at }: Context, set: SnapshotSet): string {
  const states = set.snapshots.map((id) => world.snapshots.get(id)).map((snapshot) => (snapshot === undefined ? 'failed' : statusAt(snapshot, at)));
  return (['failed', 'progressing'] as const).find((state) => states.includes(state)) ?? 'accomplished';
}

function described(context: Context, set: SnapshotSet) {
  const { world, at } = context;
  return {
    SnapshotGroupId: set.id,
    InstanceId: set.instance,
    Name: set.name,
    Description: set.description,
    Status: statusOfSet(context, set),
    ProgressStatus: '',
    CreationTime: iso(set.created),
    ResourceGroupId: '',
    Tags: setTags(set.tags),
    Snapshots: {
      Snapshot: set.snapshots.flatMap((id) => {
        const one = world.snapshots.get(id);
        if (one === undefined) return [];
        const { disk: SourceDiskId, kind: SourceDiskType } = one;
        const Available = statusAt(one, at) === 'accomplished';
        return [
          { SnapshotId: id, SourceDiskId, SourceDiskType, Progress: progress(one, at), Available, InstantAccess: false, InstantAccessRetentionDays: 0, Tags: setTags(one.tags) },
        ];
      }),
    },
  };
}

export const snapshotGroups: Readonly<Record<string, Operation>> = {
  CreateSnapshotGroup: write(
    ['RegionId!', 'InstanceId', 'DiskId.N', 'ExcludeDiskId.N', 'Name', 'Description', 'ClientToken', 'Tag.N'],
    (context) => {
      // Disks of several instances at once are not served here.
      if (context.p.text('InstanceId') === undefined) throw new ApiError(400, 'MissingParamter.InstanceId', 'The specified InstanceId should not be null.');
      const { ids, changed } = claim(context, () => [create(context)]);
      return { targets: ids, changed, body: { SnapshotGroupId: ids[0] ?? '' } };
    },
    { resources: () => ['snapshotgroup/*'] },
  ),
  DescribeSnapshotGroups: read(
    ['RegionId!', 'InstanceId', 'Name', 'SnapshotGroupId.N', 'Status.N', 'MaxResults', 'NextToken', 'Tag.N'],
    (context) => {
      const { world, p, region } = context;
      const ids = p.list('SnapshotGroupId');
      const states = p.list('Status');
      const tags = p.objects('Tag');
      const found = [...world.snapshotSets.values()].filter(
        (set) =>
          set.region === region &&
          (ids.length === 0 || ids.includes(set.id)) &&
          (states.length === 0 || states.includes(statusOfSet(context, set))) &&
          fits(p.text('InstanceId'), set.instance) &&
          fits(p.text('Name'), set.name) &&
          tags.every(({ Key = '', Value }) => set.tags.has(Key) && (Value === undefined || set.tags.get(Key) === Value)),
      );
      const { items, NextToken } = tokenPage(context, found);
      return { SnapshotGroups: { SnapshotGroup: items.map((set) => described(context, set)) }, NextToken };
    },
    { resources: () => ['snapshotgroup/*'] },
  ),
};
