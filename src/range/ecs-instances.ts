// ECS: reading instances.
import { ApiError, read } from './call.ts';
import type { Context, Operation } from './call.ts';
import { describedInstance, endDryRun, fits, hasTags, instanceAttribute, instanceOf, page, pageParams } from './ecs-shape.ts';
import { statusOf } from './world.ts';
import type { Instance } from './world.ts';

const filters = [
  'RegionId!',
  'InstanceIds',
  'InstanceName',
  'InstanceType',
  'InstanceChargeType',
  'InstanceNetworkType',
  'ImageId',
  'Status',
  'VpcId',
  'VSwitchId',
  'ZoneId',
  'SecurityGroupId',
  'PublicIpAddresses',
  'PrivateIpAddresses',
  'EipAddresses',
  'Tag.N',
  'DryRun',
  'AdditionalAttributes.N',
  ...pageParams,
] as const;

const here = (context: Context): readonly Instance[] => [...context.world.instances.values()].filter((instance) => instance.region === context.region);

function wanted(context: Context, instance: Instance): boolean {
  const { p, at } = context;
  const ids = p.array('InstanceIds');
  const publicIps = p.array('PublicIpAddresses');
  const privateIps = p.array('PrivateIpAddresses');
  const eips = p.array('EipAddresses');
  const name = p.text('InstanceName');
  const group = p.text('SecurityGroupId');
  return (
    // An empty list of ids is a filter that fits nothing.
    (ids === undefined || ids.includes(instance.id)) &&
    (publicIps === undefined || (instance.publicIp !== undefined && publicIps.includes(instance.publicIp))) &&
    (privateIps === undefined || privateIps.includes(instance.privateIp)) &&
    (eips === undefined || (instance.eip !== undefined && eips.includes(instance.eip))) &&
    (name === undefined || (name.endsWith('*') ? instance.name.startsWith(name.slice(0, -1)) : instance.name === name)) &&
    (group === undefined || instance.securityGroups.includes(group)) &&
    fits(p.text('InstanceType'), instance.type) &&
    fits(p.text('InstanceChargeType'), instance.charge) &&
    fits(p.text('InstanceNetworkType'), instance.network) &&
    fits(p.text('ImageId'), instance.image) &&
    fits(p.text('Status'), statusOf(instance, at)) &&
    fits(p.text('VpcId'), instance.vpc) &&
    fits(p.text('VSwitchId'), instance.vSwitch) &&
    fits(p.text('ZoneId'), instance.zone) &&
    hasTags(context, instance.tags)
  );
}

export const instances: Readonly<Record<string, Operation>> = {
  DescribeInstances: read(
    filters,
    (context) => {
      const ids = context.p.array('InstanceIds');
      if (ids !== undefined && ids.length > 100) throw new ApiError(403, 'InvalidParameter.TooManyInstanceIds', 'At most 100 instance ids can be given.');
      endDryRun(context);
      // The newest first, as the cloud lists them.
      const found = here(context)
        .filter((instance) => wanted(context, instance))
        .toSorted((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1));
      const { items, frame } = page(context, found);
      return { Instances: { Instance: items.map((instance) => describedInstance(instance, context.at)) }, ...frame };
    },
    { emptyWithoutPermission: true, resources: () => ['instance/*'] },
  ),
  DescribeInstanceStatus: read(
    ['RegionId!', 'InstanceId.N', 'ZoneId', 'PageNumber', 'PageSize'],
    (context) => {
      const { p, at, hidden } = context;
      const ids = p.list('InstanceId');
      const found = hidden ? [] : here(context).filter((instance) => (ids.length === 0 || ids.includes(instance.id)) && fits(p.text('ZoneId'), instance.zone));
      const number = p.whole('PageNumber', 1, [1, 1_000_000]);
      const size = p.whole('PageSize', 10, [1, 50]);
      const shown = found.slice((number - 1) * size, number * size);
      return {
        InstanceStatuses: { InstanceStatus: shown.map((instance) => ({ InstanceId: instance.id, Status: statusOf(instance, at) })) },
        TotalCount: found.length,
        PageNumber: number,
        PageSize: size,
      };
    },
    { resources: () => ['instance/*'] },
  ),
  DescribeInstanceAttribute: read(['InstanceId!'], (context) => instanceAttribute(instanceOf(context), context.at), { resources: (p) => [`instance/${p.need('InstanceId')}`] }),
};
