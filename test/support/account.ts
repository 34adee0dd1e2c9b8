// The account the fake cloud answers from: users, keys, trails, instances, events, as plain data a test can change.
import type { Call, Refused } from '../../src/actions/define.ts';
import type { JsonObject } from '../../src/text.ts';
import { param, refused } from './account-answer.ts';
import { ecs } from './account-ecs.ts';
import type { Role } from './account-ram.ts';
import { aRole, ramAnswers } from './account-ram.ts';

export type Key = { id: string; status: 'Active' | 'Inactive'; createdAt: string };
export type User = { name: string; id: string; keys: Key[]; groups: string[]; policies: string[]; login: boolean };
export type Trail = { name: string; home: string; logging: boolean; error?: string; stoppedAt?: string };
export type Snapshot = {
  id: string;
  diskId: string;
  instanceId: string;
  region: string;
  name: string;
  status: 'progressing' | 'accomplished' | 'failed';
  tags: Record<string, string>;
  token: string;
};
export type Instance = {
  id: string;
  region: string;
  type: string;
  image: string;
  created: string;
  status: 'Running' | 'Stopping' | 'Stopped' | 'Starting';
  stoppedMode: string;
  publicIp: string;
  charge: 'PostPaid' | 'PrePaid';
  tags: Record<string, string>;
  disks: { id: string; category: string }[];
  protection?: boolean;
  localDisk?: boolean;
  lockedForSecurity?: boolean;
};

export type Account = {
  caller: { accessKeyId: string; type: string; arn: string; principal: string };
  id: string;
  regions: string[];
  users: User[];
  groups: Record<string, string[]>;
  /** Custom policies: name → document. */
  policies: Record<string, string>;
  roles: Role[];
  /** AccessKey → network policy. */
  limits: Record<string, string>;
  /** Users whose console login is off. */
  loginsOff: string[];
  trails: Trail[];
  instances: Instance[];
  snapshots: Snapshot[];
  /** Raw events, in any order; `acsRegion` says where they are kept. */
  events: JsonObject[];
  /** AccessKey → last use. */
  lastUsed: Record<string, { userName: string; at: string; services: string[]; ip: string; root?: boolean }>;
  /** Instance type → CNY an hour. */
  prices: Record<string, number>;
  pageSize: number;
};

/** A small account: one responder, one user with the leaked key. */
export function anAccount(over: Partial<Account> = {}): Account {
  return {
    caller: { accessKeyId: 'LTAI5tEXAMPLEresponder01', type: 'RAMUser', arn: 'acs:ram::1000000000000042:user/responder', principal: '200000000000000001' },
    id: '1000000000000042',
    regions: ['cn-hangzhou', 'ap-southeast-1', 'cn-beijing'],
    users: [
      {
        name: 'responder',
        id: '200000000000000001',
        keys: [{ id: 'LTAI5tEXAMPLEresponder01', status: 'Active', createdAt: '2025-01-01T00:00:00Z' }],
        groups: [],
        policies: ['AdministratorAccess'],
        login: true,
      },
      {
        name: 'ci-deploy',
        id: '200000000000000002',
        keys: [{ id: 'LTAI5tEXAMPLEleaked00001', status: 'Active', createdAt: '2025-06-01T00:00:00Z' }],
        groups: ['deployers'],
        policies: ['AliyunECSFullAccess'],
        login: false,
      },
    ],
    groups: { deployers: ['AliyunRAMFullAccess'] },
    policies: {},
    roles: [aRole()],
    limits: {},
    loginsOff: [],
    trails: [],
    instances: [],
    snapshots: [],
    events: [],
    lastUsed: {},
    prices: {},
    pageSize: 50,
    ...over,
  };
}

/** One raw event; the identity is the leaked key's unless told otherwise. */
export function anEvent(name: string, at: string, over: JsonObject = {}): JsonObject {
  return {
    eventId: `${name}-${at}-${JSON.stringify(over).length}-${String(over['nonce'] ?? '')}`,
    eventName: name,
    eventTime: at,
    eventType: 'ApiCall',
    serviceName: 'Ram',
    acsRegion: 'cn-hangzhou',
    sourceIpAddress: '203.0.113.7',
    userAgent: 'aliyun-cli',
    requestId: `R-${name}-${at}`,
    userIdentity: { type: 'ram-user', accountId: '1000000000000042', accessKeyId: 'LTAI5tEXAMPLEleaked00001', userName: 'ci-deploy' },
    ...over,
  };
}

export type Answer = (account: Account, call: Call) => JsonObject | Refused;

const noUser = refused('gone', 'EntityNotExist.User', 404);
/** Without a name RAM acts on the caller; so does this fake, so that a test would notice. */
const userOf = (account: Account, call: Call): User | undefined =>
  account.users.find(({ name, keys }) => (param(call, 'UserName') === '' ? keys.some(({ id }) => id === account.caller.accessKeyId) : name === param(call, 'UserName')));

export const answers: Readonly<Record<string, Answer>> = {
  'sts:GetCallerIdentity': ({ id, caller }) => ({ AccountId: id, IdentityType: caller.type, Arn: caller.arn, PrincipalId: caller.principal, UserId: caller.principal }),
  'ram:ListUsers': ({ users }) => ({ IsTruncated: false, Users: { User: users.map(({ name, id }) => ({ UserName: name, UserId: id })) } }),
  'ram:ListAccessKeys': (account, call) => {
    const user = userOf(account, call);
    if (user === undefined) return noUser;
    return { AccessKeys: { AccessKey: user.keys.map(({ id, status, createdAt }) => ({ AccessKeyId: id, Status: status, CreateDate: createdAt })) } };
  },
  'ram:UpdateAccessKey': (account, call) => {
    const key = userOf(account, call)?.keys.find(({ id }) => id === param(call, 'UserAccessKeyId'));
    if (key === undefined) return refused('gone', 'EntityNotExist.User.AccessKey', 404);
    key.status = param(call, 'Status') as Key['status'];
    return {};
  },
  'ram:ListGroupsForUser': (account, call) => ({ Groups: { Group: (userOf(account, call)?.groups ?? []).map((name) => ({ GroupName: name })) } }),
  'ram:ListPoliciesForGroup': (account, call) => ({
    Policies: { Policy: (account.groups[param(call, 'GroupName')] ?? []).map((name) => ({ PolicyName: name, PolicyType: 'System' })) },
  }),
  'ram:GetLoginProfile': (account, call) => {
    const user = userOf(account, call);
    return user?.login === true ? { LoginProfile: { UserName: user.name } } : refused('gone', 'EntityNotExist.User.LoginProfile', 404);
  },
  'actiontrail:DescribeRegions': ({ regions }) => ({ Regions: { Region: regions.map((id) => ({ RegionId: id })) } }),
  'actiontrail:GetAccessKeyLastUsedInfo': ({ lastUsed, id }, call) => {
    const use = lastUsed[param(call, 'AccessKey')];
    return use === undefined
      ? {}
      : {
          AccessKeyId: param(call, 'AccessKey'),
          AccountId: id,
          UserName: use.userName,
          AccountType: use.root === true ? 'root-account' : 'ram-user',
          UsedTimestamp: Date.parse(use.at),
        };
  },
  'actiontrail:GetAccessKeyLastUsedProducts': ({ lastUsed }, call) => ({
    Products: (lastUsed[param(call, 'AccessKey')]?.services ?? []).map((name) => ({ ServiceName: name })),
  }),
  'actiontrail:GetAccessKeyLastUsedIps': ({ lastUsed }, call) => {
    const use = lastUsed[param(call, 'AccessKey')];
    return { Ips: use === undefined ? [] : [{ Ip: use.ip, UsedTimestamp: Date.parse(use.at) }] };
  },
  'actiontrail:LookupEvents': lookUp,
  'actiontrail:DescribeTrails': ({ trails }) => ({
    TrailList: trails.map(({ name, home }) => ({ Name: name, HomeRegion: home, TrailRegion: 'All', EventRW: 'All', IsOrganizationTrail: false })),
  }),
  'actiontrail:GetTrailStatus': (account, call) => {
    const trail = trailOf(account, call);
    if (trail === undefined) return refused('gone', 'TrailNotFoundException', 404);
    return {
      IsLogging: trail.logging,
      ...(trail.error === undefined ? {} : { LatestDeliveryError: trail.error }),
      ...(trail.stoppedAt === undefined ? {} : { StopLoggingTime: trail.stoppedAt }),
    };
  },
  'actiontrail:StartLogging': (account, call) => setLogging(account, call, true),
  'actiontrail:StopLogging': (account, call) => setLogging(account, call, false),
  ...ramAnswers,
  ...ecs,
};

function trailOf({ trails }: Account, call: Call): Trail | undefined {
  return trails.find(({ name, home }) => name === param(call, 'Name') && home === call.region);
}

function setLogging(account: Account, call: Call, logging: boolean): JsonObject | Refused {
  const trail = trailOf(account, call);
  if (trail === undefined) return refused('gone', 'TrailNotFoundException', 404);
  trail.logging = logging;
  return {};
}

/** Newest first, both times inclusive, one attribute, a token that is the offset. */
function lookUp({ events, pageSize }: Account, call: Call): JsonObject {
  const key = param(call, 'LookupAttribute.1.Key');
  const value = param(call, 'LookupAttribute.1.Value');
  const field = (event: JsonObject): unknown => {
    const identity = event['userIdentity'] as JsonObject | undefined;
    if (key === 'EventName') return event['eventName'];
    if (key === 'SourceIpAddress') return event['sourceIpAddress'];
    return key === 'User' ? identity?.['userName'] : identity?.['accessKeyId'];
  };
  const time = (event: JsonObject): string => String(event['eventTime']);
  const found = events
    .filter((event) => event['acsRegion'] === call.region && field(event) === value && time(event) >= param(call, 'StartTime') && time(event) <= param(call, 'EndTime'))
    .toSorted((a, b) => (time(a) < time(b) ? 1 : -1));
  const start = Number(param(call, 'NextToken') || '0');
  const end = start + Math.min(pageSize, Number(param(call, 'MaxResults')));
  return { StartTime: param(call, 'StartTime'), EndTime: param(call, 'EndTime'), Events: found.slice(start, end), NextToken: end < found.length ? String(end) : '' };
}
