// ECS: the RAM role an instance bears. Changing it answers 200 even when some were refused.
import { mayPass } from './access.ts';
import { ApiError, read, write } from './call.ts';
import type { Change, Context, Operation } from './call.ts';
import { fits, instanceOf, locked } from './ecs-shape.ts';
import type { Instance } from './world.ts';

const batchLimit = 100;

type Row = { readonly InstanceId: string; readonly Code: string; readonly Message: string; readonly Success: boolean };

/** Does something to each instance named; what one refuses keeps none of the others. */
function each(context: Context, apply: (instance: Instance) => boolean): { readonly rows: readonly Row[]; readonly changed: boolean; readonly done: readonly string[] } {
  const { p, twist } = context;
  const ids = p.array('InstanceIds') ?? [];
  if (ids.length === 0 || ids.length > batchLimit) throw new ApiError(400, 'InvalidInstanceIds.Malformed', 'The specified instanceIds are not valid.');
  const failing = twist?.do === 'partial' ? (twist.targets ?? ids.slice(0, 1)) : [];
  const instances = ids.map((id) => instanceOf(context, id));
  let changed = false;
  const rows = instances.map((instance): Row => {
    try {
      if (twist?.do === 'partial' && failing.includes(instance.id)) throw new ApiError(403, twist.code, 'The operation failed on this instance.');
      if (instance.securityLock) throw locked();
      if (instance.network === 'classic') throw new ApiError(403, 'InvalidNetworkType.MismatchRamRole', 'Ram role cannot be applied to instances of Classic network type.');
      const now = apply(instance);
      changed ||= now;
      return { InstanceId: instance.id, Code: '200', Message: 'Success', Success: true };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { InstanceId: instance.id, Code: error.code, Message: error.message, Success: false };
    }
  });
  return { rows, changed, done: rows.filter(({ Success }) => Success).map(({ InstanceId }) => InstanceId) };
}

const counts = (rows: readonly Row[]) => ({ TotalCount: rows.length, FailCount: rows.filter(({ Success }) => !Success).length });
const onInstances = { resources: (p: Context['p']) => (p.array('InstanceIds') ?? []).map((id) => `instance/${id}`) };

function detach(context: Context): Change {
  const role = context.p.text('RamRoleName');
  const before = new Map<string, string>();
  const { rows, changed, done } = each(context, (instance) => {
    if (instance.role === undefined || (role !== undefined && role !== instance.role))
      throw new ApiError(404, 'InvalidRamRole.NotFound', 'The specified RAMRoleName does not exist.');
    before.set(instance.id, instance.role);
    instance.role = undefined;
    return true;
  });
  const results = rows.map((row) => ({
    ...row,
    InstanceRamRoleSets: { InstanceRamRoleSet: before.has(row.InstanceId) ? [{ InstanceId: row.InstanceId, RamRoleName: before.get(row.InstanceId) ?? '' }] : [] },
  }));
  return { targets: done, changed, body: { RamRoleName: role ?? '', ...counts(rows), DetachInstanceRamRoleResults: { DetachInstanceRamRoleResult: results } } };
}

function attach(context: Context): Change {
  const { world, p, caller, call } = context;
  const name = p.need('RamRoleName');
  const role = world.roles.get(name);
  if (!role) throw new ApiError(404, 'InvalidRamRole.NotFound', 'The specified RAMRoleName does not exist.');
  if (!JSON.stringify(role.trust).includes('"ecs.aliyuncs.com"'))
    throw new ApiError(404, 'InvalidRamRole.NotEcsRole', 'The specified ram role is not authorized for ecs, please check your role policy.');
  if (!mayPass(world, caller, name, call.ip)) throw new ApiError(403, 'InvalidUser.PassRoleForbidden', 'The RAM user does not have the privilege to pass a RAM role.');
  const { rows, changed, done } = each(context, (instance) => {
    if (instance.role !== undefined && instance.role !== name) throw new ApiError(403, 'OperationDenied', 'The instance bears another RAM role.');
    const now = instance.role === undefined;
    instance.role = name;
    return now;
  });
  return { targets: done, changed, body: { RamRoleName: name, ...counts(rows), AttachInstanceRamRoleResults: { AttachInstanceRamRoleResult: [...rows] } } };
}

export const roles: Readonly<Record<string, Operation>> = {
  DescribeInstanceRamRole: read(
    ['RegionId!', 'InstanceIds', 'RamRoleName', 'PageNumber', 'PageSize'],
    (context) => {
      const { p } = context;
      const ids = p.array('InstanceIds');
      const role = p.text('RamRoleName');
      if (ids === undefined && role === undefined) throw new ApiError(403, 'InvalidParameter.AllEmpty', 'InstanceIds and RamRoleName can not both be empty.');
      const found = [...context.world.instances.values()].filter(
        (instance) => instance.region === context.region && instance.role !== undefined && (ids === undefined || ids.includes(instance.id)) && fits(role, instance.role),
      );
      const shown = context.hidden ? [] : found;
      return {
        InstanceRamRoleSets: { InstanceRamRoleSet: shown.map((instance) => ({ InstanceId: instance.id, RamRoleName: instance.role ?? '' })) },
        TotalCount: shown.length,
        RegionId: context.region,
      };
    },
    { resources: () => ['instance/*'] },
  ),
  DetachInstanceRamRole: write(['RegionId!', 'InstanceIds!', 'RamRoleName'], detach, onInstances),
  AttachInstanceRamRole: write(['RegionId!', 'InstanceIds!', 'RamRoleName!', 'Policy'], attach, onInstances),
};
