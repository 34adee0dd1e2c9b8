// A night of rogue machines from finding what launches them to releasing them, over real HTTP and the real SDKs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Action, Call, Reply } from '../../src/actions/define.ts';
import { actions } from '../../src/actions/index.ts';
import { openCloud } from '../../src/adapters/alibaba/cloud.ts';
import type { Cloud } from '../../src/engine/ports.ts';
import { secretOf, WorldSeed } from '../../src/range/seed.ts';
import { openRange, type Range } from '../../src/range/server.ts';
import type { Json, JsonObject } from '../../src/text.ts';
import { aReader } from '../support/cloud.ts';
import { carryOut } from '../support/range-cloud.ts';
import { batchIn, contextAt, furtherActs, gather, responderKey, rogueNight, suspects } from '../support/rogue-night.ts';

let folder: string;
let range: Range;
let cloud: Cloud & { now(): string };
const facts: Record<string, Json> = { ...suspects };
const sentBy = new Map<string, Set<string>>();
let running = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compute-'));
  range = await openRange({ seed: WorldSeed.parse(rogueNight), journal: join(folder, 'world.jsonl'), time: { kind: 'virtual' } });
  const credential = { accessKeyId: responderKey, accessKeySecret: secretOf({ id: responderKey }), source: 'environment' as const };
  const real = await openCloud({ endpoint: range.url, credential, clock: range.clock, caseId: 'case-1', version: '0.0.0', settleMs: 0 });
  cloud = {
    ...real,
    now: () => range.clock.now().toISOString(),
    send: async (call: Call, signal?: AbortSignal): Promise<Reply> => {
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

async function look(name: string): Promise<string | undefined> {
  running = name;
  const { outcome, facts: found } = await gather(cloud, name, facts);
  Object.assign(facts, found);
  return outcome;
}

/** Judges, sends stage after stage and reads until it holds, as the engine does. */
async function act(name: string, list: string, given: JsonObject = {}): Promise<readonly string[]> {
  running = name;
  const action = actions[name] as Action;
  const context = () => contextAt(cloud, action.input.parse(given) as JsonObject);
  const targets = batchIn(facts, list);
  for (const target of targets) {
    expect([target.id, action.guard?.(target, context())]).toEqual([target.id, undefined]);
    expect([target.id, (await action.before(aReader(cloud), target, context())).status]).toEqual([target.id, 'ready']);
  }
  await carryOut(cloud, action, targets, context);
  const deadline = range.clock.now().getTime() + action.withinMs;
  for (;;) {
    const states = await Promise.all(targets.map(async (target) => (await action.holds(aReader(cloud), target, context())).status));
    if (states.every((status) => status === 'yes') || range.clock.now().getTime() > deadline) return [...new Set(states)];
    await range.clock.sleep(5_000);
  }
}

it('finds what launches machines, and closes it before anything is stopped', async () => {
  expect(await look('ecs.launchSources')).toBe('all');
  expect(batchIn(facts, 'launchSources').map(({ id }) => id)).toEqual(['apg-fleet']);
  expect(await act('ecs.closeLaunchSources', 'launchSources')).toEqual(['yes']);
});

it('finds the machines, those of the group too, and keeps them from vanishing', async () => {
  expect(await look('ecs.rogueInstances')).toBe('all');
  expect(batchIn(facts, 'rogue')).toHaveLength(4);
  expect(await act('ecs.keepInstances', 'rogue')).toEqual(['yes']);
});

it('builds a group in every network and puts the machines there', async () => {
  expect(await look('ecs.quarantinePlaces')).toBe('all');
  expect(await act('ecs.quarantineGroups', 'quarantinePlaces')).toEqual(['yes']);
  expect(await look('ecs.quarantinePlaces')).toBe('all');
  expect(await act('ecs.quarantine', 'rogue', { places: facts['quarantinePlaces'] ?? [] })).toEqual(['yes']);
  expect(await act('ecs.detachRole', 'rogue')).toEqual(['yes']);
});

it('takes snapshots and locks them, still to be unlocked', async () => {
  expect(await act('ecs.snapshotDisks', 'rogue')).toEqual(['yes']);
  expect(await look('ecs.caseSnapshots')).toBe('all');
  expect(batchIn(facts, 'caseSnapshots')).toHaveLength(6);
  expect(await act('ecs.lockSnapshots', 'caseSnapshots', { coolOffHours: 24, lockDays: 30 })).toEqual(['yes']);
});

it('stops them, and nothing comes back', async () => {
  expect(await act('ecs.stopInstances', 'rogue')).toEqual(['yes']);
  await range.clock.sleep(3_600_000);
  expect(await look('ecs.launchSources')).toBe('all');
  expect(facts['launched']).toEqual([]);
});

it('releases them once their disks are in snapshots; the disks stay', async () => {
  for (const target of batchIn(facts, 'rogue')) {
    running = 'ecs.diskSnapshots';
    expect([target.id, (await gather(cloud, 'ecs.diskSnapshots', {}, target)).outcome]).toEqual([target.id, 'all']);
  }
  expect(await act('ecs.deleteInstances', 'rogue')).toEqual(['yes']);
  const released = range.effects().filter(({ action }) => action === 'DeleteInstances');
  expect(released.flatMap(({ targets }) => targets).toSorted()).toEqual(
    batchIn(facts, 'rogue')
      .map(({ id }) => id)
      .toSorted(),
  );
  // Locked, they outlive the machines.
  expect(await look('ecs.caseSnapshots')).toBe('all');
});

it('made no call it does not declare, and left none of the acts out', () => {
  for (const [name, calls] of sentBy) expect([name, actions[name]?.calls]).toEqual([name, expect.arrayContaining([...calls])]);
  expect([...sentBy.keys()]).toEqual(expect.arrayContaining([...furtherActs]));
});
