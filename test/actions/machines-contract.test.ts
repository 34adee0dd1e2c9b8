// What every operation on machines must keep, walked over the registry, each on a range of its own.
import { describe, expect, it } from 'vitest';
import type { Action, Collector, Context, Target } from '../../src/actions/define.ts';
import { actions } from '../../src/actions/index.ts';
import { products } from '../../src/range/gateway.ts';
import type { Json, JsonObject } from '../../src/text.ts';
import { aReader } from '../support/cloud.ts';
import { aRangeCloud, carryOut, type RangeCloud } from '../support/range-cloud.ts';
import { batchIn, contextAt, gather, responderKey, rogueFacts, rogueNight } from '../support/rogue-night.ts';

const operations = Object.entries(actions).filter(([name]) => name.startsWith('ecs.'));
const collectors = operations.filter((entry): entry is [string, Collector] => entry[1].kind === 'collector');
const acts = operations.filter((entry): entry is [string, Action] => entry[1].kind === 'action');

type Stage = {
  readonly cloud: RangeCloud;
  readonly targets: readonly Target[];
  readonly context: (input?: JsonObject) => Context;
  /** What an act is given beside its targets. */
  readonly input: JsonObject;
  /** Lets what is under way come to its end. */
  later(): void;
};

const lists: Readonly<Record<string, string>> = {
  instance: 'rogue',
  'launch-source': 'launchSources',
  'quarantine-place': 'quarantinePlaces',
  snapshot: 'caseSnapshots',
};

/** What an act waits for has been done. */
async function stageFor(name: string, action: Action): Promise<Stage> {
  const cloud = aRangeCloud(rogueNight, responderKey);
  const context = (input: JsonObject = {}) => contextAt(cloud, input);
  const facts = await rogueFacts(cloud);
  const doFirst = async (first: string, list: string): Promise<void> => {
    await carryOut(cloud, actions[first] as Action, batchIn(facts, list), context);
    cloud.wait(30 * 60_000);
    Object.assign(facts, await rogueFacts(cloud));
  };
  if (name === 'ecs.lockSnapshots' || name === 'ecs.deleteInstances') await doFirst('ecs.snapshotDisks', 'rogue');
  if (name === 'ecs.deleteInstances') {
    await doFirst('ecs.closeLaunchSources', 'launchSources');
    await doFirst('ecs.keepInstances', 'rogue');
    await doFirst('ecs.stopInstances', 'rogue');
  }
  if (name === 'ecs.quarantine') await doFirst('ecs.quarantineGroups', 'quarantinePlaces');
  const input = name === 'ecs.quarantine' ? { places: facts['quarantinePlaces'] ?? [] } : {};
  return { cloud, context, input, targets: batchIn(facts, lists[action.targets] ?? ''), later: () => cloud.wait(30 * 60_000) };
}

/** The calls the range answers: a name that is none of them is a slip. */
const known = new Set(Object.values(products).flatMap(({ name, operations }) => Object.keys(operations).map((operation) => `${name}:${operation}`)));

describe.each(collectors)('%s', (name, collector) => {
  it('says what it is in both languages and names the calls of products we have', () => {
    expect(collector.summary.en.length).toBeGreaterThan(5);
    expect(collector.summary.zh).toMatch(/[\u4e00-\u9fff]/);
    for (const call of collector.calls) expect(known).toContain(call);
  });

  it('reads only what it declares, seals an answer and gives the facts it promises', async () => {
    const cloud = aRangeCloud(rogueNight, responderKey);
    const facts = await rogueFacts(cloud);
    await carryOut(cloud, actions['ecs.snapshotDisks'] as Action, batchIn(facts, 'rogue'), () => contextAt(cloud));
    cloud.wait(30 * 60_000);
    const from = cloud.sent.length;
    const done = await gather(cloud, name, facts, collector.seals === undefined ? undefined : batchIn(facts, 'rogue')[0]);
    const calls = cloud.sent.slice(from);
    expect(done.sealed.length).toBeGreaterThan(0);
    for (const fact of collector.gives) expect([fact, Object.keys(done.facts)]).toEqual([fact, expect.arrayContaining([fact])]);
    expect(JSON.parse(JSON.stringify(done.facts))).toEqual(done.facts);
    expect(calls.every(({ effect }) => effect === 'read')).toBe(true);
    expect(collector.calls).toEqual(expect.arrayContaining([...new Set(calls.map(({ product, action }) => `${product}:${action}`))]));
  });
});

describe.each(acts)('%s', (name, action) => {
  it('says what it is, what it loses, what it leaves and where to do it by hand, in both languages', () => {
    for (const { en, zh } of [action.summary, action.loses, action.leaves, action.console]) {
      expect(en.length).toBeGreaterThan(5);
      expect(zh).toMatch(/[\u4e00-\u9fff]/);
    }
  });

  it('makes only calls it declares, holds once they are made, and can be undone or says why not', async () => {
    const { cloud, targets, context: at, input, later } = await stageFor(name, action);
    expect(targets.length).toBeGreaterThan(0);
    const context = () => at(action.input.parse(input) as JsonObject);
    const reader = aReader(cloud);
    const from = cloud.sent.length;
    const before = new Map<string, Json>();
    for (const target of targets) {
      expect(action.guard?.(target, context())).toBeUndefined();
      for (const { en, zh } of action.warn?.(target, context()) ?? []) expect([en.length > 5, /[\u4e00-\u9fff]/.test(zh)]).toEqual([true, true]);
      const found = await action.before(reader, target, context());
      expect([target.id, found.status]).toEqual([target.id, 'ready']);
      before.set(target.id, found.state ?? null);
      expect((await action.holds(reader, target, context())).status).toBe('no');
    }
    const plan = action.plan(targets, context());
    expect(action.plan(targets, context())).toEqual(plan);
    for (const { call } of plan) expect(call.effect).toBe('write');
    // Every target has a call of its own in the plan: without one it would never be asked what follows.
    expect(new Set(plan.flatMap((planned) => planned.targets))).toEqual(new Set(targets.map(({ id }) => id)));
    const undo = new Map(targets.map((target) => [target.id, action.undo(target, before.get(target.id) ?? null, context())]));
    const made = await carryOut(cloud, action, targets, context);
    later();
    for (const target of targets) {
      expect([target.id, (await action.holds(reader, target, context())).status]).toEqual([target.id, 'yes']);
      const back = undo.get(target.id) ?? [];
      const [calls, why] = 'irreversible' in back ? [[], back.irreversible.zh] : [back, '可撤销'];
      expect(why).toMatch(/[\u4e00-\u9fff]/);
      for (const call of calls) expect([call.action, (await cloud.send(call)).ok]).toEqual([call.action, true]);
      for (const { product, action: operation } of calls) expect([...action.calls, ...action.undoes]).toContain(`${product}:${operation}`);
    }
    for (const { product, action: operation } of made) expect(action.calls).toContain(`${product}:${operation}`);
    const calls = new Set(cloud.sent.slice(from).map(({ product, action: operation }) => `${product}:${operation}`));
    expect([...action.calls, ...action.undoes]).toEqual(expect.arrayContaining([...calls]));
  });

  it('tells apart a target that is already so, gone, and unreadable', async () => {
    const { cloud, targets, context, input } = await stageFor(name, action);
    const [target] = targets as [Target];
    for (const call of action.calls.filter((each) => /Describe|List|Get/.test(each))) cloud.refuse(call, 'unavailable');
    const given = context(action.input.parse(input) as JsonObject);
    expect((await action.before(aReader(cloud), target, given)).status).toBe('unreadable');
    expect((await action.holds(aReader(cloud), target, given)).status).toBe('unknown');
  });
});

it('refuses input that is not what an operation takes', () => {
  expect(actions['ecs.launchSources']?.input.safeParse({}).success).toBe(false);
  expect(actions['ecs.quarantine']?.input.safeParse({ places: 'all' }).success).toBe(false);
  expect(actions['ecs.quarantinePlaces']?.input.safeParse({ rogue: 1 }).success).toBe(false);
  expect(actions['ecs.lockSnapshots']?.input.safeParse({ coolOffHours: 0 }).success).toBe(false);
});
