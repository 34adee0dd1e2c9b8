import { describe, expect, it } from 'vitest';
import type { Action, Collector, Target } from '../../src/actions/define.ts';
import { actions } from '../../src/actions/index.ts';
import { ecs as ecsAnswers } from '../support/account-ecs.ts';
import { answers } from '../support/account.ts';
import { aCloud, aContext, aReader, collect } from '../support/cloud.ts';
import type { FakeCloud } from '../support/cloud.ts';
import { lookUp } from '../support/json.ts';
import { anAttackedAccount, knownSuspects, leaked } from '../support/night.ts';

// Machines are walked on the range: machines-contract.test.ts.
const operations = Object.entries(actions).filter(([name]) => !name.startsWith('ecs.'));
const collectors = operations.filter((entry): entry is [string, Collector] => entry[1].kind === 'collector');
const acts = operations.filter((entry): entry is [string, Action] => entry[1].kind === 'action');
const made = (cloud: FakeCloud): readonly string[] => [...new Set(cloud.sent.map(({ product, action }) => `${product}:${action}`))];

type Facts = Record<'suspects' | 'trails' | 'rogue' | 'roles' | 'theirUsers', Target[]>;

async function facts(cloud: FakeCloud): Promise<Facts> {
  const quick = await collect(cloud, actions['ram.quickLook'] as Collector, { accessKeyId: leaked });
  const logging = await collect(cloud, actions['actiontrail.logging'] as Collector);
  const rogue = await collect(cloud, actions['ecs.rogueInstances'] as Collector, knownSuspects);
  const targets = (from: typeof quick, name: string): Target[] => lookUp(from.facts, name) as unknown as Target[];
  const role = await collect(cloud, actions['ram.roleLook'] as Collector, { roleName: 'Deploy' });
  const users = await collect(cloud, actions['ram.theirUsers'] as Collector, knownSuspects);
  return {
    suspects: targets(quick, 'suspects'),
    trails: targets(logging, 'trails'),
    rogue: targets(rogue, 'rogue'),
    roles: targets(role, 'roles'),
    theirUsers: targets(users, 'theirUsers'),
  };
}

const factOf: Readonly<Record<string, keyof Facts>> = { 'access-key': 'suspects', trail: 'trails', instance: 'rogue', 'ram-role': 'roles', 'ram-user': 'theirUsers' };
/** What has to be so before a target is ready: an active key is not deleted. */
const ready: Readonly<Record<string, (cloud: FakeCloud) => void>> = {
  'ram.deleteAccessKeys': ({ account }) => {
    for (const key of account.users.flatMap(({ keys }) => keys)) key.status = 'Inactive';
  },
};
/** What a collector over targets is about, by what it seals. */
const kindOf: Readonly<Record<string, keyof Facts>> = { 'role-record': 'roles', 'key-state': 'suspects' };

describe.each(collectors)('%s', (_name, collector) => {
  it('says what it is in both languages and names the calls of products we have', () => {
    expect(collector.summary.en.length).toBeGreaterThan(5);
    expect(collector.summary.zh).toMatch(/[\u4e00-\u9fff]/);
    for (const call of collector.calls) expect(Object.keys({ ...answers, ...ecsAnswers })).toContain(call);
  });

  it('reads only what it declares, seals an answer and gives the facts it promises', async () => {
    const cloud = aCloud(anAttackedAccount());
    const target = collector.seals === undefined ? undefined : (await facts(cloud))[kindOf[collector.seals] ?? 'rogue'][0];
    const before = cloud.sent.length;
    const given = { ...knownSuspects, rogue: (await facts(aCloud(anAttackedAccount()))).rogue as never };
    const done = await collect(cloud, collector, given, { slices: 60, ...(target === undefined ? {} : { target }) });
    const sent = cloud.sent.slice(before);
    expect(sent.every(({ effect }) => effect === 'read')).toBe(true);
    expect(collector.calls).toEqual(expect.arrayContaining([...new Set(sent.map(({ product, action }) => `${product}:${action}`))]));
    expect(done.sealed.length).toBeGreaterThan(0);
    for (const name of collector.gives) expect([name, Object.keys(done.facts)]).toEqual([name, expect.arrayContaining([name])]);
    expect(JSON.parse(JSON.stringify(done.facts))).toEqual(done.facts);
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
    const cloud = aCloud(anAttackedAccount());
    const targets = (await facts(cloud))[factOf[action.targets] as 'rogue'].filter(({ held }) => held === undefined);
    expect(targets.length).toBeGreaterThan(0);
    ready[name]?.(cloud);
    const context = aContext(action.input.parse(knownSuspects) as never);
    const reader = aReader(cloud);
    const from = cloud.sent.length;
    for (const target of targets) {
      expect(action.guard?.(target, context)).toBeUndefined();
      expect((await action.before(reader, target, context)).status).toBe('ready');
      expect((await action.holds(reader, target, context)).status).toBe('no');
    }
    const plan = action.plan(targets, context);
    expect(action.plan(targets, context)).toEqual(plan);
    for (const { call } of plan.toSorted((a, b) => (a.stage ?? 0) - (b.stage ?? 0))) {
      expect(call.effect).toBe('write');
      const reply = await cloud.send(call);
      // Made for the first target, a policy is there for the next.
      if (reply.ok || reply.refusal !== 'exists') expect([call.action, reply.ok]).toEqual([call.action, true]);
    }
    for (const snapshot of cloud.account.snapshots) snapshot.status = 'accomplished';
    for (const target of targets) {
      expect((await action.holds(reader, target, context)).status).toBe('yes');
      const undo = action.undo(target, {}, context);
      const [calls, why] = 'irreversible' in undo ? [[], undo.irreversible.zh] : [undo, '可撤销'];
      expect(why).toMatch(/[\u4e00-\u9fff]/);
      for (const call of calls) expect((await cloud.send(call)).ok).toBe(true);
      for (const { product, action: call } of calls) expect([...action.calls, ...action.undoes]).toContain(`${product}:${call}`);
    }
    const calls = new Set(cloud.sent.slice(from).map(({ product, action: call }) => `${product}:${call}`));
    expect([...action.calls, ...action.undoes]).toEqual(expect.arrayContaining([...calls]));
    expect(made(cloud)).not.toContain('');
  });

  it('tells apart a target that is already so, gone, and unreadable', async () => {
    const cloud = aCloud(anAttackedAccount());
    const [target] = (await facts(cloud))[factOf[action.targets] as 'rogue'].filter(({ held }) => held === undefined) as [Target];
    const context = aContext(action.input.parse(knownSuspects) as never);
    for (const call of action.calls.filter((each) => /Describe|List|Get/.test(each))) cloud.refuse(call, 'unavailable');
    const before = await action.before(aReader(cloud), target, context);
    expect(before.status).toBe('unreadable');
    expect((await action.holds(aReader(cloud), target, context)).status).toBe('unknown');
  });
});

it('refuses input that is not what an operation takes', () => {
  expect(actions['ram.quickLook']?.input.safeParse({}).success).toBe(false);
  expect(actions['ram.quickLook']?.input.safeParse({ accessKeyId: '../etc' }).success).toBe(false);
  expect(actions['actiontrail.keyRecord']?.input.safeParse({}).success).toBe(false);
  expect(actions['actiontrail.quiet']?.input.safeParse({ accessKeyId: leaked, minutes: 0 }).success).toBe(false);
  expect(actions['ecs.rogueInstances']?.input.safeParse({ suspects: 'all' }).success).toBe(false);
  expect(actions['ecs.burn']?.input.safeParse({ rogue: 'all' }).success).toBe(false);
});
