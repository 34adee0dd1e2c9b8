// Snapshots of every disk of an instance: adds only. A name made from case and disk finds them again after a lost answer.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Before, Call, Context, Holding, Planned, Reader, Refused, Target } from './define.ts';
import { defineAction } from './define.ts';
import type { Snapshot } from './ecs.ts';
import { createSnapshot, describeDisks, describeSnapshots, disksIn, readPages, snapshotsIn } from './ecs.ts';
import { createSnapshotGroup, describeSnapshotGroups, groupedIn } from './ecs-snapshot-reads.ts';
import { disksOf, framed, goneNote, regionOf } from './ecs-target.ts';
import { why } from './wire.ts';

/** What one call takes; only this family can be taken together. */
const mostTogether = 16;
const mostGib = 32 * 1024;
const together = new Set(['cloud_essd', 'cloud_auto', 'cloud_essd_entry']);

export const snapshotDisks = defineAction({
  summary: { en: 'Snapshot the disks of instances', zh: '为实例的磁盘创建快照' },
  class: 'R1',
  calls: ['ecs:CreateSnapshot', 'ecs:CreateSnapshotGroup', 'ecs:DescribeSnapshots', 'ecs:DescribeSnapshotGroups', 'ecs:DescribeDisks'],
  undoes: [],
  targets: 'instance',
  input: z.object({}),
  needs: [],
  loses: { en: 'Nothing. It adds snapshots, which cost storage.', zh: '不丢失任何东西。会新增快照并产生存储费用。' },
  leaves: {
    en: 'The instances run on. Do not stop or restart one while its snapshot is being made: the snapshot would fail. Memory and local disks are not in a snapshot.',
    zh: '实例继续运行。快照制作期间不要停止或重启实例，否则快照会失败。快照不包含内存和本地盘。',
  },
  console: { en: 'ECS console > Instances > the instance > Block Storage > Create Snapshot', zh: 'ECS 控制台 > 实例 > 选择实例 > 云盘 > 创建快照' },
  guard: (target) => (disksOf(target).length === 0 ? noDisk : undefined),
  warn: (target) => (framed(target).some(({ local }) => local) || target.data['localDisk'] === true ? [localDisk] : []),
  async before(reader, target, context): Promise<Before> {
    const pages = await readPages(reader, (token) => describeDisks(regionOf(target), target.id, token), { kind: 'before', target: target.id });
    if ('refusal' in pages) return pages.refusal === 'gone' ? { status: 'gone', note: goneNote } : { status: 'unreadable', note: why(pages) };
    const attached = pages.bodies.flatMap(disksIn).map(({ id }) => id);
    const missing = disksOf(target).filter((disk) => !attached.includes(disk));
    if (missing.length > 0) return { status: 'changed', note: changedNote(missing) };
    const { status } = await made(reader, target, context);
    return status === 'yes' ? { status: 'already', note: alreadyNote } : { status: 'ready', state: { disks: attached } };
  },
  plan: (targets, context) => targets.flatMap((target) => callsFor(target, context).map((call): Planned => ({ call, targets: [target.id] }))),
  holds: async (reader, target, context, call) => made(reader, target, context, call),
  withinMs: 20 * 60_000,
  undo: (_target, _before, context) => ({
    irreversible: {
      en: `Nothing has to be undone: a snapshot only adds. When the evidence is no longer needed, delete the snapshots tagged firebreak-case=${context.caseId}.`,
      zh: `无需撤销：快照只增不改。证据保留期结束后，删除带有标签 firebreak-case=${context.caseId} 的快照即可。`,
    },
  }),
});

const noDisk: Text = {
  en: 'No disk of it can be snapshotted: its list could not be read, or it has local disks only.',
  zh: '没有可创建快照的磁盘：无法读取磁盘列表，或只有本地盘。',
};
const localDisk: Text = { en: 'Its local disks are not in the snapshot. They are lost when it is released.', zh: '本地盘不在快照中，实例释放时会丢失。' };
const alreadyNote: Text = { en: 'This case has already made them.', zh: '本案例已创建过这些快照。' };
const pendingNote: Text = { en: 'The snapshot is being made. Do not stop the instance meanwhile.', zh: '快照正在创建。期间不要停止实例。' };
const failedNote: Text = { en: 'The snapshot failed. Was the instance stopped or released meanwhile?', zh: '快照失败。期间实例是否被停止或释放？' };

function changedNote(missing: readonly string[]): Text {
  return { en: `No longer attached: ${missing.join(', ')}.`, zh: `已不再挂载：${missing.join('、')}。` };
}

/** All disks at one moment where they allow it: what was written across them then fits. A second try takes each on its own. */
function callsFor(target: Target, context: Context): readonly Call[] {
  const region = regionOf(target);
  const { caseId, attempt = 1 } = context;
  const disks = framed(target).filter(({ local }) => !local);
  const asOne =
    disks.length > 1 && disks.length <= mostTogether && disks.every(({ category }) => together.has(category)) && disks.reduce((sum, { gib }) => sum + gib, 0) <= mostGib;
  if (asOne && attempt === 1) {
    const diskIds = disks.map(({ id }) => id);
    return [createSnapshotGroup(region, { instanceId: target.id, diskIds, name: nameOf(context, target.id), clientToken: tokenOf(context, target.id), caseId })];
  }
  return disks.map(({ id }) => createSnapshot(region, { diskId: id, name: nameOf(context, id), clientToken: tokenOf(context, id), caseId }));
}

/** A repeated attempt makes a new one: the best of the name counts. */
function best(snapshots: readonly Snapshot[]): Snapshot | undefined {
  const order = ['accomplished', 'progressing', 'failed'];
  return snapshots.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status))[0];
}

/** Must not begin with `auto`; at most 128 characters, which case, disk and instance ids never reach. */
function nameOf({ caseId }: Context, id: string): string {
  return `firebreak-${caseId}-${id}`;
}

/** At most 64 ASCII characters: the same case, step, try and disk always give the same token. With the token of a failed try the cloud would give the failed one again. */
function tokenOf({ caseId, step, attempt = 1 }: Context, id: string): string {
  return createHash('sha256')
    .update(JSON.stringify([caseId, step, id, ...(attempt === 1 ? [] : [attempt])]))
    .digest('hex');
}

/** How far the snapshots of its disks are, found by the names this case gives them; for one call only those it was to make. */
async function made(reader: Reader, target: Target, context: Context, call?: Call): Promise<Holding> {
  const region = regionOf(target);
  const wanted = disksOf(target).filter((id) => call?.params['DiskId'] === undefined || call.params['DiskId'] === id);
  const grouped = disksOf(target).length > 1 ? await inGroups(reader, target, context) : [];
  if ('refusal' in grouped) return { status: 'unknown', note: why(grouped) };
  const found = await Promise.all(
    wanted.map(async (diskId) => {
      const known = best(grouped.filter((each) => each.diskId === diskId));
      // One by one only what no group of this case holds, or holds spoiled.
      if (call?.action === 'CreateSnapshotGroup' || (known !== undefined && known.status !== 'failed')) return { diskId, snapshot: known };
      const name = nameOf(context, diskId);
      const pages = await readPages(reader, (token) => describeSnapshots(region, { DiskId: diskId, SnapshotName: name }, token));
      if ('refusal' in pages) return pages;
      const own = pages.bodies.flatMap(snapshotsIn).filter((each) => each.name === name && each.diskId === diskId);
      return { diskId, snapshot: best([...own, ...(known === undefined ? [] : [known])]) };
    }),
  );
  const refused = found.find((each) => 'refusal' in each);
  if (refused !== undefined && 'refusal' in refused) return { status: 'unknown', note: why(refused) };
  const rows = found.flatMap((each) => ('refusal' in each ? [] : [each]));
  const facts: JsonObject = {
    snapshots: rows.map(({ diskId, snapshot }) => ({ disk: diskId, snapshot: snapshot?.id ?? '', status: snapshot?.status ?? 'none', progress: snapshot?.progress ?? '' })),
  };
  if (rows.every(({ snapshot }) => snapshot?.status === 'accomplished')) return { status: 'yes', facts };
  if (rows.some(({ snapshot }) => snapshot?.status === 'failed')) return { status: 'no', final: true, note: failedNote, facts };
  if (rows.some(({ snapshot }) => snapshot === undefined)) return { status: 'no', facts };
  return { status: 'pending', note: pendingNote, facts };
}

/** The snapshots in the groups this case has made of an instance. */
async function inGroups(reader: Reader, target: Target, context: Context): Promise<readonly Snapshot[] | Refused> {
  const name = nameOf(context, target.id);
  const pages = await readPages(reader, (token) => describeSnapshotGroups(regionOf(target), { InstanceId: target.id, Name: name }, token));
  return 'refusal' in pages ? pages : pages.bodies.flatMap(groupedIn).filter((each) => each.name === name);
}
