// IMS: what RAM's older API lacks: network limits on a key, switching a console login off without losing it. Speaks of users as name@account.
import { z } from 'zod';
import type { Json, JsonObject, Text } from '../text.ts';
import type { Before, Call, Context, Reader, Refused, Target } from './define.ts';
import { defineAction } from './define.ts';
import { isObject, listAt, named, read, textAt, textsAt, why, write } from './wire.ts';

/** The default domain of an account is its id: it works whatever alias the account has. */
function principalOf(userName: string, { identity }: Context): string {
  return `${named('user name', userName)}@${named('account', identity?.account ?? '')}.onaliyun.com`;
}

function getAccessKeyPolicy(target: Target, context: Context): Call {
  return read('ims', 'GetAccessKeyPolicy', { UserAccessKeyId: named('AccessKey id', target.id), UserPrincipalName: principalOf(userOf(target), context) });
}

function setAccessKeyPolicy(target: Target, policy: JsonObject, context: Context): Call {
  return write('ims', 'SetAccessKeyPolicy', {
    UserAccessKeyId: named('AccessKey id', target.id),
    UserPrincipalName: principalOf(userOf(target), context),
    AccessKeyPolicy: JSON.stringify(policy),
  });
}

function getLoginProfile(userName: string, context: Context): Call {
  return read('ims', 'GetLoginProfile', { UserPrincipalName: principalOf(userName, context) });
}

function updateLoginProfile(userName: string, status: 'Active' | 'Inactive', context: Context): Call {
  return write('ims', 'UpdateLoginProfile', { UserPrincipalName: principalOf(userName, context), Status: status });
}

const noLimit: JsonObject = { Version: 1, Status: 'Inactive', Statements: [] };

/** Sets a limit of exactly these addresses or networks, as a person named them. */
export const limitAccessKeys = defineAction({
  summary: { en: 'Let AccessKeys be used from our own addresses only', zh: '限制 AccessKey 只能从自己的地址使用' },
  class: 'R1',
  calls: ['ims:SetAccessKeyPolicy', 'ims:GetAccessKeyPolicy'],
  undoes: [],
  targets: 'access-key',
  input: z.object({ networks: z.array(z.string().min(7)).default([]) }),
  needs: [],
  loses: { en: 'Nothing. The limit can be taken off again.', zh: '不丢失任何东西。限制可以再次解除。' },
  leaves: {
    en: 'Whoever works from one of these addresses, an intruder too. Role sessions already opened. Access by VPC endpoint and services that ignore such limits: not every product says that it checks them.',
    zh: '从这些地址操作的任何人（包括入侵者）；已换取的角色会话；通过 VPC 终端节点的访问，以及不检查该限制的云服务：并非所有产品都声明会检查。',
  },
  console: {
    en: 'RAM console > Identities > Users > the user > Authentication > AccessKey > Network access restriction',
    zh: 'RAM 控制台 > 身份管理 > 用户 > 选择用户 > 认证管理 > AccessKey > 网络访问限制',
  },
  guard(target, context) {
    if (context.identity?.accessKeyId === target.id) return ownKey;
    if (textsAt(context.input, 'networks').length === 0) return noAddress;
    return userOf(target) === '' ? noOwner : undefined;
  },
  warn(target, context) {
    const networks = textsAt(context.input, 'networks');
    const list = networks.slice(0, 6).join(', ') + (networks.length > 6 ? ` +${networks.length - 6}` : '');
    const seen = listAt(target.data, 'sources').filter((source) => !networks.includes(textAt(source, 'ip')));
    const others = seen.slice(0, 4).map((source) => textAt(source, 'ip'));
    const more = seen.length > 4 ? ` +${seen.length - 4}` : '';
    return [
      {
        en: `Works on from: ${list}. Breaks for every other address${others.length === 0 ? '' : `, among them ${others.join(', ')}${more}, not in this list word for word`}.`,
        zh: `仍可使用的地址：${list}。其他地址都将失败${others.length === 0 ? '' : `，包括清单中没有逐字列出的 ${others.join('、')}${more}`}。`,
      },
    ];
  },
  async before(reader, target, context): Promise<Before> {
    const reply = await reader.read(getAccessKeyPolicy(target, context), { kind: 'before', target: target.id });
    if (!reply.ok && reply.refusal === 'gone' && reply.code.endsWith('AccessKeyPolicy')) return { status: 'ready', state: noLimit };
    if (!reply.ok) return reply.refusal === 'gone' ? { status: 'gone', note: goneKey } : { status: 'unreadable', note: why(reply) };
    const policy = policyIn(reply.body);
    return isLimit(policy, context) ? { status: 'already', note: limited, state: policy } : { status: 'ready', state: policy };
  },
  plan: (targets, context) =>
    targets.map((target) => ({
      call: setAccessKeyPolicy(target, { Status: 'Active', Statements: [{ Type: 'ClassicWhiteList', IPList: networksOf(context) }] }, context),
      targets: [target.id],
    })),
  async holds(reader, target, context) {
    const reply = await reader.read(getAccessKeyPolicy(target, context));
    if (!reply.ok)
      return reply.refusal === 'gone' && !reply.code.endsWith('AccessKeyPolicy')
        ? { status: 'yes', note: goneKey }
        : { status: reply.refusal === 'gone' ? 'no' : 'unknown', note: why(reply) };
    const policy = policyIn(reply.body);
    return { status: isLimit(policy, context) ? 'yes' : 'no', facts: { status: textAt(policy, 'Status') } };
  },
  withinMs: 120_000,
  debt: { what: { en: 'A network limit on a key', zh: '密钥的网络访问限制' }, days: 14 },
  givesBack: { en: 'The key works from everywhere again.', zh: '密钥将恢复可从任何地方使用。' },
  undo: (target, before, context) => [setAccessKeyPolicy(target, isObject(before) && Object.hasOwn(before, 'Statements') ? before : noLimit, context)],
});

export const disableLogins = defineAction({
  summary: { en: 'Switch console logins of users off', zh: '停用用户的控制台登录' },
  class: 'R1',
  calls: ['ims:UpdateLoginProfile', 'ims:GetLoginProfile'],
  undoes: [],
  targets: 'ram-user',
  input: z.object({}),
  needs: [],
  loses: { en: 'Nothing. Password and settings stay; it can be switched on again.', zh: '不丢失任何东西。密码和设置保留，可以重新启用。' },
  leaves: {
    en: 'Who is signed in stays signed in: 6 hours, or what the account allows. Deny the user everything to end that too. Its keys are not touched.',
    zh: '已登录的会话仍然有效：默认 6 小时，或账号设置的时长。要立即终止，请同时禁止该用户的一切操作。其密钥不受影响。',
  },
  console: {
    en: 'RAM console > Identities > Users > the user > Authentication > Console logon > Disable',
    zh: 'RAM 控制台 > 身份管理 > 用户 > 选择用户 > 认证管理 > 控制台登录 > 禁用',
  },
  guard(target, context) {
    if (context.identity?.userName === userOf(target)) return ownUser;
    return userOf(target) === '' ? noOwner : undefined;
  },
  async before(reader, target, context): Promise<Before> {
    const found = await login(reader, target, context, { kind: 'before', target: target.id });
    if (found === 'none') return { status: 'already', note: noLogin };
    if ('refusal' in found) return { status: 'unreadable', note: why(found) };
    return found.status === 'Inactive' ? { status: 'already', note: loginOff, state: found } : { status: 'ready', state: found };
  },
  plan: (targets, context) => targets.map((target) => ({ call: updateLoginProfile(userOf(target), 'Inactive', context), targets: [target.id] })),
  async holds(reader, target, context) {
    const found = await login(reader, target, context);
    if (found === 'none') return { status: 'yes', note: noLogin };
    if ('refusal' in found) return { status: 'unknown', note: why(found) };
    return { status: found.status === 'Inactive' ? 'yes' : 'no', facts: found };
  },
  withinMs: 60_000,
  undo: (target, before, context) => (textAt(before, 'status') === 'Inactive' ? [] : [updateLoginProfile(userOf(target), 'Active', context)]),
});

/** The addresses an active limit leaves a key; none when nothing limits it. */
export async function readLimit(
  reader: Reader,
  target: Target,
  context: Context,
  seal: { readonly kind: string; readonly target: string },
): Promise<{ readonly networks: readonly string[] } | Refused> {
  const reply = await reader.read(getAccessKeyPolicy(target, context), seal);
  if (!reply.ok) return reply.refusal === 'gone' ? { networks: [] } : reply;
  const policy = policyIn(reply.body);
  return { networks: textAt(policy, 'Status') === 'Active' ? listAt(policy, 'Statements').flatMap((statement) => textsAt(statement, 'IPList')) : [] };
}

/** The state of a console login; `none`: the user has none, or is gone. */
async function login(reader: Reader, target: Target, context: Context, seal?: { readonly kind: string; readonly target: string }) {
  const reply = await reader.read(getLoginProfile(userOf(target), context), seal);
  if (!reply.ok) return reply.refusal === 'gone' ? 'none' : reply;
  return { status: textAt(reply.body, 'LoginProfile', 'Status') };
}

function userOf(target: Target): string {
  return textAt(target.data, 'userName');
}

/** @throws Fault E_BUG for an empty list: it would shut everybody out. */
function networksOf(context: Context): readonly string[] {
  const networks = textsAt(context.input, 'networks');
  return [named('address', networks[0] ?? ''), ...networks.slice(1)];
}

function isLimit(policy: Json, context: Context): boolean {
  const listed = listAt(policy, 'Statements').flatMap((statement) => textsAt(statement, 'IPList'));
  const wanted = textsAt(context.input, 'networks');
  return textAt(policy, 'Status') === 'Active' && JSON.stringify(listed.toSorted()) === JSON.stringify(wanted.toSorted());
}

/** The policy is JSON inside JSON. */
function policyIn(body: JsonObject): JsonObject {
  const text = textAt(body, 'AccessKeyPolicy');
  try {
    const parsed = JSON.parse(text) as Json;
    return isObject(parsed) ? parsed : noLimit;
  } catch {
    return noLimit;
  }
}

const ownKey: Text = {
  en: 'This is the key you are using now. A limit that misses your own address would shut you out.',
  zh: '这正是您当前使用的密钥。如果限制中没有您的地址，您会把自己锁在外面。',
};
const noAddress: Text = { en: 'No address was named: a limit to none would shut everybody out.', zh: '没有指定地址：空的限制会把所有人挡在外面。' };
const ownUser: Text = { en: 'This is your own user.', zh: '这是您本人的用户。' };
const noOwner: Text = { en: 'Its owner is not known. Find the owner first.', zh: '不知道所属用户。请先查明所有者。' };
const goneKey: Text = { en: 'The key does not exist any more.', zh: '该密钥已不存在。' };
const limited: Text = { en: 'It is limited to these addresses already.', zh: '已限制为这些地址。' };
const noLogin: Text = { en: 'It has no console login.', zh: '没有开通控制台登录。' };
const loginOff: Text = { en: 'Its console login is off already.', zh: '控制台登录已停用。' };
