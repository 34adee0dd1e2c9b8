// What the stop saved: CNY an hour before and after, from each instance's state as the cloud gives it now.
import { z } from 'zod';
import type { Json, Text } from '../text.ts';
import type { Coverage, Reader, Slice } from './define.ts';
import { defineCollector } from './define.ts';
import type { Instance } from './ecs.ts';
import { describeSome, instancesIn, mayList, probeInstances, readPages } from './ecs.ts';
import { runsUp, total } from './ecs-price.ts';
import { Loose } from './suspects.ts';
import { at, listAt, numberAt, pool, textAt, why } from './wire.ts';

type Row = { readonly id: string; readonly region: string; readonly rate: number | null; readonly before: boolean };

export const burn = defineCollector({
  summary: { en: 'Read back what the instances cost now', zh: '核对实例目前的每小时费用' },
  calls: ['ecs:DescribeInstances'],
  input: z.object({ rogue: z.array(Loose).optional() }),
  gives: ['burnBefore', 'burnAfter', 'burnNotes'],
  async slice(reader, context): Promise<Slice> {
    if (context.input['rogue'] === undefined) return { outcome: 'none', facts: { burnBefore: null, burnAfter: null, burnNotes: [] } };
    const rows = rowsOf(context.input);
    const asked = [...Map.groupBy(rows, ({ region }) => region).entries()].flatMap(([region, group]) => hundreds(group.map(({ id }) => id)).map((ids) => ({ region, ids })));
    const answers = await pool(asked, 8, async ({ region, ids }) => ({ region, ...(await readSome(reader, region, ids)) }));
    const now = new Map(answers.flatMap(({ found }) => found.map((instance) => [instance.id, instance] as const)));
    const missed = answers.flatMap(({ region, failed }) => (failed === undefined ? [] : [{ region, why: failed }]));
    const hidden = new Set(missed.map(({ region }) => region));
    const after = rows.map((row) => rateNow(row, now.get(row.id), hidden));
    const coverage: Coverage = { regionsDone: [...new Set(rows.map(({ region }) => region))].filter((region) => !hidden.has(region)), regionsMissed: missed };
    return {
      outcome: missed.length === 0 ? 'all' : missed.length === answers.length ? 'none' : 'some',
      facts: { burnBefore: total(rows.filter(({ before }) => before).map(({ rate }) => rate)), burnAfter: total(after), burnNotes: notes(rows, now) },
      coverage,
    };
  },
});

/** Those of the suspects: what was held back is somebody's own. */
function rowsOf(input: Json): readonly Row[] {
  return listAt(input, 'rogue')
    .filter((target) => at(target, 'held') === undefined)
    .map((target) => ({
      id: textAt(target, 'id'),
      region: textAt(target, 'region') || textAt(target, 'data', 'region'),
      rate: numberAt(target, 'data', 'cnyPerHour') ?? null,
      before: runsUp({ charge: textAt(target, 'data', 'charge'), status: textAt(target, 'data', 'status'), stoppedMode: textAt(target, 'data', 'stoppedMode') }),
    }));
}

async function readSome(reader: Reader, region: string, ids: readonly string[]): Promise<{ readonly found: readonly Instance[]; readonly failed: Text | undefined }> {
  const pages = await readPages(reader, (token) => describeSome(region, ids, token), { kind: 'burn' });
  if ('refusal' in pages) return { found: [], failed: why(pages) };
  const found = pages.bodies.flatMap(instancesIn);
  if (found.length === ids.length) return { found, failed: undefined };
  const probe = await reader.read(probeInstances(region));
  return { found, failed: probe.ok || mayList(probe) ? undefined : why(probe) };
}

/** An instance that is gone costs nothing; one that could not be seen costs nobody knows what. */
function rateNow({ region, rate }: Row, instance: Instance | undefined, hidden: ReadonlySet<string>): number | null {
  if (instance === undefined) return hidden.has(region) ? null : 0;
  return runsUp(instance) ? rate : 0;
}

function notes(rows: readonly Row[], now: ReadonlyMap<string, Instance>): readonly Text[] {
  return rows.flatMap(({ id }): readonly Text[] => {
    const instance = now.get(id);
    if (instance === undefined || !runsUp(instance)) return [];
    return instance.status === 'Stopped'
      ? [{ en: `${id} is stopped, but still billed (${instance.stoppedMode || 'mode unknown'}).`, zh: `${id} 已停止，但仍在计费（${instance.stoppedMode || '模式未知'}）。` }]
      : [{ en: `${id} is ${instance.status} and billed.`, zh: `${id} 状态为 ${instance.status}，仍在计费。` }];
  });
}

function hundreds(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / 100) }, (_, index) => ids.slice(index * 100, (index + 1) * 100));
}
