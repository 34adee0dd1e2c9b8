// ActionTrail's event history: how one page is asked for and read. Knows its limits: 2 calls a second, 50 events, 30 days a query.
import type { Json, JsonObject } from '../text.ts';
import type { Call, Reader, Refused, Reply } from './define.ts';
import { describeRegions } from './ecs.ts';
import type { CloudEvent } from './event.ts';
import { parseEvent } from './event.ts';
import { listAt, named, read, seconds, textAt } from './wire.ts';

export type LookupKey = 'EventAccessKeyId' | 'User' | 'EventName' | 'SourceIpAddress' | 'RoleName';

/** One query. Both times are always given: without them only the last 7 days are searched. */
export type Lookup = {
  readonly key: LookupKey;
  readonly value: string;
  readonly region: string;
  readonly from: string;
  readonly to: string;
  /** All other fields must stay the same from page to page. */
  readonly token?: string;
};

/** Events of RAM, STS and sign-in are kept in one of these two, depending on the site and on a setting an attacker can change. */
export const globalRegions = ['cn-hangzhou', 'ap-southeast-1'] as const;

/** How late an event may appear, as published; the quiet window measures it. */
export const logDelayMs = 10 * 60_000;

export function lookupEvents({ key, value, region, from, to, token }: Lookup): Call {
  return read(
    'actiontrail',
    'LookupEvents',
    {
      'LookupAttribute.1.Key': key,
      'LookupAttribute.1.Value': named(key, value),
      StartTime: seconds(from),
      EndTime: seconds(to),
      MaxResults: '50',
      Direction: 'BACKWARD',
      ...(token === undefined || token === '' ? {} : { NextToken: token }),
    },
    region,
  );
}

export function actiontrailRegions(): Call {
  return read('actiontrail', 'DescribeRegions');
}

export type Page = { readonly events: readonly CloudEvent[]; readonly token: string; readonly throttles: number; readonly requestId: string };

/** Reads one page, newest first, sealed verbatim with the query as its coverage. */
export async function readPage(reader: Reader, lookup: Lookup, kind: string): Promise<Page | Refused> {
  const coverage: JsonObject = { by: lookup.key, value: lookup.value, region: lookup.region, from: lookup.from, to: lookup.to };
  const reply = await reader.read(lookupEvents(lookup), { kind, coverage });
  if (!reply.ok) return reply;
  const token = textAt(reply.body, 'NextToken');
  return {
    events: listAt(reply.body, 'Events').map(parseEvent),
    // A service that gives the same token again would be asked for ever.
    token: token === lookup.token ? '' : token,
    throttles: reply.retries,
    requestId: reply.requestId,
  };
}

/** The regions ActionTrail knows; those ECS knows where it is refused or down. The refusal is that of ECS. */
export async function readRegions(reader: Reader, seal?: { readonly kind: string }): Promise<Reply> {
  const known = await reader.read(actiontrailRegions(), seal);
  return known.ok ? known : reader.read(describeRegions(), seal);
}

/** The regions of an answer to DescribeRegions, of either product. */
export function regionsOf(body: Json): readonly string[] {
  return listAt(body, 'Regions', 'Region')
    .map((region) => textAt(region, 'RegionId'))
    .filter((region) => region !== '');
}
