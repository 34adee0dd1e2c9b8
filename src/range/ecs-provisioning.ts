// ECS: auto-provisioning groups, which launch instances by themselves, and the templates they launch from.
import { ApiError, read, write } from './call.ts';
import type { Context, Operation } from './call.ts';
import { workingIn } from './due.ts';
import { fits } from './ecs-shape.ts';
import { release } from './release.ts';
import { iso } from './world.ts';
import type { LaunchTemplate, ProvisioningGroup } from './world.ts';

/** A page by number, the way these listings have it. */
function numbered<T>(context: Context, items: readonly T[], most: number) {
  const number = context.p.whole('PageNumber', 1, [1, 1_000_000]);
  const size = context.p.whole('PageSize', 10, [1, most]);
  const listed = context.hidden ? [] : items;
  return { shown: listed.slice((number - 1) * size, number * size), frame: { TotalCount: listed.length, PageNumber: number, PageSize: size } };
}

function described({ world }: Context, group: ProvisioningGroup) {
  return {
    AutoProvisioningGroupId: group.id,
    AutoProvisioningGroupName: group.name,
    AutoProvisioningGroupType: group.type,
    RegionId: group.region,
    Status: 'active',
    State: workingIn(world, group).length >= group.capacity ? 'fulfilled' : 'fulfilling',
    CreationTime: iso(world.start + group.created),
    ValidFrom: iso(world.start + group.created),
    ValidUntil: '2099-12-31T15:59:59Z',
    LaunchTemplateId: group.template,
    LaunchTemplateVersion: group.template === '' ? '' : '1',
    ExcessCapacityTerminationPolicy: group.excess,
    TerminateInstances: false,
    TerminateInstancesWithExpiration: false,
    MaxSpotPrice: 0,
    ResourceGroupId: '',
    LaunchTemplateConfigs: { LaunchTemplateConfig: [{ InstanceType: group.instanceType, MaxPrice: 0, Priority: 1, VSwitchId: '', WeightedCapacity: 1 }] },
    SpotOptions: { AllocationStrategy: 'lowest-price', InstanceInterruptionBehavior: 'terminate', InstancePoolsToUseCount: 1 },
    PayAsYouGoOptions: { AllocationStrategy: 'lowest-price' },
    TargetCapacitySpecification: {
      TotalTargetCapacity: group.capacity,
      PayAsYouGoTargetCapacity: group.payAsYouGo,
      SpotTargetCapacity: group.spot,
      DefaultTargetCapacityType: 'PayAsYouGo',
    },
    Tags: { Tag: [] },
  };
}

const templateSet = ({ world }: Context, template: LaunchTemplate) => ({
  LaunchTemplateId: template.id,
  LaunchTemplateName: template.name,
  CreateTime: iso(world.start + template.created),
  ModifiedTime: iso(world.start + template.created),
  CreatedBy: world.seed.account.id,
  DefaultVersionNumber: 1,
  LatestVersionNumber: 1,
  ResourceGroupId: '',
  Tags: { Tag: [] },
});

function groupOf({ world, p, region }: Context): ProvisioningGroup {
  const group = world.provisioningGroups.get(p.text('AutoProvisioningGroupId') ?? '');
  if (group?.region !== region) throw new ApiError(404, 'InvalidAutoProvisioningGroupId.NotFound', 'The specified AutoProvisioningGroupId does not exist.');
  return group;
}

/** The docs ask for positive numbers; whether the cloud takes a 0 is not known, here it does. */
function capacity(context: Context, name: string, now: number): number {
  const text = context.p.text(name);
  if (text === undefined) return now;
  if (!/^\d+$/.test(text)) throw new ApiError(400, 'InvalidParameter', `The specified parameter ${name} is not valid.`);
  return Number(text);
}

const membersOf = (context: Context, group: ProvisioningGroup) => [...context.world.instances.values()].filter((instance) => instance.group === group.id);
const onGroup = { resources: (p: Context['p']) => [`autoprovisioninggroup/${p.text('AutoProvisioningGroupId') ?? '*'}`] };

export const provisioning: Readonly<Record<string, Operation>> = {
  DescribeAutoProvisioningGroups: read(
    ['RegionId!', 'AutoProvisioningGroupId.N', 'AutoProvisioningGroupName', 'AutoProvisioningGroupStatus.N', 'PageNumber', 'PageSize'],
    (context) => {
      const { world, p, region } = context;
      const ids = p.list('AutoProvisioningGroupId');
      const states = p.list('AutoProvisioningGroupStatus');
      const found = [...world.provisioningGroups.values()].filter(
        (group) =>
          group.region === region &&
          (ids.length === 0 || ids.includes(group.id)) &&
          (states.length === 0 || states.includes('active')) &&
          fits(p.text('AutoProvisioningGroupName'), group.name),
      );
      const { shown, frame } = numbered(context, found, 100);
      return { AutoProvisioningGroups: { AutoProvisioningGroup: shown.map((group) => described(context, group)) }, ...frame };
    },
    { resources: () => ['autoprovisioninggroup/*'] },
  ),
  DescribeAutoProvisioningGroupInstances: read(
    ['RegionId!', 'AutoProvisioningGroupId!', 'PageNumber', 'PageSize'],
    (context) => {
      const { shown, frame } = numbered(context, membersOf(context, groupOf(context)), 100);
      const rows = shown.map((instance) => ({
        InstanceId: instance.id,
        InstanceType: instance.type,
        RegionId: instance.region,
        ZoneId: instance.zone,
        Status: instance.power,
        NetworkType: 'vpc',
        OsType: instance.os,
        CreationTime: iso(instance.created),
        CPU: instance.cpu,
        Memory: instance.memoryMiB,
        IoOptimized: true,
        IsSpot: false,
      }));
      return { Instances: { Instance: rows }, ...frame };
    },
    onGroup,
  ),
  ModifyAutoProvisioningGroup: write(
    [
      'RegionId!',
      'AutoProvisioningGroupId',
      'AutoProvisioningGroupName',
      'TotalTargetCapacity',
      'PayAsYouGoTargetCapacity',
      'SpotTargetCapacity',
      'DefaultTargetCapacityType',
      'ExcessCapacityTerminationPolicy',
      'TerminateInstancesWithExpiration',
    ],
    (context) => {
      const { p, at } = context;
      const group = groupOf(context);
      const total = capacity(context, 'TotalTargetCapacity', group.capacity);
      const payAsYouGo = capacity(context, 'PayAsYouGoTargetCapacity', group.payAsYouGo);
      const spot = capacity(context, 'SpotTargetCapacity', group.spot);
      if (payAsYouGo + spot > total) throw new ApiError(400, 'InvalidParameter', 'The sum of PayAsYouGoTargetCapacity and SpotTargetCapacity exceeds TotalTargetCapacity.');
      const excess = p.text('ExcessCapacityTerminationPolicy') ?? group.excess;
      if (excess !== 'termination' && excess !== 'no-termination')
        throw new ApiError(400, 'InvalidParameter', 'The specified parameter ExcessCapacityTerminationPolicy is not valid.');
      const before = JSON.stringify([group.capacity, group.payAsYouGo, group.spot, group.excess, group.name]);
      Object.assign(group, { capacity: total, payAsYouGo, spot, excess, name: p.text('AutoProvisioningGroupName') ?? group.name });
      // A change of its numbers makes the group look at once.
      if (p.text('TotalTargetCapacity') !== undefined) group.due = at;
      return { targets: [group.id], changed: before !== JSON.stringify([group.capacity, group.payAsYouGo, group.spot, group.excess, group.name]), body: {} };
    },
    onGroup,
  ),
  DeleteAutoProvisioningGroup: write(
    ['RegionId!', 'AutoProvisioningGroupId!', 'TerminateInstances'],
    (context) => {
      const { world, p, at } = context;
      if (p.text('TerminateInstances') === undefined) throw new ApiError(400, 'MissingParameter.InstanceType', 'The specified parameter "TerminateInstances" should be not empty.');
      const group = groupOf(context);
      world.provisioningGroups.delete(group.id);
      for (const instance of membersOf(context, group)) {
        instance.group = undefined;
        if (p.flag('TerminateInstances')) release(world, instance, at);
      }
      return { targets: [group.id], body: {} };
    },
    onGroup,
  ),
  DescribeLaunchTemplates: read(
    ['RegionId!', 'LaunchTemplateId.N', 'LaunchTemplateName.N', 'PageNumber', 'PageSize'],
    (context) => {
      const { world, p, region } = context;
      const ids = p.list('LaunchTemplateId');
      const names = p.list('LaunchTemplateName');
      const found = [...world.launchTemplates.values()].filter(
        (template) => template.region === region && (ids.length === 0 || ids.includes(template.id)) && (names.length === 0 || names.includes(template.name)),
      );
      const { shown, frame } = numbered(context, found, 50);
      return { LaunchTemplateSets: { LaunchTemplateSet: shown.map((template) => templateSet(context, template)) }, ...frame };
    },
    { resources: () => ['launchtemplate/*'] },
  ),
};
