// The snapshots this case has made: all of them, to be locked, and those of one instance, as its evidence before it may go.
import { z } from 'zod';
import type { JsonObject, Text } from '../text.ts';
import type { Context, Coverage, Slice, Target } from './define.ts';
import { defineCollector } from './define.ts';
import type { Snapshot } from './ecs.ts';
import { disksOf, framed, regionOf } from './ecs-target.ts';
import { snapshotsOfCase } from './ecs-snapshot-reads.ts';
import { Loose } from './suspects.ts';
import { listAt, pool, textAt, why } from './wire.ts';

export const caseSnapshots = defineCollector({
  summary: { en: 'Find the snapshots this case has made', zh: '查找本案例创建的快照' },
  calls: ['ecs:DescribeSnapshots', 'ecs:DescribeSnapshotGroups'],
  input: z.object({ rogue: z.array(Loose).default([]) }),
  gives: ['caseSnapshots'],
  async slice(reader, context): Promise<Slice> {
    const regions = [...new Set(listAt(context.input, 'rogue').map((target) => textAt(target, 'region') || textAt(target, 'data', 'region')))].filter((region) => region !== '');
    const looks = await pool(regions, 8, async (region) => ({ region, found: await snapshotsOfCase(reader, region, context.caseId, { kind: 'snapshots' }) }));
    const missed = looks.flatMap(({ region, found }) => ('refusal' in found ? [{ region, why: why(found) }] : []));
    const targets = looks.flatMap(({ region, found }) => ('refusal' in found ? [] : found.map((each) => toTarget(each, region))));
    const coverage: Coverage = { regionsDone: regions.filter((region) => !missed.some((each) => each.region === region)), regionsMissed: missed };
    const refused = looks.map(({ found }) => found).find((found) => 'refusal' in found);
    if (missed.length > 0 && missed.length === regions.length && refused !== undefined && 'refusal' in refused) return { outcome: 'none', refused };
    return {
      outcome: targets.length === 0 ? 'none' : missed.length > 0 ? 'some' : 'all',
      facts: { caseSnapshots: targets },
      coverage,
    };
  },
});

function toTarget({ id, diskId, status, name }: Snapshot, region: string): Target {
  return {
    id,
    kind: 'snapshot',
    region,
    label: `${id} ${region} ${diskId}`,
    ...(status === 'failed' ? { held: failedNote } : {}),
    data: { region, disk: diskId, status, name },
  };
}

const failedNote: Text = { en: 'It failed: there is nothing in it to keep.', zh: '该快照已失败，没有可保留的内容。' };

/** What has to be done of a target's disks before it may be released. */
const kind = 'disk-snapshot';

export const diskSnapshots = defineCollector({
  summary: { en: 'Read back that the disks of an instance are in snapshots', zh: '核对实例的云盘已有快照' },
  calls: ['ecs:DescribeSnapshots', 'ecs:DescribeSnapshotGroups'],
  input: z.object({}),
  gives: [],
  seals: kind,
  async slice(reader, context, _cursor, target): Promise<Slice> {
    if (target === undefined) return { outcome: 'none' };
    const found = await snapshotsOfCase(reader, regionOf(target), context.caseId, { kind, target: target.id });
    if ('refusal' in found) return { outcome: 'none', refused: found };
    const rows = disksOf(target).map((disk) => ({ disk, snapshot: found.find((each) => each.diskId === disk && each.status === 'accomplished') }));
    const facts: JsonObject = {
      snapshots: rows.map(({ disk, snapshot }) => ({ disk, snapshot: snapshot?.id ?? '' })),
      notGiven: notGiven(
        target,
        rows.flatMap(({ disk, snapshot }) => (snapshot === undefined ? [disk] : [])),
      ),
    };
    const missing = rows.filter(({ snapshot }) => snapshot === undefined);
    if (missing.length === 0) return { outcome: 'all', facts };
    return {
      outcome: missing.length === rows.length ? 'none' : 'some',
      facts,
      refused: none(
        missing.map(({ disk }) => disk),
        context,
      ),
    };
  },
});

function notGiven(target: Target, missing: readonly string[]): readonly Text[] {
  const local = framed(target).some((disk) => disk.local);
  return [
    ...missing.map((disk): Text => ({ en: `No finished snapshot of ${disk}.`, zh: `${disk} 没有已完成的快照。` })),
    ...(local ? [{ en: 'Local disks are in no snapshot.', zh: '本地盘不在任何快照中。' }] : []),
  ];
}

function none(disks: readonly string[], { caseId }: Context): NonNullable<Slice['refused']> {
  return { ok: false, refusal: 'invalid', code: 'E_SNAPSHOT', message: `no finished snapshot of ${disks.join(', ')} is tagged firebreak-case=${caseId}`, retries: 0 };
}
