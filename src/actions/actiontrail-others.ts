// Who else came from the same addresses, and which roles are in other hands: what asks for a case of its own. Changes nothing.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Context, Reader, Slice } from './define.ts';
import { defineCollector } from './define.ts';
import type { CloudEvent } from './event.ts';
import { globalRegions, readPage } from './events.ts';
import { isIn } from './networks.ts';
import { Loose, isBy, suspectInput, suspectsOf } from './suspects.ts';
import { later, listAt, pool, textAt, textsAt, why } from './wire.ts';

const days = 86_400_000;
/** Each costs one of the log's two calls a second in each region. */
const mostSources = 6;
const mostRegions = 6;

/** An identity that is not among the suspects and yet came from where they came from. */
type Other = { readonly id: string; readonly userName: string; readonly count: number; readonly newest: string; readonly ips: readonly string[] };

export const others = defineCollector({
  summary: { en: 'Other keys and roles in the same hands', zh: '同一攻击者手中的其他密钥和角色' },
  calls: ['actiontrail:LookupEvents'],
  input: z.object({
    ...suspectInput,
    /** Addresses the attack came from: by the quick look, and by the full record as far as it got. */
    attackSources: z.array(z.string()).default([]),
    recordSources: z.array(z.string()).default([]),
    /** Addresses and networks of our own: nobody is a suspect for working from there. */
    knownNetworks: z.array(z.string()).default([]),
    ourNetworks: z.array(z.string()).default([]),
    touchedRegions: z.array(z.string()).default([]),
    /** Roles an event of the suspects made, changed or took. */
    touchedRoles: z.array(Loose).default([]),
    recordRoles: z.array(Loose).default([]),
    /** The other cases of this trail: what they are about is not offered again. */
    cases: z.array(Loose).default([]),
  }),
  gives: ['otherKeys', 'otherRoles', 'nextKey', 'nextRole', 'notFollowed'],
  async slice(reader, context): Promise<Slice> {
    const { input } = context;
    const ours = [...textsAt(input, 'knownNetworks'), ...textsAt(input, 'ourNetworks')];
    const sources = [...new Set([...textsAt(input, 'attackSources'), ...textsAt(input, 'recordSources')])].filter((ip) => !isIn(ip, ours));
    const asked = sources.slice(0, mostSources);
    const regions = [...new Set([...globalRegions, ...textsAt(input, 'touchedRegions')])].slice(0, mostRegions);
    const missing: Text[] = [];
    if (sources.length > asked.length) missing.push({ en: `${sources.length - asked.length} more addresses.`, zh: `另外 ${sources.length - asked.length} 个地址。` });
    const pages = await pool(
      asked.flatMap((ip) => regions.map((region) => ({ ip, region }))),
      2,
      async ({ ip, region }) => eventsFrom(reader, context, ip, region, missing),
    );
    const handled = listAt(input, 'cases').flatMap((each) => [textAt(each, 'accessKeyId'), textAt(each, 'roleName').toLowerCase()]);
    const otherKeys = othersIn(pages.flat(), context);
    const otherRoles = [...listAt(input, 'touchedRoles'), ...listAt(input, 'recordRoles')].filter(unlikeBefore).map((role) => ({ ...role, label: textAt(role, 'roleName') }));
    const console = consoleUsers(pages.flat(), context);
    const nextKey = otherKeys.find(({ id }) => !handled.includes(id))?.id;
    const nextRole = otherRoles.map((role) => textAt(role, 'roleName')).find((name) => !handled.includes(name.toLowerCase()));
    const facts: JsonObject = {
      otherKeys: otherKeys.map((other) => ({ ...other, label: `${other.id} (${other.userName || '?'})` })),
      otherRoles,
      nextKey: nextKey ?? '',
      nextRole: nextRole ?? '',
      notFollowed: console,
    };
    const coverage = { regionsDone: regions, from: later(context.now, -30 * days), to: context.now, notLooked: [...always, ...missing] };
    return { outcome: nextKey === undefined && nextRole === undefined && console.length === 0 ? 'none' : 'all', facts, coverage };
  },
});

const always: readonly Text[] = [
  { en: 'Addresses the attackers used for another identity alone.', zh: '攻击者只用于其他身份的地址。' },
  { en: 'Older pages than the newest of each address and region.', zh: '每个地址、每个地域最新一页之前的事件。' },
];

async function eventsFrom(reader: Reader, context: Context, ip: string, region: string, missing: Text[]): Promise<readonly CloudEvent[]> {
  const page = await readPage(reader, { key: 'SourceIpAddress', value: ip, region, from: later(context.now, -30 * days), to: context.now }, 'events');
  if (!('refusal' in page)) return page.events;
  missing.push({ en: `${ip} in ${region}: ${why(page).en}.`, zh: `${ip}（${region}）：${why(page).zh}。` });
  return [];
}

/** Keys that succeeded from there, the busiest first. A refused guess at a key id is nobody's key in their hands. */
function othersIn(events: readonly CloudEvent[], context: Context): readonly Other[] {
  const strange = strangers(events, context).filter(({ accessKeyId }) => accessKeyId !== '' && !accessKeyId.startsWith('STS.'));
  return [...Map.groupBy(strange, ({ accessKeyId }) => accessKeyId)]
    .map(([id, all]) => ({
      id,
      userName: all[0]?.userName ?? '',
      count: all.length,
      newest:
        all
          .map(({ at }) => at)
          .toSorted()
          .at(-1) ?? '',
      ips: [...new Set(all.map(({ source }) => source))].toSorted(),
    }))
    .toSorted((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1));
}

/** The first of each role: names differ in letter case from place to place. */
function unlikeBefore(role: JsonObject, index: number, all: readonly JsonObject[]): boolean {
  const name = textAt(role, 'roleName').toLowerCase();
  return all.findIndex((each) => textAt(each, 'roleName').toLowerCase() === name) === index;
}

/** Console work from there bears no key: no case can be opened for it, a person must look. */
function consoleUsers(events: readonly CloudEvent[], context: Context): readonly string[] {
  return [...new Set(strangers(events, context).flatMap(({ accessKeyId, userName }) => (accessKeyId === '' && userName !== '' ? [userName] : [])))].toSorted();
}

function strangers(events: readonly CloudEvent[], { input, identity }: Context): readonly CloudEvent[] {
  const suspects = suspectsOf(input);
  const unique = [...new Map(events.map((event) => [event.id, event])).values()];
  return unique.filter((event) => event.ok && event.accessKeyId !== identity?.accessKeyId && !isBy(event, suspects));
}
