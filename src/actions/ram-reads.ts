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
import { later, listAt, numberAt, pool, textAt, why } from './wire.ts';

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
  readonly regionsMissed: { region: string; why: string }[];
  pages: number;
  throttles: number;
  protectedBy: Refused | undefined;
};

export type Owner = { readonly userName: string; readonly userId: string; readonly rows: readonly KeyRow[] };

/** One page, newest first, in both places where global events are kept. */
export async function lookUp(notes: Notes, key: LookupKey, value: string): Promise<void> {
  const { reader, context } = notes;
  await Promise.all(
    globalRegions.map(async (region) => {
      const page = await readPage(reader, { key, value, region, from: later(context.now, -windowMs), to: context.now }, lookSeal.kind);
      if ('refusal' in page) {
        if (page.refusal === 'protected') notes.protectedBy = page;
        if (!notes.regionsMissed.some((missed) => missed.region === region)) notes.regionsMissed.push({ region, why: why(page).en });
        return;
      }
      notes.pages += 1;
      notes.throttles += page.throttles;
      for (const event of page.events) notes.events.set(event.id, event);
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

/** The log only hints at the owner; RAM's own list of the user's keys decides. Without a hint every user is asked. */
export async function findOwner(notes: Notes, info: Reply): Promise<Owner | undefined> {
  const byKey = [...notes.events.values()].filter(({ accessKeyId, identityType }) => accessKeyId === notes.keyId && identityType === 'ram-user');
  const maker = [...notes.events.values()].flatMap(madeBy).flatMap((made) => (made.kind === 'key' && made.id === notes.keyId ? [made.userName] : []));
  const hints = new Set([info.ok ? textAt(info.body, 'UserName') : '', ...byKey.map(({ userName }) => userName), ...maker].filter((name) => name !== ''));
  for (const userName of hints) {
    const owner = await owns(notes, userName, info.ok ? textAt(info.body, 'OwnerId') : '');
    if (owner !== undefined) return owner;
  }
  let marker: string | undefined;
  let asked = 0;
  do {
    const body = note(notes, await notes.reader.read(listUsers(marker), lookSeal), { en: 'the list of users', zh: '用户列表' });
    if (body === undefined) return undefined;
    const users = listAt(body, 'Users', 'User').slice(0, mostUsers - asked);
    const owners = await pool(users, 8, (user) => owns(notes, textAt(user, 'UserName'), textAt(user, 'UserId')));
    const owner = owners.find((each) => each !== undefined);
    if (owner !== undefined) return owner;
    asked += users.length;
    marker = body['IsTruncated'] === true ? textAt(body, 'Marker') : undefined;
  } while (marker !== undefined && marker !== '' && asked < mostUsers);
  if (marker !== undefined) notes.missing.push({ en: `Only the first ${asked} users were searched for the owner.`, zh: `只在前 ${asked} 个用户中查找了所有者。` });
  return undefined;
}

async function owns(notes: Notes, userName: string, userId: string): Promise<Owner | undefined> {
  const reply = await notes.reader.read(listAccessKeys(userName), lookSeal);
  if (!reply.ok && reply.refusal === 'gone') return undefined;
  const body = note(notes, reply, { en: 'the keys of users', zh: '用户的密钥列表' });
  const rows = body === undefined ? [] : keysOf(body);
  return rows.some(({ accessKeyId }) => accessKeyId === notes.keyId) ? { userName, userId, rows } : undefined;
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
