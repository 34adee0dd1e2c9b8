// Every kind of boundary of the whole drill: the run is stopped there, resumed, and compared with one that was never stopped. It goes on
// until it is that other run again, or until nothing is left that could change the account; boundaries.sweep.ts says why that is enough,
// stops at every boundary, and goes further.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playOn } from '../../src/cli/play.ts';
import { newSession } from '../../src/cli/session.ts';
import { openLightCloud } from '../support/crash-cloud.ts';
import { comparable, onlyInOne } from '../support/crash-compare.ts';
import { alike, boundaryCount, everyKind, kindsOf, plan, torn } from '../support/crash-plan.ts';
import { aScratchFolder, failuresOf, tryAll } from '../support/crash-pool.ts';
import { record, type Reference } from '../support/crash-record.ts';
import { aShell, caseId, disk, runbook, scenario } from '../support/crash-shell.ts';

let root: string;
let reference: Reference;

beforeAll(async () => {
  root = aScratchFolder();
  reference = await record(join(root, 'reference'));
}, 120_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a drill', () => {
  it('leaves the same record every time, on the SDKs and on plain HTTP', async () => {
    const again = join(root, 'again');
    const shell = aShell({ root: again, open: (options) => openLightCloud(options, reference.userAgent) });
    const session = await newSession(shell, { runbook, scenario, id: caseId, time: { kind: 'virtual' } });
    await playOn(session, { answers: reference.answers, via: 'reference', jump: true });
    await session.close();
    const [first, second] = await Promise.all([join(reference.root, 'vault'), join(again, 'vault')].map((vault) => disk.readCase(vault, caseId)));
    const [left, right] = [comparable(first?.entries() ?? []), comparable(second?.entries() ?? [])];
    expect(right.course).toEqual(left.course);
    for (const [step, calls] of Object.entries(left.calls)) {
      expect(onlyInOne(calls, right.calls[step] ?? []), step).toEqual([]);
      expect(right.calls[step], step).toHaveLength(calls.length);
    }
    expect(right.times).toEqual(left.times);
  }, 60_000);
});

describe('a drill that dies', () => {
  it('goes on from every kind of boundary and does everything exactly once', async () => {
    const states = everyKind(reference, alike);
    const results = await tryAll(
      reference,
      states.map((state) => plan(state, 'acts')),
    );
    process.stdout.write(`crash: ${kindsOf(reference, alike).length} kinds of boundary in ${states.length} states, of ${boundaryCount(reference)} in ${reference.states.length}\n`);
    expect(failuresOf(results)).toEqual([]);
  }, 300_000);

  it('plays to its very end from a change that was on its way', async () => {
    const state = reference.states.findLast(({ marks }) => marks.some(({ side, name }) => side === 'after' && name === 'ecs:StopInstances'));
    expect(failuresOf(await tryAll(reference, state ? [plan(state, 'end')] : []))).toEqual([]);
    expect(state).toBeDefined();
  }, 60_000);

  it('goes on from a line of the trail that was torn', async () => {
    const trail = readFileSync(join(reference.root, 'vault', caseId, 'trail.jsonl'));
    const names = [
      'step.started',
      'answer.given',
      'batch.frozen',
      'act.planned',
      'call.intended',
      'call.finished',
      'target.settled',
      'job.advanced',
      'witness.given',
      'case.closed',
    ];
    const states = names.flatMap(
      (name) => reference.states.findLast(({ marks }) => marks.some((mark) => mark.side === 'before' && mark.kind === 'append' && mark.name.includes(name))) ?? [],
    );
    expect(states).toHaveLength(names.length);
    const results = await tryAll(
      reference,
      states.flatMap((state) => torn(state, trail).slice(-1)),
    );
    expect(failuresOf(results)).toEqual([]);
  }, 120_000);
});
