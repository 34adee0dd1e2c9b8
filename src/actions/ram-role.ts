// One role in other hands: its record, and closing its trust to strangers.
import { z } from 'zod';
import type { Json, JsonObject, Text } from '../text.ts';
import type { Before, Call, Slice, Target } from './define.ts';
import { defineAction, defineCollector } from './define.ts';
import { roleRefusal } from './ram-deny.ts';
import { attachedIn, isOwn, listPolicies } from './ram-policies.ts';
import type { Holder } from './ram-policies.ts';
import { isForeign, narrowed, trustedIn } from './ram-trust.ts';
import { Loose } from './suspects.ts';
import { isObject, listAt, named, pool, read, textAt, textsAt, why, write } from './wire.ts';

export function getRole(name: string): Call {
  return read('ram', 'GetRole', { RoleName: named('role name', name) });
}

export type Shape = { readonly trust: string; readonly maxSession: string; readonly description: string };

/** Every field is given each time: what UpdateRole is not told falls back to its default. */
function updateRole(name: string, { trust, maxSession, description }: Shape): Call {
  return write('ram', 'UpdateRole', {
    RoleName: named('role name', name),
    NewAssumeRolePolicyDocument: named('trust policy', trust),
    NewMaxSessionDuration: maxSession,
    ...(description === '' ? {} : { NewDescription: description }),
  });
}

export const roleLook = defineCollector({
  summary: { en: 'Record of one role: trust, policies, session length', zh: '角色记录：信任策略、权限策略、会话时长' },
  calls: ['ram:GetRole', 'ram:ListPoliciesForRole'],
  input: z.object({ roleName: z.string().regex(/^[\w.-]{1,64}$/, 'a role name') }),
  gives: ['roles', 'roleArn', 'roleTrust', 'roleHours', 'foreignTrust'],
  async slice(reader, context): Promise<Slice> {
    const name = textAt(context.input, 'roleName');
    const [role, policies] = await Promise.all([
      reader.read(getRole(name), { kind: 'role-look', target: name }),
      reader.read(listPolicies({ kind: 'Role', name }), { kind: 'role-look', target: name }),
    ]);
    if (!role.ok) return { outcome: 'none', refused: role };
    const target = toTarget(name, role.body, policies.ok ? attachedIn(policies.body) : [], context.identity?.account ?? '');
    const missing: readonly Text[] = policies.ok ? [] : [{ en: `Its policies were not read (${why(policies).en}).`, zh: `未能读取其权限策略（${why(policies).zh}）。` }];
    const foreign = textsAt(target.data, 'foreign');
    const facts: JsonObject = {
      roles: [target],
      roleArn: textAt(target.data, 'arn'),
      roleTrust: textAt(target.data, 'trustedBy'),
      roleHours: String(Number(textAt(target.data, 'maxSession')) / 3600),
      foreignTrust: foreign,
    };
    return { outcome: missing.length === 0 ? 'all' : 'some', facts, ...(missing.length === 0 ? {} : { coverage: { notLooked: missing } }) };
  },
});

const mostRoles = 20;

export const theirRoles = defineCollector({
  summary: { en: 'The roles they took, made or changed', zh: '攻击者扮演、创建或修改的角色' },
  calls: ['ram:GetRole', 'ram:ListPoliciesForRole'],
  input: z.object({ touchedRoles: z.array(Loose).default([]), recordRoles: z.array(Loose).default([]) }),
  gives: ['theirRoles'],
  async slice(reader, context): Promise<Slice> {
    const named = [...listAt(context.input, 'touchedRoles'), ...listAt(context.input, 'recordRoles')].map((role) => textAt(role, 'roleName'));
    const names = [...new Map(named.map((name) => [name.toLowerCase(), name])).values()].filter((name) => name !== '');
    const looks = await pool(names.slice(0, mostRoles), 4, async (name) => ({
      name,
      role: await reader.read(getRole(name), { kind: 'role-look', target: name }),
      policies: await reader.read(listPolicies({ kind: 'Role', name })),
    }));
    const targets = looks.flatMap(({ name, role, policies }) =>
      role.ok ? [toTarget(name, role.body, policies.ok ? attachedIn(policies.body) : [], context.identity?.account ?? '')] : [],
    );
    const missing = looks.flatMap(({ name, role }): Text[] =>
      role.ok || role.refusal === 'gone' ? [] : [{ en: `The role ${name} (${why(role).en}).`, zh: `角色 ${name}（${why(role).zh}）。` }],
    );
    if (names.length > mostRoles) missing.push({ en: `${names.length - mostRoles} more roles.`, zh: `另外 ${names.length - mostRoles} 个角色。` });
    const outcome = targets.length === 0 ? 'none' : missing.length > 0 ? 'some' : 'all';
    return { outcome, facts: { theirRoles: targets }, ...(missing.length === 0 ? {} : { coverage: { notLooked: missing } }) };
  },
});

/** Verbatim, per role: what a rebuilt role is made of again. */
export const roleRecord = defineCollector({
  summary: { en: 'Keep trust policy, attachments and settings of a role', zh: '保全角色的信任策略、授权和设置' },
  calls: ['ram:GetRole', 'ram:ListPoliciesForRole'],
  input: z.object({}),
  gives: [],
  seals: 'role-record',
  async slice(reader, _context, _cursor, target): Promise<Slice> {
    const name = nameOf(target as Target);
    const replies = await Promise.all([getRole(name), listPolicies({ kind: 'Role', name })].map((call) => reader.read(call, { kind: 'role-record', target: name })));
    const failed = replies.find((reply) => !reply.ok);
    return failed === undefined || failed.ok ? { outcome: 'all' } : { outcome: 'none', refused: failed };
  },
});

export const closeTrust = defineAction({
  summary: { en: 'Take strangers out of the trust policy of a role', zh: '从角色的信任策略中移除外部主体' },
  class: 'R2',
  calls: ['ram:UpdateRole', 'ram:GetRole'],
  undoes: [],
  targets: 'ram-role',
  input: z.object({}),
  needs: ['role-record'],
  loses: { en: 'Nothing that is not on record: the old trust policy is sealed and on the undo card.', zh: '不丢失未留存的内容：原信任策略已封存，并写在撤销卡上。' },
  leaves: {
    en: 'Sessions already opened: they keep all rights until they expire. Deny the role to end them in effect.',
    zh: '已换取的会话在到期前权限不变。要使其失去作用，请禁止该角色的一切操作。',
  },
  console: { en: 'RAM console > Identities > Roles > the role > Trust Policy > Edit', zh: 'RAM 控制台 > 身份管理 > 角色 > 选择角色 > 信任策略 > 编辑信任策略' },
  guard(target, context) {
    if (isOwn(holderOf(target), context)) return ownRole;
    if (textsAt(target.data, 'foreign').length === 0) return noStranger;
    return closedTrust(target) === undefined ? nobodyLeft : roleRefusal(target);
  },
  warn: (target) => [
    {
      en: `Out: ${textsAt(target.data, 'foreign').join(', ')}. A partner or a sign-in service among them loses access.`,
      zh: `将移除：${textsAt(target.data, 'foreign').join('、')}。其中若有合作方或登录服务，将失去访问权限。`,
    },
  ],
  async before(reader, target): Promise<Before> {
    const reply = await reader.read(getRole(nameOf(target)), { kind: 'before', target: target.id });
    if (!reply.ok) return reply.refusal === 'gone' ? { status: 'gone', note: goneNote } : { status: 'unreadable', note: why(reply) };
    const state = shapeIn(reply.body);
    if (same(state.trust, textAt(target.data, 'trust'))) return { status: 'ready', state };
    return same(state.trust, closedTrust(target) ?? '') ? { status: 'already', note: closedNote, state } : { status: 'changed', note: changedNote, state };
  },
  plan: (targets) => targets.map((target) => ({ call: updateRole(nameOf(target), { ...shapeOf(target), trust: closedTrust(target) ?? '' }), targets: [target.id] })),
  async holds(reader, target) {
    const reply = await reader.read(getRole(nameOf(target)));
    if (!reply.ok) return reply.refusal === 'gone' ? { status: 'yes', note: goneNote } : { status: 'unknown', note: why(reply) };
    return { status: same(shapeIn(reply.body).trust, closedTrust(target) ?? '') ? 'yes' : 'no' };
  },
  withinMs: 60_000,
  undo: (target) => [updateRole(nameOf(target), shapeOf(target))],
});

function toTarget(name: string, body: JsonObject, policies: readonly { readonly name: string; readonly type: string }[], account: string): Target {
  const shape = shapeIn(body);
  const trusted = trustedIn(parsed(shape.trust));
  return {
    id: name,
    kind: 'ram-role',
    label: name,
    data: {
      roleName: name,
      roleId: textAt(body, 'Role', 'RoleId'),
      arn: textAt(body, 'Role', 'Arn'),
      ...shape,
      policies,
      trustedBy: trusted.map(({ name: who }) => who).join(', '),
      services: trusted.flatMap(({ kind, name: who }) => (kind === 'Service' ? [who] : [])),
      foreign: trusted.filter((each) => isForeign(each, account)).map(({ name: who }) => who),
    },
  };
}

export function nameOf(target: Target): string {
  return textAt(target.data, 'roleName');
}

export function holderOf(target: Target): Holder {
  return { kind: 'Role', name: nameOf(target) };
}

export function shapeIn(body: JsonObject): Shape {
  return {
    trust: textAt(body, 'Role', 'AssumeRolePolicyDocument'),
    maxSession: textAt(body, 'Role', 'MaxSessionDuration') || '3600',
    description: textAt(body, 'Role', 'Description'),
  };
}

export function shapeOf(target: Target): Shape {
  return { trust: textAt(target.data, 'trust'), maxSession: textAt(target.data, 'maxSession'), description: textAt(target.data, 'description') };
}

/** The trust policy without its strangers, as JSON; undefined when nobody would be left. */
export function closedTrust(target: Target): string | undefined {
  const strangers = textsAt(target.data, 'foreign');
  const document = parsed(textAt(target.data, 'trust'));
  const closed = isObject(document) ? narrowed(document, ({ name }) => strangers.includes(name)) : undefined;
  return closed === undefined ? undefined : JSON.stringify(closed);
}

/** The same document, however it is spaced. */
export function same(a: string, b: string): boolean {
  return JSON.stringify(parsed(a)) === JSON.stringify(parsed(b));
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export const ownRole: Text = { en: 'The role you are using now.', zh: '这正是您当前使用的角色。' };
const noStranger: Text = { en: 'Nobody from outside may take it.', zh: '没有外部主体可以扮演它。' };
export const nobodyLeft: Text = {
  en: 'Only strangers may take it: without them no trust policy is left. Deny the role, and delete it when the evidence is kept.',
  zh: '只有外部主体可以扮演它，移除后信任策略为空。请先禁止该角色，保全证据后再删除。',
};
const goneNote: Text = { en: 'The role does not exist any more, nor do its sessions.', zh: '该角色已不存在，其会话也已失效。' };
const closedNote: Text = { en: 'No stranger is in its trust policy any more.', zh: '信任策略中已没有外部主体。' };
const changedNote: Text = { en: 'Its trust policy has changed since you saw it. Look again.', zh: '信任策略在您查看之后又被修改。请重新查看。' };
