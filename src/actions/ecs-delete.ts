// Releasing machines of the attacker, for good: stopped ones only, their disks kept. Never by force.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Before, Call, Holding, Planned, Reader, Target } from './define.ts';
import { defineAction } from './define.ts';
import { describeDisks, disksIn, readInstance, readPages } from './ecs.ts';
import { protect } from './ecs-keep.ts';
import { changesIn, disksOf, framed, goneNote, lockedNote, prepaidNote, readBefore, regionOf } from './ecs-target.ts';
import { named, numbered, why, write } from './wire.ts';

export const deleteInstances = defineAction({
  summary: { en: 'Release instances for good, keeping their disks', zh: '永久释放实例，保留云盘' },
  class: 'R3',
  calls: ['ecs:DeleteInstances', 'ecs:ModifyDiskAttribute', 'ecs:ModifyInstanceAttribute', 'ecs:DescribeInstances', 'ecs:DescribeDisks'],
  undoes: [],
  targets: 'instance',
  input: z.object({}),
  needs: ['volatile', 'disk-snapshot'],
  loses: {
    en: 'The instance itself, its addresses, its local disks. It can not be had back; a new one can be made from its snapshots.',
    zh: '实例本身、其 IP 地址和本地盘。无法恢复，只能用快照新建实例。',
  },
  leaves: { en: 'Its cloud disks and snapshots stay and cost on. Elastic addresses stay in the account.', zh: '云盘和快照保留并继续计费，弹性公网 IP 仍在账号中。' },
  console: { en: 'ECS console > Instances > the instance > Release', zh: 'ECS 控制台 > 实例 > 选择实例 > 释放' },
  guard: (target) => (target.data['securityLocked'] === true ? lockedNote : target.data['charge'] === 'PrePaid' ? prepaidNote : undefined),
  warn: (target) => [...(target.data['ours'] === true ? [oursNote] : []), ...(framed(target).some(({ local }) => local) || target.data['localDisk'] === true ? [localNote] : [])],
  async before(reader, target): Promise<Before> {
    const [instance, disks] = await Promise.all([
      readBefore(reader, target),
      readPages(reader, (token) => describeDisks(regionOf(target), target.id, token), { kind: 'before', target: target.id }),
    ]);
    if ('refusal' in instance) return instance.refusal === 'gone' ? { status: 'gone', note: goneNote } : { status: 'unreadable', note: why(instance) };
    if ('refusal' in disks) return { status: 'unreadable', note: why(disks) };
    const attached = disks.bodies.flatMap(disksIn);
    const state: JsonObject = {
      status: instance.status,
      publicIp: instance.publicIp,
      protection: instance.deletionProtection,
      disks: attached.map(({ id, withInstance }) => ({ id, withInstance })),
    };
    const changed = changesIn(instance, target);
    if (changed !== undefined) return { status: 'changed', note: changed, state };
    const known = framed(target).map(({ id }) => id);
    const strange = attached.filter(({ id }) => !known.includes(id)).map(({ id }) => id);
    if (strange.length > 0) return { status: 'changed', note: strangeNote(strange), state };
    return instance.status === 'Stopped' ? { status: 'ready', state } : { status: 'changed', note: runningNote, state };
  },
  plan: (targets) => [
    ...targets.flatMap((target): readonly Planned[] => {
      const keep = disksOf(target).length === 0 ? [] : [keepDisks(target)];
      // What protects it was set to keep it as evidence.
      const open = target.data['spot'] === true ? [] : [protect(regionOf(target), target.id, false)];
      return [...keep, ...open].map((call) => ({ call, targets: [target.id] }));
    }),
    // Each on its own: what one is refused for keeps none of the others.
    ...targets.map((target): Planned => ({ call: release(target), targets: [target.id], stage: 1 })),
  ],
  async holds(reader, target, _context, call): Promise<Holding> {
    const instance = await readInstance(reader, regionOf(target), target.id);
    if ('refusal' in instance) return instance.refusal === 'gone' ? { status: 'yes', note: releasedNote } : { status: 'unknown', note: why(instance) };
    if (call?.action === 'ModifyInstanceAttribute') return { status: instance.deletionProtection ? 'no' : 'yes' };
    if (call?.action === 'ModifyDiskAttribute') return disksKept(reader, target);
    return { status: 'no', facts: { status: instance.status } };
  },
  withinMs: 300_000,
  undo: () => ({
    irreversible: {
      en: 'A released instance does not come back. Its disks and snapshots are kept: a new one can be made from them.',
      zh: '释放的实例无法恢复。其云盘和快照已保留，可用来新建实例。',
    },
  }),
});

const oursNote: Text = { en: 'The suspects did not make it. Ask its owner first.', zh: '它不是嫌疑身份创建的，请先询问所有者。' };
const localNote: Text = { en: 'Its local disks are in no snapshot: what is on them is gone for good.', zh: '其本地盘不在任何快照中：数据将永久丢失。' };
const runningNote: Text = { en: 'It is not stopped. Stop it first: nothing is released by force.', zh: '它尚未停止。请先停止：不会强制释放。' };
const releasedNote: Text = { en: 'Released; its disks stay.', zh: '已释放，云盘保留。' };

function strangeNote(disks: readonly string[]): Text {
  return {
    en: `Disks it did not have when the list was made: ${disks.join(', ')}. They are in no snapshot of this case.`,
    zh: `名单确定后新挂载的云盘：${disks.join('、')}，不在本案例的快照中。`,
  };
}

function keepDisks(target: Target): Call {
  return write('ecs', 'ModifyDiskAttribute', { ...numbered('DiskIds', disksOf(target)), DeleteWithInstance: 'false' }, regionOf(target));
}

function release(target: Target): Call {
  return write('ecs', 'DeleteInstances', { 'InstanceId.1': named('instance id', target.id), Force: 'false' }, regionOf(target));
}

async function disksKept(reader: Reader, target: Target): Promise<Holding> {
  const pages = await readPages(reader, (token) => describeDisks(regionOf(target), target.id, token));
  if ('refusal' in pages) return { status: 'unknown', note: why(pages) };
  const kept = pages.bodies.flatMap(disksIn).filter(({ withInstance }) => !withInstance);
  return { status: disksOf(target).every((id) => kept.some((disk) => disk.id === id)) ? 'yes' : 'no' };
}
