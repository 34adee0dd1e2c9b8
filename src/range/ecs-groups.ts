// ECS: security groups, their rules, who is in them.
import { ApiError, newId, read, write } from './call.ts';
import type { Context, Operation, Params } from './call.ts';
import { claim } from './ecs-idempotence.ts';
import { endDryRun, fits, hasTags, nicsOf, page, pageParams, tagList } from './ecs-shape.ts';
import { iso, lower, vpcOf } from './world.ts';
import type { Nic } from './ecs-shape.ts';
import type { SecurityGroup } from './world.ts';

type Rule = SecurityGroup['rules'][number];

/** Group times count from the start, as the seed has them. */
const madeAt = (context: Context, group: SecurityGroup): string => iso(context.world.start + group.created);
const onGroup = { resources: (p: Params) => [`securitygroup/${p.need('SecurityGroupId')}`] };

/** The groups an interface is in: the primary one follows its instance. */
export function groupsOf({ id, instance, primary }: Nic): readonly string[] {
  return primary ? instance.securityGroups : (instance.interfaces.find((one) => one.id === id)?.securityGroups ?? []);
}

/** The named groups, all there and all of one VPC. @throws ApiError `code` when one is of another VPC. */
export function groupsIn(context: Context, ids: readonly string[], vpc: string, code: string): readonly string[] {
  for (const id of ids) {
    const group = context.world.securityGroups.get(id);
    if (group?.region !== context.region) throw new ApiError(404, 'InvalidSecurityGroupId.NotFound', 'The specified security group does not exist.');
    if (group.vpc !== vpc) throw new ApiError(403, code, 'The specified security group and the interface are not in the same VPC.');
  }
  return ids;
}

function groupOf(context: Context): SecurityGroup {
  const group = context.world.securityGroups.get(context.p.need('SecurityGroupId'));
  if (!group || group.region !== context.region) throw new ApiError(404, 'InvalidSecurityGroupId.NotFound', 'The specified SecurityGroupId does not exist.');
  return group;
}

const membersOf = (context: Context, group: SecurityGroup): readonly Nic[] =>
  [...context.world.instances.values()].flatMap(nicsOf).filter((nic) => groupsOf(nic).includes(group.id));

const permissions = (context: Context, group: SecurityGroup) =>
  group.rules.map((rule, index) => {
    const plain = rule.cidr.includes(':') ? '' : rule.cidr;
    const six = rule.cidr.includes(':') ? rule.cidr : '';
    const inbound = rule.direction === 'ingress';
    return {
      SecurityGroupRuleId: `sgr-${group.id.slice(3)}${index}`,
      Direction: rule.direction,
      Policy: rule.policy,
      IpProtocol: rule.protocol,
      PortRange: rule.ports,
      Priority: String(rule.priority),
      NicType: 'intranet',
      CreateTime: madeAt(context, group),
      Description: '',
      SourceCidrIp: inbound ? plain : '',
      DestCidrIp: inbound ? '' : plain,
      Ipv6SourceCidrIp: inbound ? six : '',
      Ipv6DestCidrIp: inbound ? '' : six,
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
    };
  });

/** A rule as a call gives it. */
function ruleFrom(given: Readonly<Record<string, string>>): Rule {
  const policy = (given['Policy'] ?? 'accept').toLowerCase();
  if (policy !== 'accept' && policy !== 'drop') throw new ApiError(400, 'InvalidPolicy.Malformed', 'The specified parameter Policy is not valid.');
  const priority = Number(given['Priority'] ?? 1);
  if (!Number.isInteger(priority) || priority < 1 || priority > 100) throw new ApiError(400, 'InvalidPriority.Malformed', 'The parameter Priority is invalid.');
  const protocol = (given['IpProtocol'] ?? '').toUpperCase();
  if (!['TCP', 'UDP', 'ICMP', 'ICMPV6', 'GRE', 'ALL'].includes(protocol))
    throw new ApiError(400, 'InvalidIpProtocol.ValueNotSupported', 'The parameter IpProtocol must be specified with case insensitive TCP, UDP, ICMP, GRE or All.');
  const ports = given['PortRange'] ?? '';
  if (!/^-?\d+\/-?\d+$/.test(ports)) throw new ApiError(400, 'InvalidPortRange.Malformed', 'The specified parameter PortRange must set.');
  if (protocol === 'ALL' && ports !== '-1/-1') throw new ApiError(400, 'OperationDenied', 'The specified IpProtocol does not exist or IpProtocol and PortRange do not match.');
  const { DestCidrIp: plain, Ipv6DestCidrIp: six } = given;
  if (plain !== undefined && six !== undefined)
    throw new ApiError(400, 'InvalidParam.DestIp', 'The Parameters DestCidrIp and Ipv6DestCidrIp in Permissions cannot be set at the same time.');
  const cidr = plain ?? six;
  if (cidr === undefined) throw new ApiError(400, 'MissingParameter.Dest', 'One of the parameters DestCidrIp, Ipv6DestCidrIp, DestGroupId or DestPrefixListId must be specified.');
  return { direction: 'egress', policy: policy === 'drop' ? 'Drop' : 'Accept', protocol, ports, cidr, priority };
}

/** The same rule a second time is no second rule. */
function addRules(group: SecurityGroup, rules: readonly Rule[]): boolean {
  const key = (rule: Rule): string => JSON.stringify([rule.direction, rule.policy, rule.protocol, rule.ports, rule.cidr, rule.priority]);
  const known = new Set(group.rules.map(key));
  const fresh = rules.filter((rule) => !known.has(key(rule)));
  group.rules = [...group.rules, ...fresh];
  return fresh.length > 0;
}

function create(context: Context): string {
  const { world, p, region, at } = context;
  const vpc = p.text('VpcId') ?? '';
  const known = [vpcOf(world.seed, region), ...[...world.instances.values(), ...world.securityGroups.values()].filter((one) => one.region === region).map((one) => one.vpc)];
  if (!known.includes(vpc)) throw new ApiError(404, 'InvalidVpcId.NotFound', 'Specified VPC does not exist.');
  const id = `sg-${newId(context, 20, lower, 'group')}`;
  world.securityGroups.set(id, {
    id,
    region,
    vpc,
    name: p.text('SecurityGroupName') ?? '',
    description: p.text('Description') ?? '',
    created: at - world.start,
    rules: [],
    inner: 'Accept',
    tags: new Map(p.objects('Tag').map(({ Key = '', Value = '' }) => [Key, Value])),
  });
  return id;
}

export const groups: Readonly<Record<string, Operation>> = {
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
      return {
        RegionId: region,
        SecurityGroups: {
          SecurityGroup: items.map((group) => ({
            SecurityGroupId: group.id,
            SecurityGroupName: group.name,
            Description: group.description,
            SecurityGroupType: 'normal',
            VpcId: group.vpc,
            CreationTime: madeAt(context, group),
            EcsCount: new Set(membersOf(context, group).map(({ instance }) => instance.id)).size,
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
      const { p, region } = context;
      const group = groupOf(context);
      const direction = p.text('Direction');
      const rules = permissions(context, group).filter((rule) => direction === undefined || direction === 'all' || rule.Direction === direction);
      const size = p.whole('MaxResults', 500, [10, 1000]);
      const from = Number(p.text('NextToken') ?? 0) || 0;
      return {
        SecurityGroupId: group.id,
        SecurityGroupName: group.name,
        Description: group.description,
        RegionId: region,
        VpcId: group.vpc,
        InnerAccessPolicy: group.inner,
        Permissions: { Permission: rules.slice(from, from + size) },
        NextToken: from + size < rules.length ? String(from + size) : '',
      };
    },
    onGroup,
  ),
  CreateSecurityGroup: write(
    ['RegionId!', 'SecurityGroupName', 'Description', 'VpcId', 'ClientToken', 'Tag.N'],
    (context) => {
      // A basic group: its members reach one another and the whole world until somebody says otherwise.
      const { ids, changed } = claim(context, () => [create(context)]);
      return { targets: ids, changed, body: { SecurityGroupId: ids[0] ?? '' } };
    },
    { resources: () => ['securitygroup/*'] },
  ),
  ModifySecurityGroupPolicy: write(
    ['RegionId!', 'SecurityGroupId!', 'InnerAccessPolicy!', 'ClientToken'],
    (context) => {
      const group = groupOf(context);
      const wanted = context.p.need('InnerAccessPolicy').toLowerCase();
      if (wanted !== 'accept' && wanted !== 'drop')
        throw new ApiError(400, 'InvalidPolicy.Malformed', "The Policy is invalid. Only 'Accept' and 'Drop' are supported. Ignore case.");
      const inner = wanted === 'drop' ? 'Drop' : 'Accept';
      const changed = group.inner !== inner;
      group.inner = inner;
      return { targets: [group.id], changed, body: {} };
    },
    onGroup,
  ),
  AuthorizeSecurityGroupEgress: write(
    ['RegionId!', 'SecurityGroupId!', 'Permissions', 'ClientToken'],
    (context) => {
      const group = groupOf(context);
      const rules = context.p.objects('Permissions').map(ruleFrom);
      if (rules.length === 0)
        throw new ApiError(400, 'MissingParameter.Dest', 'One of the parameters DestCidrIp, Ipv6DestCidrIp, DestGroupId or DestPrefixListId must be specified.');
      return { targets: [group.id], changed: addRules(group, rules), body: {} };
    },
    onGroup,
  ),
  DeleteSecurityGroup: write(
    ['RegionId!', 'SecurityGroupId!'],
    (context) => {
      const group = groupOf(context);
      if (membersOf(context, group).length > 0) throw new ApiError(403, 'DependencyViolation', 'There is still instance(s) in the specified security group.');
      context.world.securityGroups.delete(group.id);
      return { targets: [group.id], body: {} };
    },
    onGroup,
  ),
};
