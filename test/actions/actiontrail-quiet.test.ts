import { expect, it } from 'vitest';
import { quiet } from '../../src/actions/actiontrail-quiet.ts';
import type { Call } from '../../src/actions/define.ts';
import { anEvent } from '../support/account.ts';
import { aCloud, collect } from '../support/cloud.ts';
import type { Collected, FakeCloud } from '../support/cloud.ts';
import { lookUp } from '../support/json.ts';
import { anAttackedAccount, child, knownSuspects } from '../support/night.ts';

const responder = { userIdentity: { type: 'ram-user', accountId: '1000000000000042', accessKeyId: 'LTAI5tEXAMPLEresponder01', userName: 'responder' } };

/** Lets our own marker calls appear in the log of their region, `delayMs` late. */
async function watch(
  cloud: FakeCloud,
  {
    delayMs = 120_000,
    minutes = 10,
    slices = 60,
    touchedRegions = ['cn-beijing'],
    during,
    wakes = (now) => now,
  }: {
    delayMs?: number | ((at: string) => number);
    minutes?: number;
    slices?: number;
    touchedRegions?: string[];
    during?: (now: string) => void;
    wakes?: (now: string) => string;
  } = {},
): Promise<Collected> {
  let now = '2026-03-01T03:00:00Z';
  let known = cloud.sent.length;
  const late: { visible: number; call: Call; number: number; at: string }[] = [];
  return collect(
    cloud,
    quiet,
    { ...knownSuspects, minutes, touchedRegions },
    {
      now,
      slices,
      wakes,
      tick(next) {
        for (; known < cloud.sent.length; known += 1) {
          const call = cloud.sent[known] as Call;
          if (call.action === 'DescribeRegions') late.push({ visible: Date.parse(now) + (typeof delayMs === 'number' ? delayMs : delayMs(now)), call, number: known + 1, at: now });
        }
        now = next;
        for (const { call, number, at } of late.filter(({ visible }) => visible <= Date.parse(now))) {
          cloud.account.events.push(
            anEvent('DescribeRegions', at.replace(/\.\d+/, ''), { eventId: `own-${number}`, requestId: `REQ-${number}`, acsRegion: call.region, serviceName: 'Ecs', ...responder }),
          );
        }
        late.splice(0, late.length, ...late.filter(({ visible }) => visible > Date.parse(now)));
        during?.(now);
      },
    },
  );
}

it('is quiet after a window that is longer than the measured delay and proven by our own calls', async () => {
  const done = await watch(aCloud(anAttackedAccount()));
  expect(done.last.outcome).toBe('quiet');
  expect(lookUp(done.facts, 'quiet.logDelayMs')).toBe(120_000);
  expect(lookUp(done.facts, 'quiet.regions')).toEqual(['cn-hangzhou', 'ap-southeast-1', 'cn-beijing']);
  expect(String(lookUp(done.facts, 'quiet.to')) >= '2026-03-01T03:10:00Z').toBe(true);
  expect(done.now >= '2026-03-01T03:12:00Z').toBe(true);
});

it('looks at many regions in slices of a few seconds, and is quiet only when it has looked at all', async () => {
  const cloud = aCloud(anAttackedAccount());
  const touchedRegions = Array.from({ length: 28 }, (_, index) => `eu-test-${index + 1}`);
  const asked: number[] = [];
  const lookups = (): number => cloud.sent.filter(({ action }) => action === 'LookupEvents').length;
  const done = await watch(cloud, { slices: 400, touchedRegions, during: () => void asked.push(lookups()) });
  expect(done.last.outcome).toBe('quiet');
  expect(done.last.coverage?.regionsDone).toHaveLength(30);
  expect(Math.max(...asked.map((total, nth) => total - (asked[nth - 1] ?? 0)))).toBeLessThanOrEqual(24);
});

it('asks a region that does not answer for nothing more, names it, and is not quiet without it', async () => {
  const cloud = aCloud(anAttackedAccount());
  cloud.refuse('ecs:DescribeRegions', 'unavailable', { code: 'RequestTimeoutError', when: ({ region }) => region === 'cn-beijing' });
  const done = await watch(cloud, { slices: 30 });
  expect(done.last.outcome).toBeUndefined();
  expect(done.last.coverage?.regionsMissed?.map(({ region }) => region)).toEqual(['cn-beijing']);
  expect(cloud.sent.filter(({ action, region }) => action === 'LookupEvents' && region === 'cn-beijing')).toEqual([]);
});

it('needs a longer window when the log is later than the window', async () => {
  const done = await watch(aCloud(anAttackedAccount()), { delayMs: 900_000 });
  expect(done.last.outcome).toBe('quiet');
  expect(String(lookUp(done.facts, 'quiet.to')) >= '2026-03-01T03:15:00Z').toBe(true);
});

it('takes an absence for no delay of the log', async () => {
  let asleep = false;
  const done = await watch(aCloud(anAttackedAccount()), {
    wakes(now) {
      if (asleep || now < '2026-03-01T03:05:00Z') return now;
      asleep = true;
      return '2026-03-01T06:05:00Z';
    },
  });
  expect(done.last.outcome).toBe('quiet');
  expect(lookUp(done.facts, 'quiet.logDelayMs')).toBe(120_000);
});

it('is active as soon as a suspect succeeded after the cut', async () => {
  const cloud = aCloud(anAttackedAccount());
  const done = await watch(cloud, {
    during(now) {
      if (now === '2026-03-01T03:05:00Z') {
        cloud.account.events.push(
          anEvent('RunInstances', '2026-03-01T03:03:00Z', { acsRegion: 'cn-beijing', userIdentity: { type: 'ram-user', accessKeyId: child, userName: 'backup-svc' } }),
        );
      }
    },
  });
  expect(done.last.outcome).toBe('active');
  expect(done.findings.at(-1)).toMatchObject({ severity: 'critical', principal: child, what: { en: expect.stringContaining('After the cut') as unknown } });
});

it('counts refused attempts once and stays quiet', async () => {
  const cloud = aCloud(anAttackedAccount());
  const done = await watch(cloud, {
    during(now) {
      if (now <= '2026-03-01T03:08:00Z') cloud.account.events.push(anEvent('DescribeInstances', now, { errorCode: 'InvalidAccessKeyId.Inactive', nonce: now }));
    },
  });
  expect(done.last.outcome).toBe('quiet');
  expect(lookUp(done.facts, 'quiet.refusedAttempts')).toBe(8);
});

it('is never quiet while one region does not show our own calls, however long', async () => {
  const cloud = aCloud(anAttackedAccount());
  cloud.refuse('actiontrail:LookupEvents', 'denied', { code: 'NoPermission', when: ({ region }) => region === 'cn-beijing' });
  const done = await watch(cloud, { slices: 40 });
  expect(done.last.outcome).toBeUndefined();
  expect(done.last.coverage?.regionsMissed).toEqual([{ region: 'cn-beijing', why: { en: 'no permission (NoPermission)', zh: '没有权限（NoPermission）' } }]);
  expect(done.last.waitUntil).toBeDefined();
});

it('is never quiet when nothing of ours appears: an empty log is not a quiet one', async () => {
  const done = await watch(aCloud(anAttackedAccount()), { delayMs: Number.POSITIVE_INFINITY, slices: 40 });
  expect(done.last.outcome).toBeUndefined();
});

it('waits for the latest of our own calls: the log does not keep their order', async () => {
  const cloud = aCloud(anAttackedAccount());
  const done = await watch(cloud, { delayMs: (at) => (at < '2026-03-01T03:01:00Z' ? 1_500_000 : 60_000) });
  expect(done.last.outcome).toBe('quiet');
  expect(done.now >= '2026-03-01T03:25:00Z').toBe(true);
});

it('does not trust a log that shows our calls but not those of the suspects', async () => {
  const cloud = aCloud(anAttackedAccount());
  cloud.refuse('actiontrail:LookupEvents', 'throttled', { code: 'Throttling.User', when: ({ params }) => params['LookupAttribute.1.Value'] === child });
  const done = await watch(cloud, { slices: 40 });
  expect(done.last.outcome).toBeUndefined();
  expect(lookUp(done.facts, 'quiet.to')).toBe('2026-03-01T03:00:00Z');
});
