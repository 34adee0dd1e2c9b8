// How a step of each kind may end, and where a skip leads. Pure; knows the language, not the machine.
import type { Step, StepKind, StepOf } from './schema.ts';

/** The closed outcomes of each kind, best first. A decide ends with one of its choices, a background step with `started`. */
export const outcomes = {
  ask: ['answered'],
  decide: [],
  approve: ['approved', 'declined'],
  act: ['all', 'some', 'none'],
  collect: ['all', 'some', 'none'],
  watch: ['quiet', 'active', 'unverified'],
  manual: ['done', 'failed'],
  notify: ['done', 'failed'],
  review: ['done'],
  case: ['closed', 'aborted'],
  end: [],
} as const satisfies Record<StepKind, readonly string[]>;

export type JobStep = StepOf<'collect' | 'watch'>;

/** Does the step run beside the foreground cursor? */
export function isJob(step: Step): step is JobStep {
  return (step.kind === 'collect' || step.kind === 'watch') && step.background;
}

/** How the step's work can end, best first. For a job see `endsOf`: the step itself ends with `started` at once. */
export function outcomesOf(step: Step): readonly string[] {
  return step.kind === 'decide' ? Object.keys(step.choices) : outcomes[step.kind];
}

/** How a job can end: as its kind does, with nothing (`none`), or given up by a person (`skipped`). */
export function endsOf(job: JobStep): readonly string[] {
  return [...new Set([...outcomes[job.kind], 'none', 'skipped'])];
}

/** The outcomes that must lead somewhere. */
export function exitsOf(step: Step): readonly string[] {
  return isJob(step) ? ['started'] : outcomesOf(step);
}

/** The lines under `on`: outcome and target, as written. */
export function mappedOf(step: Step): readonly (readonly [string, string])[] {
  return step.kind === 'end' ? [] : Object.entries(step.on).flatMap(([on, to]) => (to === undefined ? [] : [[on, to] as const]));
}

/** Where a skip leads: what `skip` names, else the worst outcome; undefined when the step can not be skipped. */
export function skipTarget(step: Step): string | undefined {
  if (step.kind === 'end' || step.skip === false) return undefined;
  if (step.skip !== undefined) return step.skip;
  if (step.kind === 'decide') return undefined;
  const worst = exitsOf(step).at(-1);
  return mappedOf(step).find(([on]) => on === worst)?.[1];
}

/** `an act step`, `a watch step`. */
export function aStepOf(kind: StepKind): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind} step`;
}
