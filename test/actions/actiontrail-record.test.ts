import { describe, expect, it } from 'vitest';
import { keyRecord } from '../../src/actions/actiontrail-record.ts';
import { advance, enqueue, left, passed, peek, startTrip, stay } from '../../src/actions/queue.ts';
import { anEvent } from '../support/account.ts';
import { aCloud, aContext, aReader, collect } from '../support/cloud.ts';
import { lookUp } from '../support/json.ts';
import { anAttackedAccount, child, leaked } from '../support/night.ts';

const given = { accessKeyId: leaked };

it('follows the key to the user it made and on to what that user did', async () => {
  const done = await collect(aCloud(anAttackedAccount()), keyRecord, given);
  expect(done.last.outcome).toBe('all');
  expect(lookUp(done.facts, 'childKeys.0.id')).toBe(child);
  expect(
    (lookUp(done.facts, 'madeInstances') as { id: string; maker: string; region: string }[])
      .map(({ id, maker, region }) => [id, maker, region])
      .toSorted((a, b) => String(a).localeCompare(String(b))),
  ).toEqual([
    ['i-rogue1', child, 'cn-beijing'],
    ['i-rogue2', leaked, 'ap-southeast-1'],
  ]);
  expect(lookUp(done.facts, 'touchedRegions')).toEqual(['ap-southeast-1', 'cn-beijing', 'cn-hangzhou']);
  expect(lookUp(done.facts, 'record.events')).toBe(6);
  expect(lookUp(done.facts, 'record.first')).toBe('2026-03-01T02:09:00Z');
  expect(done.last.coverage?.regionsDone).toEqual(['cn-hangzhou', 'ap-southeast-1', 'cn-beijing']);
});

it('reads each page once, whatever the cursor went through', async () => {
  const account = anAttackedAccount({ pageSize: 2 });
  const cloud = aCloud(account);
  await collect(cloud, keyRecord, given);
  const queries = cloud.sent.filter(({ action }) => action === 'LookupEvents').map(({ params, region }) => JSON.stringify([region, params]));
  expect(new Set(queries).size).toBe(queries.length);
});

it('never asks for more than 30 days or beyond the 90 the log keeps', async () => {
  const cloud = aCloud(anAttackedAccount());
  await collect(cloud, keyRecord, given);
  for (const { params } of cloud.sent.filter(({ action }) => action === 'LookupEvents')) {
    const [from, to] = [Date.parse(params['StartTime'] ?? ''), Date.parse(params['EndTime'] ?? '')];
    expect(to - from).toBeLessThanOrEqual(30 * 86_400_000);
    expect(from).toBeGreaterThan(Date.parse(aContext().now) - 90 * 86_400_000);
  }
});

it('tells findings once, with a failed attempt as low', async () => {
  const account = anAttackedAccount();
  account.events.push(anEvent('DeleteTrail', '2026-03-01T02:13:00Z', { serviceName: 'Actiontrail', errorCode: 'NoPermission', requestParameters: { Name: 'audit-all' } }));
  const { findings } = await collect(aCloud(account), keyRecord, given);
  expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
  expect(findings.find(({ eventName }) => eventName === 'StopLogging')).toMatchObject({ severity: 'critical', principal: child, what: { en: 'Stopped the trail audit-all' } });
  expect(findings.find(({ eventName }) => eventName === 'DeleteTrail')).toMatchObject({ severity: 'low' });
  expect(findings.find(({ eventName }) => eventName === 'RunInstances')?.what.zh).toContain('1 台');
});

it('counts what is not told one by one', async () => {
  const account = anAttackedAccount();
  for (const second of ['01', '02', '03']) {
    account.events.push(anEvent('ListUsers', `2026-03-01T02:13:${second}Z`), anEvent('DeleteObject', `2026-03-01T02:14:${second}Z`, { serviceName: 'Oss' }));
  }
  const { findings, facts } = await collect(aCloud(account), keyRecord, given);
  expect(facts['record']).toMatchObject({ counted: { ListUsers: 3, DeleteObject: 3 } });
  const told = new Map(findings.map((finding) => [finding.id, finding.eventName]));
  expect([...told.values()].filter((name) => name === 'ListUsers')).toEqual([]);
  expect([...told.values()].filter((name) => name === 'DeleteObject')).toHaveLength(1);
});

it('counts on to the end without ever falling back', async () => {
  const done = await collect(aCloud(anAttackedAccount()), keyRecord, given);
  const counts = done.slices.map(({ progress }) => progress?.done ?? -1);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(done.last.progress).toMatchObject({ done: 24, total: 24 });
});

it('gives up a denied region, says so, and reads the others', async () => {
  const cloud = aCloud(anAttackedAccount());
  cloud.refuse('actiontrail:LookupEvents', 'denied', { code: 'NoPermission', when: ({ region }) => region === 'cn-beijing' });
  const done = await collect(cloud, keyRecord, given);
  expect(done.last.outcome).toBe('some');
  expect(done.last.coverage?.regionsMissed).toEqual([{ region: 'cn-beijing', why: { en: 'no permission (NoPermission)', zh: '没有权限（NoPermission）' } }]);
  expect(cloud.sent.filter(({ action, region }) => action === 'LookupEvents' && region === 'cn-beijing')).toHaveLength(1);
});

it('waits out a fault and then goes on with the same page', async () => {
  const cloud = aCloud(anAttackedAccount());
  cloud.refuse('actiontrail:LookupEvents', 'unavailable', { times: 2 });
  const done = await collect(cloud, keyRecord, given);
  expect(done.slices.filter(({ waitUntil }) => waitUntil !== undefined)).toHaveLength(2);
  expect(done.last.outcome).toBe('all');
});

it('goes on after a pause so long that the oldest days have left the log', async () => {
  const cloud = aCloud(anAttackedAccount());
  const reader = aReader(cloud);
  let slice = await keyRecord.slice(reader, aContext(given), undefined);
  for (let nth = 0; nth < 5; nth += 1) slice = await keyRecord.slice(reader, aContext(given), slice.cursor);
  const later = '2026-03-20T03:00:00Z';
  for (let nth = 0; slice.cursor !== undefined && nth < 500; nth += 1) slice = await keyRecord.slice(reader, aContext(given, { now: later }), slice.cursor);
  expect(slice.outcome).toBe('all');
  const oldest = cloud.sent.slice(-20).map(({ params }) => Date.parse(params['StartTime'] ?? later));
  expect(Math.min(...oldest)).toBeGreaterThan(Date.parse(later) - 90 * 86_400_000);
});

it('stops with the reason when the key in use is under restrictive protection', async () => {
  const cloud = aCloud();
  cloud.refuse('actiontrail:LookupEvents', 'protected', { code: 'Forbidden' });
  const done = await collect(cloud, keyRecord, given);
  expect(done.last).toMatchObject({ outcome: 'none', refused: { refusal: 'protected' } });
});

describe('the order of reading', () => {
  const trip = startTrip(['a', 'b'], '2026-01-01T00:00:00Z', '2026-02-20T00:00:00Z', { key: 'EventAccessKeyId', id: 'K1', since: '2026-01-01T00:00:00Z' });

  it('goes through the newest days of all regions first', () => {
    const seen: string[] = [];
    for (let here = trip, stop = peek(here); stop !== undefined; here = advance(here), stop = peek(here)) seen.push(`${stop.region} ${stop.from.slice(0, 10)}`);
    expect(seen).toEqual(['a 2026-01-21', 'b 2026-01-21', 'a 2026-01-01', 'b 2026-01-01']);
  });

  it('stays with a query whose pages are not read yet when somebody new is found', () => {
    const held = enqueue(stay(advance(trip)), { key: 'User', id: 'eve', since: '2026-02-01T00:00:00Z' });
    expect(peek(held)).toMatchObject({ value: 'K1', region: 'b' });
    expect(peek(advance(held))).toMatchObject({ value: 'eve', region: 'a' });
  });

  it('skips the time before somebody was made, and counts what is left', () => {
    const two = enqueue(trip, { key: 'User', id: 'eve', since: '2026-02-01T00:00:00Z' });
    expect([left(two), passed(two)]).toEqual([6, 0]);
    expect([left(advance(two)), passed(advance(two))]).toEqual([5, 1]);
    expect(enqueue(two, { key: 'User', id: 'eve', since: '' })).toBe(two);
  });
});
