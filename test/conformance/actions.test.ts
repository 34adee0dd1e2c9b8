import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Action, Call, Collector, Target } from '../../src/actions/define.ts';
import { actions } from '../../src/actions/index.ts';
import type { Json } from '../../src/text.ts';
import { aCloud, aContext, aReader, collect } from '../support/cloud.ts';
import { anAttackedAccount, knownSuspects } from '../support/night.ts';

// Every call our operations make, against the official parameter names. The metadata is not ours to keep: read where it lies.
const meta = join(process.env['FIREBREAK_SHARED'] ?? join(import.meta.dirname, '../../../shared'), 'reference/meta');
const present = existsSync(meta);
if (!present) console.warn(`skipped: no official metadata at ${meta}`);

type Parameter = { readonly name: string };
type Meta = Readonly<Record<string, { readonly openapi_meta_en_US_2026_04?: { readonly parameters?: readonly Parameter[] } }>>;

/** All calls of all operations on an attacked account. */
async function everyCall(): Promise<readonly Call[]> {
  const cloud = aCloud(anAttackedAccount());
  const facts: Record<string, Json> = { ...knownSuspects };
  const writes: Call[] = [];
  for (const operation of Object.values(actions).filter((each): each is Collector => each.kind === 'collector')) {
    const [target] = (facts[{ 'role-record': 'roles', 'key-state': 'suspects' }[operation.seals ?? ''] ?? 'rogue'] ?? []) as unknown as Target[];
    if (operation.seals !== undefined && target === undefined) continue;
    Object.assign(facts, (await collect(cloud, operation, facts, { slices: 40, ...(operation.seals === undefined || target === undefined ? {} : { target }) })).facts);
  }
  const lists: Readonly<Record<string, string>> = { 'access-key': 'suspects', trail: 'trails', instance: 'rogue', 'ram-role': 'roles', 'ram-user': 'theirUsers' };
  for (const action of Object.values(actions).filter((each): each is Action => each.kind === 'action')) {
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
  return [...cloud.sent, ...writes];
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
  expect(checked.size).toBeGreaterThan(20);
});
