// Proofs about the ways alone: everything is reached, every way ends, nothing circles without a person. Pure.
import { pathTo, reach, renderPath, type Edge } from '../../runbook/graph.ts';
import { isJob } from '../../runbook/outcome.ts';
import type { Flaw } from '../../runbook/problem.ts';
import type { Step } from '../../runbook/schema.ts';
import { flawOf, via, type Proof, type Subject } from './subject.ts';

/** Every step is reached from the first. */
export const reachable: Proof = (subject) => {
  const found = reach(subject.edges, subject.start);
  return subject.runbook.steps.flatMap((step) => {
    if (found.has(step.id)) return [];
    const from = subject.edges.filter((edge) => edge.to === step.id).map((edge) => edge.from);
    const why = from.length === 0 ? 'no step leads to it' : `only ${[...new Set(from)].join(', ')} leads to it, and that is not reached either`;
    return [flawOf(subject, step, 'R_UNREACHABLE', `Step ${step.id} is never reached from ${subject.start}: ${why}. No path ${subject.start} → … → ${step.id}.`)];
  });
};

/** From every reached step an end stays within reach, by outcomes alone: no one should have to skip to get out. */
export const endsReachable: Proof = (subject) => {
  const found = reach(subject.edges, subject.start);
  const outcomes = subject.edges.filter((edge) => edge.kind === 'outcome');
  const ends = subject.runbook.steps.filter((step) => step.kind === 'end');
  const back = outcomes.map((edge) => ({ ...edge, from: edge.to, to: edge.from }));
  const leaving = new Set(ends.flatMap((end) => [...reach(back, end.id).keys()]));
  const stuck = subject.runbook.steps.filter((step) => found.has(step.id) && !leaving.has(step.id));
  // One flaw for each trap: its steps lead only to one another. What merely leads into a trap is not told again.
  const told = new Set<string>();
  return stuck.flatMap((step) => {
    const inside = [...reach(outcomes, step.id).keys()];
    const isTrap = inside.every((id) => reach(outcomes, id).has(step.id));
    if (told.has(step.id) || !isTrap) return [];
    for (const id of inside) told.add(id);
    return [flawOf(subject, step, 'R_NO_WAY_OUT', `From step ${step.id} no end can be reached, only ${inside.join(', ')}.${via(subject, found, step.id)}`)];
  });
};

/** Every circle holds a person or a watch in the foreground: else the machine could spin by itself. */
export const bounded: Proof = (subject) => {
  const byId = new Map(subject.runbook.steps.map((step) => [step.id, step]));
  const found = reach(subject.edges, subject.start);
  const alone = subject.edges.filter((edge) => found.has(edge.from) && runsAlone(byId.get(edge.from), edge));
  const flaws: Flaw[] = [];
  const told = new Set<string>();
  for (const step of subject.runbook.steps) {
    const circle = told.has(step.id) ? undefined : circleFrom(alone, step.id);
    if (circle === undefined) continue;
    for (const edge of circle) told.add(edge.from);
    const way = renderPath(subject.start, pathTo(found, step.id));
    flaws.push(flawOf(subject, step, 'R_LOOP', `Steps can repeat for ever without a person: ${renderPath(step.id, circle)}. Path: ${way}, then round.`));
  }
  return flaws;
};

/** An empty batch is declined without asking, so that way out of an approve needs no person either. A skip always does. */
function runsAlone(step: Step | undefined, edge: Edge): boolean {
  if (step === undefined || edge.kind !== 'outcome') return false;
  if (step.kind === 'approve') return step.act !== undefined && edge.on === 'declined';
  return step.kind === 'act' || step.kind === 'collect' || step.kind === 'case' || isJob(step);
}

function circleFrom(edges: readonly Edge[], step: string): readonly Edge[] | undefined {
  for (const first of edges.filter((edge) => edge.from === step)) {
    const found = reach(edges, first.to);
    if (found.has(step)) return [first, ...pathTo(found, step)];
  }
  return undefined;
}

/** A job has been started, or given up, on every path to a step that needs it. */
export const jobsStarted: Proof = (subject: Subject) =>
  subject.runbook.steps.flatMap((step) =>
    step.needs.flatMap((job, index) => {
      const found = reach(subject.edges, subject.start, (edge) => edge.from !== job);
      if (!found.has(step.id)) return [];
      const later = reach(subject.edges, step.id).has(job) ? '' : ' From there it can not be started any more.';
      return [flawOf(subject, step, 'R_JOB', `Step ${step.id} needs the job ${job}, which has not begun on every path.${later}${via(subject, found, step.id)}`, 'needs', index)];
    }),
  );

/** The cut waits for no job (law 4). */
export const cutAtOnce: Proof = (subject) => {
  const { cut, steps } = subject.runbook;
  const approve = steps.find((step) => step.id === cut);
  if (approve?.kind !== 'approve') return [];
  const waits = new Set(steps.filter((step) => step.needs.length > 0).map((step) => step.id));
  const act = steps.find((step) => step.id === approve.act);
  const free = reach(subject.edges, subject.start, (edge) => !waits.has(edge.from) || edge.kind === 'skip');
  const all = reach(subject.edges, subject.start);
  if (!free.has(approve.id)) return [flawOf(subject, approve, 'R_CUT', `Every path to the cut ${approve.id} waits for a job.${via(subject, all, approve.id)}`)];
  return [approve, ...(act ? [act] : [])]
    .filter((step) => step.needs.length > 0)
    .map((step) => flawOf(subject, step, 'R_CUT', `Step ${step.id} belongs to the cut, yet waits for ${step.needs.join(', ')}.${via(subject, all, step.id)}`, 'needs'));
};
