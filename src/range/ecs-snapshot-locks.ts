// ECS: snapshots that nobody may delete before a time. What a refused lock or unlock is called is not published: those codes are ours.
import { ApiError, read, write } from './call.ts';
import type { Context, Operation } from './call.ts';
import { endDryRun, fits, tokenPage } from './ecs-shape.ts';
import { iso } from './world.ts';
import type { Snapshot, SnapshotLock } from './world.ts';

const hourMs = 3_600_000;
const dayMs = 86_400_000;

export const lockedSnapshot = (): ApiError => new ApiError(403, 'OperationDenied.SnapshotLocked', 'The specified snapshot is locked.');

/** A snapshot still being made is locked for as long as it shall, counted from its end. */
function span(snapshot: Snapshot, lock: SnapshotLock): { readonly from: number; readonly to: number } {
  const from = Math.max(lock.created, snapshot.done);
  return { from, to: from + lock.days * dayMs };
}

type Locked = Snapshot & { readonly lock: SnapshotLock };
const hasLock = (snapshot: Snapshot): snapshot is Locked => snapshot.lock !== undefined;

function lockStatus(snapshot: Locked, at: number): 'compliance-cooloff' | 'compliance' | 'expired' {
  if (at >= span(snapshot, snapshot.lock).to) return 'expired';
  return at < snapshot.lock.coolOff ? 'compliance-cooloff' : 'compliance';
}

/** May nobody delete it now? */
export const isLocked = (snapshot: Snapshot, at: number): boolean => hasLock(snapshot) && lockStatus(snapshot, at) !== 'expired';

function described(snapshot: Locked, at: number) {
  const { lock } = snapshot;
  const { from, to } = span(snapshot, lock);
  const known = Number.isFinite(to);
  return {
    SnapshotId: snapshot.id,
    LockMode: 'compliance',
    LockStatus: lockStatus(snapshot, at),
    LockCreationTime: iso(lock.created),
    LockDuration: lock.days,
    LockDurationStartTime: known ? iso(from) : '',
    LockExpiredTime: known ? iso(to) : '',
    CoolOffPeriod: lock.coolOffHours,
    CoolOffPeriodExpiredTime: iso(lock.coolOff),
  };
}

function snapshotIn({ world, p, region }: Context): Snapshot {
  const snapshot = world.snapshots.get(p.need('SnapshotId'));
  if (snapshot?.region !== region) throw new ApiError(404, 'InvalidSnapshotId.NotFound', 'The specified snapshot does not exist.');
  return snapshot;
}

function number(context: Context, name: string, least: number, most: number): number {
  const value = Number(context.p.need(name));
  if (!Number.isInteger(value) || value < least || value > most) throw new ApiError(400, `Invalid${name}.ValueNotSupported`, `The specified ${name} is not valid.`);
  return value;
}

const onSnapshot = { resources: (p: Context['p']) => [`snapshot/${p.need('SnapshotId')}`] };

export const snapshotLocks: Readonly<Record<string, Operation>> = {
  LockSnapshot: write(
    ['RegionId!', 'SnapshotId!', 'LockMode!', 'CoolOffPeriod!', 'LockDuration!', 'ClientToken', 'DryRun'],
    (context) => {
      const { p, at } = context;
      const snapshot = snapshotIn(context);
      if (p.need('LockMode') !== 'compliance') throw new ApiError(400, 'InvalidLockMode.ValueNotSupported', 'The specified LockMode is not valid.');
      const coolOffHours = number(context, 'CoolOffPeriod', 0, 72);
      const days = number(context, 'LockDuration', 1, 36_500);
      const final = hasLock(snapshot) && lockStatus(snapshot, at) === 'compliance';
      // Past the cool-off a lock can only grow, and only with a cool-off of 0.
      if (final && (coolOffHours !== 0 || days < snapshot.lock.days)) throw lockedSnapshot();
      endDryRun(context);
      const renewed = hasLock(snapshot) && lockStatus(snapshot, at) !== 'expired' ? snapshot.lock.created : at;
      const lock: SnapshotLock = final ? { ...snapshot.lock, days } : { created: renewed, coolOffHours, coolOff: renewed + coolOffHours * hourMs, days };
      const changed = JSON.stringify(lock) !== JSON.stringify(snapshot.lock);
      snapshot.lock = lock;
      return { targets: [snapshot.id], changed, body: { LockedSnapshotInfo: described({ ...snapshot, lock }, at) } };
    },
    onSnapshot,
  ),
  UnlockSnapshot: write(
    ['RegionId!', 'SnapshotId!', 'ClientToken', 'DryRun'],
    (context) => {
      const snapshot = snapshotIn(context);
      if (hasLock(snapshot) && lockStatus(snapshot, context.at) === 'compliance') throw lockedSnapshot();
      endDryRun(context);
      const changed = hasLock(snapshot);
      snapshot.lock = undefined;
      return { targets: [snapshot.id], changed, body: {} };
    },
    onSnapshot,
  ),
  DescribeLockedSnapshots: read(
    ['RegionId!', 'SnapshotIds.N', 'LockStatus', 'MaxResults', 'NextToken', 'DryRun'],
    (context) => {
      const { world, p, at, region } = context;
      const ids = p.list('SnapshotIds');
      endDryRun(context);
      const found = [...world.snapshots.values()]
        .filter(hasLock)
        .filter((one) => one.region === region && (ids.length === 0 || ids.includes(one.id)) && fits(p.text('LockStatus'), lockStatus(one, at)));
      const { items, NextToken } = tokenPage(context, found);
      return { LockedSnapshotsInfo: items.map((one) => described(one, at)), NextToken };
    },
    { resources: () => ['snapshot/*'] },
  ),
};
