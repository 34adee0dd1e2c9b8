// ECS: disks, and whether they go with their instance.
import { ApiError, read, write } from './call.ts';
import type { Context, Operation } from './call.ts';
import { endDryRun, fits, hasTags, page, pageParams, tagList } from './ecs-shape.ts';
import { iso } from './world.ts';
import type { Disk } from './world.ts';

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
  ModifyDiskAttribute: write(
    ['DiskId', 'DiskIds.N', 'DiskName', 'Description', 'DeleteWithInstance', 'DeleteAutoSnapshot', 'EnableAutoSnapshot', 'BurstingEnabled', 'RegionId'],
    (context) => {
      const { world, p, region } = context;
      const one = p.text('DiskId');
      const many = p.list('DiskIds');
      if (one !== undefined && many.length > 0)
        throw new ApiError(400, 'ParameterConflict.DiskIdAndDiskIds', 'Specified parameter DiskId and DiskIds conflict, only one can be chosen.');
      const ids = one === undefined ? many : [one];
      if (ids.length === 0) throw new ApiError(400, 'MissingParameter.DiskIdOrDiskIds', 'Specified parameter DiskId or DiskIds is missing.');
      if (p.text('DeleteWithInstance') === undefined) throw new ApiError(400, 'NoAttributeToModify', 'No attribute to be modified in this request.');
      const found = ids.map((id) => {
        const disk = world.disks.get(id);
        if (disk?.region !== region) throw new ApiError(404, 'InvalidDiskId.NotFound', 'The specified disk does not exist.');
        return disk;
      });
      const wanted = p.flag('DeleteWithInstance');
      const changed = found.some((disk) => disk.withInstance !== wanted);
      for (const disk of found) disk.withInstance = wanted;
      return { targets: ids, changed, body: {} };
    },
    { resources: (p) => (p.text('DiskId') === undefined ? p.list('DiskIds') : [p.need('DiskId')]).map((id) => `disk/${id}`) },
  ),
};
