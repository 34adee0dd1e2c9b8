// The full record (T1): everything the suspects did in 90 days in every region, one page a slice, resumable at its last sealed page.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Context, Finding, Reader, Slice } from './define.ts';
import { defineCollector } from './define.ts';
import type { CloudEvent } from './event.ts';
import { instancesOf, madeBy } from './event.ts';
import type { Page } from './events.ts';
import { globalRegions, logDelayMs, readPage, readRegions, regionsOf } from './events.ts';
import type { Principal, Trip } from './queue.ts';
import { advance, close, enqueue, goOn, left, passed, peek, startTrip, stay } from './queue.ts';
import { countedAs, findingOf } from './threats.ts';
import type { TouchedRole } from './touched.ts';
import { isAttack, roleTouchedBy, touchedRoles } from './touched.ts';
import { later, textAt, why } from './wire.ts';

const days = 86_400_000;
const windowMs = 90 * days;
/** A region that keeps failing is given up after this many tries in a row. */
const mostTries = 4;

/** What a slice leaves for the next: where the trip stands and what was counted. Everything found lies in the sealed pages. */
type Cursor = {
  readonly trip: Trip;
  readonly token: string;
  /** The start of the query the token belongs to. */
  readonly asked: string;
  readonly tries: number;
  readonly events: number;
  readonly refusedCalls: number;
  /** Event name → how often, of what is counted and not told one by one. */
  readonly counted: Readonly<Record<string, number>>;
  readonly pages: number;
  readonly throttles: number;
  readonly first: string;
  readonly last: string;
  readonly missed: readonly { readonly region: string; readonly why: Text }[];
  readonly touched: readonly string[];
  readonly made: readonly MadeInstance[];
  readonly sources: readonly string[];
  readonly roles: readonly TouchedRole[];
  /** The regions could not be listed; only the two known ones are read. */
  readonly blind: boolean;
  /** The start of the 90 days. */
  readonly from: string;
  /** Queries of the first trip, once what happened since it began is being read; 0 before. */
  readonly done: number;
};

type MadeInstance = { readonly id: string; readonly region: string; readonly maker: string; readonly at: string };

export const keyRecord = defineCollector({
  summary: { en: 'Full record of the suspects: 90 days, every region', zh: '嫌疑身份的完整记录：90 天、所有地域' },
  calls: ['actiontrail:LookupEvents', 'actiontrail:DescribeRegions', 'ecs:DescribeRegions'],
  /** The key, or else the role whose sessions did it. */
  input: z
    .object({ accessKeyId: z.string().min(8).optional(), roleName: z.string().min(1).optional() })
    .refine(({ accessKeyId, roleName }) => accessKeyId !== undefined || roleName !== undefined, 'a key or a role'),
  seals: 'full-record',
  gives: ['record', 'madeInstances', 'childKeys', 'childUsers', 'touchedRegions', 'recordSources', 'recordRoles'],
  async slice(reader, context, cursor): Promise<Slice> {
    if (cursor === undefined) return begin(reader, context);
    const state = cursor as unknown as Cursor;
    const next = peek(state.trip);
    if (next === undefined) return finish(state, context);
    const from = next.from < oldest(context) ? oldest(context) : next.from;
    if (from >= next.to) return going({ ...state, token: '', trip: advance(state.trip) });
    const page = await readPage(reader, { ...next, from, ...(state.token === '' || state.asked !== from ? {} : { token: state.token }) }, 'events');
    if ('refusal' in page) {
      if (page.refusal === 'protected') return { outcome: 'none', refused: page };
      return failed(state, next.region, why(page), ['denied', 'invalid', 'gone'].includes(page.refusal), context);
    }
    return read({ ...state, asked: from }, next.principal, page, context);
  },
});

/**
 * The log forgets while it is read, and refuses a query that begins before its 90 days. To the full hour, so that the pages of one query
 * keep the same times; a query that a pause made older begins anew.
 */
function oldest(context: Context): string {
  return `${later(context.now, 2 * 3_600_000 - windowMs).slice(0, 13)}:00:00Z`;
}

async function begin(reader: Reader, context: Context): Promise<Slice> {
  const listed = await readRegions(reader, { kind: 'regions' });
  const others = listed.ok ? regionsOf(listed.body).filter((region) => !(globalRegions as readonly string[]).includes(region)) : [];
  const from = oldest(context);
  const trip = startTrip([...globalRegions, ...others], from, later(context.now, -logDelayMs), seedOf(context, from));
  const state: Cursor = {
    trip,
    token: '',
    asked: '',
    tries: 0,
    events: 0,
    refusedCalls: 0,
    counted: {},
    pages: 0,
    throttles: 0,
    first: '',
    last: '',
    missed: [],
    touched: [],
    made: [],
    sources: [],
    roles: [],
    blind: !listed.ok,
    from,
    done: 0,
  };
  return going(state);
}

function seedOf({ input }: Context, since: string): Principal {
  const key = textAt(input, 'accessKeyId');
  return key === '' ? { key: 'RoleName', id: textAt(input, 'roleName'), since } : { key: 'EventAccessKeyId', id: key, since };
}

/** Counts one page, follows what its events made, and moves on when it was the last of its query. */
function read(state: Cursor, principal: Principal, page: Page, context: Context): Slice {
  const { trip } = state;
  const fresh = page.events.filter((event) => isTheirs(event, principal) && !countedElsewhere(event, principal, trip.principals));
  const made = [...new Map([...state.made, ...fresh.flatMap(instances)].map((each) => [each.id, each])).values()];
  const touched = [...new Set([...state.touched, ...fresh.filter(({ ok, region }) => ok && region !== '').map(({ region }) => region)])].toSorted();
  const ownMaking = principal.id !== trip.principals[0]?.id;
  const sources = [...new Set([...state.sources, ...fresh.filter((event) => isAttack(event, ownMaking)).map(({ source }) => source)])].toSorted();
  const roles = touchedRoles([...state.roles, ...fresh.flatMap((event) => roleTouchedBy(event, context.identity?.account ?? ''))]);
  const moved = page.token === '' ? advance(trip) : stay(trip);
  const grown = fresh.reduce((into, event) => madeBy(event).reduce((trips, each) => enqueue(trips, principalOf(each, event)), into), moved);
  const findings = [...new Map(fresh.flatMap((event) => findingOf(event) ?? []).map((finding) => [finding.id, finding])).values()];
  const times = fresh.map(({ at }) => at).toSorted();
  const next: Cursor = {
    ...state,
    trip: grown,
    token: page.token,
    tries: 0,
    events: state.events + fresh.length,
    refusedCalls: state.refusedCalls + fresh.filter(({ ok }) => !ok).length,
    counted: fresh.reduce(count, state.counted),
    pages: state.pages + 1,
    throttles: state.throttles + page.throttles,
    first: [state.first, ...times].filter((at) => at !== '').toSorted()[0] ?? '',
    last: [state.last, ...times].toSorted().at(-1) ?? '',
    touched,
    made,
    sources,
    roles,
  };
  const news =
    made.length !== state.made.length ||
    sources.length !== state.sources.length ||
    roles.length !== state.roles.length ||
    touched.length !== state.touched.length ||
    grown.principals.length !== trip.principals.length;
  return going(next, findings, news ? facts(next) : undefined);
}

/** A denial holds for the whole region; a fault is waited out, a little longer each time. */
function failed(state: Cursor, region: string, reason: Text, forGood: boolean, context: Context): Slice {
  if (!forGood && state.tries + 1 < mostTries) {
    return { ...going({ ...state, tries: state.tries + 1 }), waitUntil: later(context.now, 15_000 * (state.tries + 1)) };
  }
  return going({ ...state, token: '', tries: 0, trip: close(state.trip, region), missed: [...state.missed, { region, why: reason }] });
}

/** The trip ends where the log was complete when it began; what came since is read at the end. */
function finish(state: Cursor, context: Context): Slice {
  const { trip } = state;
  if (state.done === 0) return going({ ...state, trip: goOn(trip, later(context.now, 0)), done: passed(trip) });
  const missed = new Set(state.missed.map(({ region }) => region));
  const regionsDone = trip.regions.filter((region) => !missed.has(region));
  const outcome = state.pages === 0 ? 'none' : missed.size > 0 || state.blind ? 'some' : 'all';
  const coverage = {
    regionsDone,
    regionsMissed: state.missed,
    from: state.from,
    to: trip.to,
    pages: state.pages,
    throttles: state.throttles,
    notLooked: notLooked(state, later(context.now, -logDelayMs)),
  };
  return { outcome, facts: { ...facts(state), record: record(state, regionsDone.length) }, coverage, progress: progressOf(state) };
}

function going(state: Cursor, findings: readonly Finding[] = [], news?: JsonObject): Slice {
  const { done, total } = progressOf(state);
  const open = total - done;
  const minutes = Math.ceil(open / 120);
  const note: Text = {
    en: `${state.events} events, ${state.pages} pages; about ${minutes} min left`,
    zh: `已读 ${state.events} 个事件、${state.pages} 页；约剩 ${minutes} 分钟`,
  };
  return {
    cursor: state,
    progress: { done, total, note },
    ...(findings.length === 0 ? {} : { findings }),
    ...(news === undefined ? {} : { facts: news }),
  };
}

/** Queries read and to be read, the closing round over every open region included. */
function progressOf({ trip, done: before }: Cursor): { readonly done: number; readonly total: number } {
  const round = before === 0 ? trip.principals.length * (trip.regions.length - trip.closed.length) : 0;
  const done = before + passed(trip);
  return { done, total: done + left(trip) + round };
}

function facts(state: Cursor): JsonObject {
  const [, ...others] = state.trip.principals;
  return {
    madeInstances: state.made.map((each) => ({ ...each, label: each.id })),
    childKeys: others.filter(({ key }) => key === 'EventAccessKeyId').map(({ id, since, by = '', userName = '' }) => ({ id, since, userName, createdBy: by, label: id })),
    childUsers: others.filter(({ key }) => key === 'User').map(({ id, since, by = '', made = false }) => ({ userName: id, at: since, createdBy: by, made, label: id })),
    touchedRegions: state.touched,
    recordSources: state.sources,
    recordRoles: state.roles,
  };
}

function record(state: Cursor, regions: number): JsonObject {
  const { events, refusedCalls, counted, pages, first, last } = state;
  const principals = state.trip.principals.map(({ id }) => id);
  return { events, refusedCalls, counted, pages, regions, first, last, principals, label: `${events}` };
}

function count(counted: Cursor['counted'], event: CloudEvent): Cursor['counted'] {
  const name = countedAs(event);
  return name === undefined ? counted : { ...counted, [name]: (counted[name] ?? 0) + 1 };
}

function notLooked(state: Cursor, until: string): readonly Text[] {
  const always: readonly Text[] = [
    { en: 'Data events (single objects read from OSS and the like) are not in this log.', zh: '数据事件（如读取 OSS 对象）不在此日志中。' },
    { en: `Events after ${until}: the log is about 10 minutes late.`, zh: `${until} 之后的事件：日志约有 10 分钟延迟。` },
    { en: 'Anything older than 90 days.', zh: '90 天以前的事件。' },
  ];
  const blind: Text = { en: 'The regions could not be listed: only two were read.', zh: '无法列出地域：只读取了其中两个。' };
  const many: Text = { en: `${state.trip.dropped} more identities were found but not followed.`, zh: `另有 ${state.trip.dropped} 个身份已发现但未继续追查。` };
  return [...always, ...(state.blind ? [blind] : []), ...(state.trip.dropped > 0 ? [many] : [])];
}

/** A user the attacker only took over counts from that moment on. */
function isTheirs(event: CloudEvent, principal: Principal): boolean {
  return principal.key !== 'User' || event.at >= principal.since;
}

/** A made user's calls with a followed key are found through that key; counting them by name too would double them. */
function countedElsewhere(event: CloudEvent, principal: Principal, all: readonly Principal[]): boolean {
  return principal.key === 'User' && event.accessKeyId !== '' && all.some(({ key, id }) => key === 'EventAccessKeyId' && id === event.accessKeyId);
}

function instances(event: CloudEvent): readonly MadeInstance[] {
  return instancesOf(event).map((id) => ({ id, region: event.region, maker: event.accessKeyId || event.userName, at: event.at }));
}

function principalOf(made: ReturnType<typeof madeBy>[number], event: CloudEvent): Principal {
  const base = { id: made.id, since: event.at, by: event.accessKeyId || event.userName };
  if (made.kind === 'user') return { key: 'User', ...base, made: event.name !== 'CreateLoginProfile' };
  return { key: 'EventAccessKeyId', ...base, ...(made.kind === 'key' ? { userName: made.userName } : {}) };
}
