// RAM: users, their keys and grants; cutting a key. An omitted user name would act on the caller, so none is ever omitted.
import { z } from 'zod';
import type { Json, JsonObject, Text } from '../text.ts';
import type { Before, Call, Context, Reader, Refused, Target } from './define.ts';
import { defineAction } from './define.ts';
import { listAt, named, read, textAt, why, write } from './wire.ts';

export function listUsers(marker?: string): Call {
  return read('ram', 'ListUsers', { MaxItems: '1000', ...(marker === undefined ? {} : { Marker: marker }) });
}

export function listAccessKeys(userName: string): Call {
  return read('ram', 'ListAccessKeys', { UserName: named('user name', userName) });
}

export function listGroupsForUser(userName: string): Call {
  return read('ram', 'ListGroupsForUser', { UserName: named('user name', userName) });
}

export function listPoliciesForUser(userName: string): Call {
  return read('ram', 'ListPoliciesForUser', { UserName: named('user name', userName) });
}

export function listPoliciesForGroup(groupName: string): Call {
  return read('ram', 'ListPoliciesForGroup', { GroupName: named('group name', groupName) });
}

export function getLoginProfile(userName: string): Call {
  return read('ram', 'GetLoginProfile', { UserName: named('user name', userName) });
}

export function updateAccessKey(userName: string, accessKeyId: string, status: 'Active' | 'Inactive'): Call {
  return write('ram', 'UpdateAccessKey', {
    UserName: named('user name', userName),
    UserAccessKeyId: named('AccessKey id', accessKeyId),
    Status: status,
  });
}

/** One row of ListAccessKeys: RAM never shows the secret again. */
export type KeyRow = { readonly accessKeyId: string; readonly status: string; readonly createdAt: string };

/** The keys of an answer to ListAccessKeys. */
export function keysOf(body: JsonObject): readonly KeyRow[] {
  return listAt(body, 'AccessKeys', 'AccessKey').map((row) => ({
    accessKeyId: textAt(row, 'AccessKeyId'),
    status: textAt(row, 'Status'),
    createdAt: textAt(row, 'CreateDate'),
  }));
}

export const disableAccessKeys = defineAction({
  summary: { en: 'Disable AccessKeys of RAM users', zh: '禁用 RAM 用户的 AccessKey' },
  class: 'R1',
  calls: ['ram:UpdateAccessKey', 'ram:ListAccessKeys'],
  undoes: [],
  targets: 'access-key',
  input: z.object({}),
  needs: [],
  loses: { en: 'Nothing. A disabled key can be enabled again.', zh: '不丢失任何东西。禁用后可以重新启用。' },
  leaves: {
    en: 'Role sessions the key has already opened live until they expire, at most 12 hours. The user, its grants and its console login stay.',
    zh: '该密钥已换取的角色会话在到期前仍然有效，最长 12 小时。用户本身、其授权和控制台登录不受影响。',
  },
  console: {
    en: 'RAM console > Identities > Users > the user > Authentication > AccessKey > Disable',
    zh: 'RAM 控制台 > 身份管理 > 用户 > 选择用户 > 认证管理 > AccessKey > 禁用',
  },
  guard(target, context) {
    if (context.identity?.accessKeyId === target.id) return ownKey;
    return ownerOf(target) === '' ? noOwner : undefined;
  },
  warn: warnings,
  async before(reader, target): Promise<Before> {
    const found = await look(reader, target, { kind: 'before', target: target.id });
    if ('refusal' in found) return found.refusal === 'gone' ? { status: 'gone', note: goneNote } : { status: 'unreadable', note: why(found) };
    if (found.row === undefined) return { status: 'gone', note: goneNote };
    const state = { userName: ownerOf(target), ...found.row };
    return found.row.status === 'Inactive' ? { status: 'already', note: alreadyNote, state } : { status: 'ready', state };
  },
  plan: (targets) => targets.map((target) => ({ call: updateAccessKey(ownerOf(target), target.id, 'Inactive'), targets: [target.id] })),
  async holds(reader, target) {
    const found = await look(reader, target);
    if ('refusal' in found) return found.refusal === 'gone' ? { status: 'yes', note: goneNote } : { status: 'unknown', note: why(found) };
    if (found.row === undefined) return { status: 'yes', note: goneNote };
    return { status: found.row.status === 'Inactive' ? 'yes' : 'no', facts: { status: found.row.status } };
  },
  withinMs: 120_000,
  undo: (target, before) => (textAt(before, 'status') === 'Inactive' ? [] : [updateAccessKey(ownerOf(target), target.id, 'Active')]),
  givesBack: {
    en: 'The key works again, for whoever holds it: the attacker too, if it leaked.',
    zh: '密钥重新可用，任何持有者都能使用；如果它已泄露，攻击者也能。',
  },
});

const ownKey: Text = {
  en: 'This is the key you are using now. Cutting it would end your own access. Switch to another credential first (resume --profile).',
  zh: '这正是您当前使用的密钥。禁用它会切断您自己的访问。请先换用其他凭证（resume --profile）。',
};
const sameUser: Text = {
  en: 'Another key of your own user. The one you are using stays; make sure nobody else needs this one.',
  zh: '这是您本人用户名下的另一个密钥。您正在使用的密钥不受影响；请确认没有他人需要它。',
};
const noOwner: Text = {
  en: 'Its owner is not known, and a call without a user name would act on yourself. Find the owner first.',
  zh: '不知道该密钥属于哪个用户；不带用户名的调用会作用于您自己。请先查明所有者。',
};
const goneNote: Text = {
  en: 'The key no longer exists. A deleted key lies in the recycle bin for a while and can be restored.',
  zh: '该密钥已不存在。已删除的密钥会在回收站保留一段时间，可被恢复。',
};
const alreadyNote: Text = { en: 'The key is already inactive.', zh: '该密钥已处于禁用状态。' };

function ownerOf(target: Target): string {
  return textAt(target.data, 'userName');
}

type Found = { readonly row: KeyRow | undefined };

async function look(reader: Reader, target: Target, seal?: { readonly kind: string; readonly target: string }): Promise<Found | Refused> {
  const reply = await reader.read(listAccessKeys(ownerOf(target)), seal);
  return reply.ok ? { row: keysOf(reply.body).find((row) => row.accessKeyId === target.id) } : reply;
}

/** What probably breaks and what stays was computed from the log when the key was found; it is frozen with the target. */
function warnings(target: Target, context: Context): readonly Text[] {
  const known = [target.data['breaks'], target.data['leaves']].filter(isText);
  return context.identity?.userName === ownerOf(target) ? [sameUser, ...known] : known;
}

function isText(value: Json | undefined): value is Text {
  return textAt(value, 'en') !== '' && textAt(value, 'zh') !== '';
}
