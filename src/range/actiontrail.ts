// ActionTrail 2020-07-06: looking events up, last use of a key. Trails are in actiontrail-trails.ts.
import { createHash } from 'node:crypto';
import type { JsonObject } from '../text.ts';
import { trails } from './actiontrail-trails.ts';
import { usage } from './actiontrail-usage.ts';
import { ApiError, read } from './call.ts';
import type { Context, Operation, Product } from './call.ts';
import { iso, logOf } from './world.ts';
import type { Logged } from './world.ts';

const dayMs = 86_400_000;
const historyMs = 90 * dayMs;
const spanMs = 30 * dayMs;
/** A client that works out its window first and sends later must not fall off the edge. */
const slackMs = 3_600_000;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const identity = (event: JsonObject): JsonObject => (event['userIdentity'] ?? {}) as JsonObject;

/** What each attribute compares. Keys that are not listed fit nothing, and the cloud does not complain. */
const attributes: Readonly<Record<string, (event: JsonObject) => string>> = {
  ServiceName: (event) => text(event['serviceName']),
  EventName: (event) => text(event['eventName']),
  User: (event) => text(identity(event)['userName']),
  EventId: (event) => text(event['eventId']),
  ResourceType: (event) => text(event['resourceType']),
  ResourceName: (event) => text(event['resourceName']),
  EventRW: (event) => text(event['eventRW']),
  EventAccessKeyId: (event) => text(identity(event)['accessKeyId']),
  SourceIpAddress: (event) => text(event['sourceIpAddress']),
  EventType: (event) => text(event['eventType']),
  RoleName: (event) => (identity(event)['type'] === 'assumed-role' ? (text(identity(event)['userName']).split(':')[0] ?? '') : ''),
};

/** At most two attributes count; of two with the same key the second does. More are dropped silently, as the cloud does. */
function tests(context: Context): ReadonlyMap<string, string> {
  return new Map(
    context.p
      .objects('LookupAttribute')
      .slice(0, 2)
      .map(({ Key = '', Value = '' }) => [Key, Value]),
  );
}

function windowOf(context: Context): { readonly from: number; readonly to: number } {
  const { p, at } = context;
  const [start, end] = [p.text('StartTime'), p.text('EndTime')];
  if ((start === undefined) !== (end === undefined)) throw new ApiError(400, 'InvalidParameterCombination', 'StartTime and EndTime must be given together.');
  const to = end === undefined ? at : Date.parse(end);
  const from = start === undefined ? at - 7 * dayMs : Date.parse(start);
  if (Number.isNaN(to)) throw new ApiError(400, 'InvalidParameterEndTime', 'The EndTime is not a valid time.');
  if (Number.isNaN(from) || from > to || from < at - historyMs - slackMs)
    throw new ApiError(400, 'InvalidParameterStartTime', 'The StartTime must lie within the last 90 days and before the EndTime.');
  if (to - from > spanMs + slackMs) throw new ApiError(400, 'InvalidQueryParameter', 'The time range must not exceed 30 days.');
  return { from, to };
}

const lookup = read(['StartTime', 'EndTime', 'LookupAttribute.N', 'MaxResults', 'NextToken', 'Direction'], (context) => {
  const { world, p, at, region } = context;
  const { from, to } = windowOf(context);
  const wanted = [...tests(context)];
  const forward = p.text('Direction') === 'FORWARD';
  const digest = createHash('sha256')
    .update(JSON.stringify([from, to, wanted, forward, region]))
    .digest('base64url')
    .slice(0, 16);
  const found = (context.hidden ? [] : logOf(world)).filter(
    (line) => line.region === region && line.visible <= at && line.at >= from && line.at <= to && wanted.every(([key, value]) => attributes[key]?.(line.event) === value),
  );
  if (!forward) found.reverse();
  const size = p.whole('MaxResults', 20, [1, 50]);
  const start = p.text('NextToken') === undefined ? 0 : after(found, p.need('NextToken'), digest);
  const items = found.slice(start, start + size);
  const last = items.at(-1);
  const more = last !== undefined && start + size < found.length;
  return {
    StartTime: iso(from),
    EndTime: iso(to),
    Events: items.map((line) => line.event),
    ...(more ? { NextToken: Buffer.from(`${digest} ${text(last.event['eventId'])}`).toString('base64url') } : {}),
  };
});

/** Where the page after a token begins. The token holds only for the question it was given for. */
function after(found: readonly Logged[], token: string, digest: string): number {
  const [asked, id] = Buffer.from(token, 'base64url').toString('utf8').split(' ');
  const index = found.findIndex((line) => line.event['eventId'] === id);
  if (asked !== digest || index < 0) throw new ApiError(400, 'InvalidQueryParameter', 'The NextToken does not belong to this query.');
  return index + 1;
}

const operations: Readonly<Record<string, Operation>> = {
  DescribeRegions: read(['AcceptLanguage'], ({ world }) => ({
    Regions: { Region: world.seed.regions.map((id) => ({ RegionId: id, RegionEndpoint: `actiontrail.${id}.aliyuncs.com`, LocalName: id })) },
  })),
  LookupEvents: lookup,
  ...trails,
  ...usage,
};

export const actiontrail: Product = {
  name: 'actiontrail',
  version: '2020-07-06',
  service: 'Actiontrail',
  auth: 'actiontrail',
  global: false,
  resourceType: 'ACS::ActionTrail::Trail',
  denied: { code: 'NoPermission', message: 'You are not authorized to do this action. You should be authorized by RAM.' },
  operations,
};
