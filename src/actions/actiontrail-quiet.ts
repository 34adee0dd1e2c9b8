// The quiet window: has anything of the suspects succeeded since the cut? The log is trusted only as far as our own calls appear in it.
import { z } from 'zod';
import type { Json, Text } from '../text.ts';
import type { Context, Coverage, Finding, Reader, Slice } from './define.ts';
import { defineCollector } from './define.ts';
import { describeRegions } from './ecs.ts';
import type { CloudEvent } from './event.ts';
import type { LookupKey } from './events.ts';
import { globalRegions, readPage } from './events.ts';
import { Loose, suspectsFrom } from './suspects.ts';
import { findingOf } from './threats.ts';
import { later, textAt, textsAt, why } from './wire.ts';

const pollMs = 60_000;
/** Events do not arrive in order: a little of what was already trusted is read again. */
const overlapMs = 120_000;
/** Someone who knocks without end fills pages; what is not read is not trusted. */
const mostPages = 20;
const mostPrincipals = 24;

/** `marks`: our own calls not yet seen in the log. `trusted`: region → the log is complete up to here. */
type Cursor = {
  readonly since: string;
  readonly regions: readonly string[];
  readonly marks: readonly string[];
  readonly trusted: Readonly<Record<string, string>>;
  /** The longest delay measured so far; 0: none of our calls has appeared yet. */
  readonly delayMs: number;
  /** Refused attempts up to the trusted time. */
  readonly knocks: number;
};

type Watched = { readonly key: LookupKey; readonly value: string };

export const quiet = defineCollector({
  summary: { en: 'Wait until nothing of the suspects has succeeded for a full window', zh: '等待：嫌疑身份在整个窗口内没有任何成功操作' },
  calls: ['actiontrail:LookupEvents', 'ecs:DescribeRegions'],
  input: z.object({
    suspects: z.array(Loose).min(1),
    suspectUsers: z.array(Loose).default([]),
    sessions: z.array(Loose).default([]),
    touchedRegions: z.array(z.string()).default([]),
    /** When the last key was cut, ISO 8601; default: when the watch begins. */
    since: z.string().optional(),
    minutes: z.number().min(1).max(1440).default(10),
  }),
  gives: ['quiet'],
  async slice(reader, context, cursor): Promise<Slice> {
    const state = cursor === undefined ? begin(context) : (cursor as unknown as Cursor);
    // A call of our own in every region, for its log to show; so are the lookups themselves.
    await Promise.all(state.regions.map((region) => reader.read(describeRegions(region))));
    const marked = { ...state, marks: [...state.marks, context.now] };
    return cursor === undefined ? waiting(marked, context, needed(marked, context), undefined) : poll(reader, context, marked);
  },
});

function begin(context: Context): Cursor {
  const regions = [...new Set([...globalRegions, ...textsAt(context.input, 'touchedRegions')])];
  return { since: textAt(context.input, 'since') || context.now, regions, marks: [], trusted: {}, delayMs: 0, knocks: 0 };
}

async function poll(reader: Reader, context: Context, state: Cursor): Promise<Slice> {
  const own = context.identity?.accessKeyId ?? '';
  const missed: { region: string; why: string }[] = [];
  const trusted: Record<string, string> = { ...state.trusted };
  let pages = 0;
  const theirs = new Map<string, CloudEvent>();
  const from = trustedUpTo(state);
  const window = { from: later(from, -overlapMs), to: context.now };
  await Promise.all(
    state.regions.map(async (region) => {
      const seen = await readAll(reader, { key: 'EventAccessKeyId', value: own }, { region, ...window });
      let complete = seen.complete;
      let reason = seen.why;
      pages += seen.pages;
      for (const each of watched(context)) {
        const found = await readAll(reader, each, { region, ...window });
        pages += found.pages;
        complete &&= found.complete;
        reason ||= found.why;
        for (const event of found.events) theirs.set(event.id, event);
      }
      const newest = seen.events.reduce((max, { at }) => (at > max ? at : max), '');
      if (complete && newest > (trusted[region] ?? '')) trusted[region] = newest;
      if (!complete) missed.push({ region, why: reason });
    }),
  );
  const after = [...theirs.values()].filter(({ at }) => at > state.since);
  const success = after.filter(({ ok }) => ok).toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const next: Cursor = { ...state, trusted, ...measured(state, trusted, context) };
  const to = trustedUpTo(next);
  const refused = after.filter(({ ok }) => !ok);
  const settled = { ...next, knocks: state.knocks + refused.filter(({ at }) => at > from && at <= to).length };
  const attempts = settled.knocks + refused.filter(({ at }) => at > to).length;
  const coverage: Coverage = {
    regionsDone: state.regions.filter((region) => !missed.some((each) => each.region === region)),
    regionsMissed: missed,
    from: state.since,
    to,
    pages,
    notLooked: notLooked(context),
  };
  const facts = { quiet: { from: state.since, to, logDelayMs: next.delayMs, regions: state.regions, refusedAttempts: attempts, successes: success.length } };
  if (success.length > 0) return { outcome: 'active', facts, findings: success.map(asFinding), coverage };
  const until = needed(settled, context);
  if (to >= until && missed.length === 0) return { outcome: 'quiet', facts, coverage };
  return { ...waiting(settled, context, until, attempts), facts, coverage };
}

/** The oldest of our calls that has now appeared everywhere tells the delay; marks the trusted time has passed are done. */
function measured(state: Cursor, trusted: Readonly<Record<string, string>>, context: Context): Pick<Cursor, 'marks' | 'delayMs'> {
  const to = trustedUpTo({ ...state, trusted });
  const appeared = state.marks.filter((at) => later(at, 0) <= to);
  const newest = appeared.at(-1);
  const delayMs = newest === undefined ? state.delayMs : Math.max(state.delayMs, Date.parse(context.now) - Date.parse(newest));
  return { delayMs, marks: state.marks.filter((at) => !appeared.includes(at)) };
}

/** The log of every region that matters is complete up to here; the start of the watch while one of them shows nothing of ours. */
function trustedUpTo({ regions, trusted, since }: Cursor): string {
  return regions.map((region) => trusted[region] ?? since).toSorted()[0] ?? since;
}

/** The window has to be longer than the log is late. */
function needed(state: Cursor, context: Context): string {
  const minutes = Number(textAt(context.input, 'minutes') || '10');
  return later(state.since, Math.max(minutes * 60_000, state.delayMs));
}

function waiting(state: Cursor, context: Context, until: string, attempts: number | undefined): Slice {
  const to = trustedUpTo(state);
  const span = Math.max(1, Date.parse(until) - Date.parse(state.since));
  const knocking = attempts === undefined || attempts === 0 ? { en: '', zh: '' } : { en: ` ${attempts} attempts were refused: still knocking (good).`, zh: ` 已拒绝 ${attempts} 次尝试：对方仍在敲门（说明切断有效）。` };
  const note: Text = {
    en: `Quiet so far; the log is trusted up to ${to}, needed ${until}.${knocking.en}`,
    zh: `目前安静；日志可信至 ${to}，需要到 ${until}。${knocking.zh}`,
  };
  return {
    cursor: state as unknown as Json,
    waitUntil: later(context.now, pollMs),
    progress: { done: Math.round(Math.max(0, Math.min(span, Date.parse(to) - Date.parse(state.since))) / 1000), total: Math.round(span / 1000), note },
  };
}

/** Keys and sessions by their id, made users by name. A user that was only taken over has a rightful owner whose calls succeed. */
function watched(context: Context): readonly Watched[] {
  const { keys, users, sessions } = suspectsFrom(context.input['suspects'], context.input['suspectUsers'], context.input['sessions']);
  const ids = [...keys.map(({ id }) => id), ...sessions.map(({ id }) => id)].filter((id) => id !== '');
  const names = users.filter(({ made }) => made).map(({ userName }) => userName);
  const all: readonly Watched[] = [...ids.map((value) => ({ key: 'EventAccessKeyId' as const, value })), ...names.map((value) => ({ key: 'User' as const, value }))];
  return all.slice(0, mostPrincipals);
}

function notLooked(context: Context): readonly Text[] {
  const { keys, users, sessions } = suspectsFrom(context.input['suspects'], context.input['suspectUsers'], context.input['sessions']);
  const notes: Text[] = [{ en: 'Regions where the suspects were never seen.', zh: '从未见过嫌疑身份的地域。' }];
  if (sessions.some(({ id }) => id === '')) notes.push({ en: 'Role sessions whose id the log does not give.', zh: '日志中没有编号的角色会话。' });
  if (users.some(({ made }) => !made)) notes.push({ en: 'Console use of users that were taken over.', zh: '被接管用户的控制台操作。' });
  if (keys.length + users.length + sessions.length > mostPrincipals) notes.push({ en: `Only ${mostPrincipals} identities are watched.`, zh: `只监视 ${mostPrincipals} 个身份。` });
  return notes;
}

type Read = { readonly events: readonly CloudEvent[]; readonly complete: boolean; readonly pages: number; readonly why: string };

async function readAll(reader: Reader, { key, value }: Watched, window: { readonly region: string; readonly from: string; readonly to: string }): Promise<Read> {
  const events: CloudEvent[] = [];
  let token = '';
  for (let pages = 1; pages <= mostPages; pages += 1) {
    const page = await readPage(reader, { key, value, ...window, ...(token === '' ? {} : { token }) }, 'events');
    if ('refusal' in page) return { events, complete: false, pages, why: why(page).en };
    events.push(...page.events);
    token = page.token;
    if (token === '') return { events, complete: true, pages, why: '' };
  }
  return { events, complete: false, pages: mostPages, why: 'more events than could be read' };
}

/** Any success after the cut is grave, whatever it was. */
function asFinding(event: CloudEvent): Finding {
  const known = findingOf(event);
  const what: Text = known?.what ?? { en: `${event.service} ${event.name}`, zh: `${event.service} ${event.name}` };
  return {
    id: event.id,
    at: event.at,
    severity: 'critical',
    what: { en: `After the cut, and it succeeded: ${what.en}`, zh: `切断之后仍然成功：${what.zh}` },
    attack: known?.attack ?? [],
    principal: event.accessKeyId || event.userName,
    eventName: event.name,
    requestId: event.requestId,
    ...(event.region === '' ? {} : { region: event.region }),
  };
}
