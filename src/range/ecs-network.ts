// ECS: security groups and network interfaces, read only.
import { ApiError, read } from './call.ts';
import type { Context, Operation } from './call.ts';
import { endDryRun, fits, hasTags, interfaceId, macOf, page, pageParams, tagList } from './ecs-shape.ts';
import { iso, statusOf } from './world.ts';
import type { Instance, SecurityGroup } from './world.ts';

/** Group times count from the start, as the seed has them. */
const madeAt = (context: Context, group: SecurityGroup): string => iso(context.world.start + group.created);

const permissions = (context: Context, group: SecurityGroup) =>
  group.rules.map((rule, index) => ({
    SecurityGroupRuleId: `sgr-${group.id.slice(3)}${index}`,
    Direction: rule.direction,
    Policy: rule.policy,
    IpProtocol: rule.protocol,
    PortRange: rule.ports,
    Priority: String(rule.priority),
    NicType: 'intranet',
    CreateTime: madeAt(context, group),
    Description: '',
    SourceCidrIp: rule.direction === 'ingress' ? rule.cidr : '',
    DestCidrIp: rule.direction === 'egress' ? rule.cidr : '',
    Ipv6SourceCidrIp: '',
    Ipv6DestCidrIp: '',
    SourceGroupId: '',
    SourceGroupName: '',
    SourceGroupOwnerAccount: '',
    DestGroupId: '',
    DestGroupName: '',
    DestGroupOwnerAccount: '',
    SourcePrefixListId: '',
    SourcePrefixListName: '',
    DestPrefixListId: '',
    DestPrefixListName: '',
    SourcePortRange: '',
  }));

const nic = (context: Context, instance: Instance) => ({
  id: interfaceId(instance),
  body: {
    NetworkInterfaceId: interfaceId(instance),
    NetworkInterfaceName: '',
    Description: '',
    Type: 'Primary',
    Status: 'InUse',
    InstanceId: instance.id,
    VpcId: instance.vpc,
    VSwitchId: instance.vSwitch,
    ZoneId: instance.zone,
    MacAddress: macOf(instance),
    PrivateIpAddress: instance.privateIp,
    CreationTime: iso(instance.created),
    OwnerId: context.world.seed.account.id,
    ResourceGroupId: '',
    ServiceManaged: false,
    QueueNumber: 2,
    NetworkInterfaceTrafficMode: 'Standard',
    DeleteOnRelease: true,
    SecurityGroupIds: { SecurityGroupId: instance.securityGroups },
    PrivateIpSets: { PrivateIpSet: [{ PrivateIpAddress: instance.privateIp, Primary: true, AssociatedPublicIp: publicIp(instance) }] },
    Ipv6Sets: { Ipv6Set: [] },
    AssociatedPublicIp: publicIp(instance),
    Attachment: { InstanceId: instance.id, DeviceIndex: 0, NetworkCardIndex: 0, TrunkNetworkInterfaceId: '' },
    Tags: { Tag: [] },
  },
});

const publicIp = (instance: Instance) => ({
  PublicIpAddress: instance.eip ?? instance.publicIp ?? '',
  AllocationId: instance.eip === undefined ? '' : `eip-${instance.id.slice(2)}`,
});

export const network: Readonly<Record<string, Operation>> = {
  DescribeSecurityGroups: read(
    ['RegionId!', 'SecurityGroupId', 'SecurityGroupIds', 'SecurityGroupName', 'VpcId', 'Tag.N', 'DryRun', ...pageParams],
    (context) => {
      const { world, p, region } = context;
      const ids = p.array('SecurityGroupIds');
      endDryRun(context);
      const found = [...world.securityGroups.values()].filter(
        (group) =>
          group.region === region &&
          (ids === undefined || ids.includes(group.id)) &&
          fits(p.text('SecurityGroupId'), group.id) &&
          fits(p.text('SecurityGroupName'), group.name) &&
          fits(p.text('VpcId'), group.vpc) &&
          hasTags(context, group.tags),
      );
      const { items, frame } = page(context, found);
      const members = (group: SecurityGroup): number => [...world.instances.values()].filter((instance) => instance.securityGroups.includes(group.id)).length;
      return {
        RegionId: region,
        SecurityGroups: {
          SecurityGroup: items.map((group) => ({
            SecurityGroupId: group.id,
            SecurityGroupName: group.name,
            Description: '',
            SecurityGroupType: 'normal',
            VpcId: group.vpc,
            CreationTime: madeAt(context, group),
            EcsCount: members(group),
            AvailableInstanceAmount: 6000,
            ResourceGroupId: '',
            ServiceManaged: false,
            Tags: tagList(group.tags),
          })),
        },
        ...frame,
      };
    },
    { emptyWithoutPermission: true, resources: () => ['securitygroup/*'] },
  ),
  DescribeSecurityGroupAttribute: read(
    ['RegionId!', 'SecurityGroupId!', 'Direction', 'NicType', 'Attribute', 'MaxResults', 'NextToken'],
    (context) => {
      const { world, p, region } = context;
      const group = world.securityGroups.get(p.need('SecurityGroupId'));
      if (!group || group.region !== region) throw new ApiError(404, 'InvalidSecurityGroupId.NotFound', 'The specified SecurityGroupId does not exist.');
      const direction = p.text('Direction');
      const rules = permissions(context, group).filter((rule) => direction === undefined || direction === 'all' || rule.Direction === direction);
      const size = p.whole('MaxResults', 500, [10, 1000]);
      const from = Number(p.text('NextToken') ?? 0) || 0;
      return {
        SecurityGroupId: group.id,
        SecurityGroupName: group.name,
        Description: '',
        RegionId: region,
        VpcId: group.vpc,
        InnerAccessPolicy: 'Accept',
        Permissions: { Permission: rules.slice(from, from + size) },
        NextToken: from + size < rules.length ? String(from + size) : '',
      };
    },
    { resources: (p) => [`securitygroup/${p.need('SecurityGroupId')}`] },
  ),
  DescribeNetworkInterfaces: read(
    ['RegionId!', 'InstanceId', 'NetworkInterfaceId.N', 'SecurityGroupId', 'Status', 'Type', 'VpcId', 'VSwitchId', 'PrimaryIpAddress', ...pageParams],
    (context) => {
      const { world, p, at, region } = context;
      const ids = p.list('NetworkInterfaceId');
      const group = p.text('SecurityGroupId');
      const found = [...world.instances.values()].filter(
        (instance) =>
          instance.region === region &&
          instance.network === 'vpc' &&
          statusOf(instance, at) !== undefined &&
          (ids.length === 0 || ids.includes(interfaceId(instance))) &&
          (group === undefined || instance.securityGroups.includes(group)) &&
          fits(p.text('InstanceId'), instance.id) &&
          fits(p.text('Status'), 'InUse') &&
          fits(p.text('Type'), 'Primary') &&
          fits(p.text('VpcId'), instance.vpc) &&
          fits(p.text('VSwitchId'), instance.vSwitch) &&
          fits(p.text('PrimaryIpAddress'), instance.privateIp),
      );
      const { items, frame } = page(
        context,
        found.map((instance) => nic(context, instance)),
        500,
      );
      return { NetworkInterfaceSets: { NetworkInterfaceSet: items.map((one) => one.body) }, ...frame };
    },
    { resources: () => ['eni/*'] },
  ),
};
