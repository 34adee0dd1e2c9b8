// ECS: changing what an instance is set to: name, groups, protection, when it is released by itself.
import { ApiError, write } from './call.ts';
import type { Operation, Params } from './call.ts';
import { groupsIn } from './ecs-groups.ts';
import { instanceOf, locked } from './ecs-shape.ts';

const halfHourMs = 1_800_000;
const threeYearsMs = 3 * 365 * 86_400_000;
const onInstance = { resources: (p: Params) => [`instance/${p.need('InstanceId')}`] };

/** When an instance is to be released, to the minute; undefined: never. Half an hour ahead at least, three years at most. */
export function releaseAt(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(`${text.slice(0, 16)}:00Z`) : Number.NaN;
  if (!(at >= now + halfHourMs && at <= now + threeYearsMs)) throw new ApiError(400, 'InvalidAutoReleaseTime.Malformed', 'The specified paramter autoReleaseTime is not valid.');
  return at;
}

export const attributes: Readonly<Record<string, Operation>> = {
  ModifyInstanceAttribute: write(
    ['InstanceId!', 'InstanceName', 'Description', 'DeletionProtection', 'SecurityGroupIds.N', 'UserData', 'HostName', 'Password', 'Recyclable'],
    (context) => {
      const { p } = context;
      const instance = instanceOf(context);
      if (instance.securityLock) throw locked();
      const ids = p.list('SecurityGroupIds');
      if (ids.length > 0 && instance.network === 'classic')
        throw new ApiError(400, 'InvalidNetworkType.NotSupported', 'The classic networkType does not support to modify security group');
      const groups = groupsIn(context, ids, instance.vpc, 'InvalidSecurityGroupVpc.NotBelongToOneVpc');
      if (p.flag('DeletionProtection') && (instance.charge === 'PrePaid' || instance.spot))
        throw new ApiError(403, 'InvalidChargeType.ValueNotSupported', 'The operation is not permitted due to charge type of the instance.');
      // Replaced, not added.
      if (groups.length > 0) instance.securityGroups = groups;
      instance.name = p.text('InstanceName') ?? instance.name;
      instance.description = p.text('Description') ?? instance.description;
      if (p.text('DeletionProtection') !== undefined) instance.deletionProtection = p.flag('DeletionProtection');
      const data = p.text('UserData');
      if (data !== undefined) instance.userData = Buffer.from(data, 'base64').toString('utf8');
      return { targets: [instance.id], body: {} };
    },
    onInstance,
  ),
  ModifyInstanceAutoReleaseTime: write(
    ['InstanceId!', 'AutoReleaseTime', 'RegionId'],
    (context) => {
      const instance = instanceOf(context);
      if (instance.securityLock) throw locked();
      if (instance.charge === 'PrePaid') throw new ApiError(403, 'ChargeTypeViolation', 'The operation is not permitted due to charge type of the instance.');
      const at = releaseAt(context.p.text('AutoReleaseTime'), context.at);
      const changed = at !== instance.autoRelease;
      instance.autoRelease = at;
      return { targets: [instance.id], changed, body: {} };
    },
    onInstance,
  ),
};
