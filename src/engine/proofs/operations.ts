// Proofs about what the steps use: each operation exists, is of the right sort, gets its inputs, can be undone and read back. Pure.
import { z } from 'zod';
import type { Action } from '../../actions/define.ts';
import { aStepOf } from '../../runbook/outcome.ts';
import { suggest, type Flaw } from '../../runbook/problem.ts';
import type { StepOf } from '../../runbook/schema.ts';
import { flawOf, lookUp, type Proof, type Subject } from './subject.ts';

type UsingStep = StepOf<'act' | 'collect' | 'watch'>;

/** Every `use` names an operation that fits its step, with the inputs that operation declares. */
export const operations: Proof = (subject) =>
  subject.runbook.steps.flatMap((step) => {
    if (step.kind !== 'act' && step.kind !== 'collect' && step.kind !== 'watch') return [];
    const operation = lookUp(subject, step.use);
    const sort = step.kind === 'act' ? 'action' : 'collector';
    if (operation === undefined) {
      const known = Object.entries(subject.operations).flatMap(([name, { kind }]) => (kind === sort ? [name] : []));
      return [flawOf(subject, step, 'R_UNKNOWN_OPERATION', `Step ${step.id} uses "${step.use}", which does not exist.${suggest(step.use, known)}`, 'use')];
    }
    if (operation.kind !== sort) {
      return [
        flawOf(
          subject,
          step,
          'R_UNKNOWN_OPERATION',
          `Step ${step.id} is ${aStepOf(step.kind)}, but ${step.use} is ${operation.kind === 'action' ? 'an action' : 'a collector'}.`,
          'use',
        ),
      ];
    }
    return [...withFits(subject, step, operation.input), ...(operation.kind === 'action' ? soundAction(subject, step, operation) : [])];
  });

function withFits(subject: Subject, step: UsingStep, input: z.ZodType): readonly Flaw[] {
  const report = (name: string, message: string): Flaw => flawOf(subject, step, 'R_WITH', `Step ${step.id}: ${message}`, 'with', name);
  const known = input instanceof z.ZodObject ? Object.keys(input.shape) : undefined;
  const unknown = known === undefined ? [] : Object.keys(step.with).filter((name) => !known.includes(name));
  const read = input.safeParse(step.with);
  // A `$fact` has no value yet: what the schema says of it, or of anything inside it, is left for the run.
  const literal = read.success ? [] : read.error.issues.filter((issue) => !isFact(step.with[String(issue.path[0])]) && issue.code !== 'unrecognized_keys');
  return [
    ...unknown.map((name) => report(name, `${step.use} takes no "${name}".${suggest(name, known ?? [])}`)),
    ...literal.map((issue) => {
      const name = String(issue.path[0] ?? '');
      return report(name, Object.hasOwn(step.with, name) ? `"${name}" does not fit ${step.use}: ${issue.message}.` : `${step.use} needs "${name}".`);
    }),
  ];
}

function isFact(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('$');
}

function soundAction(subject: Subject, step: UsingStep, action: Action): readonly Flaw[] {
  const flaws: Flaw[] = [];
  // The types promise both; a registry may be built by hand, and these two are what law 3 and law 5 stand on.
  if (typeof (action as Partial<Action>).undo !== 'function') flaws.push(flawOf(subject, step, 'R_UNDO', `${step.use}, used by ${step.id}, has no undo.`, 'use'));
  if (typeof (action as Partial<Action>).holds !== 'function') flaws.push(flawOf(subject, step, 'R_HOLDS', `${step.use}, used by ${step.id}, can not be read back.`, 'use'));
  const odd = action.calls.filter((call) => !/^[a-z]+:[A-Z]\w*$/.test(call));
  if (action.calls.length === 0 || odd.length > 0) {
    flaws.push(flawOf(subject, step, 'R_PERMISSION', `${step.use}, used by ${step.id}, ${odd.length > 0 ? `lists ${odd.join(', ')}` : 'lists no calls'}.`, 'use'));
  }
  return flaws;
}
