// The quiet window: has anything of the suspects succeeded since the cut? The log is trusted only as far as our own calls appear in it.
import { z } from 'zod';
import type { Text } from '../text.ts';
import type { Context, Coverage, Finding, Reader, Slice } from './define.ts';
import { defineCollector } from './define.ts';
import { describeRegions } from './ecs.ts';
import type { CloudEvent } from './event.ts';
import type { LookupKey } from './events.ts';
import { globalRegions, readPage } from './events.ts';
import { breaks, notWatched, rungInput } from './rungs.ts';
import { suspectInput, suspectsOf } from './suspects.ts';
import { findingOf, threatOf } from './threats.ts';
import { isDead, later, textAt, textsAt, why } from './wire.ts';

const pollMs = 60_000;
/** Somebody who was away, or a clock that jumped, measures no delay: only what was looked for again and again tells how late the log is. */
const steadyMs = 2 * pollMs;
/** Events do not arrive in order: a little of what was already trusted is read again. */
const overlapMs = 120_000;
/** Someone who knocks without end fills pages; what is not read is not trusted. */
const mostPages = 20;
const mostPrincipals = 24;
/** A round over many regions is cut into slices of a few seconds: the log takes two calls a second. */
const lookupsASlice = 24;
/** The call that marks the log: harmless, allowed to most, rare enough to be found again. */
const marker = 'DescribeRegions';

/** A call of ours that the log of its region has not shown yet. */
type Mark = { readonly region: string; readonly requestId: string; readonly at: string };

type Cursor = {
  readonly since: string;
  readonly marks: readonly Mark[];
  /** Region → its log is complete up to here. */
  readonly trusted: Readonly<Record<string, string>>;
  /** The longest delay measured so far; 0: none of our calls has appeared yet. */
  readonly delayMs: number;
  /** When the last look at every region ended; empty before the first. */
  readonly looked: string;
  /** Refused attempts up to the trusted time. */
  readonly knocks: number;
  /** A look at every region, under way; null between two. */
  readonly round: Round | null;
};

type Missed = { readonly region: string; readonly why: Text };

type Round = {
  /** Those that mattered when it began; one that came since is looked at in the next. */
  readonly regions: readonly string[];
  readonly todo: readonly string[];
  readonly missed: readonly Missed[];
  readonly pages: number;
  /** Refused attempts after the trusted time: they will be seen again. */
  readonly newKnocks: number;
};

type Watched = { readonly key: LookupKey; readonly value: string };

export const quiet = defineCollector({
  summary: { en: 'Wait until nothing of the suspects has succeeded for a full window', zh: '等待：嫌疑身份在整个窗口内没有任何成功操作' },
  calls: ['actiontrail:LookupEvents', 'ecs:DescribeRegions'],
  input: z.object({
    ...suspectInput,
    /** Instead of a key: a role, whose sessions are watched. */
    accessKeyId: z.string().default(''),
    roleName: z.string().default(''),
    touchedRegions: z.array(z.string()).default([]),
    /** Where their machines were found: known before the record has read so far. */
    rogueRegions: z.array(z.string()).default([]),
    /** When the last key was cut, ISO 8601; default: when the watch begins. */
    since: z.string().optional(),
    minutes: z.number().min(1).max(1440).default(10),
    ...rungInput,
  }),
  gives: ['quiet'],
  async slice(reader, context, cursor): Promise<Slice> {
    const start: Cursor = { since: textAt(context.input, 'since') || later(context.now, 0), marks: [], trusted: {}, delayMs: 0, looked: '', knocks: 0, round: null };
    const state = cursor === undefined ? start : (cursor as unknown as Cursor);
    const regions = [...new Set([...globalRegions, ...textsAt(context.input, 'touchedRegions'), ...textsAt(context.input, 'rogueRegions')])];
    if (state.round !== null) return goRound(reader, context, state, state.round);
    const marks = await Promise.all(regions.map((region) => mark(reader, context, region)));
    const marked = { ...state, marks: [...state.marks, ...marks.flatMap((each) => ('mark' in each ? [each.mark] : []))] };
    if (cursor === undefined) return waiting(marked, context, regions, 0);
    const missed = marks.flatMap((each) => ('dead' in each ? [each.dead] : []));
    const todo = regions.filter((region) => !missed.some((each) => each.region === region));
    return goRound(reader, context, marked, { regions, todo, missed, pages: 0, newKnocks: 0 });
  },
});

type Marked = { readonly mark: Mark } | { readonly dead: Missed } | Readonly<Record<string, never>>;

/** A refused call is in the log too; one without a request id can not be found again. A region that does not answer is not asked for its log. */
async function mark(reader: Reader, context: Context, region: string): Promise<Marked> {
  const reply = await reader.read(describeRegions(region));
  if (!reply.ok && isDead(reply)) return { dead: { region, why: why(reply) } };
  const { requestId } = reply;
  return requestId === undefined || requestId === '' ? {} : { mark: { region, requestId, at: later(context.now, 0) } };
}

/** Looks at the next regions of the round. The first success of theirs ends the watch. */
async function goRound(reader: Reader, context: Context, state: Cursor, round: Round): Promise<Slice> {
  const width = Math.max(1, Math.floor(lookupsASlice / (1 + watched(context).length)));
  const now = round.todo.slice(0, width);
  const looks = await Promise.all(now.map((region) => look(reader, context, state, region)));
  const seen = new Set(looks.flatMap((each) => each.seen));
  const delays = state.marks.filter(({ requestId }) => seen.has(requestId)).map(({ at }) => delayOf(at, state.looked, context.now));
  const after = [...new Map(looks.flatMap(({ events }) => events).map((event) => [event.id, event])).values()].filter(({ at }) => at > state.since);
  const refused = looks.map(({ region, events, trusted }) => {
    const fresh = events.filter(({ ok, at }) => !ok && at > (state.trusted[region] ?? state.since));
    return { all: fresh.length, old: fresh.filter(({ at }) => at <= trusted).length };
  });
  const sum = (values: readonly number[]): number => values.reduce((so, value) => so + value, 0);
  const next: Cursor = {
    ...state,
    marks: state.marks.filter(({ requestId }) => !seen.has(requestId)),
    trusted: { ...state.trusted, ...Object.fromEntries(looks.flatMap(({ region, trusted }) => (trusted === '' ? [] : [[region, trusted]]))) },
    delayMs: Math.max(state.delayMs, ...delays),
    knocks: state.knocks + sum(refused.map(({ old }) => old)),
    round: {
      regions: round.regions,
      todo: round.todo.slice(width),
      missed: [...round.missed, ...looks.flatMap(({ region, why: reason }) => (reason === undefined ? [] : [{ region, why: reason }]))],
      pages: round.pages + sum(looks.map(({ pages }) => pages)),
      newKnocks: round.newKnocks + sum(refused.map(({ all, old }) => all - old)),
    },
  };
  return judge(
    context,
    next,
    after.filter((event) => event.ok && breaks(event, context)).toSorted((a, b) => (a.at < b.at ? -1 : 1)),
  );
}

/** What the round says so far: their success at once, quiet only when every region was looked at. */
function judge(context: Context, state: Cursor, success: readonly CloudEvent[]): Slice {
  const { regions, todo, missed, pages, newKnocks } = state.round as Round;
  const attempts = state.knocks + newKnocks;
  if (success.length === 0 && todo.length > 0) {
    const note: Text = { en: `Quiet so far; looking at ${todo.length} more regions.`, zh: `目前安静；还要查看 ${todo.length} 个地域。` };
    return { cursor: state, progress: { ...progressOf(state, context, regions), note } };
  }
  const to = trustedUpTo(state, regions);
  const coverage: Coverage = {
    regionsDone: regions.filter((region) => !todo.includes(region) && !missed.some((each) => each.region === region)),
    regionsMissed: missed,
    from: state.since,
    to,
    pages,
    notLooked: notLooked(context),
  };
  const facts = { quiet: { from: state.since, to, logDelayMs: state.delayMs, regions, refusedAttempts: attempts, successes: success.length } };
  if (success.length > 0) return { outcome: 'active', facts, findings: success.map(asFinding), coverage };
  const settled = { ...state, looked: later(context.now, 0), round: null };
  if (to >= needed(settled, context) && missed.length === 0) return { outcome: 'quiet', facts, coverage, progress: progressOf(settled, context, regions) };
  return { ...waiting(settled, context, regions, attempts), facts, coverage };
}

/** How late the log showed a call: not more than the time since, not less than what had passed at the last look that did not show it. */
function delayOf(at: string, looked: string, now: string): number {
  const since = (time: string): number => Date.parse(time) - Date.parse(at);
  const least = looked === '' ? 0 : Math.max(0, since(looked));
  return since(now) - least <= steadyMs ? since(now) : least;
}

type Look = {
  readonly region: string;
  readonly events: readonly CloudEvent[];
  readonly seen: readonly string[];
  readonly trusted: string;
  readonly pages: number;
  readonly why: Text | undefined;
};

/** Our marks first, the suspects after: what the marks prove complete is then surely in what is read of the suspects. */
async function look(reader: Reader, context: Context, state: Cursor, region: string): Promise<Look> {
  const window = { from: later(state.trusted[region] ?? state.since, -overlapMs), to: context.now };
  const open = state.marks.filter((each) => each.region === region);
  const first = open[0]?.at ?? context.now;
  const ours = await readAll(reader, { key: 'EventName', value: marker }, { region, from: later(first, -5000), to: context.now });
  const ids = new Set(ours.events.map(({ requestId }) => requestId));
  const seen = open.filter(({ requestId }) => ids.has(requestId));
  const unseen = open.find(({ requestId }) => !ids.has(requestId));
  const theirs = [];
  for (const each of watched(context)) {
    if ([ours, ...theirs].some(({ dead }) => dead)) break;
    theirs.push(await readAll(reader, each, { region, ...window }));
  }
  const failed = [ours, ...theirs].find((read) => !read.complete);
  const upTo = unseen === undefined ? (seen.at(-1)?.at ?? '') : later(unseen.at, -1000);
  return {
    region,
    events: theirs.flatMap(({ events }) => events),
    seen: seen.map(({ requestId }) => requestId),
    trusted: failed === undefined && upTo > state.since ? upTo : '',
    pages: theirs.reduce((sum, { pages }) => sum + pages, ours.pages),
    why: failed?.why,
  };
}

/** The log of every region that matters is complete up to here; the start of the watch while one of them shows nothing of ours. */
function trustedUpTo({ trusted, since }: Cursor, regions: readonly string[]): string {
  return regions.map((region) => trusted[region] ?? since).toSorted()[0] ?? since;
}

/** The window has to be longer than the log is late. */
function needed(state: Cursor, context: Context): string {
  const minutes = Number(textAt(context.input, 'minutes') || '10');
  return later(state.since, Math.max(minutes * 60_000, state.delayMs));
}

function waiting(state: Cursor, context: Context, regions: readonly string[], attempts: number): Slice {
  const to = trustedUpTo(state, regions);
  const until = needed(state, context);
  const knocking =
    attempts === 0 ? { en: '', zh: '' } : { en: ` ${attempts} attempts were refused: still knocking (good).`, zh: ` 已拒绝 ${attempts} 次尝试：对方仍在敲门（说明切断有效）。` };
  const note: Text = {
    en: `Quiet so far; the log is trusted up to ${to}, needed ${until}.${knocking.en}`,
    zh: `目前安静；日志可信至 ${to}，需要到 ${until}。${knocking.zh}`,
  };
  return {
    cursor: state,
    waitUntil: later(context.now, pollMs),
    progress: { ...progressOf(state, context, regions), note },
  };
}

/** Seconds of the window the log is trusted for. */
function progressOf(state: Cursor, context: Context, regions: readonly string[]): { readonly done: number; readonly total: number } {
  const total = Math.max(1, Date.parse(needed(state, context)) - Date.parse(state.since));
  const done = Math.max(0, Math.min(total, Date.parse(trustedUpTo(state, regions)) - Date.parse(state.since)));
  return { done: Math.round(done / 1000), total: Math.round(total / 1000) };
}

/** Keys and sessions by their id, made users by name. A user that was only taken over has a rightful owner whose calls succeed. */
function watched(context: Context): readonly Watched[] {
  const { keys, users, sessions } = suspectsOf(context.input);
  const ids = [...keys.map(({ id }) => id), ...sessions.map(({ id }) => id)].filter((id) => id !== '');
  const names = users.filter(({ made }) => made).map(({ userName }) => userName);
  const role = textAt(context.input, 'roleName');
  const all: readonly Watched[] = [
    ...(role === '' ? [] : [{ key: 'RoleName' as const, value: role }]),
    ...ids.map((value) => ({ key: 'EventAccessKeyId' as const, value })),
    ...names.map((value) => ({ key: 'User' as const, value })),
  ];
  return all.slice(0, mostPrincipals);
}

function notLooked(context: Context): readonly Text[] {
  const { keys, users, sessions } = suspectsOf(context.input);
  const notes: Text[] = [{ en: 'Regions where the suspects were never seen.', zh: '从未见过嫌疑身份的地域。' }, ...notWatched(context)];
  if (sessions.some(({ id }) => id === '')) notes.push({ en: 'Role sessions whose id the log does not give.', zh: '日志中没有编号的角色会话。' });
  if (users.some(({ made }) => !made)) notes.push({ en: 'Console use of users that were taken over.', zh: '被接管用户的控制台操作。' });
  if (keys.length + users.length + sessions.length > mostPrincipals) notes.push({ en: `Only ${mostPrincipals} identities are watched.`, zh: `只监视 ${mostPrincipals} 个身份。` });
  return notes;
}

type Read = { readonly events: readonly CloudEvent[]; readonly complete: boolean; readonly dead: boolean; readonly pages: number; readonly why: Text | undefined };

async function readAll(reader: Reader, { key, value }: Watched, window: { readonly region: string; readonly from: string; readonly to: string }): Promise<Read> {
  const events: CloudEvent[] = [];
  let token = '';
  for (let pages = 1; pages <= mostPages; pages += 1) {
    const page = await readPage(reader, { key, value, ...window, ...(token === '' ? {} : { token }) }, 'events');
    if ('refusal' in page) return { events, complete: false, dead: isDead(page), pages, why: why(page) };
    events.push(...page.events);
    token = page.token;
    if (token === '') return { events, complete: true, dead: false, pages, why: undefined };
  }
  return { events, complete: false, dead: false, pages: mostPages, why: { en: 'more events than could be read', zh: '事件太多，未能读完' } };
}

const stillWorks: Text = {
  en: 'A credential of theirs still works. See who did it, and cut that one next.',
  zh: '对方仍有可用的凭证。请查看是谁执行的，接着切断它。',
};

/** Any success after the cut is grave, whatever it was. */
function asFinding(event: CloudEvent): Finding {
  const known = findingOf(event);
  const what: Text = known?.what ?? threatOf(event)?.what ?? { en: `${event.service} ${event.name}`, zh: `${event.service} ${event.name}` };
  return {
    id: event.id,
    at: event.at,
    severity: 'critical',
    what: { en: `After the cut, and it succeeded: ${what.en}`, zh: `切断之后仍然成功：${what.zh}` },
    attack: known?.attack ?? [],
    principal: event.accessKeyId || event.userName,
    eventName: event.name,
    requestId: event.requestId,
    answer: known?.answer ?? { kind: 'manual', text: stillWorks },
    ...(event.region === '' ? {} : { region: event.region }),
  };
}
