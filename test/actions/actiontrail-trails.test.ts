import { expect, it } from 'vitest';
import { logging, startTrail } from '../../src/actions/actiontrail-trails.ts';
import type { Target } from '../../src/actions/define.ts';
import { anAccount } from '../support/account.ts';
import { aCloud, aContext, aReader, collect } from '../support/cloud.ts';
import { lookUp } from '../support/json.ts';
import { anAttackedAccount } from '../support/night.ts';

it('lists the stopped trail once, says since when and who stopped it', async () => {
  const done = await collect(aCloud(anAttackedAccount()), logging);
  expect(lookUp(done.facts, 'trails')).toMatchObject([{ id: 'audit-all', kind: 'trail', region: 'cn-hangzhou', data: { stoppedAt: '2026-03-01T02:12:00Z' } }]);
  expect(lookUp(done.facts, 'loggingOk')).toBe(false);
  expect(done.findings.map(({ eventName }) => eventName)).toEqual(['StopLogging']);
});

it('calls logging fine only when every trail logs and delivers', async () => {
  const account = anAccount({ trails: [{ name: 'audit-all', home: 'cn-hangzhou', logging: true }] });
  expect(lookUp((await collect(aCloud(account), logging)).facts, 'loggingOk')).toBe(true);
  account.trails[0] = { name: 'audit-all', home: 'cn-hangzhou', logging: true, error: 'NoSuchBucket' };
  const done = await collect(aCloud(account), logging);
  expect(lookUp(done.facts, 'loggingOk')).toBe(false);
  expect(lookUp(done.facts, 'loggingNotes.0.en')).toContain('NoSuchBucket');
});

it('does not call an account without trails fine', async () => {
  const done = await collect(aCloud(), logging);
  expect(lookUp(done.facts, 'loggingOk')).toBe(false);
  expect(lookUp(done.facts, 'trails')).toEqual([]);
});

it('takes a trail that no longer exists as gone and one that logs as done', async () => {
  const reader = aReader(aCloud(anAttackedAccount()));
  const trail = (name: string): Target => ({ id: name, kind: 'trail', region: 'cn-hangzhou', data: { name, home: 'cn-hangzhou' } });
  expect((await startTrail.before(reader, trail('nowhere'), aContext())).status).toBe('gone');
  const already = await startTrail.before(reader, trail('audit-sls'), aContext());
  expect(already.status).toBe('already');
  expect(startTrail.undo(trail('audit-sls'), { IsLogging: true }, aContext())).toEqual([]);
});

it('sends an answer that could not be read to the person, not to the floor', async () => {
  const cloud = aCloud(anAttackedAccount());
  cloud.refuse('actiontrail:DescribeTrails', 'denied', { code: 'NoPermission' });
  const done = await collect(cloud, logging);
  expect(done.last).toMatchObject({ outcome: 'none', refused: { refusal: 'denied' } });
});
