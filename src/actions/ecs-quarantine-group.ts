// A quarantine group in each VPC where rogue machines stand: made, closed to its own members, closed to the world. It touches no machine.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Text } from '../text.ts';
import type { Before, Call, Context, Holding, Planned, Target } from './define.ts';
import { defineAction } from './define.ts';
import { createGroup, deleteGroup, dropEgress, dropInner, findGroup, quarantineName, readMembers } from './ecs-network.ts';
import type { Group } from './ecs-network.ts';
import { regionOf } from './ecs-target.ts';
import { pool, textAt, why } from './wire.ts';

export const quarantineGroups = defineAction({
  summary: { en: 'Build a quarantine group in each network', zh: '在各专有网络中创建隔离安全组' },
  class: 'R1',
  calls: ['ecs:CreateSecurityGroup', 'ecs:ModifySecurityGroupPolicy', 'ecs:AuthorizeSecurityGroupEgress', 'ecs:DescribeSecurityGroups', 'ecs:DescribeSecurityGroupAttribute'],
  undoes: ['ecs:DeleteSecurityGroup', 'ecs:DescribeNetworkInterfaces'],
  targets: 'quarantine-place',
  input: z.object({}),
  needs: [],
  loses: { en: 'Nothing. A group without members does nothing.', zh: '不丢失任何东西。没有成员的安全组不起作用。' },
  leaves: { en: 'The machines are not in it yet: that is the next step.', zh: '实例尚未加入，需在下一步完成。' },
  console: { en: 'ECS console > Security Groups > Create Security Group', zh: 'ECS 控制台 > 安全组 > 创建安全组' },
  async before(reader, target, context): Promise<Before> {
    const group = await groupOf(target, context, reader, { kind: 'before', target: target.id });
    if (group !== undefined && 'refusal' in group) return { status: 'unreadable', note: why(group) };
    const state = { group: group?.id ?? '' };
    return group?.sealed === true ? { status: 'already', note: alreadyNote, state } : { status: 'ready', state };
  },
  // One that this case began before is gone on with; its rules follow in `next`.
  plan: (targets, context) =>
    targets.map((target): Planned => {
      const known = textAt(target.data, 'group');
      return { call: known === '' ? createGroup(context, regionOf(target), target.id, tokenOf(context, target.id)) : dropInner(regionOf(target), known), targets: [target.id] };
    }),
  async next(reader, targets, context) {
    const calls = await pool(targets, 8, async (target) => {
      const group = await groupOf(target, context, reader);
      if (group === undefined || 'refusal' in group) return [];
      return missing(group, regionOf(target)).map((call): Planned => ({ call, targets: [target.id] }));
    });
    return calls.flat();
  },
  async holds(reader, target, context, call): Promise<Holding> {
    const group = await groupOf(target, context, reader);
    if (group !== undefined && 'refusal' in group) return { status: 'unknown', note: why(group) };
    if (group === undefined) return { status: 'no' };
    const facts = { group: group.id, inner: group.inner, egress: group.egress };
    if (call !== undefined) return { status: landed(call, group) ? 'yes' : 'no', facts };
    if (group.opened) return { status: 'no', final: true, note: openedNote, facts };
    return { status: group.sealed ? 'yes' : 'no', facts };
  },
  async undoGuard(reader, target, context) {
    const group = await groupOf(target, context, reader);
    if (group === undefined) return undefined;
    if ('refusal' in group) return why(group);
    const members = await readMembers(reader, regionOf(target), group.id);
    return typeof members === 'number' ? (members > 0 ? fullNote(members) : undefined) : why(members);
  },
  withinMs: 120_000,
  undo(target, before, context) {
    const known = textAt(before, 'group') || textAt(target.data, 'group');
    if (known !== '') return [deleteGroup(regionOf(target), known)];
    const name = quarantineName(context);
    return {
      irreversible: {
        en: `A new group does no harm. When it is empty, delete the group named ${name} in ${target.id}: DeleteSecurityGroup refuses while a machine is in it.`,
        zh: `新建的安全组没有害处。清空后删除 ${target.id} 中名为 ${name} 的安全组即可：组内仍有实例时 DeleteSecurityGroup 会被拒绝。`,
      },
    };
  },
});

const alreadyNote: Text = { en: 'This case has already built it.', zh: '本案例已创建过该安全组。' };
const openedNote: Text = {
  en: 'Somebody let something into the group. Look at its rules before a machine is put there.',
  zh: '有人在该安全组中放行了入方向流量。加入实例前请先检查规则。',
};

function fullNote(members: number): Text {
  return { en: `Interfaces still in the group: ${members}. Take the machines out of quarantine first.`, zh: `组内还有 ${members} 块网卡：请先解除这些实例的隔离。` };
}

function groupOf(target: Target, context: Context, ...[reader, seal]: [Parameters<typeof findGroup>[0], Parameters<typeof findGroup>[4]?]): ReturnType<typeof findGroup> {
  return findGroup(reader, context, regionOf(target), target.id, seal);
}

/** What a group still lacks. */
function missing(group: Group, region: string): readonly Call[] {
  return [...(group.inner ? [] : [dropInner(region, group.id)]), ...(group.egress ? [] : [dropEgress(region, group.id)])];
}

function landed({ action }: Call, group: Group): boolean {
  return action === 'CreateSecurityGroup' || (action === 'ModifySecurityGroupPolicy' ? group.inner : group.egress);
}

function tokenOf({ caseId, step, attempt = 1 }: Context, vpc: string): string {
  return createHash('sha256')
    .update(JSON.stringify([caseId, step, vpc, ...(attempt === 1 ? [] : [attempt])]))
    .digest('hex');
}
