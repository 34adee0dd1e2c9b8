// What an ActionTrail event says: who, what, with which result, and which identities it made. Pure.
import type { Json, JsonObject } from '../text.ts';
import { isObject, textAt, textsAt } from './wire.ts';

/** An event with the shapes of twelve years of log formats evened out. */
export type CloudEvent = {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** ISO 8601, to the second. */
  readonly at: string;
  /** '' on old global events. */
  readonly region: string;
  /** An IP address, `Internal`, or a service's name. */
  readonly source: string;
  readonly userAgent: string;
  readonly requestId: string;
  /** '' for console operations. */
  readonly accessKeyId: string;
  readonly userName: string;
  /** `ram-user`, `root-account`, `assumed-role`, … */
  readonly identityType: string;
  /** It changes something: as the log says, or, on old events that do not, by its name. */
  readonly write: boolean;
  /** No error code: an absent and an empty one both mean success. */
  readonly ok: boolean;
  readonly errorCode: string;
  readonly request: JsonObject;
  readonly response: JsonObject;
  /** Resource type → ids, where the event names any. */
  readonly resources: JsonObject;
};

/** An identity that an event brought into the attacker's hands. */
export type Made =
  | { readonly kind: 'key'; readonly id: string; readonly userName: string }
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'session'; readonly id: string; readonly role: string; readonly until: string };

/** Reads one raw event; unknown fields stay behind in the sealed page. */
export function parseEvent(raw: JsonObject): CloudEvent {
  const identity = raw['userIdentity'];
  const errorCode = textAt(raw, 'errorCode');
  const requestId = textAt(raw, 'requestId');
  return {
    // Without an id of its own it must not be taken for another one that has none.
    id: textAt(raw, 'eventId') || requestId || JSON.stringify(raw),
    name: textAt(raw, 'eventName'),
    service: textAt(raw, 'serviceName'),
    at: textAt(raw, 'eventTime'),
    region: textAt(raw, 'acsRegion'),
    source: textAt(raw, 'sourceIpAddress'),
    userAgent: textAt(raw, 'userAgent'),
    requestId,
    accessKeyId: textAt(identity, 'accessKeyId'),
    userName: textAt(identity, 'userName'),
    identityType: textAt(identity, 'type'),
    write: textAt(raw, 'eventRW') === '' ? !/^(Describe|Get|List|Lookup|Query|Head)/.test(textAt(raw, 'eventName')) : textAt(raw, 'eventRW') === 'Write',
    ok: errorCode === '',
    errorCode,
    request: nested(raw['requestParameters']),
    response: nested(raw['responseElements']),
    resources: nested(raw['referencedResources']),
  };
}

/** The keys, users and sessions a successful event made, restored, re-armed or took over; none for a failed one. */
export function madeBy(event: CloudEvent): readonly Made[] {
  if (!event.ok) return [];
  const userName = userOf(event);
  switch (event.name) {
    case 'CreateAccessKey':
      return key(textAt(event.response, 'AccessKey', 'AccessKeyId'), userName || event.userName);
    case 'RestoreAccessKeyFromRecycleBin':
      return key(textAt(event.request, 'UserAccessKeyId'), userName);
    case 'UpdateAccessKey':
      return textAt(event.request, 'Status') === 'Active' ? key(textAt(event.request, 'UserAccessKeyId'), userName || event.userName) : [];
    case 'CreateUser':
    case 'RestoreUserFromRecycleBin':
    case 'CreateLoginProfile':
      return userName === '' ? [] : [{ kind: 'user', id: userName }];
    case 'AssumeRole':
      return session(event);
    default:
      return [];
  }
}

/** The user an event is about, by its RAM name: IMS speaks of `name@alias.onaliyun.com`. '' when it names none. */
export function userOf(event: CloudEvent): string {
  const named = textAt(event.request, 'UserName') || textAt(event.response, 'User', 'UserName');
  if (named !== '') return named;
  const principal = textAt(event.request, 'UserPrincipalName') || textAt(event.response, 'User', 'UserPrincipalName');
  return principal.split('@')[0] ?? '';
}

/** The instances a successful RunInstances or CreateInstance made: from its answer, or, where the log left that out, from the resources it names. */
export function instancesOf(event: CloudEvent): readonly string[] {
  if (!event.ok || (event.name !== 'RunInstances' && event.name !== 'CreateInstance')) return [];
  const one = textAt(event.response, 'InstanceId');
  const answered = [...(one === '' ? [] : [one]), ...textsAt(event.response, 'InstanceIdSets', 'InstanceIdSet')];
  const named = [...textsAt(event.resources, 'ACS::ECS::Instance'), ...textsAt(event.resources, 'Instance')];
  return [...new Set(answered.length > 0 ? answered : named)];
}

function key(id: string, userName: string): readonly Made[] {
  return id === '' ? [] : [{ kind: 'key', id, userName }];
}

function session(event: CloudEvent): readonly Made[] {
  const role = textAt(event.request, 'RoleArn');
  const expiration = textAt(event.response, 'Credentials', 'Expiration');
  const seconds = Number(textAt(event.request, 'DurationSeconds') || '3600');
  const until = expiration || new Date(Date.parse(event.at) + seconds * 1000).toISOString();
  return [{ kind: 'session', id: textAt(event.response, 'Credentials', 'AccessKeyId'), role, until }];
}

/** Parameters come as an object, with dotted names for what is nested, as a JSON text, or not at all. */
function nested(value: Json | undefined): JsonObject {
  if (isObject(value)) return Object.keys(value).some((name) => name.includes('.')) ? unflattened(value) : value;
  if (typeof value !== 'string') return {};
  try {
    const parsed = JSON.parse(value) as Json;
    return isObject(parsed) ? nested(parsed) : {};
  } catch {
    return {};
  }
}

/** `A.B: x` beside what is there becomes `A: {B: x}`, `A.1: x` a list; what is there already stays. */
function unflattened(flat: JsonObject): JsonObject {
  const whole: Record<string, Json> = {};
  const dotted = Map.groupBy(Object.entries(flat), ([name]) => (name.includes('.') ? name.slice(0, name.indexOf('.')) : ''));
  for (const [head, fields] of dotted) {
    if (head === '') Object.assign(whole, Object.fromEntries(fields));
    else if (fields.every(([name]) => /^[^.]+\.\d+$/.test(name))) whole[head] = fields.map(([, value]) => value);
    else whole[head] = unflattened(Object.fromEntries(fields.map(([name, value]) => [name.slice(head.length + 1), value])));
  }
  return { ...whole, ...Object.fromEntries(Object.entries(flat).filter(([name]) => !name.includes('.'))) };
}
