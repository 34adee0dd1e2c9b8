// Denying an identity: a fixed deny policy on the owner of a key that must live, on users of the attacker, on a role. Deny beats every grant.
import { z } from 'zod';
import type { Json, Text } from '../text.ts';
import type { Action, Before, Context, Target } from './define.ts';
import { defineAction } from './define.ts';
import type { Deny, Holder } from './ram-policies.ts';
import { denyAll, denyCalls, denyRisky, detachPolicy, isOwn, readDeny } from './ram-policies.ts';
import { isServiceLinked, isDelivery } from './ram-trust.ts';
import { keysOf, listAccessKeys } from './ram.ts';
import { textAt, why } from './wire.ts';

type Part = Pick<Action, 'guard' | 'before' | 'plan' | 'holds' | 'undo'>;

/** What every deny has in common; only the policy, the holder and its texts differ. */
function denying(policy: Deny, holderOf: (target: Target) => Holder, refuse: (target: Target, context: Context) => Text | undefined): Part {
  return {
    guard: (target, context) => (isOwn(holderOf(target), context) ? ownIdentity : refuse(target, context)),
    async before(reader, target): Promise<Before> {
      const state = await readDeny(reader, holderOf(target), policy, { kind: 'before', target: target.id });
      if ('refusal' in state) return state.refusal === 'gone' ? { status: 'gone', note: goneNote } : { status: 'unreadable', note: why(state) };
      const before: Json = { attached: state.attached, policies: state.policies };
      if (state.policy === 'other') return { status: 'changed', note: otherNote(policy), state: before };
      return state.attached && state.policy === 'same' ? { status: 'already', note: alreadyNote, state: before } : { status: 'ready', state: before };
    },
    plan: (targets) => targets.flatMap((target) => denyCalls(holderOf(target), policy, target.id)),
    async holds(reader, target, _context, call) {
      const state = await readDeny(reader, holderOf(target), policy);
      if ('refusal' in state) return state.refusal === 'gone' ? { status: 'yes', note: goneNote } : { status: 'unknown', note: why(state) };
      if (state.policy === 'other') return { status: 'no', final: true, note: otherNote(policy) };
      if (call?.action === 'CreatePolicy') return { status: state.policy === 'same' ? 'yes' : 'no' };
      return { status: state.attached && state.policy === 'same' ? 'yes' : 'no', facts: { attached: state.attached } };
    },
    undo: (target) => [detachPolicy(holderOf(target), policy.name)],
  };
}

const user = (target: Target): Holder => ({ kind: 'User', name: textAt(target.data, 'userName') });
const role = (target: Target): Holder => ({ kind: 'Role', name: textAt(target.data, 'roleName') });

const userCalls = ['ram:CreatePolicy', 'ram:AttachPolicyToUser', 'ram:GetPolicy', 'ram:ListPoliciesForUser'] as const;
const roleCalls = ['ram:CreatePolicy', 'ram:AttachPolicyToRole', 'ram:GetPolicy', 'ram:ListPoliciesForRole'] as const;
const nothingLost: Text = { en: 'Nothing. The policy can be detached again.', zh: '不丢失任何东西。策略可以再次解除。' };

export const denyOwner = defineAction({
  summary: { en: 'Deny a user what attackers do; the rest goes on working', zh: '禁止用户执行攻击者常用的操作，其余功能照常' },
  class: 'R1',
  calls: userCalls,
  undoes: ['ram:DetachPolicyFromUser', 'ram:ListAccessKeys'],
  targets: 'ram-user',
  input: z.object({}),
  needs: [],
  loses: nothingLost,
  leaves: {
    en: 'Everything the policy does not name: reading and copying data above all. Role sessions already opened keep all their rights. All keys and the console login of this user are under the deny.',
    zh: '策略未列出的一切操作，尤其是读取和拷贝数据。已换取的角色会话权限不变。该用户的所有密钥和控制台登录都受此限制。',
  },
  console: {
    en: 'RAM console > Identities > Users > the user > Permissions > Grant Permission > Custom policy',
    zh: 'RAM 控制台 > 身份管理 > 用户 > 选择用户 > 权限管理 > 新增授权 > 自定义策略',
  },
  ...denying(denyRisky, user, noUser),
  debt: { what: { en: 'A deny policy on a user', zh: '用户上的拒绝策略' }, days: 14 },
  givesBack: { en: 'The user may do everything again that its grants allow: whoever holds its key too.', zh: '用户将恢复其授权允许的一切操作，持有其密钥的人也一样。' },
  async undoGuard(reader, target) {
    const reply = await reader.read(listAccessKeys(user(target).name));
    if (!reply.ok) return reply.refusal === 'gone' ? undefined : why(reply);
    return keysOf(reply.body).some(({ status }) => status === 'Active') ? keyFirst : undefined;
  },
  warn: (target) => [
    {
      en: `What of ${user(target).name} will break: making users, keys, roles and policies; starting and deleting machines; deleting objects and changing buckets; text messages. A deploy that starts machines stops too.`,
      zh: `${user(target).name} 将受影响的操作：创建用户、密钥、角色和策略；启动和删除实例；删除对象、修改存储空间；发送短信。会启动实例的部署也会停止。`,
    },
    {
      en: 'Do not detach it before the key is disabled and deleted (Alibaba Cloud).',
      zh: '在密钥禁用并删除之前，不要解除此策略（阿里云要求）。',
    },
  ],
  withinMs: 120_000,
});

export const denyUsers = defineAction({
  summary: { en: 'Deny users everything', zh: '禁止用户的一切操作' },
  class: 'R1',
  calls: userCalls,
  undoes: ['ram:DetachPolicyFromUser'],
  targets: 'ram-user',
  input: z.object({}),
  needs: [],
  loses: nothingLost,
  leaves: {
    en: 'The user, its keys, groups and login stay; they can do nothing. Role sessions it has opened live until they expire.',
    zh: '用户及其密钥、用户组和登录设置仍在，但不能执行任何操作。它已换取的角色会话在到期前仍然有效。',
  },
  console: {
    en: 'RAM console > Identities > Users > the user > Permissions > Grant Permission > Custom policy',
    zh: 'RAM 控制台 > 身份管理 > 用户 > 选择用户 > 权限管理 > 新增授权 > 自定义策略',
  },
  ...denying(denyAll, user, noUser),
  debt: { what: { en: 'A deny policy on a user they made', zh: '攻击者所建用户上的拒绝策略' }, days: 14 },
  givesBack: { en: 'The user works again with all its grants.', zh: '用户将恢复全部权限。' },
  withinMs: 120_000,
});

export const denyRole = defineAction({
  summary: { en: 'Deny a role everything, so that its sessions end in effect', zh: '禁止角色的一切操作，使其会话失去作用' },
  class: 'R1',
  calls: roleCalls,
  undoes: ['ram:DetachPolicyFromRole'],
  targets: 'ram-role',
  input: z.object({}),
  needs: [],
  loses: nothingLost,
  leaves: {
    en: 'Sessions live on without rights. Keep the deny until the longest of them has expired. Who may take the role is not changed.',
    zh: '会话仍然存在，但没有任何权限。请保留此策略，直到最长的会话到期。谁可以扮演该角色并未改变。',
  },
  console: {
    en: 'RAM console > Identities > Roles > the role > Permissions > Grant Permission > Custom policy',
    zh: 'RAM 控制台 > 身份管理 > 角色 > 选择角色 > 权限管理 > 新增授权 > 自定义策略',
  },
  ...denying(denyAll, role, roleRefusal),
  debt: { what: { en: 'A deny policy on a role', zh: '角色上的拒绝策略' }, days: 1 },
  givesBack: { en: 'The role works again, and so does every session of it that has not expired.', zh: '角色将恢复可用，其未到期的会话也一样。' },
  warn: (target) => [
    {
      en: `Whatever works with ${role(target).name} stops, yours too: trusted by ${textAt(target.data, 'trustedBy') || '?'}.`,
      zh: `使用 ${role(target).name} 的一切都会停止，包括您自己的业务。信任方：${textAt(target.data, 'trustedBy') || '?'}。`,
    },
  ],
  withinMs: 120_000,
});

/** Why a role is left alone; undefined when it may be acted on. */
export function roleRefusal(target: Target): Text | undefined {
  if (role(target).name === '') return noName;
  if (isServiceLinked(target)) return serviceLinked;
  return isDelivery(target) ? delivery : undefined;
}

function noUser(target: Target): Text | undefined {
  return user(target).name === '' ? noName : undefined;
}

const keyFirst: Text = {
  en: 'A key of this user is still active. Disable and delete it first (Alibaba Cloud).',
  zh: '该用户仍有启用的密钥。请先禁用并删除（阿里云要求）。',
};
const noName: Text = { en: 'Its name is not known.', zh: '不知道它的名称。' };
const ownIdentity: Text = {
  en: 'This is the identity you are using now. Switch to another credential first (resume --profile).',
  zh: '这正是您当前使用的身份。请先换用其他凭证（resume --profile）。',
};
const serviceLinked: Text = {
  en: 'A service-linked role: only its cloud service may change it. Look at that service instead.',
  zh: '这是服务关联角色，只有对应的云服务可以修改。请检查该云服务。',
};
const delivery: Text = {
  en: 'The log is delivered with this role. Denying it would blind you.',
  zh: '日志投递使用此角色。禁止它会让您失去日志。',
};
const goneNote: Text = { en: 'It does not exist any more. A deleted user lies in the recycle bin for a while.', zh: '它已不存在。已删除的用户会在回收站保留一段时间。' };
const alreadyNote: Text = { en: 'It is denied already.', zh: '已被禁止。' };

function otherNote({ name }: Deny): Text {
  return {
    en: `A policy ${name} with another content exists. That is no accident: look at who made it.`,
    zh: `已存在名为 ${name} 但内容不同的策略。这不是巧合，请查明是谁创建的。`,
  };
}
