import { expect, it } from 'vitest';
import type { Slice } from '../../src/actions/define.ts';
import { quickLook } from '../../src/actions/ram-look.ts';
import { lookUp } from '../support/json.ts';
import { anAccount, anEvent } from '../support/account.ts';
import type { FakeCloud } from '../support/cloud.ts';
import { aCloud, aContext, aReader } from '../support/cloud.ts';

const leaked = 'LTAI5tEXAMPLEleaked00001';
const child = 'LTAI5tEXAMPLEchild000001';
const backdoor = {
  name: 'backup-svc',
  id: '200000000000000009',
  keys: [{ id: child, status: 'Active' as const, createdAt: '2026-03-01T02:10:00Z' }],
  groups: [],
  policies: ['AdministratorAccess'],
  login: false,
};

const attack = [
  anEvent('CreateUser', '2026-03-01T02:09:00Z', { requestParameters: { UserName: 'backup-svc' } }),
  anEvent('CreateAccessKey', '2026-03-01T02:10:00Z', { requestParameters: { UserName: 'backup-svc' }, responseElements: { AccessKey: { AccessKeyId: child } } }),
];

async function look(cloud: FakeCloud): Promise<Slice> {
  return await quickLook.slice(aReader(cloud), aContext({ accessKeyId: leaked }), undefined);
}

const ids = (slice: Slice): unknown[] => (lookUp(slice.facts, 'suspects') as { id: string }[]).map(({ id }) => id);

it('names the leaked key first and then the key of the user it made', async () => {
  const account = anAccount({ events: attack });
  account.users.push(backdoor);
  const slice = await look(aCloud(account));
  expect(slice.outcome).toBe('all');
  expect(ids(slice)).toEqual([leaked, child]);
  expect(lookUp(slice.facts, 'owner.userName')).toBe('ci-deploy');
  expect(lookUp(slice.facts, 'suspects.1.data')).toMatchObject({ userName: 'backup-svc', status: 'Active', createdBy: leaked });
  expect(lookUp(slice.facts, 'suspectUsers.0.userName')).toBe('backup-svc');
  expect(lookUp(slice.facts, 'lastSeen')).toBe('2026-03-01T02:10:00Z');
});

it('finds the owner among all users when the log knows nothing of the key', async () => {
  const slice = await look(aCloud());
  expect(lookUp(slice.facts, 'owner')).toMatchObject({ userName: 'ci-deploy', userId: '200000000000000002' });
});

it('does not call a failed creation a child', async () => {
  const account = anAccount({ events: attack.map((event) => ({ ...event, errorCode: 'NoPermission' })) });
  account.users.push(backdoor);
  expect(ids(await look(aCloud(account)))).toEqual([leaked]);
});

it('says which part was denied and goes on', async () => {
  const cloud = aCloud(anAccount({ events: attack }));
  cloud.refuse('actiontrail:LookupEvents', 'denied', { code: 'NoPermission' });
  const slice = await look(cloud);
  expect(slice.outcome).toBe('some');
  expect(slice.coverage?.regionsMissed?.map(({ region }) => region)).toEqual(['cn-hangzhou', 'ap-southeast-1']);
  expect(ids(slice)).toEqual([leaked]);
});

it('stops with the reason when the key in use is under restrictive protection', async () => {
  const cloud = aCloud();
  cloud.refuse('ram:ListAccessKeys', 'protected', { code: 'Forbidden' });
  const slice = await look(cloud);
  expect(slice.outcome).toBe('none');
  expect(slice.refused?.refusal).toBe('protected');
});

it('holds back a key of the root account and says where it can be disabled', async () => {
  const slice = await look(aCloud(anAccount({ lastUsed: { [leaked]: { userName: '', at: '2026-03-01T02:00:00Z', services: [], ip: '203.0.113.7', root: true } } })));
  expect(lookUp(slice.facts, 'suspects.0.held.en')).toContain('root');
});

it('asks for another try when nothing could be reached, and finds nothing when it was refused', async () => {
  const away = aCloud();
  for (const call of quickLook.calls) away.refuse(call, 'unreachable', { code: 'ECONNREFUSED' });
  expect(await look(away)).toMatchObject({ outcome: 'none', refused: { refusal: 'unreachable' } });
  const denied = aCloud();
  for (const call of quickLook.calls) denied.refuse(call, 'denied', { code: 'NoPermission' });
  const slice = await look(denied);
  expect(slice.refused).toBeUndefined();
  expect(slice.outcome).toBe('none');
  expect(lookUp(slice.facts, 'suspects.0.held.en')).toContain('owner is not known');
});

it('says from where and with what the key is used, so that a person sees what will break', async () => {
  const use = (at: string, ip: string, serviceName: string) => anEvent('GetBucketInfo', at, { sourceIpAddress: ip, serviceName, nonce: at + ip });
  const events = [use('2026-03-01T01:00:00Z', '192.0.2.10', 'Oss'), use('2026-03-01T01:10:00Z', '192.0.2.10', 'Oss'), use('2026-03-01T02:00:00Z', '203.0.113.7', 'Ecs')];
  const slice = await look(aCloud(anAccount({ events })));
  expect(lookUp(slice.facts, 'suspects.0.data.breaks.en')).toBe('Whatever still uses it stops. Seen: 192.0.2.10 Oss ×2; 203.0.113.7 Ecs ×1. Last use 2026-03-01T02:00:00Z.');
});

it('looks at the pages of a child too, and takes every key of a user the attacker made', async () => {
  const asChild = { userIdentity: { type: 'ram-user', accessKeyId: child, userName: 'backup-svc' } };
  const account = anAccount({ events: [...attack, anEvent('GetCallerIdentity', '2026-03-01T02:40:00Z', { sourceIpAddress: '198.51.100.23', ...asChild })] });
  account.users.push({ ...backdoor, keys: [...backdoor.keys, { id: 'LTAI5tEXAMPLEunseen0001', status: 'Active', createdAt: '2026-03-01T02:30:00Z' }] });
  const slice = await look(aCloud(account));
  expect(lookUp(slice.facts, 'lastSeen')).toBe('2026-03-01T02:40:00Z');
  expect((lookUp(slice.facts, 'sources') as { ip: string }[]).map(({ ip }) => ip)).toContain('198.51.100.23');
  expect(ids(slice)).toEqual([leaked, child, 'LTAI5tEXAMPLEunseen0001']);
});
