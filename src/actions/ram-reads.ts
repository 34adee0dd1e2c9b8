// What the quick look reads, part by part. A part that can not be read is named, never left out silently.
import type { JsonObject, Text } from '../text.ts';
import type { Call, Context, Reader, Refused, Reply } from './define.ts';
import { getAccessKeyLastUsedIps, getAccessKeyLastUsedProducts } from './actiontrail.ts';
import type { CloudEvent } from './event.ts';
import { madeBy } from './event.ts';
import type { LookupKey } from './events.ts';
import { globalRegions, readPage } from './events.ts';
import type { KeyRow } from './ram.ts';
import { getLoginProfile, keysOf, listAccessKeys, listGroupsForUser, listPoliciesForGroup, listPoliciesForUser, listUsers } from './ram.ts';
import type { Source } from './suspects.ts';
import { later, listAt, numberAt, pool, textAt, why, yesAt } from './wire.ts';

export const lookSeal = { kind: 'quick-look' } as const;
const windowMs = 30 * 86_400_000;
/** Beyond this many users the search for an owner would not end in time. */
const mostUsers = 1000;

/** What the look has gathered; parts that could not be read are named in `missing`. */
export type Notes = {
  readonly reader: Reader;
  readonly context: Context;
  readonly keyId: string;
  readonly events: Map<string, CloudEvent>;
  readonly missing: Text[];
  readonly regionsMissed: { region: string; why: Text }[];
  /** User name → its keys, read once. */
  readonly keys: Map<string, Promise<readonly KeyRow[] | undefined>>;
  pages: number;
  throttles: number;
  protectedBy: Refused | undefined;
};

/** `rows` undefined: the log names the owner, but its keys may not be read. */
export type Owner = { readonly userName: string; readonly userId: string; readonly rows: readonly KeyRow[] | undefined };
export type Query = { readonly key: LookupKey; readonly value: string };

/** One page of each, newest first, in both places where global events are kept. A region that does not answer is not asked again: the cut waits. */
export async function lookUp(notes: Notes, queries: readonly Query[]): Promise<void> {
  const { reader, context } = notes;
  await Promise.all(
    globalRegions.map(async (region) => {
      for (const query of queries) {
        if (notes.regionsMissed.some((missed) => missed.region === region)) return;
        const page = await readPage(reader, { ...query, region, from: later(context.now, -windowMs), to: context.now }, lookSeal.kind);
        if ('refusal' in page) {
          if (page.refusal === 'protected') notes.protectedBy = page;
          notes.regionsMissed.push({ region, why: why(page) });
          continue;
        }
        notes.pages += 1;
        notes.throttles += page.throttles;
        for (const event of page.events) notes.events.set(event.id, event);
      }
    }),
  );
}

/** Remembers a part that could not be read; gives the body when it could. */
export function note(notes: Notes, reply: Reply, part: Text): JsonObject | undefined {
  if (reply.ok) return reply.body;
  if (reply.refusal === 'protected') notes.protectedBy = reply;
  const reason = why(reply);
  const text = { en: `Not read: ${part.en} (${reason.en}).`, zh: `未能读取：${part.zh}（${reason.zh}）。` };
  if (!notes.missing.some(({ en }) => en === text.en)) notes.missing.push(text);
  return undefined;
}

/** The log only hints at the owner; RAM's own list of the user's keys decides, where it may be read. Without a hint every user is asked. */
export async function findOwner(notes: Notes, info: Reply): Promise<Owner | undefined> {
  const byKey = [...notes.events.values()].filter(({ accessKeyId, identityType }) => accessKeyId === notes.keyId && identityType === 'ram-user');
  const maker = [...notes.events.values()].flatMap(madeBy).flatMap((made) => (made.kind === 'key' && made.id === notes.keyId ? [made.userName] : []));
  const hints = new Set([info.ok ? textAt(info.body, 'UserName') : '', ...byKey.map(({ userName }) => userName), ...maker].filter((name) => name !== ''));
  const unread: string[] = [];
  for (const userName of hints) {
    const rows = await keysOfUser(notes, userName);
    if (rows?.some(({ accessKeyId }) => accessKeyId === notes.keyId) === true) return { userName, userId: info.ok ? textAt(info.body, 'OwnerId') : '', rows };
    if (rows === undefined) unread.push(userName);
  }
  const [named] = unread;
  if (named !== undefined) return { userName: named, userId: '', rows: undefined };
  let marker: string | undefined;
  let asked = 0;
  do {
    const body = note(notes, await notes.reader.read(listUsers(marker), lookSeal), { en: 'the list of users', zh: '用户列表' });
    if (body === undefined) return undefined;
    const users = listAt(body, 'Users', 'User').slice(0, mostUsers - asked);
    const lists = await pool(users, 8, async (user) => ({ user, rows: await keysOfUser(notes, textAt(user, 'UserName')) }));
    const owner = lists.find(({ rows }) => rows?.some(({ accessKeyId }) => accessKeyId === notes.keyId));
    if (owner !== undefined) return { userName: textAt(owner.user, 'UserName'), userId: textAt(owner.user, 'UserId'), rows: owner.rows };
    asked += users.length;
    marker = yesAt(body, 'IsTruncated') ? textAt(body, 'Marker') : undefined;
  } while (marker !== undefined && marker !== '' && asked < mostUsers);
  if (marker !== undefined) notes.missing.push({ en: `Only the first ${asked} users were searched for the owner.`, zh: `只在前 ${asked} 个用户中查找了所有者。` });
  return undefined;
}

/** undefined: could not be read. A user that is gone has no keys. */
export function keysOfUser(notes: Notes, userName: string): Promise<readonly KeyRow[] | undefined> {
  const known = notes.keys.get(userName) ?? readKeys(notes, userName);
  notes.keys.set(userName, known);
  return known;
}

async function readKeys(notes: Notes, userName: string): Promise<readonly KeyRow[] | undefined> {
  if (userName === '') return [];
  const reply = await notes.reader.read(listAccessKeys(userName), lookSeal);
  if (!reply.ok && reply.refusal === 'gone') return [];
  const body = note(notes, reply, { en: `the keys of ${userName}`, zh: `${userName} 的密钥列表` });
  return body === undefined ? undefined : keysOf(body);
}

/** Groups, policies of the user and of its groups, console login. A login profile that is not there is an answer, not a fault. */
export async function readGrants(notes: Notes, userName: string): Promise<JsonObject> {
  const ask = async (call: Call, part: Text): Promise<JsonObject | undefined> => note(notes, await notes.reader.read(call, lookSeal), part);
  const [groups, own, login] = await Promise.all([
    ask(listGroupsForUser(userName), { en: 'the groups of the user', zh: '用户所属的组' }),
    ask(listPoliciesForUser(userName), { en: 'the policies of the user', zh: '用户的授权策略' }),
    notes.reader.read(getLoginProfile(userName), lookSeal),
  ]);
  if (!login.ok && login.refusal !== 'gone') note(notes, login, { en: 'the console login of the user', zh: '用户的控制台登录设置' });
  const groupNames = listAt(groups, 'Groups', 'Group').map((group) => textAt(group, 'GroupName'));
  const inherited = await pool(groupNames, 4, (group) => ask(listPoliciesForGroup(group), { en: 'the policies of a group', zh: '组的授权策略' }));
  const policies = [...new Set([own, ...inherited].flatMap((body) => listAt(body, 'Policies', 'Policy').map((policy) => textAt(policy, 'PolicyName'))))].toSorted();
  const console = login.ok ? 'yes' : login.refusal === 'gone' ? 'no' : 'unknown';
  return { policies, groups: groupNames, console, admin: policies.includes('AdministratorAccess'), label: policies.join(', ') || '-' };
}

/** Products and addresses of the last 400 days, an hour late. */
export async function readUse(notes: Notes): Promise<readonly Source[]> {
  const reply = await notes.reader.read(getAccessKeyLastUsedProducts(notes.keyId), lookSeal);
  const body = note(notes, reply, { en: 'the products the key was used with', zh: '密钥使用过的产品' });
  const services = listAt(body, 'Products')
    .map((product) => textAt(product, 'ServiceName'))
    .filter((name) => name !== '');
  const found = await pool(services.slice(0, 5), 5, async (service) => {
    const ips = note(notes, await notes.reader.read(getAccessKeyLastUsedIps(notes.keyId, service), lookSeal), {
      en: 'the addresses the key was used from',
      zh: '密钥的使用来源地址',
    });
    return listAt(ips, 'Ips').map((row): Source => {
      const used = numberAt(row, 'UsedTimestamp');
      return { ip: textAt(row, 'Ip'), count: 0, products: [service], newest: used === undefined ? '' : new Date(used).toISOString() };
    });
  });
  return found.flat();
}
