// The quick look before the first cut (T0): whose key, which children, seen from where. At most 30 seconds; what it skips it says.
import { z } from 'zod';
import type { Json, JsonObject, Text } from '../text.ts';
import type { Context, Coverage, Reply, Target } from './define.ts';
import { defineCollector } from './define.ts';
import { getAccessKeyLastUsedInfo } from './actiontrail.ts';
import { actiontrailRegions, globalRegions, logDelayMs, regionsOf } from './events.ts';
import type { CloudEvent } from './event.ts';
import type { KeyRow } from './ram.ts';
import type { Notes, Owner, Query } from './ram-reads.ts';
import { findOwner, keysOfUser, lookSeal, lookUp, note, readGrants, readUse } from './ram-reads.ts';
import type { Source, SuspectKey, Suspects } from './suspects.ts';
import { breaksOf, childInput, isBy, leavesOf, newestOf, sourcesOf, spread, suspectsOf } from './suspects.ts';
import { isAttack, roleTouchedBy, touchedRoles } from './touched.ts';
import { later, numberAt, textAt, textsAt } from './wire.ts';

/** Each child costs two of the log's two calls a second. */
const mostFollowed = 6;

export const quickLook = defineCollector({
  summary: { en: 'Quick look at a key: owner, children, grants, last use', zh: '快速查看密钥：所有者、衍生密钥、授权、最近使用' },
  calls: [
    'actiontrail:GetAccessKeyLastUsedInfo',
    'actiontrail:GetAccessKeyLastUsedProducts',
    'actiontrail:GetAccessKeyLastUsedIps',
    'actiontrail:LookupEvents',
    'actiontrail:DescribeRegions',
    'ram:ListUsers',
    'ram:ListAccessKeys',
    'ram:ListGroupsForUser',
    'ram:ListPoliciesForUser',
    'ram:ListPoliciesForGroup',
    'ram:GetLoginProfile',
  ],
  /** Besides the key, what the full record has found since: a second look cuts that too. */
  input: z.object({ accessKeyId: z.string().regex(/^[A-Za-z0-9._-]{8,128}$/, 'an AccessKey id'), ...childInput }),
  gives: [
    'owner',
    'keys',
    'suspects',
    'leakedKey',
    'madeKeys',
    'ownerUser',
    'suspectUsers',
    'sessions',
    'lastSeen',
    'sources',
    'usedFrom',
    'attackSources',
    'touchedRoles',
    'grants',
    'notKnown',
    'keyWarnings',
  ],
  async slice(reader, context) {
    const keyId = textAt(context.input, 'accessKeyId');
    const notes: Notes = { reader, context, keyId, events: new Map(), missing: [], regionsMissed: [], keys: new Map(), pages: 0, throttles: 0, protectedBy: undefined };
    const [info, regions] = await Promise.all([
      reader.read(getAccessKeyLastUsedInfo(keyId), lookSeal),
      reader.read(actiontrailRegions(), lookSeal),
      lookUp(notes, [
        { key: 'EventAccessKeyId', value: keyId },
        { key: 'EventName', value: 'CreateAccessKey' },
        { key: 'EventName', value: 'CreateUser' },
      ]),
    ]);
    note(notes, info, { en: 'the last-use record of the key', zh: '密钥的最近使用记录' });
    const root = isRoot(notes, info);
    const owner = root ? undefined : await findOwner(notes, info);
    if (notes.protectedBy !== undefined) return { outcome: 'none', refused: notes.protectedBy };

    const leaked: SuspectKey = { id: keyId, userName: owner?.userName ?? '', createdBy: '', at: created(owner?.rows, keyId) };
    const found = suspectsOf(context.input);
    const seed: Suspects = { keys: [leaked, ...found.keys.filter(({ id, userName }) => id !== keyId && userName !== '')], users: found.users, sessions: [] };
    const [grants, usedFrom, suspects] = await Promise.all([owner === undefined ? undefined : readGrants(notes, owner.userName), readUse(notes), follow(notes, seed)]);
    const targets = await Promise.all(suspects.keys.map((key) => toTarget(notes, key, suspects, owner, root)));
    if (notes.protectedBy !== undefined) return { outcome: 'none', refused: notes.protectedBy };

    const theirs = [...notes.events.values()].filter((event) => isBy(event, suspects));
    const usedAt = info.ok ? numberAt(info.body, 'UsedTimestamp') : undefined;
    const lastSeen = newestOf(theirs) || (usedAt === undefined ? '' : new Date(usedAt).toISOString());
    const sources = mergeSources(sourcesOf(theirs), usedFrom);
    const isLeaked = ({ id }: Target): boolean => id === keyId;
    const facts: Record<string, Json> = {
      leakedKey: targets.filter(isLeaked).map((target) => ({ ...target, data: { ...target.data, sources: usesOf(keyId, theirs, usedFrom) } })),
      madeKeys: targets.filter((target) => !isLeaked(target)),
      ownerUser: owner === undefined ? [] : [{ id: owner.userName, kind: 'ram-user', label: owner.userName, data: { userName: owner.userName } }],
      keys: (owner?.rows ?? []).map((row) => ({ ...row, label: `${row.accessKeyId} ${row.status}` })),
      suspects: targets,
      suspectUsers: suspects.users.map((user) => ({ ...user, label: user.userName })),
      sessions: suspects.sessions,
      sources,
      usedFrom: (usesOf(keyId, theirs, usedFrom) as readonly JsonObject[]).map((use) => ({ ...use, label: labelOf(use) })),
      attackSources: [...new Set(theirs.filter((event) => isAttack(event, isOfTheirMaking(event, keyId, owner))).map(({ source }) => source))].toSorted(),
      touchedRoles: touchedRoles(theirs.flatMap((event) => roleTouchedBy(event, context.identity?.account ?? ''))),
      keyWarnings: warnings(context, keyId, owner, root),
      notKnown: notKnown(notes, regions),
      ...(lastSeen === '' ? {} : { lastSeen }),
      ...(owner === undefined ? {} : { owner: { userName: owner.userName, userId: owner.userId, label: owner.userName } }),
      ...(grants === undefined ? {} : { grants }),
    };
    // Without an owner and without an answer nobody has been looked for: worth another try, not a finding.
    if (owner === undefined && !info.ok && ['unreachable', 'unavailable', 'throttled'].includes(info.refusal)) return { outcome: 'none', refused: info };
    return {
      outcome: owner === undefined && !root ? 'none' : root || notes.missing.length > 0 || notes.regionsMissed.length > 0 ? 'some' : 'all',
      facts,
      coverage: coverage(notes),
    };
  },
});

/** The log knows whose key it is where the last-use record does not say. */
function isRoot({ events, keyId }: Notes, info: Reply): boolean {
  if (info.ok && textAt(info.body, 'AccountType') !== '') return textAt(info.body, 'AccountType') === 'root-account';
  return [...events.values()].some(({ accessKeyId, identityType }) => accessKeyId === keyId && identityType === 'root-account');
}

/** From one suspect to what it made, and on: a user's console work is found under its name alone, it carries no key. */
async function follow(notes: Notes, seed: Suspects): Promise<Suspects> {
  const asked = new Set([notes.keyId]);
  for (let left = mostFollowed; ;) {
    const suspects = await withKeysOfMadeUsers(notes, spread(seed, [...notes.events.values()]));
    const open: readonly Query[] = [
      ...suspects.keys.map(({ id }) => ({ key: 'EventAccessKeyId', value: id }) as const),
      ...suspects.users.filter(({ made }) => made).map(({ userName }) => ({ key: 'User', value: userName }) as const),
    ].filter(({ value }) => !asked.has(value));
    const next = open.slice(0, left);
    if (open.length > next.length)
      notes.missing.push({ en: `What ${open.length - next.length} more of their identities did.`, zh: `另外 ${open.length - next.length} 个关联身份的操作。` });
    if (next.length === 0) return suspects;
    for (const { value } of next) asked.add(value);
    left -= next.length;
    await lookUp(notes, next);
  }
}

/** Every key of a user the attacker made is the attacker's, seen in the log or not. */
async function withKeysOfMadeUsers(notes: Notes, suspects: Suspects): Promise<Suspects> {
  const made = suspects.users.filter((user) => user.made);
  const rows = await Promise.all(made.map((user) => keysOfUser(notes, user.userName)));
  const more = made.flatMap((user, index) =>
    (rows[index] ?? [])
      .filter(({ accessKeyId }) => !suspects.keys.some(({ id }) => id === accessKeyId))
      .map((row): SuspectKey => ({ id: row.accessKeyId, userName: user.userName, createdBy: user.createdBy, at: row.createdAt })),
  );
  return { ...suspects, keys: [...suspects.keys, ...more] };
}

async function toTarget(notes: Notes, key: SuspectKey, suspects: Suspects, owner: Owner | undefined, root: boolean): Promise<Target> {
  const rows = key.userName === '' ? undefined : key.userName === owner?.userName ? owner.rows : await keysOfUser(notes, key.userName);
  const row = rows?.find(({ accessKeyId }) => accessKeyId === key.id);
  const held = root && key.id === notes.keyId ? rootKey : key.userName === '' ? noOwner : rows !== undefined && row === undefined ? deleted : undefined;
  const status = row?.status ?? (rows === undefined ? 'unknown' : 'deleted');
  return {
    id: key.id,
    kind: 'access-key',
    label: `${key.id} ${key.userName}`.trim(),
    ...(held === undefined ? {} : { held }),
    data: {
      userName: key.userName,
      accessKeyId: key.id,
      status,
      createdBy: key.createdBy,
      createdAt: key.at,
      breaks: breaksOf(key.id, [...notes.events.values()]),
      leaves: leavesOf(key.id, suspects.sessions, notes.context.now),
    },
  };
}

const rootKey: Text = {
  en: 'A key of the root account. No RAM identity can disable it: sign in as root and disable it in the console.',
  zh: '这是主账号的密钥。任何 RAM 身份都不能禁用它：请用主账号登录控制台禁用。',
};
const noOwner: Text = {
  en: 'Its owner is not known. A call without a user name would act on yourself.',
  zh: '不知道它属于哪个用户。不带用户名的调用会作用于您自己。',
};
const deleted: Text = {
  en: 'Its user no longer has it. A deleted key lies in the recycle bin and can be restored.',
  zh: '该用户名下已没有它。已删除的密钥在回收站中，仍可能被恢复。',
};

function warnings({ identity }: Context, keyId: string, owner: Owner | undefined, root: boolean): readonly Text[] {
  const found: Text[] = [];
  if (identity?.accessKeyId === keyId) {
    found.push({
      en: 'This is the key you are using now. It is poisoned: switch to another credential before anything else.',
      zh: '这正是您当前使用的密钥，它已不可信。请先换用其他凭证，再做其他事。',
    });
  } else if (owner !== undefined && identity?.userName === owner.userName) {
    found.push({ en: 'The key belongs to your own user. Your key in use stays.', zh: '该密钥属于您本人的用户。您正在使用的密钥不受影响。' });
  }
  return root ? [...found, rootKey] : found;
}

function notKnown(notes: Notes, regions: Reply): readonly Text[] {
  const until = later(notes.context.now, -logDelayMs);
  const all = regions.ok ? regionsOf(regions.body).length : 0;
  const read = globalRegions.length - notes.regionsMissed.length;
  const count = all === 0 ? { en: 'of an unknown number', zh: '（总数未知）' } : { en: `of ${all}`, zh: `（共 ${all} 个）` };
  return [
    { en: `Events after ${until}: the log is about 10 minutes late.`, zh: `${until} 之后的事件：日志约有 10 分钟延迟。` },
    {
      en: `The log of ${read} ${count.en} regions was read, newest page only.`,
      zh: `只读了 ${read} 个地域${count.zh}的日志，且仅最新一页。`,
    },
    ...notes.missing,
  ];
}

function coverage(notes: Notes): Coverage {
  const missed = notes.regionsMissed;
  return {
    regionsDone: globalRegions.filter((region) => !missed.some((each) => each.region === region)),
    regionsMissed: missed,
    from: later(notes.context.now, -30 * 86_400_000),
    to: notes.context.now,
    pages: notes.pages,
    throttles: notes.throttles,
    notLooked: notes.missing,
  };
}

function labelOf(use: JsonObject): string {
  const count = textAt(use, 'count');
  return `${textAt(use, 'ip')} (${textsAt(use, 'products').join('+')}${count === '0' ? '' : ` ×${count}`}, ${textAt(use, 'newest').slice(0, 16)}Z)`;
}

function isOfTheirMaking(event: CloudEvent, keyId: string, owner: Owner | undefined): boolean {
  return event.accessKeyId !== keyId && event.userName !== (owner?.userName ?? '');
}

/** Where this very key was used from: who of ours would lose it. */
function usesOf(keyId: string, events: readonly CloudEvent[], recorded: readonly Source[]): Json {
  return mergeSources(sourcesOf(events.filter(({ accessKeyId }) => accessKeyId === keyId)), recorded);
}

/** Addresses from events and from the last-use record, one row each; a count of 0 means only the record names it. */
function mergeSources(seen: readonly Source[], recorded: readonly Source[]): Json {
  const rows = new Map(seen.map((source) => [source.ip, source]));
  for (const source of recorded) {
    const old = rows.get(source.ip);
    const newest = old !== undefined && old.newest > source.newest ? old.newest : source.newest;
    rows.set(source.ip, { ...old, ip: source.ip, count: old?.count ?? 0, products: [...new Set([...(old?.products ?? []), ...source.products])].toSorted(), newest });
  }
  return [...rows.values()].map((row) => ({ ...row, label: row.ip }));
}

function created(rows: readonly KeyRow[] | undefined, keyId: string): string {
  return rows?.find(({ accessKeyId }) => accessKeyId === keyId)?.createdAt ?? '';
}
