// Rebuilding a role: it is deleted, which ends every open session at once, and comes back under its name with the same rights.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Before, Call, Planned, Reader, Reply, Target } from './define.ts';
import { defineAction } from './define.ts';
import { roleRefusal } from './ram-deny.ts';
import { attachPolicy, attachedIn, denyAll, detachPolicy, isOwn, listPolicies } from './ram-policies.ts';
import { closedTrust, getRole, holderOf, nameOf, nobodyLeft, ownRole, shapeIn, shapeOf } from './ram-role.ts';
import type { Shape } from './ram-role.ts';
import { listAt, named, textAt, why, write } from './wire.ts';

function createRole(name: string, { trust, maxSession, description }: Shape): Call {
  return write('ram', 'CreateRole', {
    RoleName: named('role name', name),
    AssumeRolePolicyDocument: named('trust policy', trust),
    MaxSessionDuration: maxSession,
    ...(description === '' ? {} : { Description: description }),
  });
}

function deleteRole(name: string): Call {
  return write('ram', 'DeleteRole', { RoleName: named('role name', name) });
}

/** The hard way: a role that is deleted takes every session with it; one of the same name and rights comes back at once. */
export const rebuildRole = defineAction({
  summary: { en: 'Delete a role and build it anew: every open session dies', zh: '删除并重建角色：所有会话立即失效' },
  class: 'R3',
  calls: ['ram:DetachPolicyFromRole', 'ram:DeleteRole', 'ram:CreateRole', 'ram:AttachPolicyToRole', 'ram:GetRole', 'ram:ListPoliciesForRole'],
  undoes: [],
  targets: 'ram-role',
  input: z.object({}),
  needs: ['role-record'],
  loses: {
    en: 'The role id, for ever: what refers to the id and not to the name does not find it again. Tags are not given back.',
    zh: '角色 ID 将永久改变：按 ID（而非名称）引用它的地方会失效。标签不会恢复。',
  },
  leaves: { en: 'Instances that bear the role may need it attached again.', zh: '使用该角色的实例可能需要重新绑定。' },
  console: { en: 'RAM console > Identities > Roles: detach, delete, create with the same name', zh: 'RAM 控制台 > 身份管理 > 角色：解除授权、删除、以同名重建' },
  guard(target, context) {
    if (isOwn(holderOf(target), context)) return ownRole;
    return closedTrust(target) === undefined ? nobodyLeft : roleRefusal(target);
  },
  warn: (target) => [
    {
      en: `For some seconds ${nameOf(target)} does not exist: what takes it then fails. Strangers in its trust policy do not come back.`,
      zh: `${nameOf(target)} 会有几秒钟不存在，期间的调用会失败。信任策略中的外部主体不会恢复。`,
    },
    {
      en: `Comes back with: ${namesOf(target) || 'no policy'}. One of them was attached by the attacker? Answer no, and detach it first.`,
      zh: `重建后的授权：${namesOf(target) || '无'}。如其中有攻击者授予的策略，请输入 no 并先解除它。`,
    },
  ],
  async before(reader, target): Promise<Before> {
    const [role, policies] = await lookAt(reader, target, { kind: 'before', target: target.id });
    if (!role.ok && role.refusal === 'gone') return { status: 'ready', state: { gone: true } };
    if (!role.ok) return { status: 'unreadable', note: why(role) };
    const state = { ...shapeIn(role.body), id: idIn(role.body) };
    return isNew(target, role) && missing(target, policies).length === 0 ? { status: 'already', note: rebuiltNote, state } : { status: 'ready', state };
  },
  plan: (targets) => targets.flatMap(rebuilding),
  async holds(reader, target, _context, call) {
    const [role, policies] = await lookAt(reader, target);
    if (call) return { status: landed(call, target, role, policies) };
    if (!role.ok) return { status: role.refusal === 'gone' ? 'no' : 'unknown', note: why(role) };
    if (!policies.ok) return { status: 'unknown', note: why(policies) };
    const left = missing(target, policies);
    return { status: isNew(target, role) && left.length === 0 ? 'yes' : 'no', facts: { roleId: idIn(role.body), missing: left } };
  },
  withinMs: 120_000,
  undo: () => ({
    irreversible: {
      en: 'The old role id is gone. The role of the same name has the same rights; its old trust policy is in the evidence.',
      zh: '原角色 ID 已不存在。同名角色拥有相同权限，原信任策略保存在证据中。',
    },
  }),
});

function rebuilding(target: Target): readonly Planned[] {
  const holder = holderOf(target);
  const policies = policiesOf(target);
  const one = (call: Call, stage: number): Planned => ({ call, targets: [target.id], stage });
  return [
    ...policies.map(({ name, type }) => one(detachPolicy(holder, name, type), 0)),
    one(deleteRole(holder.name), 1),
    one(createRole(holder.name, { ...shapeOf(target), trust: closedTrust(target) ?? '' }), 2),
    ...again(target).map(({ name, type }) => one(attachPolicy(holder, name, type), 3)),
  ];
}

function lookAt(reader: Reader, target: Target, seal?: { readonly kind: string; readonly target: string }): Promise<readonly [Reply, Reply]> {
  return Promise.all([reader.read(getRole(nameOf(target)), seal), reader.read(listPolicies(holderOf(target)))]);
}

function idIn(body: JsonObject): string {
  return textAt(body, 'Role', 'RoleId');
}

/** Another role under the name: an id never comes twice. */
function isNew(target: Target, role: Reply): boolean {
  return role.ok && idIn(role.body) !== textAt(target.data, 'roleId');
}

/** Policies that have not come back yet; all of them when they can not be read. */
function missing(target: Target, policies: Reply): readonly string[] {
  const there = policies.ok ? attachedIn(policies.body) : [];
  return again(target).flatMap(({ name, type }) => (there.some((one) => one.name === name && one.type === type) ? [] : [name]));
}

/** Did this one call happen? Each is read by what it leaves behind. */
function landed(call: Call, target: Target, role: Reply, policies: Reply): 'yes' | 'no' | 'unknown' {
  const there = role.ok ? 'yes' : role.refusal === 'gone' ? 'no' : 'unknown';
  if (call.action === 'DeleteRole') return there === 'unknown' ? 'unknown' : there === 'no' || isNew(target, role) ? 'yes' : 'no';
  if (call.action === 'CreateRole') return there === 'unknown' ? 'unknown' : isNew(target, role) ? 'yes' : 'no';
  if (!policies.ok) return policies.refusal === 'gone' ? (call.action === 'DetachPolicyFromRole' ? 'yes' : 'no') : 'unknown';
  const attached = attachedIn(policies.body).some(({ name, type }) => name === call.params['PolicyName'] && type === call.params['PolicyType']);
  return attached === (call.action === 'AttachPolicyToRole') ? 'yes' : 'no';
}

/** What was attached. Our own deny is taken off and does not come back. */
function policiesOf(target: Target): readonly { readonly name: string; readonly type: 'Custom' | 'System' }[] {
  return listAt(target.data, 'policies').map((row) => ({ name: textAt(row, 'name'), type: textAt(row, 'type') === 'System' ? 'System' : 'Custom' }));
}

function again(target: Target): ReturnType<typeof policiesOf> {
  return policiesOf(target).filter(({ name }) => name !== denyAll.name);
}

function namesOf(target: Target): string {
  return again(target)
    .map(({ name }) => name)
    .join(', ');
}

const rebuiltNote: Text = { en: 'It was rebuilt already.', zh: '已重建。' };
