// The short way to the cut (`!`): past questions and messages, never past a gate. Pure.
import { reach, waysOf, type Edge } from './graph.ts';
import { isJob } from './outcome.ts';
import type { Runbook, Step, StepKind } from './schema.ts';

/** What the short way does not leave out: every approval, what the machine does by itself, and what can not be skipped. */
const gates: readonly StepKind[] = ['approve', 'collect', 'watch', 'act'];

/**
 * For each step before the cut, where `!` leads: to the first gate on the way that was not certainly passed, in the end the cut's approval.
 * A gate lies on every path to the cut. An approval is passed when approved, a collection when it found something, any other gate when left.
 */
export function shortcuts(runbook: Runbook): ReadonlyMap<string, string> {
  const { cut } = runbook;
  const start = runbook.steps[0]?.id;
  if (cut === undefined || start === undefined) return new Map();
  const edges = runbook.steps.flatMap(waysOf);
  const before = reach(
    edges.map((edge) => ({ ...edge, from: edge.to, to: edge.from })),
    cut,
  );
  const onTheWay = runbook.steps
    .filter(
      (step) => (gates.includes(step.kind) || (step.kind !== 'end' && step.skip === false)) && step.id !== cut && !reach(edges, start, (edge) => edge.from !== step.id).has(cut),
    )
    .toSorted((a, b) => (reach(edges, start, (edge) => edge.from !== a.id).has(b.id) ? 1 : -1));
  const unpassed = onTheWay.map((gate) => ({ gate: gate.id, at: reach(edges, start, (edge) => !passes(gate, edge)) }));
  return new Map(
    runbook.steps.flatMap(({ id }) => {
      const to = unpassed.find(({ at }) => at.has(id))?.gate ?? cut;
      return before.has(id) && id !== cut && id !== to ? [[id, to] as const] : [];
    }),
  );
}

function passes(gate: Step, edge: Edge): boolean {
  if (edge.from !== gate.id) return false;
  if (gate.kind === 'approve') return edge.on === 'approved';
  return gate.kind !== 'collect' || isJob(gate) || edge.on === 'all' || edge.on === 'some';
}
