// Every write that some keys made in a window, as the account's own log has it, in every region. Reads only.
import type { Text } from '../text.ts';
import type { Reader } from './define.ts';
import type { CloudEvent } from './event.ts';
import { globalRegions, readPage, readRegions, regionsOf } from './events.ts';
import { later, why } from './wire.ts';

const dayMs = 86_400_000;
/** What one query may span, and what the log remembers; both less a little, for the time it takes to ask. */
const [spanMs, memoryMs] = [29 * dayMs, 90 * dayMs - 2 * 3_600_000] as const;
/** A key that asks without end fills pages: beyond these a region counts as not fully read. */
const mostPages = 400;

export type LoggedWrites = {
  /** Oldest first, each once. */
  readonly events: readonly CloudEvent[];
  readonly regionsRead: readonly string[];
  readonly regionsMissed: readonly { readonly region: string; readonly why: Text }[];
  /** The start of what the log still remembers, ISO 8601: never before the `from` asked for. */
  readonly from: string;
  readonly pages: number;
};

/** `regions`: looked at whether or not the account lists them. `now`: the cloud's time, for what the log still remembers. */
export async function writesOf(
  reader: Reader,
  ask: { readonly keys: readonly string[]; readonly regions: readonly string[]; readonly from: string; readonly to: string; readonly now: string },
): Promise<LoggedWrites> {
  const from = ask.from < later(ask.now, -memoryMs) ? later(ask.now, -memoryMs) : ask.from;
  const { listed, blind } = await listRegions(reader);
  const found = new Map<string, CloudEvent>();
  const missed: { readonly region: string; readonly why: Text }[] = blind === undefined ? [] : [{ region: '*', why: blind }];
  const read: string[] = [];
  let pages = 0;
  for (const region of new Set([...globalRegions, ...ask.regions, ...listed])) {
    const looked = await Promise.all(ask.keys.map((key) => lookAt(reader, key, region, from, ask.to)));
    for (const { events } of looked) for (const event of events) found.set(event.requestId || event.id, event);
    pages += looked.reduce((sum, each) => sum + each.pages, 0);
    const failed = looked.find((each) => each.why !== undefined);
    if (failed?.why === undefined) read.push(region);
    else missed.push({ region, why: failed.why });
  }
  return { events: [...found.values()].toSorted((a, b) => (a.at < b.at ? -1 : 1)), regionsRead: read, regionsMissed: missed, from, pages };
}

async function listRegions(reader: Reader): Promise<{ readonly listed: readonly string[]; readonly blind?: Text }> {
  const listed = await readRegions(reader);
  if (listed.ok) return { listed: regionsOf(listed.body) };
  const { en, zh } = why(listed);
  return { listed: [], blind: { en: `the regions of the account could not be listed: ${en}`, zh: `无法列出账号的地域：${zh}` } };
}

type Looked = { readonly events: readonly CloudEvent[]; readonly pages: number; readonly why?: Text };

async function lookAt(reader: Reader, key: string, region: string, from: string, to: string): Promise<Looked> {
  const events: CloudEvent[] = [];
  let pages = 0;
  for (let start = from; start < to; start = later(start, spanMs)) {
    const end = later(start, spanMs) < to ? later(start, spanMs) : to;
    for (let token: string | undefined; token !== ''; pages += 1) {
      if (pages >= mostPages) return { events, pages, why: { en: `more than ${mostPages} pages`, zh: `超过 ${mostPages} 页` } };
      const page = await readPage(reader, { key: 'EventAccessKeyId', value: key, region, from: start, to: end, ...(token === undefined ? {} : { token }) }, 'events');
      if ('refusal' in page) return { events, pages, why: why(page) };
      events.push(...page.events.filter(({ write }) => write));
      token = page.token;
    }
  }
  return { events, pages };
}
