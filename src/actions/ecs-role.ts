// The RAM role a machine bears: taken off, so that it gives out no new tokens.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Before, Call, Done, Holding, Planned, Reader, Refused, Target } from './define.ts';
import { defineAction } from './define.ts';
import { changesIn, goneNote, lockedNote, readBefore, regionOf, slices } from './ecs-target.ts';
import { listAt, named, read, textAt, why, write } from './wire.ts';

const batch = 100;

export const detachRole = defineAction({
  summary: { en: 'Take the RAM role off instances', zh: '解除实例的 RAM 角色' },
  class: 'R2',
  calls: ['ecs:DetachInstanceRamRole', 'ecs:DescribeInstanceRamRole', 'ecs:DescribeInstances'],
  // To give a role back one must be allowed to pass it on.
  undoes: ['ecs:AttachInstanceRamRole', 'ram:PassRole'],
  targets: 'instance',
  input: z.object({}),
  needs: ['volatile'],
  loses: { en: 'What runs on them loses its access to the cloud as soon as its token expires.', zh: '实例上的程序在现有令牌到期后将失去对云服务的访问权限。' },
  leaves: {
    en: 'Tokens already fetched from the metadata service live until they expire, hours perhaps: deny the role too. The role itself stays, and others may bear it.',
    zh: '已从元数据服务获取的令牌在到期前仍然有效，可能长达数小时：请同时对该角色附加拒绝策略。角色本身保留，其他实例可能仍在使用。',
  },
  console: { en: 'ECS console > Instances > the instance > Instance Settings > Attach/Detach RAM Role', zh: 'ECS 控制台 > 实例 > 选择实例 > 实例设置 > 授予/收回 RAM 角色' },
  guard: (target) => (target.data['securityLocked'] === true ? lockedNote : target.data['network'] === 'classic' ? classicNote : undefined),
  async before(reader, target): Promise<Before> {
    const [instance, role] = await Promise.all([readBefore(reader, target), roleOf(reader, target, { kind: 'before', target: target.id })]);
    if ('refusal' in instance) return instance.refusal === 'gone' ? { status: 'gone', note: goneNote } : { status: 'unreadable', note: why(instance) };
    if (typeof role !== 'string') return { status: 'unreadable', note: why(role) };
    const state: JsonObject = { role };
    const changed = changesIn(instance, target);
    if (changed !== undefined) return { status: 'changed', note: changed, state };
    return role === '' ? { status: 'already', note: noRole, state } : { status: 'ready', state };
  },
  plan: (targets) =>
    [...Map.groupBy(targets, regionOf).entries()].flatMap(([region, group]) =>
      slices(
        group.map(({ id }) => id),
        batch,
      ).map((ids): Planned => ({ call: change('DetachInstanceRamRole', region, ids), targets: ids })),
    ),
  settle: (reply) => verdicts(reply),
  async holds(reader, target): Promise<Holding> {
    const role = await roleOf(reader, target);
    if (typeof role !== 'string') return role.refusal === 'gone' ? { status: 'yes', note: goneNote } : { status: 'unknown', note: why(role) };
    return { status: role === '' ? 'yes' : 'no', facts: { role } };
  },
  givesBack: { en: 'What runs on the machine gets the rights of its role again.', zh: '实例上的程序将重新获得该角色的权限。' },
  withinMs: 60_000,
  undo(target, before) {
    const role = textAt(before, 'role');
    return role === '' ? [] : [change('AttachInstanceRamRole', regionOf(target), [target.id], role)];
  },
});

const noRole: Text = { en: 'It bears no RAM role.', zh: '该实例没有 RAM 角色。' };
const classicNote: Text = { en: 'On the classic network an instance bears no RAM role.', zh: '经典网络实例没有 RAM 角色。' };

/** Without a name any role is taken off. */
function change(action: 'DetachInstanceRamRole' | 'AttachInstanceRamRole', region: string, ids: readonly string[], role?: string): Call {
  const instances = { InstanceIds: JSON.stringify(ids.map((id) => named('instance id', id))) };
  return write('ecs', action, { ...instances, ...(role === undefined ? {} : { RamRoleName: named('role name', role) }) }, region);
}

/** The role an instance bears; '' when it bears none. */
async function roleOf(reader: Reader, target: Target, seal?: { readonly kind: string; readonly target: string }): Promise<string | Refused> {
  const reply = await reader.read(read('ecs', 'DescribeInstanceRamRole', { InstanceIds: JSON.stringify([named('instance id', target.id)]) }, regionOf(target)), seal);
  if (!reply.ok) return reply;
  return textAt(
    listAt(reply.body, 'InstanceRamRoleSets', 'InstanceRamRoleSet').find((row) => textAt(row, 'InstanceId') === target.id),
    'RamRoleName',
  );
}

/** The answer is 200 even when some were refused. One that bears no role any more is no failure; reading decides. */
function verdicts(reply: Done): ReturnType<NonNullable<typeof detachRole.settle>> {
  return Object.fromEntries(
    listAt(reply.body, 'DetachInstanceRamRoleResults', 'DetachInstanceRamRoleResult').map((row) => {
      const code = textAt(row, 'Code');
      if (row['Success'] === true || code === '200' || code.endsWith('NotFound')) return [textAt(row, 'InstanceId'), { ok: true }];
      const message = textAt(row, 'Message');
      return [textAt(row, 'InstanceId'), { ok: false, code, note: { en: `Refused (${code}): ${message}`, zh: `被拒绝（${code}）：${message}` } }];
    }),
  );
}
