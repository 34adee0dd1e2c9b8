// Who made the resources of a region, by its log: every creation, whoever made it.
import type { Text } from '../text.ts';
import type { Context, Reader } from './define.ts';
import type { CloudEvent } from './event.ts';
import { readPage } from './events.ts';
import type { Suspects } from './suspects.ts';
import { isBy } from './suspects.ts';
import { later, why } from './wire.ts';

/** The log goes back three chunks of 30 days, the longest span of one query. */
const chunkMs = 30 * 86_400_000;
const chunks = [0, 1, 2] as const;
export const logSpanMs = chunks.length * chunkMs;
/** Kept clear of the far edge, where a query is refused as a whole. */
const marginMs = 3_600_000;
const mostPages = 20;

export type Makers = {
  readonly of: ReadonlyMap<string, { readonly by: string; readonly theirs: boolean; readonly at: string }>;
  readonly complete: boolean;
  readonly pages: number;
  /** Why not all of it was read. */
  readonly why: Text | undefined;
};

export type Asking = { readonly reader: Reader; readonly context: Context; readonly region: string; readonly suspects: Suspects };
/** `created`: when what is asked about was made, milliseconds, NaN where nobody says. */
export type Creations = { readonly names: readonly string[]; readonly created: readonly number[]; idsOf(event: CloudEvent): readonly string[] };

/**
 * Only the times in which something that still exists was made are asked for, and the newest always: that costs little, and no time a
 * service gives is a reason to overlook one. A busy key's own pages would bury the events that matter.
 */
export async function readMakers({ reader, context, region, suspects }: Asking, { names, created, idsOf }: Creations): Promise<Makers> {
  const of = new Map<string, { by: string; theirs: boolean; at: string }>();
  const windows = chunks
    .map((chunk) => ({ from: later(context.now, -(chunk + 1) * chunkMs + marginMs), to: later(context.now, -chunk * chunkMs) }))
    .filter(({ from, to }, nth) => nth === 0 || created.some((at) => Number.isNaN(at) || (at >= Date.parse(from) - 3_600_000 && at <= Date.parse(to))));
  const queries = windows.flatMap((window) => names.map((value) => ({ key: 'EventName' as const, value, region, ...window })));
  let pages = 0;
  for (const query of queries) {
    let token = '';
    for (let nth = 1; nth === 1 || token !== ''; nth += 1) {
      if (nth > mostPages) return { of, complete: false, pages, why: { en: 'too many creations', zh: '创建事件太多' } };
      const page = await readPage(reader, { ...query, ...(token === '' ? {} : { token }) }, 'events');
      if ('refusal' in page) return { of, complete: false, pages, why: why(page) };
      pages += 1;
      token = page.token;
      for (const event of page.events) for (const id of idsOf(event)) of.set(id, { by: event.accessKeyId || event.userName, theirs: isBy(event, suspects), at: event.at });
    }
  }
  return { of, complete: true, pages, why: undefined };
}
