import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Action, Call, Collector, Target } from '../../src/actions/define.ts';
import { actions } from '../../src/actions/index.ts';
import type { Json, JsonObject } from '../../src/text.ts';
import { aCloud, aContext, aReader, collect } from '../support/cloud.ts';
import { anAttackedAccount, knownSuspects } from '../support/night.ts';
import { aRangeCloud, carryOut } from '../support/range-cloud.ts';
import { batchIn, contextAt, gather, responderKey, rogueFacts, rogueNight } from '../support/rogue-night.ts';

// Every call our operations make, against the official parameter names. The metadata is not ours to keep: read where it lies.
const meta = join(process.env['FIREBREAK_SHARED'] ?? join(import.meta.dirname, '../../../shared'), 'reference/meta');
const present = existsSync(meta);
if (!present) console.warn(`skipped: no official metadata at ${meta}`);

type Parameter = { readonly name: string };
type Meta = Readonly<Record<string, { readonly openapi_meta_en_US_2026_04?: { readonly parameters?: readonly Parameter[] } }>>;

const isMachine = ([name]: readonly [string, unknown]): boolean => name.startsWith('ecs.');
const collectors = Object.entries(actions).filter((entry): entry is [string, Collector] => entry[1].kind === 'collector');
const acts = Object.entries(actions).filter((entry): entry is [string, Action] => entry[1].kind === 'action');

/** All calls of all operations on an attacked account. */
async function everyCall(): Promise<readonly Call[]> {
  const cloud = aCloud(anAttackedAccount());
  const facts: Record<string, Json> = { ...knownSuspects };
  for (const [, collector] of collectors.filter((each) => !isMachine(each))) {
    const [target] = (facts[{ 'role-record': 'roles', 'key-state': 'suspects' }[collector.seals ?? ''] ?? ''] ?? []) as unknown as Target[];
    if (collector.seals !== undefined && target === undefined) continue;
    Object.assign(facts, (await collect(cloud, collector, facts, { slices: 40, ...(collector.seals === undefined || target === undefined ? {} : { target }) })).facts);
  }
  const writes: Call[] = [];
  for (const [, action] of acts.filter((each) => !isMachine(each))) {
    const targets = facts[lists[action.targets] ?? ''] as unknown as Target[];
    const context = aContext(action.input.parse(knownSuspects) as never);
    for (const target of targets) {
      await action.before(aReader(cloud), target, context);
      await action.holds(aReader(cloud), target, context);
      const undo = action.undo(target, {}, context);
      if (!('irreversible' in undo)) writes.push(...undo);
    }
    writes.push(...action.plan(targets, context).map(({ call }) => call));
  }
  return [...cloud.sent, ...writes, ...(await callsOnMachines())];
}

const lists: Readonly<Record<string, string>> = {
  'access-key': 'suspects',
  trail: 'trails',
  'ram-role': 'roles',
  'ram-user': 'theirUsers',
  instance: 'rogue',
  'launch-source': 'launchSources',
  'quarantine-place': 'quarantinePlaces',
  snapshot: 'caseSnapshots',
};

/** The same for machines, each act carried out in the order a case goes, and the calls of its undo. */
async function callsOnMachines(): Promise<readonly Call[]> {
  const cloud = aRangeCloud(rogueNight, responderKey);
  const undo: Call[] = [];
  for (const [name, action] of acts.filter(isMachine)) {
    const facts = await rogueFacts(cloud);
    const [target] = batchIn(facts, 'rogue');
    for (const [collector] of collectors.filter(isMachine)) await gather(cloud, collector, facts, target);
    const context = () => contextAt(cloud, action.input.parse(name === 'ecs.quarantine' ? { places: facts['quarantinePlaces'] } : {}) as JsonObject);
    const targets = batchIn(facts, lists[action.targets] ?? '');
    for (const one of targets) {
      const before = await action.before(aReader(cloud), one, context());
      const back = action.undo(one, before.state ?? null, context());
      if (!('irreversible' in back)) undo.push(...back);
    }
    await carryOut(cloud, action, targets, context);
    cloud.wait(30 * 60_000);
  }
  return [...cloud.sent, ...undo];
}

it.skipIf(!present)('sends only parameters the official metadata knows', async () => {
  const products = new Map<string, Meta>();
  const unknown = new Set<string>();
  const checked = new Set<string>();
  for (const { product, action, params } of await everyCall()) {
    const known = products.get(product) ?? (JSON.parse(readFileSync(join(meta, `${product}.json`), 'utf8')) as Meta);
    products.set(product, known);
    const names = known[action]?.openapi_meta_en_US_2026_04?.parameters?.map(({ name }) => name);
    if (names === undefined) continue;
    checked.add(`${product}:${action}`);
    for (const name of Object.keys(params)) {
      if (name !== 'RegionId' && !names.includes(name) && !names.includes(name.split('.')[0] ?? '')) unknown.add(`${product}:${action} ${name}`);
    }
  }
  expect([...unknown]).toEqual([]);
  expect(checked.size).toBeGreaterThan(40);
});
