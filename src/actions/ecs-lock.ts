// Locking this case's snapshots while the lock can still be taken off. A cool-off of none would be final at once and is never asked for.
import { z } from 'zod';
import type { Json, Text } from '../text.ts';
import type { Before, Call, Context, Holding, Reader, Refused, Target } from './define.ts';
import { defineAction } from './define.ts';
import { describeSnapshots, snapshotsIn } from './ecs.ts';
import { regionOf } from './ecs-target.ts';
import { listAt, named, numbered, read, textAt, why, write } from './wire.ts';

export const lockSnapshots = defineAction({
  summary: { en: 'Lock snapshots against deletion', zh: '锁定快照，防止删除' },
  class: 'R1',
  calls: ['ecs:LockSnapshot', 'ecs:DescribeLockedSnapshots', 'ecs:DescribeSnapshots'],
  undoes: ['ecs:UnlockSnapshot'],
  targets: 'snapshot',
  /** Hours the lock can still be taken off, and days it then holds against everybody. */
  input: z.object({ coolOffHours: z.number().int().min(1).max(72).default(72), lockDays: z.coerce.number().int().min(1).max(36_500).default(30) }),
  needs: [],
  debt: { what: { en: 'A locked snapshot, which costs until the lock ends', zh: '锁定的快照，到期前持续计费' }, days: 90 },
  loses: { en: 'Nothing. A locked snapshot costs storage as before.', zh: '不丢失任何东西。锁定的快照照常产生存储费用。' },
  leaves: {
    en: 'Undo works only while the cool-off runs. After it nobody, not even the account itself, can delete the snapshots before the lock ends; until then they cost storage.',
    zh: '只有在冷静期内可以撤销。冷静期结束后，任何人（包括主账号）在锁定到期前都无法删除这些快照，期间持续产生存储费用。',
  },
  console: { en: 'ECS console > Snapshots > the snapshot > Lock Snapshot', zh: 'ECS 控制台 > 快照 > 选择快照 > 锁定快照' },
  async before(reader, target): Promise<Before> {
    const [lock, snapshot] = await Promise.all([
      lockOf(reader, target, { kind: 'before', target: target.id }),
      reader.read(describeSnapshots(regionOf(target), { SnapshotIds: JSON.stringify([target.id]) })),
    ]);
    if ('refusal' in lock) return { status: 'unreadable', note: why(lock) };
    if (!snapshot.ok) return { status: 'unreadable', note: why(snapshot) };
    const found = snapshotsIn(snapshot.body).find(({ id }) => id === target.id);
    if (found === undefined) return { status: 'gone', note: goneNote };
    if (found.status === 'failed') return { status: 'changed', note: failedNote };
    const state: Json = { lockStatus: lock.status, lockedUntil: lock.until };
    return isHeld(lock.status) ? { status: 'already', note: alreadyNote, state } : { status: 'ready', state };
  },
  plan: (targets, context) => targets.map((target) => ({ call: lockSnapshot(target, context), targets: [target.id] })),
  async holds(reader, target): Promise<Holding> {
    const lock = await lockOf(reader, target);
    if ('refusal' in lock) return { status: 'unknown', note: why(lock) };
    const facts = { lockStatus: lock.status, undoUntil: lock.coolOff, lockedUntil: lock.until };
    return isHeld(lock.status) ? { status: 'yes', note: untilNote(lock.coolOff, lock.until), facts } : { status: 'no', facts };
  },
  givesBack: { en: 'Whoever may delete snapshots can delete it.', zh: '有权删除快照的人可以删除它。' },
  async undoGuard(reader, target) {
    const lock = await lockOf(reader, target);
    if ('refusal' in lock) return why(lock);
    return lock.status === 'compliance' ? finalNote(lock.until) : undefined;
  },
  withinMs: 60_000,
  undo: (target) => [write('ecs', 'UnlockSnapshot', { SnapshotId: named('snapshot id', target.id) }, regionOf(target))],
});

const goneNote: Text = { en: 'The snapshot no longer exists.', zh: '该快照已不存在。' };
const failedNote: Text = { en: 'The snapshot has failed: there is nothing in it to lock.', zh: '该快照已失败，没有可锁定的内容。' };
const alreadyNote: Text = { en: 'It is already locked.', zh: '该快照已锁定。' };

function finalNote(until: string): Text {
  return { en: `The cool-off is over: nobody can unlock it before ${until || 'its lock ends'}.`, zh: `冷静期已结束：${until || '锁定到期'} 之前任何人都无法解锁。` };
}

function untilNote(coolOff: string, until: string): Text {
  return {
    en: `Locked. It can be unlocked until ${coolOff || 'an unknown time'}, and can not be deleted before ${until || 'its lock ends'}.`,
    zh: `已锁定。${coolOff || '（时间未知）'} 之前可以解锁；${until || '锁定到期'} 之前无法删除。`,
  };
}

/** `expired` is a lock of the past. */
function isHeld(status: string): boolean {
  return status === 'compliance-cooloff' || status === 'compliance';
}

/** Locking twice is locking once: no ClientToken, which would give an old answer to a lock that was taken off meanwhile. */
function lockSnapshot(target: Target, { input }: Context): Call {
  return write(
    'ecs',
    'LockSnapshot',
    {
      SnapshotId: named('snapshot id', target.id),
      LockMode: 'compliance',
      CoolOffPeriod: named('cool-off', textAt(input, 'coolOffHours')),
      LockDuration: named('lock duration', textAt(input, 'lockDays')),
    },
    regionOf(target),
  );
}

type Lock = { readonly status: string; readonly coolOff: string; readonly until: string };

/** The lock of a snapshot; all of it '' when it has none. */
async function lockOf(reader: Reader, target: Target, seal?: { readonly kind: string; readonly target: string }): Promise<Lock | Refused> {
  const reply = await reader.read(read('ecs', 'DescribeLockedSnapshots', numbered('SnapshotIds', [target.id]), regionOf(target)), seal);
  if (!reply.ok) return reply;
  const row = listAt(reply.body, 'LockedSnapshotsInfo').find((each) => textAt(each, 'SnapshotId') === target.id);
  return { status: textAt(row, 'LockStatus'), coolOff: textAt(row, 'CoolOffPeriodExpiredTime'), until: textAt(row, 'LockExpiredTime') };
}
