// ECS: starting, stopping and deleting instances.
import { ApiError, write } from './call.ts';
import type { Change, Context, Operation, Params } from './call.ts';
import { settleBill } from './bill.ts';
import { endDryRun, instanceOf, locked } from './ecs-shape.ts';
import { failSnapshots, misses, release } from './release.ts';
import { statusOf } from './world.ts';
import type { Instance } from './world.ts';

const stopMs = 25_000;
const startMs = 30_000;
const batchLimit = 100;

type Result = { readonly InstanceId: string; readonly Code: string; readonly Message: string; readonly CurrentStatus: string; readonly PreviousStatus: string };
type Outcome = { readonly result: Result; readonly changed: boolean };

const onInstances = { resources: (p: Params) => p.list('InstanceId').map((id) => `instance/${id}`) };
const onInstance = { resources: (p: Params) => [`instance/${p.need('InstanceId')}`] };

/** Why an order to this instance is refused, or undefined. */
function refusal(context: Context, instance: Instance, wanted: 'Running' | 'Stopped'): ApiError | undefined {
  if (instance.securityLock) return locked();
  const status = statusOf(instance, context.at);
  // Repeating the order that is already under way is no conflict.
  if (status === wanted || status === (wanted === 'Stopped' ? 'Stopping' : 'Starting')) return undefined;
  if (status !== (wanted === 'Stopped' ? 'Running' : 'Stopped'))
    return new ApiError(403, 'IncorrectInstanceStatus', 'The current status of the resource does not support this operation.');
  return undefined;
}

function stop(context: Context, instance: Instance): boolean {
  const { world, at, p } = context;
  if (instance.power === 'Stopped') return false;
  settleBill(world, instance, at);
  // These go on billing, and the cloud does not say so.
  const keeps = instance.charge === 'PrePaid' || instance.network === 'classic' || instance.localDisk;
  const mode = p.text('StoppedMode') === 'StopCharging' && !keeps ? 'StopCharging' : 'KeepCharging';
  instance.power = 'Stopped';
  instance.settles = at + stopMs;
  instance.stoppedMode = mode;
  if (mode === 'StopCharging') instance.publicIp = undefined;
  failSnapshots(world, instance, at);
  misses(world, instance, at);
  return true;
}

function start(context: Context, instance: Instance): boolean {
  const { world, at } = context;
  if (instance.power === 'Running') return false;
  settleBill(world, instance, at);
  instance.power = 'Running';
  instance.settles = at + startMs;
  instance.started = at;
  instance.stoppedMode = undefined;
  return true;
}

/** Orders many instances: all or none, or each for itself with `SuccessFirst`. */
function order(context: Context, wanted: 'Running' | 'Stopped', apply: (context: Context, instance: Instance) => boolean): Change {
  const { p, at, twist } = context;
  const ids = p.list('InstanceId');
  if (ids.length > batchLimit) throw new ApiError(403, 'InvalidParameter.TooManyInstanceIds', `At most ${batchLimit} instance ids can be given.`);
  const each = p.text('BatchOptimization') === 'SuccessFirst';
  const failing = twist?.do === 'partial' ? (twist.targets ?? ids.slice(0, 1)) : [];
  if (each) endDryRun(context, 'DRYRUN.SUCCESS');
  const attempts = ids.map((id) => {
    const found = find(() => instanceOf(context, id));
    const error =
      found.error ??
      (failing.includes(id) && twist?.do === 'partial' ? new ApiError(403, twist.code, 'The operation failed on this instance.') : refusal(context, found.value, wanted));
    return { id, instance: found.value, error };
  });
  const first = attempts.find((one) => one.error !== undefined)?.error;
  if (first && !each) throw first;
  endDryRun(context, 'DRYRUN.SUCCESS');
  const outcomes = attempts.map(({ id, instance, error }): Outcome => {
    const before = instance === undefined ? '' : statusOf(instance, at);
    if (error || !instance)
      return { changed: false, result: { InstanceId: id, Code: error?.code ?? '', Message: error?.message ?? '', CurrentStatus: before, PreviousStatus: before } };
    const changed = apply(context, instance);
    return { changed, result: { InstanceId: id, Code: '200', Message: 'success', CurrentStatus: statusOf(instance, at), PreviousStatus: before } };
  });
  return {
    targets: outcomes.filter((one) => one.result.Code === '200').map((one) => one.result.InstanceId),
    changed: outcomes.some((one) => one.changed),
    body: { InstanceResponses: { InstanceResponse: outcomes.map((one) => one.result) } },
  };
}

function find<T>(look: () => T): { readonly value: T; readonly error: undefined } | { readonly value: undefined; readonly error: ApiError } {
  try {
    return { value: look(), error: undefined };
  } catch (error) {
    if (error instanceof ApiError) return { value: undefined, error };
    throw error;
  }
}

export const power: Readonly<Record<string, Operation>> = {
  StopInstances: write(['RegionId!', 'InstanceId.N!', 'BatchOptimization', 'DryRun', 'ForceStop', 'StoppedMode'], (context) => order(context, 'Stopped', stop), onInstances),
  StopInstance: write(
    ['InstanceId!', 'DryRun', 'ForceStop', 'StoppedMode', 'ConfirmStop', 'Hibernate'],
    (context) => {
      const instance = instanceOf(context);
      const error = refusal(context, instance, 'Stopped');
      if (error) throw error;
      endDryRun(context);
      return { targets: [instance.id], changed: stop(context, instance), body: {} };
    },
    onInstance,
  ),
  StartInstances: write(['RegionId!', 'InstanceId.N!', 'BatchOptimization', 'DryRun'], (context) => order(context, 'Running', start), onInstances),
  DeleteInstances: write(
    ['RegionId!', 'InstanceId.N!', 'ClientToken', 'DryRun', 'Force', 'ForceStop', 'TerminateSubscription'],
    (context) => {
      const { world, p, at } = context;
      const found = p.list('InstanceId').map((id) => instanceOf(context, id));
      for (const instance of found) {
        if (instance.securityLock) throw locked();
        if (instance.deletionProtection) throw new ApiError(403, 'InvalidOperation.DeletionProtection', 'The operation is not allowed due to deletion protection.');
        if (instance.charge === 'PrePaid' && !p.flag('TerminateSubscription'))
          throw new ApiError(403, 'ChargeTypeViolation', 'The operation is not permitted due to charge type of the instance.');
        if (statusOf(instance, at) !== 'Stopped' && !p.flag('Force'))
          throw new ApiError(403, 'IncorrectInstanceStatus', 'The current status of the resource does not support this operation.');
      }
      endDryRun(context, 'DRYRUN.SUCCESS');
      for (const instance of found) release(world, instance, at);
      return { targets: found.map((instance) => instance.id), body: {} };
    },
    onInstances,
  ),
};
