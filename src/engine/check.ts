// Proves a runbook before it runs: the laws, on the edges of the compiled machine. Pure; it reads no file and calls no cloud.
import type { Problem } from '../errors.ts';
import { compile, edges } from '../runbook/machine.ts';
import { whereOf } from '../runbook/parse.ts';
import { suggest, toProblem, type Flaw } from '../runbook/problem.ts';
import { crossCheck } from '../runbook/refer.ts';
import type { Runbook } from '../runbook/schema.ts';
import { trace } from '../runbook/trace.ts';
import { factsGiven, sameInBoth } from './proofs/facts.ts';
import { bounded, cutAtOnce, endsReachable, jobsStarted, reachable } from './proofs/flow.ts';
import { approved, cutByOne, evidence, quiet, recorded } from './proofs/laws.ts';
import { operations } from './proofs/operations.ts';
import type { Operations, Proof, Subject } from './proofs/subject.ts';

/** What the proofs know of the operations a runbook uses: the registry of `src/actions`. */
export type ActionFacts = Operations;
export type Children = (id: string) => Runbook | undefined;

/** How many cases may lie one inside the other, the first included. */
const maxDepth = 5;

/** In this order they are told: what breaks the flow first, then the laws, then the details. */
const proofs: readonly Proof[] = [reachable, endsReachable, bounded, approved, evidence, recorded, quiet, jobsStarted, cutAtOnce, cutByOne, operations, factsGiven, sameInBoth];

/**
 * Every way in which the runbook breaks a law, each with the path that does. Empty: proven.
 *
 * A runbook whose parts contradict one another is not compiled; then only those contradictions are told.
 * A child case counts as one step; its own runbook, found by `children`, must check clean too.
 */
export function checkRunbook(runbook: Runbook, facts: ActionFacts, children: Children = () => undefined): readonly Problem[] {
  return flawsOf(runbook, facts)
    .concat(childFlaws(runbook, facts, children, [runbook.id]))
    .map((flaw) => toProblem(flaw, whereOf(runbook, flaw.path)));
}

function flawsOf(runbook: Runbook, facts: ActionFacts): readonly Flaw[] {
  const broken = crossCheck(runbook);
  const [first] = runbook.steps;
  if (broken.length > 0 || first === undefined) return broken.map((flaw) => trace(flaw, runbook));
  const proven = edges(compile(runbook)).filter((edge) => edge.kind !== 'abort' && edge.on !== 'back');
  const subject: Subject = { runbook, start: first.id, edges: proven, operations: facts };
  return proofs.flatMap((proof) => proof(subject));
}

/** `above` are the runbooks of the cases this one lies in. One that opens itself again is proven already; how deep it goes is counted when it runs. */
function childFlaws(runbook: Runbook, facts: ActionFacts, children: Children, above: readonly string[]): readonly Flaw[] {
  return runbook.steps.flatMap((step, index): readonly Flaw[] => {
    if (step.kind !== 'case' || above.includes(step.runbook)) return [];
    const path = ['steps', index, 'runbook'];
    const chain = [...above, step.runbook].join(' → ');
    const child = children(step.runbook);
    if (child === undefined) return [{ code: 'R_CHILD', message: `Step ${step.id} opens "${step.runbook}", which does not exist. Path: ${chain}.`, path }];
    if (above.length >= maxDepth) return [{ code: 'R_CHILD', message: `Step ${step.id} opens a case ${above.length + 1} deep. Path: ${chain}.`, path }];
    const unknown = Object.keys(step.with).filter((name) => !Object.hasOwn(child.inputs, name));
    const inner = [...flawsOf(child, facts), ...childFlaws(child, facts, children, [...above, child.id])];
    const [worst] = inner;
    return [
      ...unknown.map((name): Flaw => ({
        code: 'R_WITH',
        message: `Step ${step.id}: the runbook ${child.id} has no input "${name}".${suggest(name, Object.keys(child.inputs))}`,
        path: ['steps', index, 'with', name],
      })),
      ...(worst
        ? [{ code: 'R_CHILD', message: `Step ${step.id} opens ${child.id}, which has ${inner.length} problem(s), first ${worst.code}: ${worst.message}`, path } satisfies Flaw]
        : []),
    ];
  });
}
