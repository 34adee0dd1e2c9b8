// Machines put into quarantine: every interface of theirs gets the quarantine group of its VPC and no other.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Before, Call, Context, Holding, Planned, Target } from './define.ts';
import { defineAction } from './define.ts';
import { readInstance } from './ecs.ts';
import type { Nic } from './ecs-network.ts';
import { readInterfaces, setInstanceGroups, setInterfaceGroups } from './ecs-network.ts';
import { placeOf } from './ecs-places.ts';
import { changesIn, goneNote, lockedNote, readBefore, regionOf } from './ecs-target.ts';
import { Loose } from './suspects.ts';
import { listAt, textAt, textsAt, why } from './wire.ts';

export const quarantine = defineAction({
  summary: { en: 'Cut instances off the network', zh: '将实例与网络隔离' },
  class: 'R2',
  calls: ['ecs:ModifyInstanceAttribute', 'ecs:ModifyNetworkInterfaceAttribute', 'ecs:DescribeInstances', 'ecs:DescribeNetworkInterfaces'],
  undoes: [],
  targets: 'instance',
  /** `places`: what `ecs.quarantinePlaces` gave after the groups were built. */
  input: z.object({ places: z.array(Loose).default([]) }),
  needs: ['volatile'],
  debt: { what: { en: 'A machine in quarantine', zh: '隔离中的实例' }, days: 14 },
  loses: { en: 'Open connections, and what runs there loses the network. Whoever watches the machine notices.', zh: '现有连接以及实例上程序的网络。正在监视该实例的人会察觉。' },
  leaves: {
    en: 'Connections that were open may live on (connection tracking; not verified): stop the machine to be sure. Addresses and their cost stay.',
    zh: '已建立的连接可能继续存在（连接跟踪，未验证）：如需确保断开，请停止实例。IP 地址保留并继续计费。',
  },
  console: { en: 'ECS console > Instances > the instance > Security Groups > Change Security Group', zh: 'ECS 控制台 > 实例 > 选择实例 > 安全组 > 更换安全组' },
  guard: (target) => (target.data['securityLocked'] === true ? lockedNote : target.data['network'] === 'classic' ? classicNote : undefined),
  warn: (target) => [...(target.data['ours'] === true ? [oursNote] : []), trackedNote],
  async before(reader, target, context): Promise<Before> {
    const seal = { kind: 'before', target: target.id };
    const [instance, nics] = await Promise.all([readBefore(reader, target), readInterfaces(reader, regionOf(target), target.id, seal)]);
    if ('refusal' in instance) return instance.refusal === 'gone' ? { status: 'gone', note: goneNote } : { status: 'unreadable', note: why(instance) };
    if ('refusal' in nics) return { status: 'unreadable', note: why(nics) };
    const further = nics.filter(({ primary }) => !primary);
    const state: JsonObject = { groups: instance.groups, interfaces: further.map(({ id, groups }) => ({ id, groups })) };
    const changed = changesIn(instance, target);
    if (changed !== undefined) return { status: 'changed', note: changed, state };
    const place = placeOf(context.input['places'], target.id);
    if (place === undefined) return { status: 'changed', note: noPlace, state };
    const same =
      place.interfaces.toSorted().join() ===
      further
        .map(({ id }) => id)
        .toSorted()
        .join();
    if (!same) return { status: 'changed', note: otherInterfaces, state };
    const there = isOnly(instance.groups, place.group) && further.every(({ groups }) => isOnly(groups, place.group));
    return there ? { status: 'already', note: alreadyNote, state } : { status: 'ready', state };
  },
  plan: (targets, context) => targets.flatMap((target) => callsFor(target, context).map((call): Planned => ({ call, targets: [target.id] }))),
  async holds(reader, target, context, call): Promise<Holding> {
    const nics = await readInterfaces(reader, regionOf(target), target.id);
    if ('refusal' in nics) return { status: 'unknown', note: why(nics) };
    const place = placeOf(context.input['places'], target.id);
    if (place === undefined) return { status: 'unknown', note: noPlace };
    if (nics.length === 0) {
      const instance = await readInstance(reader, regionOf(target), target.id);
      if ('refusal' in instance) return instance.refusal === 'gone' ? { status: 'yes', note: goneNote } : { status: 'unknown', note: why(instance) };
    }
    const asked = nics.filter((nic) => isAbout(call, nic));
    const facts = { interfaces: nics.map(({ id, groups }) => ({ id, groups })) };
    return { status: asked.length > 0 && asked.every(({ groups }) => isOnly(groups, place.group)) ? 'yes' : 'no', facts };
  },
  givesBack: {
    en: 'The machine is on the network again with what runs there: if that is the attacker, the attacker too.',
    zh: '实例重新联网，其上运行的程序也一样；如果是攻击者的程序，对方也会恢复连接。',
  },
  withinMs: 120_000,
  undo(target, before) {
    const region = regionOf(target);
    const own = textsAt(before, 'groups');
    const further = listAt(before, 'interfaces').map((nic) => ({ id: textAt(nic, 'id'), groups: textsAt(nic, 'groups') }));
    return [
      ...(own.length === 0 ? [] : [setInstanceGroups(region, target.id, own)]),
      ...further.flatMap(({ id, groups }) => (groups.length === 0 ? [] : [setInterfaceGroups(region, id, groups)])),
    ];
  },
});

const classicNote: Text = { en: 'On the classic network groups can not be replaced. Stop it instead.', zh: '经典网络实例无法更换安全组，请改为停止实例。' };
const oursNote: Text = { en: 'The suspects did not make it: whatever runs on it loses the network.', zh: '它不是嫌疑身份创建的：其上业务将失去网络。' };
const trackedNote: Text = { en: 'Connections that are open now may live on; only a stop ends them for sure.', zh: '当前已建立的连接可能继续存在，只有停止实例才能确保断开。' };
const noPlace: Text = {
  en: 'No quarantine group is known for its network. Build it, look at the networks again, then try again.',
  zh: '其所在网络没有已知的隔离安全组。请先创建，重新查看网络后再试。',
};
const otherInterfaces: Text = { en: 'Its network interfaces have changed since they were read. Look at the networks again.', zh: '其网卡自读取后已变化，请重新查看网络。' };
const alreadyNote: Text = { en: 'It is already in quarantine.', zh: '该实例已被隔离。' };

function callsFor(target: Target, { input }: Context): readonly Call[] {
  const place = placeOf(input['places'], target.id);
  if (place === undefined) return [];
  const region = regionOf(target);
  return [setInstanceGroups(region, target.id, [place.group]), ...place.interfaces.map((id) => setInterfaceGroups(region, id, [place.group]))];
}

function isOnly(groups: readonly string[], group: string): boolean {
  return groups.length === 1 && groups[0] === group;
}

/** Without a call every interface is asked about. */
function isAbout(call: Call | undefined, { id, primary }: Nic): boolean {
  if (call === undefined) return true;
  return call.action === 'ModifyInstanceAttribute' ? primary : id === call.params['NetworkInterfaceId'];
}
