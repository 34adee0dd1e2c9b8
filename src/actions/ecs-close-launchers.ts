// Auto-provisioning groups set to nothing, so that what is stopped is not replaced. They stay, and so does what they launched.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Before, Call, Holding, Planned, Reader, Refused, Target } from './define.ts';
import { defineAction } from './define.ts';
import type { Numbers } from './ecs-launchers.ts';
import { describeAutoProvisioningGroups, groupsIn, templateNote } from './ecs-launchers.ts';
import { regionOf } from './ecs-target.ts';
import { named, numberAt, textAt, why, write } from './wire.ts';

export const closeLaunchSources = defineAction({
  summary: { en: 'Stop auto-provisioning groups from launching', zh: '停止弹性供应组继续创建实例' },
  class: 'R1',
  calls: ['ecs:ModifyAutoProvisioningGroup', 'ecs:DescribeAutoProvisioningGroups'],
  undoes: [],
  targets: 'launch-source',
  input: z.object({}),
  needs: [],
  loses: {
    en: 'Nothing. Its instances leave the group and run on. Undo sets the old numbers: it then launches new ones.',
    zh: '不丢失任何东西。组内实例移出该组并继续运行。撤销会恢复原数量，届时会创建新实例。',
  },
  leaves: {
    en: 'The group, its template and its instances stay. Alibaba describes the capacity as a positive number: should it refuse 0, delete the group by hand without terminating its instances.',
    zh: '供应组、启动模板和实例都保留。阿里云文档称容量为正整数：如果 0 被拒绝，请手工删除该供应组（选择不释放实例）。',
  },
  console: { en: 'ECS console > Auto Provisioning > the group > Modify', zh: 'ECS 控制台 > 弹性供应 > 选择供应组 > 修改' },
  guard: (target) => (textAt(target.data, 'source') === 'launch-template' ? templateNote : undefined),
  warn: (target) => (textAt(target.data, 'maker') === '' ? [oursNote] : []),
  async before(reader, target): Promise<Before> {
    const now = await numbersOf(reader, target, { kind: 'before', target: target.id });
    if (now === undefined) return { status: 'gone', note: goneNote };
    if ('refusal' in now) return now.refusal === 'gone' ? { status: 'gone', note: goneNote } : { status: 'unreadable', note: why(now) };
    const state: JsonObject = { ...now };
    return isClosed(now) ? { status: 'already', note: alreadyNote, state } : { status: 'ready', state };
  },
  plan: (targets) => targets.map((target): Planned => ({ call: modify(target, { total: 0, payAsYouGo: 0, spot: 0, excess: 'no-termination' }), targets: [target.id] })),
  async holds(reader, target): Promise<Holding> {
    const now = await numbersOf(reader, target);
    if (now === undefined) return { status: 'yes', note: goneNote };
    if ('refusal' in now) return now.refusal === 'gone' ? { status: 'yes', note: goneNote } : { status: 'unknown', note: why(now) };
    return { status: isClosed(now) ? 'yes' : 'no', facts: { ...now } };
  },
  givesBack: { en: 'The group launches machines again, at once, up to its old number, and they cost.', zh: '供应组会立即重新创建实例，直到原来的数量，并产生费用。' },
  withinMs: 60_000,
  undo(target, before) {
    const total = numberAt(before, 'total');
    if (total === undefined || total === 0) return [];
    return [modify(target, { total, payAsYouGo: numberAt(before, 'payAsYouGo') ?? 0, spot: numberAt(before, 'spot') ?? 0, excess: textAt(before, 'excess') })];
  },
});

const goneNote: Text = { en: 'The group no longer exists.', zh: '该供应组已不存在。' };
const alreadyNote: Text = { en: 'It is already set to launch nothing.', zh: '其目标容量已为 0。' };
const oursNote: Text = {
  en: 'The suspects did not make it: machines of yours that fail are not replaced any more.',
  zh: '它不是嫌疑身份创建的：您的实例发生故障后将不再自动补充。',
};

function isClosed({ total }: Numbers): boolean {
  return total === 0;
}

function modify(target: Target, { total, payAsYouGo, spot, excess }: Numbers): Call {
  return write(
    'ecs',
    'ModifyAutoProvisioningGroup',
    {
      AutoProvisioningGroupId: named('group id', target.id),
      TotalTargetCapacity: String(total),
      PayAsYouGoTargetCapacity: String(payAsYouGo),
      SpotTargetCapacity: String(spot),
      ...(excess === '' ? {} : { ExcessCapacityTerminationPolicy: excess }),
    },
    regionOf(target),
  );
}

/** How many machines a group shall have now; undefined when it is gone. */
async function numbersOf(reader: Reader, target: Target, seal?: { readonly kind: string; readonly target: string }): Promise<Numbers | Refused | undefined> {
  const reply = await reader.read(describeAutoProvisioningGroups(regionOf(target), 1, target.id), seal);
  return reply.ok ? groupsIn(reply.body).find(({ id }) => id === target.id)?.numbers : reply;
}
