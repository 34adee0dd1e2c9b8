// The accounts the foreign tests play in: one stolen key, what it made, what is our own. Each call gives a fresh one, its times near now.
import type { Caller } from '../support/foreign-server.ts';
import type { LogEvent, Machine, User, World } from './account.ts';

export const account = '5123456789012345';
export const stolen = 'LTAI5tEXAMPLEstolen1';
export const childKey = 'LTAI5tEXAMPLEchild01';
export const ourKey = 'LTAI5tEXAMPLEnightly';
export const glass = 'LTAI5tEXAMPLEglass01';
export const secret = 'foreign-EXAMPLE-secret-of-glass';

const start = Date.now();
/** `minutes` before this run, to the second. */
export const ago = (minutes: number): string => `${new Date(start - minutes * 60_000).toISOString().slice(0, 19)}Z`;

export const responder: Caller = {
  accessKeyId: glass,
  secret,
  arn: `acs:ram::${account}:user/break-glass`,
  type: 'RAMUser',
  principal: '234567890123456789',
  userName: 'break-glass',
};
export const env = (url: string, caller: Caller = responder): Record<string, string> => ({
  FIREBREAK_ENDPOINT: url,
  FIREBREAK_SETTLE_MS: '300',
  ALIBABA_CLOUD_ACCESS_KEY_ID: caller.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: caller.secret,
  ...(caller.token === undefined ? {} : { ALIBABA_CLOUD_SECURITY_TOKEN: caller.token }),
});

let events = 0;

/** One event as the log gives it: lowerCamel outside, the API's own names inside; success has no errorCode at all. */
export function event(
  eventName: string,
  minutes: number,
  by: { readonly key?: string; readonly user: string; readonly type?: string },
  more: Record<string, unknown> = {},
): LogEvent {
  events += 1;
  const { region = 'cn-hangzhou', ...rest } = more as { region?: string };
  return {
    eventId: `E-${events}`,
    eventVersion: 1,
    eventName,
    eventTime: ago(minutes),
    eventType: by.key === undefined ? 'ConsoleCall' : 'ApiCall',
    eventSource: 'api.example.com',
    serviceName: /Instance/.test(eventName) ? 'Ecs' : 'Ram',
    acsRegion: region,
    requestId: `R-${events}`,
    sourceIpAddress: '203.0.113.77',
    userAgent: 'aliyun-cli/3.0',
    userIdentity: {
      accountId: account,
      principalId: '222222222222222222',
      type: by.type ?? 'ram-user',
      userName: by.user,
      ...(by.key === undefined ? {} : { accessKeyId: by.key }),
    },
    ...rest,
  };
}

export const user = (name: string, id: string, ...keys: readonly string[]): User => ({
  name,
  id,
  keys: keys.map((key) => ({ id: key, status: 'Active', created: ago(60 * 24 * 40) })),
});
export const machine = (id: string, region: string, more: Partial<Machine> = {}): Machine => ({
  id,
  region,
  image: 'm-EXAMPLEmodel',
  created: `${ago(90).slice(0, 16)}Z`,
  status: 'Running',
  disks: [{ id: `d-${id.slice(2)}`, category: 'cloud_essd' }],
  ...more,
});

const thief = { key: stolen, user: 'ci-pipeline' };
const child = { key: childKey, user: 'svc-sync' };

/** The night as it usually is: a child user with a key, seen from Singapore; three machines of theirs beside two of ours. */
export function aNight(over: Partial<World> = {}): World {
  return {
    account,
    regions: ['cn-hangzhou', 'ap-southeast-1', 'eu-central-1'],
    users: [
      user('break-glass', '234567890123456789', glass),
      user('nightly', '234567890123456790', ourKey),
      user('ci-pipeline', '222222222222222222', stolen),
      user('svc-sync', '234567890123456792', childKey),
    ],
    rootKeys: [],
    machines: [
      machine('i-theirs0001', 'cn-hangzhou', {
        disks: [
          { id: 'd-theirs0001a', category: 'cloud_essd' },
          { id: 'd-theirs0001b', category: 'cloud_essd' },
        ],
      }),
      machine('i-theirs0002', 'cn-hangzhou'),
      machine('i-ours000001', 'cn-hangzhou'),
      machine('i-ours000002', 'cn-hangzhou', { created: '2023-03-03T03:03Z' }),
      machine('i-theirs0003', 'eu-central-1'),
    ],
    snapshots: [],
    trails: [{ name: 'audit', home: 'cn-hangzhou', logging: false }],
    events: [
      event('CreateUser', 118, thief, { region: 'ap-southeast-1', requestParameters: { UserName: 'svc-sync' } }),
      event('CreateAccessKey', 117, thief, {
        region: 'ap-southeast-1',
        requestParameters: { UserName: 'svc-sync' },
        responseElements: { AccessKey: { AccessKeyId: childKey, Status: 'Active' }, RequestId: 'x' },
      }),
      event('StopLogging', 110, child, { requestParameters: { Name: 'audit' } }),
      event('RunInstances', 90, child, { responseElements: { InstanceIdSets: { InstanceIdSet: ['i-theirs0001', 'i-theirs0002'] } } }),
      event('RunInstances', 90, { key: ourKey, user: 'nightly' }, { responseElements: { InstanceIdSets: { InstanceIdSet: ['i-ours000001'] } } }),
      event('CreateInstance', 89, thief, { region: 'eu-central-1', errorCode: '', responseElements: { InstanceId: 'i-theirs0003' } }),
      event('RunInstances', 88, thief, { errorCode: 'QuotaExceed.ElasticQuota', errorMessage: 'no quota' }),
    ],
    callers: [responder],
    page: 100,
    ...over,
  };
}
