// The sweep: the run is stopped at every boundary of the whole drill, before and after the effect, and resumed.
//
// The state of the disk is built, not killed into being: the trail and the account's journal only grow, so what a dead process leaves
// is a prefix of each, and the reference run noted both lengths at every append and every call. Real kills are in kill.test.ts.
//
// A resumption is cut short once it is the reference run again: the same folded case (positions, facts, work, jobs, findings, open
// calls; only places in the chain and host times left out), the same scenario time to the millisecond and the same changes in the
// account, at three points in a row, each with nothing under way in memory and no act begun. The engine's next deed is a function of
// just these (law 1: the trail is the state; the account's state is its seed, its changes and the time), and the drill is
// deterministic (boundaries.test.ts), so the rest is the reference's own future, which closes and verifies. Only our own extra reads in
// the account's log may differ, and no step but the watch looks at them: it goes by request ids, which are part of its folded cursor.
// It is also cut short where neither an act nor a watch is left before it, every change was made, and it stands where the reference
// stood by the same way, whatever the times: from there on nothing can be changed in the account, and each later state is swept itself.
// Until then everything is checked; and from at least one state of every kind of boundary, and from every state at a write, the case
// is played to its very end on the real SDKs, and verified whole.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boundaryCount, everyKind, everyState, kindsOf, plan, torn, writes, type Planned } from '../support/crash-plan.ts';
import { aScratchFolder, failuresOf, tryAll } from '../support/crash-pool.ts';
import { record, type Reference } from '../support/crash-record.ts';
import { caseId } from '../support/crash-shell.ts';

let root: string;
let reference: Reference;

beforeAll(async () => {
  root = aScratchFolder();
  reference = await record(join(root, 'reference'));
  say(`${boundaryCount(reference)} boundaries of ${kindsOf(reference).length} kinds leave ${reference.states.length} different states on the disk`);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

it('goes on from every boundary and does everything exactly once', async () => {
  await sweep('every boundary', everyState(reference));
});

it('plays to the very end from every kind of boundary and from every write', async () => {
  const states = new Set([...everyKind(reference), ...writes(reference)]);
  await sweep(
    'to the very end',
    [...states].map((state) => plan(state, 'end')),
  );
});

it('goes on from a torn line of every kind', async () => {
  const trail = readFileSync(join(reference.root, 'vault', caseId, 'trail.jsonl'));
  await sweep(
    'torn lines',
    everyKind(reference).flatMap((state) => torn(state, trail)),
  );
});

async function sweep(what: string, crashes: readonly Planned[]): Promise<void> {
  const startedAt = performance.now();
  let failed = 0;
  let met = 0;
  const results = await tryAll(reference, crashes, ({ planned, outcome }, done) => {
    if (outcome.met) met += 1;
    if (outcome.problems.length > 0) {
      failed += 1;
      say(`FAILED ${planned.name}: ${outcome.problems.join('; ').slice(0, 500)}`);
    }
    if (done % 100 === 0 || done === crashes.length) {
      const minutes = (performance.now() - startedAt) / 60_000;
      say(
        `${what}: ${done} of ${crashes.length}, ${failed} failed, ${done - met} to the end, ${minutes.toFixed(1)} min, ${((minutes / done) * (crashes.length - done)).toFixed(1)} left`,
      );
    }
  });
  expect(failuresOf(results)).toEqual([]);
}

function say(text: string): void {
  process.stdout.write(`crash: ${text}\n`);
}
