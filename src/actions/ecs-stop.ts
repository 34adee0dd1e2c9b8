// Stopping instances: theirs without billing, ours with it. One call a region and mode; every instance answers for itself.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Before, Done, Holding, Planned, Target } from './define.ts';
import { defineAction } from './define.ts';
import { describeSnapshots, readInstance, readPages, snapshotsIn, startInstances, stopInstances } from './ecs.ts';
import { runsUp } from './ecs-price.ts';
import { changesIn, goneNote, lockedNote, prepaidNote, readBefore, regionOf, slices } from './ecs-target.ts';
import { listAt, numberAt, textAt, why } from './wire.ts';

/** The most one call takes. */
const batch = 100;

type Mode = 'StopCharging' | 'KeepCharging';

export const stop = defineAction({
  summary: { en: 'Stop instances', zh: '停止实例' },
  class: 'R2',
  calls: ['ecs:StopInstances', 'ecs:DescribeInstances', 'ecs:DescribeSnapshots'],
  undoes: ['ecs:StartInstances'],
  targets: 'instance',
  input: z.object({}),
  needs: ['volatile'],
  loses: {
    en: 'Memory, running processes and open connections. A public address that is not an elastic one is given back.',
    zh: '内存、运行中的进程和连接。非弹性公网 IP 会被收回。',
  },
  leaves: {
    en: 'Disks and elastic addresses stay and cost on. Prepaid, classic-network and local-disk instances go on being billed.',
    zh: '磁盘和弹性公网 IP 保留并继续计费。包年包月、经典网络和本地盘实例停止后仍会计费。',
  },
  console: { en: 'ECS console > Instances > the instance > Stop', zh: 'ECS 控制台 > 实例 > 选择实例 > 停止' },
  guard: (target) => (target.data['securityLocked'] === true ? lockedNote : undefined),
  warn: (target) => warnings(target),
  async before(reader, target): Promise<Before> {
    const [instance, busy] = await Promise.all([
      readBefore(reader, target),
      readPages(reader, (token) => describeSnapshots(regionOf(target), { InstanceId: target.id, Status: 'progressing' }, token)),
    ]);
    if ('refusal' in instance) return instance.refusal === 'gone' ? { status: 'gone', note: goneNote } : { status: 'unreadable', note: why(instance) };
    const state: JsonObject = { status: instance.status, stoppedMode: instance.stoppedMode, publicIp: instance.publicIp };
    const changed = changesIn(instance, target);
    if (changed !== undefined) return { status: 'changed', note: changed, state };
    if (instance.status === 'Stopped') return { status: 'already', note: alreadyNote, state };
    // Who may not read snapshots has made none in this case; that somebody else's is under way is no reason to leave a machine running.
    if ('refusal' in busy)
      return busy.refusal === 'denied' || busy.refusal === 'invalid'
        ? { status: 'ready', state: { ...state, snapshotsUnread: why(busy).en } }
        : { status: 'unreadable', note: why(busy), state };
    // Not `changed`: once the snapshot is done a retry goes on, and a snapshot that never ends can be waived.
    if (busy.bodies.flatMap(snapshotsIn).some(({ status }) => status === 'progressing')) return { status: 'unreadable', note: busyNote, state };
    return { status: 'ready', state };
  },
  plan(targets, { attempt = 1 }) {
    const groups = Map.groupBy(targets, (target) => `${regionOf(target)} ${modeOf(target)}`);
    // A call that was refused as a whole may owe that to one instance: again, each on its own.
    return [...groups.values()].flatMap((group) =>
      slices(group, attempt === 1 ? batch : 1).map((part): Planned => {
        const first = part[0] as Target;
        const ids = part.map(({ id }) => id);
        return { call: stopInstances(regionOf(first), ids, modeOf(first)), targets: ids };
      }),
    );
  },
  settle: (reply, planned) => verdicts(reply, planned),
  async holds(reader, target): Promise<Holding> {
    const instance = await readInstance(reader, regionOf(target), target.id);
    if ('refusal' in instance) return instance.refusal === 'gone' ? { status: 'yes', note: goneNote } : { status: 'unknown', note: why(instance) };
    const rate = numberAt(target.data, 'cnyPerHour') ?? null;
    const goesOn = runsUp(instance);
    const facts: JsonObject = { status: instance.status, stoppedMode: instance.stoppedMode, cnyPerHourBefore: rate, cnyPerHourAfter: goesOn ? rate : 0 };
    if (instance.status === 'Stopped') return { status: 'yes', facts, ...(goesOn && modeOf(target) === 'StopCharging' ? { note: billedNote } : {}) };
    return instance.status === 'Stopping' ? { status: 'pending', facts } : { status: 'no', facts };
  },
  withinMs: 600_000,
  undo: (target, before) => (textAt(before, 'status') === 'Stopped' ? [] : [startInstances(regionOf(target), [target.id])]),
  givesBack: {
    en: 'The machine runs again with whatever is on its disks, and costs again. It may fail for lack of stock; its public address may change.',
    zh: '实例重新运行，磁盘上的一切随之运行，并恢复计费。可能因库存不足而失败，公网 IP 也可能改变。',
  },
});

const alreadyNote: Text = { en: 'It is already stopped.', zh: '该实例已停止。' };
const busyNote: Text = {
  en: 'One of its snapshots is still being made; stopping it now would spoil the snapshot. Stop it when the snapshot is done.',
  zh: '它的一个快照仍在创建，现在停止会损坏快照。请等快照完成后再停止。',
};
const billedNote: Text = { en: 'Stopped, but the cloud goes on billing it.', zh: '已停止，但云平台仍在计费。' };
const restart: Text = { en: 'Starting it again may fail for lack of stock, and its public address may change.', zh: '再次启动可能因库存不足而失败，公网 IP 也可能改变。' };

/** Ours keep their stock and address; theirs shall cost nothing. */
function modeOf(target: Target): Mode {
  return target.data['ours'] === true ? 'KeepCharging' : 'StopCharging';
}

function warnings(target: Target): readonly Text[] {
  const { data } = target;
  const notes: Text[] = [];
  if (data['ours'] === true)
    notes.push({ en: 'The suspects did not make it: whatever runs on it stops. It goes on being billed.', zh: '它不是嫌疑身份创建的：停止后其上业务会中断，且继续计费。' });
  if (data['charge'] === 'PrePaid') notes.push(prepaidNote);
  if (data['localDisk'] === true || data['network'] === 'classic')
    notes.push({ en: 'Local disk or classic network: it goes on being billed.', zh: '本地盘或经典网络：停止后仍会计费。' });
  if (textAt(data, 'publicIp') !== '') notes.push(restart);
  return notes;
}

/** The answer is 200 even when some were refused. One that is already stopped or gone is no failure; reading decides. */
function verdicts(reply: Done, planned: Planned): ReturnType<NonNullable<typeof stop.settle>> {
  const rows = new Map(listAt(reply.body, 'InstanceResponses', 'InstanceResponse').map((row) => [textAt(row, 'InstanceId'), row]));
  return Object.fromEntries(
    planned.targets.map((id) => {
      const row = rows.get(id);
      const code = textAt(row, 'Code');
      const fine = row === undefined || code === '' || code === '200' || code.endsWith('NotFound') || textAt(row, 'PreviousStatus') === 'Stopped';
      return [id, fine ? { ok: true } : { ok: false, code, note: { en: `Refused (${code}): ${textAt(row, 'Message')}`, zh: `被拒绝（${code}）：${textAt(row, 'Message')}` } }];
    }),
  );
}
