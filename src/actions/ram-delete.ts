// Deleting keys for good, once the evidence is kept. A deleted key lies in the recycle bin for a while; whoever has ram:* can bring it back.
import { z } from 'zod';
import type { Text } from '../text.ts';
import type { Before, Call, Reader, Refused, Slice, Target } from './define.ts';
import { defineAction, defineCollector } from './define.ts';
import { getAccessKeyLastUsedInfo } from './actiontrail.ts';
import type { KeyRow } from './ram.ts';
import { keysOf, listAccessKeys } from './ram.ts';
import { named, textAt, why, write } from './wire.ts';

function deleteAccessKey(userName: string, accessKeyId: string): Call {
  return write('ram', 'DeleteAccessKey', { UserName: named('user name', userName), UserAccessKeyId: named('AccessKey id', accessKeyId) });
}

/** Verbatim, per key: its state and when and where it was last used. */
export const keyState = defineCollector({
  summary: { en: 'Keep what is known of a key before it goes', zh: '删除前保全密钥信息' },
  calls: ['ram:ListAccessKeys', 'actiontrail:GetAccessKeyLastUsedInfo'],
  input: z.object({}),
  gives: [],
  seals: 'key-state',
  async slice(reader, _context, _cursor, target): Promise<Slice> {
    const { id, data } = target as Target;
    const seal = { kind: 'key-state', target: id };
    const [keys, used] = await Promise.all([reader.read(listAccessKeys(textAt(data, 'userName')), seal), reader.read(getAccessKeyLastUsedInfo(id), seal)]);
    if (!keys.ok && keys.refusal !== 'gone') return { outcome: 'none', refused: keys };
    const missed: readonly Text[] = used.ok || used.refusal === 'gone' ? [] : [{ en: `When it was last used (${why(used).en}).`, zh: `最近使用时间（${why(used).zh}）。` }];
    return { outcome: 'all', ...(missed.length === 0 ? {} : { facts: { notGiven: missed } }) };
  },
});

export const deleteAccessKeys = defineAction({
  summary: { en: 'Delete AccessKeys (to the recycle bin)', zh: '删除 AccessKey（移入回收站）' },
  class: 'R3',
  calls: ['ram:DeleteAccessKey', 'ram:ListAccessKeys'],
  undoes: [],
  targets: 'access-key',
  input: z.object({}),
  needs: ['key-state'],
  loses: {
    en: 'The key. For about a month it lies in the recycle bin and can be restored there; after that nobody can.',
    zh: '密钥本身。约一个月内可从回收站恢复，之后无法恢复。',
  },
  leaves: {
    en: 'The recycle bin: whoever may change RAM can restore the key from there. Empty it when nobody needs it, and watch for RestoreAccessKeyFromRecycleBin.',
    zh: '回收站：任何有 RAM 权限的人都能从中恢复密钥。确认无用后请清空回收站，并关注 RestoreAccessKeyFromRecycleBin 事件。',
  },
  console: {
    en: 'RAM console > Identities > Users > the user > Authentication > AccessKey > Delete',
    zh: 'RAM 控制台 > 身份管理 > 用户 > 选择用户 > 认证管理 > AccessKey > 删除',
  },
  guard(target, context) {
    if (context.identity?.accessKeyId === target.id) return ownKey;
    return textAt(target.data, 'userName') === '' ? noOwner : undefined;
  },
  async before(reader, target): Promise<Before> {
    const row = await look(reader, target, { kind: 'before', target: target.id });
    if (row !== undefined && 'refusal' in row) return { status: 'unreadable', note: why(row) };
    if (row === undefined) return { status: 'gone', note: gone };
    // An active key is still in use by somebody: it is disabled first, and it soaks.
    return row.status === 'Inactive' ? { status: 'ready', state: { ...row } } : { status: 'changed', note: active, state: { ...row } };
  },
  plan: (targets) => targets.map((target) => ({ call: deleteAccessKey(textAt(target.data, 'userName'), target.id), targets: [target.id] })),
  async holds(reader, target) {
    const row = await look(reader, target);
    if (row !== undefined && 'refusal' in row) return { status: 'unknown', note: why(row) };
    return { status: row === undefined ? 'yes' : 'no' };
  },
  withinMs: 60_000,
  undo: () => ({
    irreversible: {
      en: 'No call of ours brings it back. Within about a month: RAM console > Recycle bin > AccessKey > Restore.',
      zh: '没有可用的撤销调用。约一个月内可在 RAM 控制台 > 回收站 > AccessKey 中恢复。',
    },
  }),
});

/** The key's row; undefined when its user has it no more, or is gone itself. */
async function look(reader: Reader, target: Target, seal?: { readonly kind: string; readonly target: string }): Promise<KeyRow | Refused | undefined> {
  const reply = await reader.read(listAccessKeys(textAt(target.data, 'userName')), seal);
  if (!reply.ok) return reply.refusal === 'gone' ? undefined : reply;
  return keysOf(reply.body).find(({ accessKeyId }) => accessKeyId === target.id);
}

const ownKey: Text = { en: 'This is the key you are using now.', zh: '这正是您当前使用的密钥。' };
const noOwner: Text = { en: 'Its owner is not known, and a call without a user name would act on yourself.', zh: '不知道所属用户；不带用户名的调用会作用于您自己。' };
const gone: Text = { en: 'The key no longer exists.', zh: '该密钥已不存在。' };
const active: Text = { en: 'It is active again. Disable it first.', zh: '它又处于启用状态。请先禁用。' };
