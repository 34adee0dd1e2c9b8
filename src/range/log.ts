// The account's own log (ActionTrail): one record per call, its shape, its lateness. Pure.
import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../text.ts';
import type { Caller } from './call.ts';
import { iso } from './world.ts';
import type { Logged, World } from './world.ts';

/** Where calls of products without a region are kept. */
export const globalRegion = 'cn-hangzhou';

/** What the log says of a call. */
export type LogRecord = {
  readonly at: number;
  readonly product: string;
  readonly service: string;
  readonly version: string;
  readonly global: boolean;
  readonly effect: 'read' | 'write';
  readonly action: string;
  readonly region: string;
  readonly params: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly identity: JsonObject;
  readonly ip: string;
  readonly agent: string;
  /** Default `ApiCall`. */
  readonly type?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly response?: JsonObject;
  readonly resources?: readonly string[];
  readonly resourceType?: string;
};

/** A log line in the shape ActionTrail gives, late by a delay drawn from the seed. */
export function logged(world: World, record: LogRecord): Logged {
  const { min, max } = world.seed.logDelay;
  const share = createHash('sha256').update(`${world.seed.seed}\ndelay\n${record.requestId}`).digest().readUInt16BE(0) / 0xffff;
  const host = record.global ? `${record.product}.aliyuncs.com` : `${record.product}.${record.region}.aliyuncs.com`;
  const region = record.global ? globalRegion : record.region;
  const event: JsonObject = {
    eventId: record.requestId,
    eventVersion: 1,
    eventName: record.action,
    eventSource: host,
    eventTime: iso(record.at),
    eventType: record.type ?? 'ApiCall',
    eventRW: record.effect === 'read' ? 'Read' : 'Write',
    serviceName: record.service,
    apiVersion: record.version,
    requestId: record.requestId,
    acsRegion: region,
    isGlobal: record.global,
    sourceIpAddress: record.ip,
    userAgent: record.agent,
    errorCode: record.error?.code ?? '',
    errorMessage: record.error?.message ?? '',
    userIdentity: record.identity,
    requestParameters: { ...record.params, AcsHost: host, AcsProduct: record.service, HostId: host, RegionId: record.region, RequestId: record.requestId },
    additionalEventData: { Scheme: 'http' },
    ...(record.effect === 'write' && !record.error && record.response ? { responseElements: withoutSecrets(record.response) } : {}),
    ...(record.resources?.length && record.resourceType
      ? { referencedResources: { [record.resourceType]: record.resources }, resourceType: record.resourceType, resourceName: record.resources.join(',') }
      : {}),
  };
  return { event, at: record.at, visible: record.at + min + Math.round(share * (max - min)), region };
}

/** Who called, in the log's words. */
export function identityOf(world: World, caller: Caller): JsonObject {
  const accountId = world.seed.account.id;
  if (caller.kind === 'root') return { type: 'root-account', accountId, principalId: accountId, accessKeyId: caller.key.id, userName: 'root' };
  if (caller.kind === 'user') return { type: 'ram-user', accountId, principalId: caller.user.id, accessKeyId: caller.key.id, userName: caller.user.name };
  return {
    type: 'assumed-role',
    accountId,
    principalId: `${caller.role.id}:${caller.session.name}`,
    accessKeyId: caller.session.id,
    userName: `${caller.role.name}:${caller.session.name}`,
    sessionContext: { attributes: { mfaAuthenticated: 'false', creationDate: iso(caller.session.created) } },
  };
}

/** Nobody of the account: the cloud itself. */
export const serviceIdentity = (world: World): JsonObject => ({ type: 'system', accountId: world.seed.account.id, principalId: 'ecs.aliyuncs.com', userName: 'ecs.aliyuncs.com' });

const secretFields = new Set(['AccessKeySecret', 'SecurityToken', 'Password']);

function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !secretFields.has(key))
      .map(([key, inner]) => [key, withoutSecrets(inner)]),
  );
}
