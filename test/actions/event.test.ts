import { describe, expect, it } from 'vitest';
import { aliyunCommand, describeCall } from '../../src/actions/by-hand.ts';
import { startLogging } from '../../src/actions/actiontrail.ts';
import { hourlyPrice, stopInstances } from '../../src/actions/ecs.ts';
import { instancesOf, madeBy, parseEvent, userOf } from '../../src/actions/event.ts';
import { updateAccessKey } from '../../src/actions/ram.ts';
import { isBy, leavesOf, sourcesOf, spread } from '../../src/actions/suspects.ts';
import type { Suspects } from '../../src/actions/suspects.ts';
import { findingOf } from '../../src/actions/threats.ts';
import { anEvent } from '../support/account.ts';
import { child, leaked } from '../support/night.ts';

const seed: Suspects = { keys: [{ id: leaked, userName: 'ci-deploy', createdBy: '', at: '' }], users: [], sessions: [] };

describe('an event', () => {
  it('succeeded when its error code is empty or absent', () => {
    expect(parseEvent(anEvent('CreateUser', '2026-03-01T02:00:00Z')).ok).toBe(true);
    expect(parseEvent(anEvent('CreateUser', '2026-03-01T02:00:00Z', { errorCode: '' })).ok).toBe(true);
    expect(parseEvent(anEvent('CreateUser', '2026-03-01T02:00:00Z', { errorCode: 'NoPermission' })).ok).toBe(false);
  });

  it('may carry its parameters as text, or not at all', () => {
    const asText = parseEvent(anEvent('CreateUser', '2026-03-01T02:00:00Z', { requestParameters: '{"UserName":"eve"}' }));
    expect(userOf(asText)).toBe('eve');
    expect(userOf(parseEvent(anEvent('CreateUser', '2026-03-01T02:00:00Z', { requestParameters: '{broken' })))).toBe('');
  });

  it('may carry them flat, with dotted names, or only name the resources', () => {
    const flat = parseEvent(
      anEvent('CreateAccessKey', '2026-03-01T02:00:00Z', {
        requestParameters: { UserName: 'eve', 'Tag.1.Key': 'a', 'Tag.1.Value': 'b' },
        responseElements: { 'AccessKey.AccessKeyId': child },
      }),
    );
    expect(madeBy(flat)).toEqual([{ kind: 'key', id: child, userName: 'eve' }]);
    expect(flat.request).toMatchObject({ UserName: 'eve', Tag: { '1': { Key: 'a', Value: 'b' } } });
    const sets = parseEvent(
      anEvent('RunInstances', '2026-03-01T02:00:00Z', { responseElements: { 'InstanceIdSets.InstanceIdSet.1': 'i-1', 'InstanceIdSets.InstanceIdSet.2': 'i-2' } }),
    );
    expect(instancesOf(sets)).toEqual(['i-1', 'i-2']);
    const named = parseEvent(anEvent('RunInstances', '2026-03-01T02:00:00Z', { referencedResources: { 'ACS::ECS::Instance': ['i-3'], VSwitch: ['vsw-1'] } }));
    expect(instancesOf(named)).toEqual(['i-3']);
  });

  it('without an id of its own is not taken for another without one', () => {
    const bare = (name: string): string => parseEvent({ ...anEvent(name, '2026-03-01T02:00:00Z'), eventId: '', requestId: '' }).id;
    expect(bare('CreateUser')).not.toBe(bare('DeleteUser'));
  });

  it('names the user as RAM does when IMS wrote it', () => {
    const event = parseEvent(anEvent('CreateUser', '2026-03-01T02:00:00Z', { requestParameters: { UserPrincipalName: 'eve@example.onaliyun.com' } }));
    expect(madeBy(event)).toEqual([{ kind: 'user', id: 'eve' }]);
  });

  it('gives the key to its maker when a key was made without naming a user', () => {
    const event = parseEvent(anEvent('CreateAccessKey', '2026-03-01T02:00:00Z', { responseElements: { AccessKey: { AccessKeyId: child } } }));
    expect(madeBy(event)).toEqual([{ kind: 'key', id: child, userName: 'ci-deploy' }]);
  });

  it('takes a key set to Active as brought into play, and one set to Inactive not', () => {
    const update = (status: string) =>
      madeBy(parseEvent(anEvent('UpdateAccessKey', '2026-03-01T02:00:00Z', { requestParameters: { UserAccessKeyId: child, UserName: 'eve', Status: status } })));
    expect(update('Active')).toEqual([{ kind: 'key', id: child, userName: 'eve' }]);
    expect(update('Inactive')).toEqual([]);
  });

  it('says until when a session lives, from its answer or its duration', () => {
    const assumed = (over: object) =>
      madeBy(parseEvent(anEvent('AssumeRole', '2026-03-01T02:00:00Z', { requestParameters: { RoleArn: 'acs:ram::1:role/admin', DurationSeconds: '7200' }, ...over })))[0];
    expect(assumed({})).toMatchObject({ until: '2026-03-01T04:00:00.000Z', id: '' });
    expect(assumed({ responseElements: { Credentials: { AccessKeyId: 'STS.EXAMPLE', Expiration: '2026-03-01T05:00:00Z' } } })).toMatchObject({
      until: '2026-03-01T05:00:00Z',
      id: 'STS.EXAMPLE',
    });
  });

  it('lists instances of both ways to make one', () => {
    expect(instancesOf(parseEvent(anEvent('RunInstances', '2026-03-01T02:00:00Z', { responseElements: { InstanceIdSets: { InstanceIdSet: ['i-1', 'i-2'] } } })))).toEqual([
      'i-1',
      'i-2',
    ]);
    expect(instancesOf(parseEvent(anEvent('CreateInstance', '2026-03-01T02:00:00Z', { responseElements: { InstanceId: 'i-3' } })))).toEqual(['i-3']);
  });
});

describe('who belongs to the attacker', () => {
  const asKey = (accessKeyId: string, userName: string) => ({ userIdentity: { type: 'ram-user', accessKeyId, userName } });
  const chain = [
    anEvent('CreateAccessKey', '2026-03-01T02:02:00Z', {
      ...asKey('LTAI5tEXAMPLEsecond00001', 'eve'),
      requestParameters: { UserName: 'mallory' },
      responseElements: { AccessKey: { AccessKeyId: 'LTAI5tEXAMPLEthird000001' } },
    }),
    anEvent('CreateAccessKey', '2026-03-01T02:01:00Z', { requestParameters: { UserName: 'eve' }, responseElements: { AccessKey: { AccessKeyId: 'LTAI5tEXAMPLEsecond00001' } } }),
    anEvent('CreateAccessKey', '2026-03-01T02:03:00Z', {
      ...asKey('LTAI5tEXAMPLEhonest00001', 'alice'),
      responseElements: { AccessKey: { AccessKeyId: 'LTAI5tEXAMPLEhonest00002' } },
    }),
  ].map(parseEvent);

  it('follows children of children whatever the order of the events, and nobody else', () => {
    for (const events of [chain, chain.toReversed()]) {
      expect(
        spread(seed, events)
          .keys.map(({ id }) => id)
          .toSorted(),
      ).toEqual([leaked, 'LTAI5tEXAMPLEsecond00001', 'LTAI5tEXAMPLEthird000001']);
    }
  });

  it('holds a user that was only taken over to account from that moment on', () => {
    const taken = spread(seed, [parseEvent(anEvent('CreateLoginProfile', '2026-03-01T02:00:00Z', { requestParameters: { UserName: 'alice' } }))]);
    const signIn = (at: string) => parseEvent(anEvent('ConsoleSignin', at, { userIdentity: { type: 'ram-user', userName: 'alice' } }));
    expect(taken.users).toMatchObject([{ userName: 'alice', made: false }]);
    expect(isBy(signIn('2026-03-01T01:00:00Z'), taken)).toBe(false);
    expect(isBy(signIn('2026-03-01T02:30:00Z'), taken)).toBe(true);
  });

  it('says which sessions of a key are still alive', () => {
    const sessions = [{ id: 'STS.EXAMPLE', role: 'acs:ram::1:role/admin', until: '2026-03-01T05:00:00Z', by: leaked }];
    expect(leavesOf(leaked, sessions, '2026-03-01T04:00:00Z').en).toContain('role/admin');
    expect(leavesOf(leaked, sessions, '2026-03-01T06:00:00Z').en).toContain('No open role session');
  });

  it('counts the addresses, the busiest first', () => {
    const from = (ip: string, at: string) => parseEvent(anEvent('ListUsers', at, { sourceIpAddress: ip }));
    expect(sourcesOf([from('198.51.100.1', '2026-03-01T01:00:00Z'), from('203.0.113.7', '2026-03-01T01:00:00Z'), from('203.0.113.7', '2026-03-01T02:00:00Z')])).toEqual([
      { ip: '203.0.113.7', count: 2, products: ['Ram'], agents: ['aliyun-cli'], newest: '2026-03-01T02:00:00Z' },
      { ip: '198.51.100.1', count: 1, products: ['Ram'], agents: ['aliyun-cli'], newest: '2026-03-01T01:00:00Z' },
    ]);
  });
});

it('has nothing to say about an event that needs nobody', () => {
  expect(findingOf(parseEvent(anEvent('DescribeInstances', '2026-03-01T02:00:00Z')))).toBeUndefined();
});

describe('a call by hand', () => {
  it('is the command with every value quoted for a shell', () => {
    expect(aliyunCommand(stopInstances('cn-beijing', ['i-1'], 'StopCharging'))).toBe(
      'aliyun ecs StopInstances --region cn-beijing --RegionId cn-beijing --InstanceId.1 i-1 --StoppedMode StopCharging --BatchOptimization SuccessFirst --ForceStop false',
    );
    expect(aliyunCommand(updateAccessKey(`eve'; rm -rf /`, child, 'Inactive'))).toContain(String.raw`--UserName 'eve'\''; rm -rf /'`);
    expect(aliyunCommand(startLogging('audit-all', 'cn-hangzhou'))).toBe('aliyun actiontrail StartLogging --region cn-hangzhou --Name audit-all --version 2020-07-06 --force');
  });

  it('is named on one line', () => {
    expect(describeCall(updateAccessKey('eve', child, 'Inactive'))).toBe(`ram:UpdateAccessKey cn-hangzhou UserName=eve UserAccessKeyId=${child} Status=Inactive`);
  });
});

describe('a price', () => {
  it('is of the machine alone when the answer tells it apart, and unknown in another currency', () => {
    const price = (over: object): object => ({ PriceInfo: { Price: { Currency: 'CNY', TradePrice: 3, ...over } } });
    expect(
      hourlyPrice(
        price({
          DetailInfos: {
            DetailInfo: [
              { Resource: 'systemDisk', TradePrice: 1 },
              { Resource: 'instanceType', TradePrice: 2 },
            ],
          },
        }) as never,
      ),
    ).toBe(2);
    expect(hourlyPrice(price({}) as never)).toBe(3);
    expect(hourlyPrice(price({ Currency: 'USD' }) as never)).toBeNull();
    expect(hourlyPrice({})).toBeNull();
  });
});
