// The account after an attack: a second user with a key, miners in two regions, a stopped trail, one of ours that looks alike.
import type { JsonObject } from '../../src/text.ts';
import type { Account } from './account.ts';
import { anAccount, anEvent } from './account.ts';
import { anInstance } from './account-ecs.ts';

export const leaked = 'LTAI5tEXAMPLEleaked00001';
export const child = 'LTAI5tEXAMPLEchild000001';

const asChild = { userIdentity: { type: 'ram-user', accountId: '1000000000000042', accessKeyId: child, userName: 'backup-svc' } };

export function anAttackedAccount(over: Partial<Account> = {}): Account {
  const account = anAccount({
    trails: [
      { name: 'audit-all', home: 'cn-hangzhou', logging: false, stoppedAt: '2026-03-01T02:12:00Z' },
      { name: 'audit-sls', home: 'cn-hangzhou', logging: true },
    ],
    instances: [
      anInstance({ id: 'i-rogue1' }),
      anInstance({ id: 'i-rogue2', region: 'ap-southeast-1' }),
      anInstance({ id: 'i-ours', created: '2024-05-05T05:05Z', tags: { app: 'render' } }),
      anInstance({ id: 'i-other', created: '2024-01-01T01:01Z', image: 'm-EXAMPLEours', type: 'ecs.g7.large' }),
    ],
    prices: { 'ecs.gn7i-c16g1.4xlarge': 12.5, 'ecs.g7.large': 0.9 },
    lastUsed: { [leaked]: { userName: 'ci-deploy', at: '2026-03-01T02:50:00Z', services: ['Ecs'], ip: '203.0.113.7' } },
    events: [
      anEvent('CreateUser', '2026-03-01T02:09:00Z', { requestParameters: { UserName: 'backup-svc' } }),
      anEvent('CreateAccessKey', '2026-03-01T02:10:00Z', { requestParameters: { UserName: 'backup-svc' }, responseElements: { AccessKey: { AccessKeyId: child } } }),
      anEvent('AttachPolicyToUser', '2026-03-01T02:11:00Z', { requestParameters: { UserName: 'backup-svc', PolicyName: 'AdministratorAccess' } }),
      anEvent('StopLogging', '2026-03-01T02:12:00Z', { serviceName: 'Actiontrail', requestParameters: { Name: 'audit-all' }, ...asChild }),
      anEvent('RunInstances', '2026-03-01T02:20:00Z', {
        serviceName: 'Ecs',
        acsRegion: 'cn-beijing',
        requestParameters: { InstanceType: 'ecs.gn7i-c16g1.4xlarge' },
        responseElements: { InstanceIdSets: { InstanceIdSet: ['i-rogue1'] } },
        ...asChild,
      }),
      anEvent('RunInstances', '2026-03-01T02:20:30Z', { serviceName: 'Ecs', acsRegion: 'ap-southeast-1', responseElements: { InstanceIdSets: { InstanceIdSet: ['i-rogue2'] } } }),
    ],
    ...over,
  });
  account.users.push({
    name: 'backup-svc',
    id: '200000000000000009',
    keys: [{ id: child, status: 'Active', createdAt: '2026-03-01T02:10:00Z' }],
    groups: [],
    policies: ['AdministratorAccess'],
    login: true,
  });
  return account;
}

/** What the quick look hands to the steps after it. */
export const knownSuspects: JsonObject = {
  accessKeyId: leaked,
  suspects: [
    { id: leaked, kind: 'access-key', data: { userName: 'ci-deploy', accessKeyId: leaked } },
    { id: child, kind: 'access-key', data: { userName: 'backup-svc', accessKeyId: child, createdBy: leaked, createdAt: '2026-03-01T02:10:00Z' } },
  ],
  roleName: 'Deploy',
  touchedRoles: [{ roleName: 'Deploy', how: 'changed', at: '2026-03-01T02:15:00Z', by: leaked }],
  leakedKey: [{ id: leaked, kind: 'access-key', data: { userName: 'ci-deploy', accessKeyId: leaked } }],
  networks: ['192.0.2.10', '192.0.2.0/24'],
  attackSources: ['203.0.113.7'],
  suspectUsers: [{ userName: 'backup-svc', createdBy: leaked, at: '2026-03-01T02:09:00Z', made: true }],
};
