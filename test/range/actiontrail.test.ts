import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/text.ts';
import { lookUp } from '../support/json.ts';
import { anAccount, day, hour, leaked, minute, nobody, reader, responder } from './kit.ts';

const events = (body: JsonObject): readonly JsonObject[] => body['Events'] as unknown as readonly JsonObject[];
const by = (...pairs: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries(
    pairs.flatMap(([key, value], index) => [
      [`LookupAttribute.${index + 1}.Key`, key],
      [`LookupAttribute.${index + 1}.Value`, value],
    ]),
  );
const at = (ms: number): string => new Date(Date.parse('2026-03-14T19:04:00Z') + ms).toISOString().slice(0, 19) + 'Z';
const window = (from: number, to = 0) => ({ StartTime: at(from), EndTime: at(to) });

/** Every page of a question, keeping to two calls a second. */
function everything(account: ReturnType<typeof anAccount>, params: Record<string, string>): readonly JsonObject[] {
  const found: JsonObject[] = [];
  let token: string | undefined;
  do {
    const body = account.ok('actiontrail:LookupEvents', { ...params, MaxResults: '50', ...(token ? { NextToken: token } : {}) });
    found.push(...events(body));
    token = body['NextToken'] as string | undefined;
    account.wait(500);
  } while (token);
  return found;
}

describe('looking events up', () => {
  it('pages through the past, newest first, each event once', () => {
    const account = anAccount();
    const found = everything(account, { ...window(-20 * day), ...by(['EventAccessKeyId', leaked]) });
    expect(found.length).toBeGreaterThan(480);
    expect(new Set(found.map((event) => event['eventId'])).size).toBe(found.length);
    const times = found.map((event) => String(event['eventTime']));
    expect(times).toEqual(times.toSorted().toReversed());
  });
  it('allows two calls a second', () => {
    const { code, wait } = anAccount();
    const three = [1, 2, 3].map(() => code('actiontrail:LookupEvents'));
    expect(three).toEqual(['no error', 'no error', 'Throttling.User']);
    wait(1_000);
    expect(code('actiontrail:LookupEvents')).toBe('no error');
  });
  it('shows an event five to ten minutes late, and a read of ours too', () => {
    const account = anAccount();
    account.ok('ram:GetUser', { UserName: 'nobody' });
    const mine = () => everything(account, by(['EventAccessKeyId', responder], ['EventName', 'GetUser']));
    account.wait(4 * minute);
    expect(mine()).toEqual([]);
    account.wait(7 * minute);
    expect(mine()).toMatchObject([
      {
        eventName: 'GetUser',
        eventRW: 'Read',
        sourceIpAddress: '192.0.2.77',
        userAgent: 'test/1.0',
        userIdentity: { type: 'ram-user', userName: 'responder', accessKeyId: responder },
      },
    ]);
  });
  it('records failures with their code', () => {
    const account = anAccount();
    account.ok('ram:UpdateAccessKey', { UserName: 'build', UserAccessKeyId: leaked, Status: 'Inactive' });
    account.ask('ram:CreateUser', { UserName: 'again' }, { key: leaked, ip: '203.0.113.66' });
    account.ask('ram:ListUsers', {}, { key: nobody });
    account.wait(11 * minute);
    const found = everything(account, { ...window(0, 11 * minute), ...by(['EventName', 'CreateUser']) });
    expect(found).toMatchObject([{ errorCode: 'InvalidAccessKeyId.Inactive', sourceIpAddress: '203.0.113.66', requestParameters: { UserName: 'again' } }]);
    expect(found[0]).not.toHaveProperty('responseElements');
    expect(everything(account, by(['User', 'nobody']))).toMatchObject([{ errorCode: 'NoPermission' }]);
  });
  it('keeps each region’s events there, and those of global services in cn-hangzhou', () => {
    const account = anAccount();
    account.ok('ecs:DescribeInstances', { RegionId: 'ap-southeast-1' });
    account.ok('ram:ListUsers');
    account.wait(11 * minute);
    const names = (region: string) =>
      everything(account, { RegionId: region, ...window(0, 11 * minute), ...by(['EventAccessKeyId', responder]) }).map((event) => event['eventName']);
    expect(names('ap-southeast-1')).toEqual(['DescribeInstances']);
    expect(names('cn-hangzhou')).toEqual(['ListUsers']);
    expect(names('us-west-1')).toEqual([]);
  });
  it('ties a seeded instance to the RunInstances that made it', () => {
    const account = anAccount();
    const made = everything(account, { ...window(-1 * day), ...by(['EventName', 'RunInstances']) });
    expect(made.map((event) => lookUp(event, 'responseElements.InstanceIdSets.InstanceIdSet'))).toContainEqual(['i-miner1', 'i-miner2']);
  });
  it('compares exactly, drops a third attribute, and lets the second of a pair win', () => {
    const account = anAccount();
    const count = (params: Record<string, string>) => everything(account, { ...window(-3 * day), ...params }).length;
    const all = count(by(['EventAccessKeyId', leaked]));
    expect(count(by(['EventAccessKeyId', leaked.toLowerCase()]))).toBe(0);
    expect(count(by(['EventAccessKeyId', leaked], ['EventRW', 'Write']))).toBeLessThan(all);
    expect(count(by(['EventAccessKeyId', leaked], ['ServiceName', 'Cr'], ['EventName', 'Nothing']))).toBe(count(by(['EventAccessKeyId', leaked], ['ServiceName', 'Cr'])));
    expect(count(by(['EventName', 'Nothing'], ['EventName', 'CreateUser']))).toBe(1);
    expect(count(by(['UserName', 'build']))).toBe(0);
    expect(count(by(['User', 'build']))).toBe(all);
  });
  it('knows 90 days, 30 at a time, 7 when not told', () => {
    const { code, ok, wait } = anAccount();
    expect(code('actiontrail:LookupEvents', window(-91 * day, -70 * day))).toBe('InvalidParameterStartTime');
    expect(code('actiontrail:LookupEvents', window(-31 * day))).toBe('InvalidQueryParameter');
    wait(2_000);
    expect(code('actiontrail:LookupEvents', { StartTime: at(-day) })).toBe('InvalidParameterCombination');
    expect(code('actiontrail:LookupEvents', { StartTime: 'x', EndTime: at(0) })).toBe('InvalidParameterStartTime');
    wait(2_000);
    expect(ok('actiontrail:LookupEvents')).toMatchObject({ StartTime: '2026-03-07T19:04:04Z', EndTime: '2026-03-14T19:04:04Z' });
    expect(code('actiontrail:LookupEvents', window(-90 * day, -60 * day))).toBe('no error');
  });
  it('refuses a token that belongs to another question', () => {
    const { ok, code, wait } = anAccount();
    const NextToken = String(ok('actiontrail:LookupEvents', { ...window(-5 * day), MaxResults: '5' })['NextToken']);
    wait(1_000);
    expect(code('actiontrail:LookupEvents', { ...window(-4 * day), MaxResults: '5', NextToken })).toBe('InvalidQueryParameter');
    expect(code('actiontrail:LookupEvents', { ...window(-5 * day), MaxResults: '50', NextToken })).toBe('no error');
  });
});

describe('trails', () => {
  it('are stopped and started, and the event history does not care', () => {
    const account = anAccount();
    expect(account.ok('actiontrail:DescribeTrails')).toMatchObject({ TrailList: [{ Name: 'audit', Status: 'Disable', StopLoggingTime: at(-40 * minute) }] });
    account.ok('actiontrail:StartLogging', { Name: 'audit' });
    expect(account.ok('actiontrail:GetTrailStatus', { Name: 'audit' })).toMatchObject({
      IsLogging: true,
      StartLoggingTime: at(0),
      OssBucketStatus: true,
      SlsLogStoreStatus: false,
    });
    expect(account.code('actiontrail:StopLogging', { Name: 'audit' })).toBe('UnsupportedHTTPMethod');
    account.ok('actiontrail:StopLogging', { Name: 'audit' }, { method: 'GET' });
    account.wait(11 * minute);
    expect(everything(account, by(['EventName', 'StopLogging'])).length).toBe(2);
  });
  it('made by API are off, and an update without EventRW narrows them', () => {
    const { ok, code } = anAccount();
    expect(code('actiontrail:CreateTrail', { Name: 'second' })).toBe('InvalidDeliveryConfigurationException');
    ok('actiontrail:CreateTrail', { Name: 'second', OssBucketName: 'logs' });
    const second = () => (ok('actiontrail:DescribeTrails', { NameList: 'second' })['TrailList'] as readonly JsonObject[])[0];
    expect(second()).toMatchObject({ Status: 'Fresh', EventRW: 'All' });
    ok('actiontrail:UpdateTrail', { Name: 'second', OssKeyPrefix: 'p' });
    expect(second()).toMatchObject({ EventRW: 'Write' });
    ok('actiontrail:DeleteTrail', { Name: 'second' });
    expect(code('actiontrail:GetTrailStatus', { Name: 'second' })).toBe('TrailNotFoundException');
  });
});

describe('last use of a key', () => {
  it('is known per product, address, event and resource, an hour late', () => {
    const account = anAccount();
    const products = account.ok('actiontrail:GetAccessKeyLastUsedProducts', { AccessKey: leaked })['Products'] as readonly JsonObject[];
    expect(products.map((one) => one['ServiceName'])).toEqual(['Cr', 'Ecs', 'Ram']);
    expect(account.ok('actiontrail:GetAccessKeyLastUsedIps', { AccessKey: leaked, ServiceName: 'Ram' })).toMatchObject({ Ips: [{ Ip: '203.0.113.66' }] });
    expect(account.ok('actiontrail:GetAccessKeyLastUsedEvents', { AccessKey: leaked, ServiceName: 'Cr' })).toMatchObject({
      Events: [{ EventName: 'GetAuthorizationToken', UsedTimestamp: Date.parse(at(-hour)) }],
    });
    const info = account.ok('actiontrail:GetAccessKeyLastUsedInfo', { AccessKey: leaked });
    expect(info).toMatchObject({ UserName: 'build', AccountType: 'ram-user', ServiceName: 'Cr' });
    expect(JSON.parse(String(info['Detail']))).toMatchObject({ eventName: 'GetAuthorizationToken' });
    expect(account.ok('actiontrail:GetAccessKeyLastUsedInfo', { AccessKey: nobody })).not.toHaveProperty('UsedTimestamp');
    expect(account.code('actiontrail:GetAccessKeyLastUsedIps', { AccessKey: leaked }, { key: reader })).toBe('MissingParameter');
  });
});

describe('what the seed foresees', () => {
  const attempt = {
    at: '+12m',
    who: leaked,
    ip: '203.0.113.66',
    region: 'us-west-1',
    call: 'ecs:RunInstances',
    params: { ImageId: 'img', InstanceType: 'ecs.gn6i-c8g1.2xlarge', Amount: 2 },
  };
  it('happens at its time, through the same handlers, and succeeds when nothing stops it', () => {
    const { wait, world } = anAccount({ events: [attempt, { ...attempt, at: '+3m', call: 'ram:CreateAccessKey', params: { UserName: 'nobody' } }] });
    wait(11 * minute);
    expect(world.effects.map((effect) => [effect.at, effect.action])).toEqual([[at(3 * minute), 'CreateAccessKey']]);
    wait(9 * minute);
    expect(world.effects.at(-1)).toMatchObject({ at: at(12 * minute), accessKeyId: leaked, action: 'RunInstances' });
    expect([...world.instances.values()].filter((one) => one.region === 'us-west-1')).toHaveLength(3);
  });
  it('fails once its key is cut, and shows in the log as a failure', () => {
    const account = anAccount({ events: [attempt] });
    account.ok('ram:UpdateAccessKey', { UserName: 'build', UserAccessKeyId: leaked, Status: 'Inactive' });
    account.wait(30 * minute);
    expect(everything(account, { RegionId: 'us-west-1', ...window(0, 30 * minute), ...by(['EventAccessKeyId', leaked]) })).toMatchObject([
      { eventTime: at(12 * minute), eventName: 'RunInstances', errorCode: 'InvalidAccessKeyId.Inactive' },
    ]);
    expect(account.world.effects).toHaveLength(1);
  });
});
