import { expect, it } from 'vitest';
import type { Target } from '../../src/actions/define.ts';
import { burn } from '../../src/actions/ecs-burn.ts';
import { rogueInstances } from '../../src/actions/ecs-rogue.ts';
import { anEvent } from '../support/account.ts';
import { anInstance } from '../support/account-ecs.ts';
import type { Collected } from '../support/cloud.ts';
import { aCloud, collect } from '../support/cloud.ts';
import { lookUp } from '../support/json.ts';
import { anAttackedAccount, child, knownSuspects, leaked } from '../support/night.ts';

const rogue = (done: Collected): Target[] => lookUp(done.facts, 'rogue') as unknown as Target[];

it('puts only what the suspects made into the batch and holds back what merely looks alike', async () => {
  const done = await collect(aCloud(anAttackedAccount()), rogueInstances, knownSuspects);
  expect(rogue(done).map(({ id, held }) => [id, held === undefined])).toEqual([
    ['i-rogue2', true],
    ['i-rogue1', true],
    ['i-ours', false],
  ]);
  expect(rogue(done)[1]).toMatchObject({
    region: 'cn-beijing',
    data: { maker: child, ours: false, publicIp: '198.51.100.9', disks: [{ id: 'd-i-rogue1', local: false }], cnyPerHour: 12.5 },
  });
  expect(rogue(done)[2]).toMatchObject({ held: { en: expect.stringContaining('same image') as unknown }, data: { ours: true, maker: '' } });
  expect(lookUp(done.facts, 'rogueSummary')).toMatchObject({ count: 2, heldCount: 1, regions: ['ap-southeast-1', 'cn-beijing'], cnyPerHour: 25 });
});

it('says unknown, not zero, when one price is not known', async () => {
  const done = await collect(aCloud(anAttackedAccount({ prices: {} })), rogueInstances, knownSuspects);
  expect(lookUp(done.facts, 'rogueSummary.cnyPerHour')).toBeNull();
});

it('does not trust an empty list: a region where listing is not allowed counts as not looked at', async () => {
  const cloud = aCloud(anAttackedAccount({ instances: [] }));
  cloud.refuse('ecs:DescribeInstances', 'denied', { code: 'Forbidden.RAM', when: ({ region, params }) => region === 'cn-beijing' && params['DryRun'] === 'true' });
  const done = await collect(cloud, rogueInstances, knownSuspects);
  expect(done.last.outcome).toBe('some');
  expect(done.last.coverage?.regionsMissed).toEqual([
    { region: 'cn-beijing', why: { en: 'an empty list is no proof: no permission (Forbidden.RAM)', zh: '空列表不能作为证明：没有权限（Forbidden.RAM）' } },
  ]);
});

it('asks the log only where instances are, and only for the newest time and those in which they were made', async () => {
  const cloud = aCloud(anAttackedAccount());
  await collect(cloud, rogueInstances, knownSuspects);
  const asked = cloud.sent.filter(({ action }) => action === 'LookupEvents').map(({ region, params }) => `${region} ${params['LookupAttribute.1.Value']}`);
  expect(asked.toSorted()).toEqual(['ap-southeast-1 CreateInstance', 'ap-southeast-1 RunInstances', 'cn-beijing CreateInstance', 'cn-beijing RunInstances']);
});

it('goes on where it may not list the regions, with those it knows, and says so', async () => {
  const cloud = aCloud(anAttackedAccount());
  cloud.refuse('ecs:DescribeRegions', 'denied', { code: 'Forbidden.RAM' });
  const done = await collect(cloud, rogueInstances, { ...knownSuspects, touchedRegions: ['cn-beijing'] });
  expect(done.last.outcome).toBe('some');
  expect(rogue(done).map(({ id }) => id)).toEqual(expect.arrayContaining(['i-rogue1', 'i-rogue2']));
  expect(done.last.coverage?.notLooked?.[0]?.en).toContain('regions could not be listed (Forbidden.RAM)');
});

it('holds back an instance whose maker the log could not tell', async () => {
  const cloud = aCloud(anAttackedAccount());
  cloud.refuse('actiontrail:LookupEvents', 'denied', { code: 'NoPermission' });
  const done = await collect(cloud, rogueInstances, knownSuspects);
  expect(rogue(done).every(({ held }) => held !== undefined)).toBe(true);
  expect(rogue(done).map(({ id }) => id)).toEqual(['i-rogue2', 'i-rogue1']);
});

it('holds back one so new that the log can not know its maker, and believes the full record over the log', async () => {
  const account = anAttackedAccount();
  account.instances.push(anInstance({ id: 'i-new', created: '2026-03-01T02:55Z' }));
  expect(rogue(await collect(aCloud(account), rogueInstances, knownSuspects)).find(({ id }) => id === 'i-new')?.held?.en).toContain('does not say yet');
  const known = { ...knownSuspects, madeInstances: [{ id: 'i-new', region: 'cn-beijing', maker: leaked, at: '2026-03-01T02:55:00Z' }] };
  expect(rogue(await collect(aCloud(account), rogueInstances, known)).find(({ id }) => id === 'i-new')?.held).toBeUndefined();
});

it('holds back what the leaked key made long before the attack: that may be its owner at work', async () => {
  const account = anAttackedAccount();
  account.instances.push(anInstance({ id: 'i-build', created: '2026-01-20T08:00Z' }));
  const known = { ...knownSuspects, madeInstances: [{ id: 'i-build', region: 'cn-beijing', maker: leaked, at: '2026-01-20T08:00:00Z' }] };
  const found = rogue(await collect(aCloud(account), rogueInstances, known)).find(({ id }) => id === 'i-build');
  expect(found?.held?.en).toContain('before any sign of the attack');
  expect(found?.data).toMatchObject({ ours: true });
});

it('goes by the time in the log, not by what the instance says of its age', async () => {
  const account = anAttackedAccount();
  account.instances.push(anInstance({ id: 'i-odd', created: '2019-01-01T00:00Z' }));
  account.events.push(
    anEvent('RunInstances', '2026-03-01T02:21:00Z', { eventId: 'odd', acsRegion: 'cn-beijing', responseElements: { InstanceIdSets: { InstanceIdSet: ['i-odd'] } } }),
  );
  expect(rogue(await collect(aCloud(account), rogueInstances, knownSuspects)).find(({ id }) => id === 'i-odd')).toMatchObject({ data: { maker: leaked, ours: false } });
});

it('reads back what still costs: what is stopped without charge counts nothing, prepaid and kept ones go on', async () => {
  const account = anAttackedAccount();
  const list = rogue(await collect(aCloud(account), rogueInstances, knownSuspects));
  const [first, second] = account.instances;
  Object.assign(first as object, { status: 'Stopped', stoppedMode: 'StopCharging' });
  Object.assign(second as object, { status: 'Stopped', stoppedMode: 'KeepCharging' });
  const done = await collect(aCloud(account), burn, { rogue: list as never });
  expect(done.facts).toMatchObject({ burnBefore: 25, burnAfter: 12.5, burnNotes: [{ en: 'i-rogue2 is stopped, but still billed (KeepCharging).' }] });
});

it('knows no burn without instances to look at or without permission', async () => {
  expect((await collect(aCloud(), burn)).facts).toMatchObject({ burnBefore: null, burnAfter: null });
  const account = anAttackedAccount();
  const list = rogue(await collect(aCloud(account), rogueInstances, knownSuspects));
  const cloud = aCloud(account);
  cloud.refuse('ecs:DescribeInstances', 'denied', { code: 'Forbidden.RAM' });
  expect((await collect(cloud, burn, { rogue: list as never })).facts).toMatchObject({ burnBefore: 25, burnAfter: null });
});

it('does not count a prepaid instance into what runs up by the hour, and says how many there are', async () => {
  const account = anAttackedAccount();
  const first = account.instances[0];
  if (first) first.charge = 'PrePaid';
  expect(lookUp((await collect(aCloud(account), rogueInstances, knownSuspects)).facts, 'rogueSummary')).toMatchObject({ cnyPerHour: 12.5, prepaid: 1, count: 2 });
});
