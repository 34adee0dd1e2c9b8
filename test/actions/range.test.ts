import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Action, Collector, Context, Slice, Target } from '../../src/actions/define.ts';
import { actions } from '../../src/actions/index.ts';
import { openCloud } from '../../src/adapters/alibaba/cloud.ts';
import { parseScenario, type Scenario } from '../../src/drill/scenario.ts';
import type { Range } from '../../src/drill/world.ts';
import { openWorld, readWorld } from '../../src/drill/world.ts';
import type { Cloud } from '../../src/engine/ports.ts';
import type { Json, JsonObject } from '../../src/text.ts';
import { aReader } from '../support/cloud.ts';
import { lookUp } from '../support/json.ts';

// The first night of the drill, step by step as its runbook goes, over real HTTP and the real SDKs, each step on the facts of those before.
const leaked = 'LTAI5tEXAMPLEci00001';
const child = 'LTAI5tEXAMPLEbk00002';
const file = new URL('../../runbooks/leaked-access-key/drills/first-night.yaml', import.meta.url);

let folder: string;
let range: Range;
let cloud: Cloud;
const facts: Record<string, Json> = { accessKeyId: leaked };
const sentBy = new Map<string, Set<string>>();
let running = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'actions-'));
  const { scenario } = parseScenario(await readFile(file, 'utf8'), 'first-night.yaml');
  const world = readWorld(scenario as Scenario, 'first-night.yaml');
  range = await openWorld(world, { journal: join(folder, 'world.jsonl'), time: { kind: 'virtual' } });
  const { source: _, ...credential } = world.credential;
  const real = await openCloud({ endpoint: range.url, credential: { ...credential, source: 'environment' }, clock: range.clock, caseId: 'case-1', version: '0.0.0', settleMs: 0 });
  cloud = {
    ...real,
    send(call, signal) {
      sentBy.set(running, (sentBy.get(running) ?? new Set()).add(`${call.product}:${call.action}`));
      return real.send(call, signal);
    },
    close: () => real.close(),
  };
});

afterAll(async () => {
  await cloud.close();
  await range.close();
  await rm(folder, { recursive: true });
});

function context(input: JsonObject): Context {
  return {
    caseId: 'case-1',
    step: running.replaceAll(/[^a-z]+/gi, '-'),
    now: range.clock.now().toISOString(),
    input,
    ...(facts['identity'] === undefined ? {} : { identity: { ...(facts['identity'] as JsonObject), accessKeyId: cloud.accessKeyId } as never }),
  };
}

async function collect(name: string, given: JsonObject, target?: Target): Promise<Slice & { readonly slices: number }> {
  running = name;
  const collector = actions[name] as Collector;
  let cursor: Json | undefined;
  for (let slices = 1; ; slices += 1) {
    const slice = await collector.slice(aReader(cloud), context(collector.input.parse(given) as JsonObject), cursor, target);
    Object.assign(facts, target === undefined ? slice.facts : {});
    cursor = slice.cursor;
    if (cursor === undefined) return { ...slice, slices };
    if (slice.waitUntil !== undefined) await range.clock.sleep(Math.max(0, Date.parse(slice.waitUntil) - range.clock.now().getTime()));
  }
}

/** Plans, sends and reads back until it holds, as the engine does. */
async function act(name: string, targets: readonly Target[]): Promise<readonly { readonly id: string; readonly status: string; readonly facts?: JsonObject | undefined }[]> {
  running = name;
  const action = actions[name] as Action;
  const reader = aReader(cloud);
  const ready: Target[] = [];
  for (const target of targets) {
    const before = await action.before(reader, target, context({}));
    if (before.status === 'ready') ready.push(target);
  }
  for (const planned of action.plan(ready, context({}))) {
    const reply = await cloud.send(planned.call);
    expect([planned.call.action, reply.ok]).toEqual([planned.call.action, true]);
    const verdicts = reply.ok ? Object.values(action.settle?.(reply, planned) ?? {}) : [];
    expect(verdicts.filter(({ ok }) => !ok)).toEqual([]);
  }
  const deadline = range.clock.now().getTime() + action.withinMs;
  for (;;) {
    const holdings = await Promise.all(ready.map(async (target) => ({ id: target.id, ...(await action.holds(reader, target, context({}))) })));
    if (holdings.every(({ status }) => status === 'yes') || range.clock.now().getTime() > deadline)
      return holdings.map(({ id, status, facts: seen }) => ({ id, status, facts: seen }));
    await range.clock.sleep(5_000);
  }
}

const targets = (name: string): Target[] => (facts[name] as unknown as Target[]).filter(({ held }) => held === undefined);
const suspects = (): JsonObject => ({ accessKeyId: leaked, suspects: facts['suspects'] ?? [], suspectUsers: facts['suspectUsers'] ?? [], sessions: facts['sessions'] ?? [] });

it('reads who we are', async () => {
  expect((await collect('sts.whoAmI', {})).outcome).toBe('all');
  expect(facts).toMatchObject({ account: '1000000000000042', identity: { type: 'RAMUser', userName: 'ir-oncall' } });
});

it('finds the owner, the second key and where they were used within 30 seconds', async () => {
  const before = range.clock.now().getTime();
  expect((await collect('ram.quickLook', { accessKeyId: leaked })).outcome).toBe('all');
  expect(range.clock.now().getTime() - before).toBeLessThan(30_000);
  expect(lookUp(facts, 'owner.userName')).toBe('ci-deploy');
  expect(targets('suspects').map(({ id, data }) => [id, data['userName'], data['status']])).toEqual([
    [leaked, 'ci-deploy', 'Active'],
    [child, 'backup-svc', 'Active'],
  ]);
  expect((facts['sources'] as { ip: string }[]).map(({ ip }) => ip)).toEqual(expect.arrayContaining(['203.0.113.66', '192.0.2.10']));
});

it('cuts both keys, and the account says so', async () => {
  expect((await act('ram.disableAccessKeys', targets('suspects'))).map(({ status }) => status)).toEqual(['yes', 'yes']);
  expect((await collect('ram.keysOff', { accessKeyId: leaked, suspects: facts['suspects'] as Json })).outcome).toBe('all');
  expect(range.effects().filter(({ action }) => action === 'UpdateAccessKey')).toHaveLength(2);
});

it('sees that the trail was stopped, by whom, and starts it again', async () => {
  const slice = await collect('actiontrail.logging', {});
  expect(targets('trails').map(({ id }) => id)).toEqual(['audit']);
  expect(slice.findings?.map(({ eventName }) => eventName)).toContain('StopLogging');
  expect((await act('actiontrail.startLogging', targets('trails'))).map(({ status }) => status)).toEqual(['yes']);
});

it('finds the eleven in three regions, holds ours back, and names the region it may not read', async () => {
  const slice = await collect('ecs.rogueInstances', suspects());
  expect(facts['rogueSummary']).toMatchObject({ count: 11, regions: ['ap-southeast-1', 'cn-hangzhou', 'us-west-1'], cnyPerHour: 151.92 });
  const held = (facts['rogue'] as unknown as Target[]).filter((target) => target.held !== undefined).map(({ id }) => id);
  expect(held).toContain('i-bp1prodweb0000000003');
  expect(slice.outcome).toBe('some');
  expect(slice.coverage?.regionsMissed?.map(({ region }) => region)).toEqual(['me-east-1']);
});

it('keeps the volatile set of each, snapshots the disks, and only then stops', async () => {
  const batch = targets('rogue');
  for (const target of batch) expect([target.id, (await collect('ecs.volatile', {}, target)).outcome]).toEqual([target.id, 'all']);
  expect((await act('ecs.snapshotDisks', batch)).every(({ status }) => status === 'yes')).toBe(true);
  const stopped = await act('ecs.stopInstances', batch);
  expect(stopped.map(({ status }) => status)).toEqual(batch.map(() => 'yes'));
  expect(stopped.every(({ facts: seen }) => seen?.['stoppedMode'] === 'StopCharging')).toBe(true);
  expect(range.effects().filter(({ action }) => action === 'StopInstances')).toHaveLength(3);
});

it('reads back that the bill no longer runs', async () => {
  expect((await collect('ecs.burn', { rogue: facts['rogue'] as Json })).outcome).toBe('all');
  expect(facts).toMatchObject({ burnBefore: 151.92, burnAfter: 0, burnNotes: [] });
});

it('reads the full record over all regions and finds the same instances through the log alone', async () => {
  const slice = await collect('actiontrail.keyRecord', { accessKeyId: leaked });
  expect(slice.coverage?.regionsMissed).toEqual([]);
  expect((facts['madeInstances'] as Json[]).length).toBe(11);
  expect((facts['childKeys'] as { id: string }[]).map(({ id }) => id)).toContain(child);
});

it('waits through the quiet window until our own calls prove the log complete', async () => {
  const slice = await collect('actiontrail.quiet', { ...suspects(), minutes: 15, touchedRegions: facts['touchedRegions'] ?? [] });
  expect(slice.outcome).toBe('quiet');
  expect(lookUp(facts, 'quiet.logDelayMs')).toBeGreaterThan(5 * 60_000);
});

it('made no call it does not declare', () => {
  for (const [name, calls] of sentBy) expect([name, actions[name]?.calls]).toEqual([name, expect.arrayContaining([...calls])]);
  expect(sentBy.size).toBeGreaterThan(10);
});
