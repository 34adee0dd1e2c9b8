import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRunbook } from '../../src/engine/check.ts';
import { accepts, advance, begin, compile, isDone, stepOf, type MachineEvent, type Position } from '../../src/runbook/machine.ts';
import { isJob, outcomesOf } from '../../src/runbook/outcome.ts';
import type { Runbook } from '../../src/runbook/schema.ts';
import { anyRunbook } from '../support/random-runbooks.ts';
import { sampleOperations } from '../support/runbooks.ts';

/** What a run has done so far that the laws ask for. */
type Done = { readonly sealed: boolean; readonly approved: readonly string[] };
type Seen = { readonly position: Position; readonly done: Done };

/** Every event anyone could send at a step. */
function eventsAt(runbook: Runbook, position: Position): readonly MachineEvent[] {
  const step = runbook.steps.find((each) => each.id === stepOf(position));
  const exits = step ? [...outcomesOf(step), 'started'] : [];
  return [
    ...exits.map((outcome) => ({ type: 'finish', outcome }) as const),
    { type: 'skip' },
    ...runbook.steps.map(({ id }) => ({ type: 'jump', to: id }) as const),
    ...runbook.steps.filter(isJob).map(({ id }) => ({ type: 'job', job: id, outcome: 'skipped' }) as const),
  ];
}

/** Plays every run there is, jumps back and ended jobs included, and gives every situation met. */
function playAll(runbook: Runbook): readonly Seen[] {
  const machine = compile(runbook);
  const first: Seen = { position: begin(machine), done: { sealed: false, approved: [] } };
  const seen = new Map<string, Seen>([[JSON.stringify(first), first]]);
  for (const { position, done } of seen.values()) {
    if (isDone(machine, position)) continue;
    const step = runbook.steps.find((each) => each.id === stepOf(position));
    for (const event of eventsAt(runbook, position)) {
      if (!accepts(machine, position, event)) continue;
      const finished = event.type === 'finish' ? event.outcome : '';
      const seals = step?.kind === 'collect' && !step.background && (finished === 'all' || finished === 'some');
      const approves = step?.kind === 'approve' && finished === 'approved' && step.act !== undefined && !done.approved.includes(step.act) ? [step.act] : [];
      const next = advance(machine, position, event);
      // What was visited grows in any order; sorted, one situation is met once.
      const context = { jobs: Object.fromEntries(Object.entries(next.context.jobs).toSorted(([a], [b]) => (a < b ? -1 : 1))), visited: next.context.visited.toSorted() };
      const met: Seen = { position: { ...next, context }, done: { sealed: done.sealed || seals, approved: [...done.approved, ...approves].toSorted() } };
      const key = JSON.stringify(met);
      if (!seen.has(key)) seen.set(key, met);
    }
  }
  return [...seen.values()];
}

type Verdict = { readonly steps: (code: string) => readonly string[]; readonly exact: boolean };

/**
 * The steps each problem is about. A job that is needed but never begun stops a run for good: that is a problem by itself (R_JOB), and
 * beside it the other proofs may accuse a step which no run reaches any more, but they never miss one.
 */
function verdictOn(runbook: Runbook): Verdict {
  const problems = checkRunbook(runbook, sampleOperations);
  const about = ({ message }: (typeof problems)[number]): string => /^(?:Step|From step) (\S+) /.exec(message)?.[1] ?? '';
  return { steps: (code) => problems.flatMap((problem) => (problem.code === code ? [about(problem)] : [])).toSorted(), exact: problems.every(({ code }) => code !== 'R_JOB') };
}

/** What the one list has and the other lacks. */
function beyond(some: readonly string[], others: readonly string[]): readonly string[] {
  return some.filter((each) => !others.includes(each));
}

const fewSteps = anyRunbook(6);
const runs = { numRuns: 120 };

describe('the proofs, against every run there is', () => {
  it('call a step unreachable exactly when no run comes there', () => {
    fc.assert(
      fc.property(fewSteps, (runbook) => {
        const { steps, exact } = verdictOn(runbook);
        const met = new Set(playAll(runbook).map(({ position }) => stepOf(position)));
        const lost = runbook.steps.flatMap(({ id }) => (met.has(id) ? [] : [id]));
        expect({ wronged: beyond(steps('R_UNREACHABLE'), lost), missed: exact ? beyond(lost, steps('R_UNREACHABLE')) : [] }).toEqual({ wronged: [], missed: [] });
      }),
      runs,
    );
  });

  it.each([
    ['unapproved', 'R_APPROVAL', ({ approved }: Done, act: string) => approved.includes(act)],
    ['without its evidence', 'R_EVIDENCE', ({ sealed }: Done) => sealed],
  ])('call an act %s exactly when some run comes there so', (_, code, isGood) => {
    fc.assert(
      fc.property(fewSteps, (runbook) => {
        const { steps, exact } = verdictOn(runbook);
        const bad = new Set(playAll(runbook).flatMap(({ position, done }) => (isGood(done, stepOf(position)) ? [] : [stepOf(position)])));
        const guilty = runbook.steps.flatMap(({ id, kind }) => (kind === 'act' && bad.has(id) ? [id] : []));
        expect({ missed: beyond(guilty, steps(code)), wronged: exact ? beyond(steps(code), guilty) : [] }).toEqual({ missed: [], wronged: [] });
      }),
      runs,
    );
  });

  it('find a trap exactly when some run comes to where no outcome leads to an end', () => {
    fc.assert(
      fc.property(fewSteps, (runbook) => {
        const { steps, exact } = verdictOn(runbook);
        const endsFrom = (from: string): boolean => {
          const seen = new Set([from]);
          for (const id of seen) {
            const step = runbook.steps.find((each) => each.id === id);
            if (!step || step.kind === 'end') return true;
            for (const to of Object.values(step.on)) if (to !== undefined) seen.add(to);
          }
          return false;
        };
        const met = new Set(playAll(runbook).map(({ position }) => stepOf(position)));
        const trapped = [...met].some((id) => !endsFrom(id));
        const accused = steps('R_NO_WAY_OUT').length > 0;
        expect({ missed: trapped && !accused, wronged: exact && accused && !trapped }).toEqual({ missed: false, wronged: false });
      }),
      runs,
    );
  });
});
