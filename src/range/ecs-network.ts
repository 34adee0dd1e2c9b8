// ECS: network interfaces. The primary one follows its instance; each secondary one has groups of its own.
import { ApiError, read, write } from './call.ts';
import type { Context, Operation } from './call.ts';
import { groupsIn, groupsOf } from './ecs-groups.ts';
import { fits, locked, macOf, nicsOf, page, pageParams } from './ecs-shape.ts';
import type { Nic } from './ecs-shape.ts';
import { iso } from './world.ts';
import type { Instance } from './world.ts';

const publicIp = (instance: Instance) => ({
  PublicIpAddress: instance.eip ?? instance.publicIp ?? '',
  AllocationId: instance.eip === undefined ? '' : `eip-${instance.id.slice(2)}`,
});
const noPublicIp = { PublicIpAddress: '', AllocationId: '' };

function described(context: Context, nic: Nic) {
  const { id, instance, primary, name, privateIp, vSwitch } = nic;
  const outside = primary ? publicIp(instance) : noPublicIp;
  return {
    NetworkInterfaceId: id,
    NetworkInterfaceName: name,
    Description: '',
    Type: primary ? 'Primary' : 'Secondary',
    Status: 'InUse',
    InstanceId: instance.id,
    VpcId: instance.vpc,
    VSwitchId: vSwitch,
    ZoneId: instance.zone,
    MacAddress: macOf(privateIp),
    PrivateIpAddress: privateIp,
    CreationTime: iso(instance.created),
    OwnerId: context.world.seed.account.id,
    ResourceGroupId: '',
    ServiceManaged: false,
    QueueNumber: 2,
    NetworkInterfaceTrafficMode: 'Standard',
    DeleteOnRelease: true,
    SecurityGroupIds: { SecurityGroupId: groupsOf(nic) },
    PrivateIpSets: { PrivateIpSet: [{ PrivateIpAddress: privateIp, Primary: true, AssociatedPublicIp: outside }] },
    Ipv6Sets: { Ipv6Set: [] },
    AssociatedPublicIp: outside,
    Attachment: { InstanceId: instance.id, DeviceIndex: primary ? 0 : 1 + instance.interfaces.findIndex((one) => one.id === id), NetworkCardIndex: 0, TrunkNetworkInterfaceId: '' },
    Tags: { Tag: [] },
  };
}

const nicsHere = ({ world, region }: Context): readonly Nic[] => [...world.instances.values()].filter((instance) => instance.region === region).flatMap(nicsOf);

export const network: Readonly<Record<string, Operation>> = {
  DescribeNetworkInterfaces: read(
    ['RegionId!', 'InstanceId', 'NetworkInterfaceId.N', 'SecurityGroupId', 'Status', 'Type', 'VpcId', 'VSwitchId', 'PrimaryIpAddress', ...pageParams],
    (context) => {
      const { p } = context;
      const ids = p.list('NetworkInterfaceId');
      const group = p.text('SecurityGroupId');
      const found = nicsHere(context).filter(
        (nic) =>
          (ids.length === 0 || ids.includes(nic.id)) &&
          (group === undefined || groupsOf(nic).includes(group)) &&
          fits(p.text('InstanceId'), nic.instance.id) &&
          fits(p.text('Status'), 'InUse') &&
          fits(p.text('Type'), nic.primary ? 'Primary' : 'Secondary') &&
          fits(p.text('VpcId'), nic.instance.vpc) &&
          fits(p.text('VSwitchId'), nic.vSwitch) &&
          fits(p.text('PrimaryIpAddress'), nic.privateIp),
      );
      const { items, frame } = page(context, found, 500);
      return { NetworkInterfaceSets: { NetworkInterfaceSet: items.map((nic) => described(context, nic)) }, ...frame };
    },
    { resources: () => ['eni/*'] },
  ),
  ModifyNetworkInterfaceAttribute: write(
    ['RegionId!', 'NetworkInterfaceId!', 'SecurityGroupId.N'],
    (context) => {
      const { p } = context;
      const nic = nicsHere(context).find((one) => one.id === p.need('NetworkInterfaceId'));
      if (!nic) throw new ApiError(404, 'InvalidEniId.NotFound', 'The specified NetworkInterfaceId does not exist.');
      const ids = p.list('SecurityGroupId');
      if (nic.primary && ids.length > 0)
        throw new ApiError(403, 'InvalidOperation.PrimaryEniOnlySupportModifyNameAndDesc', 'The groups of a primary interface are those of its instance.');
      if (nic.instance.securityLock) throw locked();
      const groups = groupsIn(context, ids, nic.instance.vpc, 'InvalidOperation.VpcMismatch');
      const own = nic.instance.interfaces.find((one) => one.id === nic.id);
      const changed = own !== undefined && groups.length > 0 && own.securityGroups.join() !== groups.join();
      if (own && groups.length > 0) own.securityGroups = groups;
      return { targets: [nic.id], changed, body: {} };
    },
    { resources: (p) => [`eni/${p.need('NetworkInterfaceId')}`] },
  ),
};
