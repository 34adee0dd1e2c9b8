import { describe, expect, it } from 'vitest';
import { decide, inNetworks } from '../../src/range/policy.ts';
import { WorldSeed, milliseconds, seedDigest } from '../../src/range/seed.ts';
import { logOf } from '../../src/range/world.ts';
import { aSeed, anAccount, leaked } from './kit.ts';

describe('a seed', () => {
  it.each([
    ['+6m', 360_000],
    ['-2h30m', -9_000_000],
    ['14d', 1_209_600_000],
    ['1.5s', 1_500],
    ['250ms', 250],
    ['-1y', -31_536_000_000],
  ])('reads the offset %s', (text, ms) => expect(milliseconds(text)).toBe(ms));
  it.each(['', 'm', '5', '5 m', '5m-', '--5m', '5w'])('refuses the offset "%s"', (text) => expect(milliseconds(text)).toBeUndefined());
  it('has one digest whatever the order of its keys, and another for another account', () => {
    const seed = aSeed();
    const turned = Object.fromEntries(Object.entries(seed).toReversed()) as unknown as WorldSeed;
    expect(seedDigest(turned)).toBe(seedDigest(seed));
    expect(seedDigest(aSeed({ seed: 'other' }))).not.toBe(seedDigest(seed));
  });
  it('says where it does not fit', () => {
    const bad = WorldSeed.safeParse({ seed: 's', start: 'soon', account: { id: '42', alias: 'a' }, responder: 'r', regions: [], surprise: 1 });
    expect(bad.error?.issues.map((issue) => issue.path.join('.')).toSorted()).toEqual(['', 'account.id', 'regions', 'start']);
  });
  it('that attaches a policy which is nowhere is refused', () => {
    expect(() => anAccount({ users: [{ name: 'x', created: '-1d', policies: ['no-such-policy'] }] })).toThrow('no-such-policy');
  });
  it('repeats a past call, in turns, until it ends', () => {
    const turns = [{ action: 'cr:GetAuthorizationToken' }, { action: 'oss:GetBucketInfo', ip: '192.0.2.11', resource: 'b' }];
    const { world } = anAccount({ instances: [], history: [{ at: '-1h', every: '10m', until: '-5m', who: leaked, ip: '192.0.2.10', turns }] });
    expect(logOf(world).map((line) => `${String(line.event['eventName'])} ${String(line.event['sourceIpAddress'])}`)).toEqual(
      Array.from({ length: 3 }, () => ['GetAuthorizationToken 192.0.2.10', 'GetBucketInfo 192.0.2.11']).flat(),
    );
  });
  it('shows people at the console without a key', () => {
    const { world } = anAccount({ instances: [], history: [{ at: '-1h', who: 'console:reader', ip: '192.0.2.12', action: 'aassub:ConsoleSignin' }] });
    expect(logOf(world)[0]?.event).toMatchObject({ eventType: 'ConsoleSignin', serviceName: 'AasSub', userIdentity: { type: 'ram-user', userName: 'reader' } });
    expect(logOf(world)[0]?.event['userIdentity']).not.toHaveProperty('accessKeyId');
  });
});

describe('policies', () => {
  const ask = (statement: object, action = 'ecs:StopInstances', resource = 'acs:ecs:cn-hangzhou:42:instance/i-1') =>
    decide([{ Version: '1', Statement: [{ Effect: 'Allow', Resource: '*', ...statement }] }], { action, resource, sourceIp: '192.0.2.7' });
  it.each([
    [{ Action: 'ecs:Stop*' }, 'Allow'],
    [{ Action: ['ram:*', 'ECS:stopinstances'] }, 'Allow'],
    [{ Action: 'ecs:Stop' }, 'ImplicitDeny'],
    [{ Action: '*', Resource: 'acs:ecs:*:*:instance/i-?' }, 'Allow'],
    [{ Action: '*', Resource: 'acs:ecs:us-west-1:*:*' }, 'ImplicitDeny'],
    [{ NotAction: 'ram:*' }, 'Allow'],
    [{ NotAction: ['ram:*', 'ecs:*'] }, 'ImplicitDeny'],
    [{ Action: '*', Effect: 'Deny' }, 'ExplicitDeny'],
    [{ Action: '*', Condition: { IpAddress: { 'acs:SourceIp': '192.0.2.0/24' } } }, 'Allow'],
    [{ Action: '*', Condition: { NotIpAddress: { 'acs:SourceIp': '192.0.2.0/24' } } }, 'ImplicitDeny'],
    [{ Action: '*', Condition: { StringEquals: { 'acs:Unknown': 'x' } } }, 'ImplicitDeny'],
  ])('%j → %s', (statement, verdict) => expect(ask(statement)).toBe(verdict));
  it('know networks', () => {
    expect(inNetworks('203.0.113.200', ['203.0.113.128/25'])).toBe(true);
    expect(inNetworks('203.0.113.7', ['203.0.113.128/25', '203.0.113.8'])).toBe(false);
    expect(inNetworks('8.8.8.8', ['0.0.0.0/0'])).toBe(true);
    expect(inNetworks('203.0.113.7', [])).toBe(false);
  });
});
