// What every proof looks at: the runbook, the edges of its compiled machine, the operations it uses. Pure.
import type { Action, Collector } from '../../actions/define.ts';
import { pathTo, renderPath, type Edge, type Reach } from '../../runbook/graph.ts';
import { outcomesOf } from '../../runbook/outcome.ts';
import type { Flaw, RunbookCode } from '../../runbook/problem.ts';
import type { Runbook, Step } from '../../runbook/schema.ts';

export type Operations = Readonly<Record<string, Action | Collector>>;

export type Subject = {
  readonly runbook: Runbook;
  readonly start: string;
  /**
   * Outcomes, skips and jumps ahead. Not jumps back: they lead only to visited steps, and those were reached by these edges
   * already, so they make nothing reachable that was not. Not aborts: they end the run anywhere.
   */
  readonly edges: readonly Edge[];
  readonly operations: Operations;
};

export type Proof = (subject: Subject) => readonly Flaw[];

/** A flaw of one step, with its place in the document. */
export function flawOf(subject: Subject, step: Step, code: RunbookCode, message: string, ...inside: readonly (string | number)[]): Flaw {
  return { code, message, path: ['steps', subject.runbook.steps.indexOf(step), ...inside] };
}

/** ` Path: open → who → cut.` */
export function via(subject: Subject, found: Reach, step: string): string {
  return ` Path: ${renderPath(subject.start, pathTo(found, step))}.`;
}

export function actionOf(subject: Subject, step: Step): Action | undefined {
  const operation = step.kind === 'act' ? lookUp(subject, step.use) : undefined;
  return operation?.kind === 'action' ? operation : undefined;
}

export function collectorOf(subject: Subject, step: Step): Collector | undefined {
  const operation = step.kind === 'collect' || step.kind === 'watch' ? lookUp(subject, step.use) : undefined;
  return operation?.kind === 'collector' ? operation : undefined;
}

export function lookUp(subject: Subject, use: string): Action | Collector | undefined {
  return Object.hasOwn(subject.operations, use) ? subject.operations[use] : undefined;
}

/** Is this the edge of work done: an outcome of `step` other than its worst? */
export function isGood(step: Step, edge: Edge): boolean {
  return edge.from === step.id && edge.kind === 'outcome' && (edge.on === outcomesOf(step)[0] || edge.on === 'some');
}
