// ActionTrail: where and when a key was last used, an hour late.
import { ApiError, read } from './call.ts';
import type { Context, Operation } from './call.ts';
import type { JsonObject } from '../text.ts';
import { logOf } from './world.ts';
import type { Logged, World } from './world.ts';

/** These statistics know nothing of the last hour. */
export const usageLagMs = 3_600_000;

/** The calls a key is known to have made, newest first. */
export function usesOf(world: World, accessKeyId: string, at: number): readonly Logged[] {
  return logOf(world)
    .filter((line) => line.at <= at - usageLagMs && (line.event['userIdentity'] as JsonObject)['accessKeyId'] === accessKeyId)
    .toReversed();
}

const text = (line: Logged, field: string): string => String(line.event[field] ?? '');

/** The reduced event ActionTrail gives as a JSON text. */
function detail(line: Logged): string {
  const { eventId, eventVersion, eventSource, sourceIpAddress, eventType, userIdentity, serviceName, apiVersion, requestId, eventTime, isGlobal, acsRegion, eventName } =
    line.event;
  return JSON.stringify({
    eventId,
    eventVersion,
    eventSource,
    sourceIpAddress,
    eventType,
    userIdentity,
    serviceName,
    apiVersion,
    requestId,
    eventTime,
    isGlobal,
    acsRegion,
    eventName,
  });
}

const used = (line: Logged) => ({ UsedTimestamp: line.at, Source: 'ActionTrail', Detail: detail(line) });
const service = (line: Logged) => ({ ServiceName: text(line, 'serviceName'), ServiceNameCn: text(line, 'serviceName'), ServiceNameEn: text(line, 'serviceName') });

/** The newest use for each value of what `by` reads. */
function newest(lines: readonly Logged[], by: (line: Logged) => string): readonly Logged[] {
  const found = new Map<string, Logged>();
  for (const line of lines) if (by(line) !== '' && !found.has(by(line))) found.set(by(line), line);
  return [...found.values()];
}

function uses(context: Context): readonly Logged[] {
  const { world, p, at, hidden } = context;
  const wanted = p.text('AccessKey') ?? '';
  if (!world.keys.has(wanted) && !world.sessions.has(wanted)) throw new ApiError(400, 'InvalidQueryParameter', 'The specified AccessKey is not of this account.');
  return hidden ? [] : usesOf(world, wanted, at);
}

const listParams = ['AccessKey!', 'ServiceName!', 'NextToken', 'PageSize'];

function listed(context: Context, name: string, by: (line: Logged) => string, shape: (line: Logged) => JsonObject): JsonObject {
  const { p } = context;
  const all = newest(
    uses(context).filter((line) => text(line, 'serviceName') === p.need('ServiceName')),
    by,
  );
  const from = Number(p.text('NextToken') ?? 0) || 0;
  const size = p.whole('PageSize', 20, [1, 100]);
  return { [name]: all.slice(from, from + size).map((line) => ({ ...used(line), ...shape(line) })), ...(from + size < all.length ? { NextToken: String(from + size) } : {}) };
}

export const usage: Readonly<Record<string, Operation>> = {
  GetAccessKeyLastUsedInfo: read(['AccessKey!'], (context) => {
    const { world, p } = context;
    const [last] = uses(context);
    const owner = world.keys.get(p.need('AccessKey'))?.user ?? '';
    const account = {
      AccessKeyId: p.need('AccessKey'),
      AccountId: world.seed.account.id,
      OwnerId: world.users.get(owner)?.id ?? world.seed.account.id,
      UserName: owner,
      AccountType: owner === '' ? 'root-account' : 'ram-user',
    };
    return last ? { ...account, ...used(last), ...service(last) } : account;
  }),
  GetAccessKeyLastUsedProducts: read(['AccessKey!'], (context) => ({
    Products: newest(uses(context), (line) => text(line, 'serviceName')).map((line) => ({ ...used(line), ...service(line) })),
  })),
  GetAccessKeyLastUsedIps: read(listParams, (context) =>
    listed(
      context,
      'Ips',
      (line) => text(line, 'sourceIpAddress'),
      (line) => ({ Ip: text(line, 'sourceIpAddress') }),
    ),
  ),
  GetAccessKeyLastUsedEvents: read(listParams, (context) =>
    listed(
      context,
      'Events',
      (line) => text(line, 'eventName'),
      (line) => ({ EventName: text(line, 'eventName') }),
    ),
  ),
  GetAccessKeyLastUsedResources: read(listParams, (context) =>
    listed(
      context,
      'Resources',
      (line) => text(line, 'resourceName'),
      (line) => ({ ResourceName: text(line, 'resourceName'), ResourceType: text(line, 'resourceType') }),
    ),
  ),
};
