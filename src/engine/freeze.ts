// The list a person approves, frozen: targets, held-back ones, resolved calls, and the text made of their hash. No effect.
import { createHash } from 'node:crypto';
import type { Target } from '../actions/define.ts';
import { canonical } from '../casefile/canonical.ts';
import type { Draft, RecordedCall } from '../casefile/entry.ts';
import type { StepOf } from '../runbook/schema.ts';
import { targetsOf, visitOf, type Frame } from './frame.ts';
import type { Run } from './run.ts';
import { actContext, actionOf } from './settle.ts';

/** Freezes the list a person approves: targets, held-back ones, resolved calls, and the text made of their hash. */
export function freeze(run: Run, frame: Frame, step: StepOf<'approve'>, ticked: ReadonlySet<string> = new Set()): Draft {
  const visit = visitOf(frame);
  if (step.act === undefined) {
    const value = String(frame.facts[step.confirm ?? ''] ?? '');
    // An unknown value is an empty list: nothing could be typed back that would mean anything.
    const targets = value === '' ? [] : [{ id: value, kind: step.confirm ?? 'fact', data: {} }];
    return { type: 'batch.frozen', step: step.id, visit, text: value.slice(-6), sha256: hashOf(targets), targets, held: [], calls: [] };
  }
  const act = frame.steps.get(step.act) as StepOf<'act'>;
  const action = actionOf(run, act);
  const context = { ...actContext(run, frame, act), step: act.id };
  const list = targetsOf(frame, act.over);
  const held = list.flatMap((target) => {
    const why = (ticked.has(target.id) ? undefined : target.held) ?? action.guard?.(target as unknown as Target, context);
    return why === undefined ? [] : [{ id: target.id, why: why }];
  });
  const targets = list
    .filter(({ id }) => !held.some((each) => each.id === id))
    .map(({ id, kind, region, label, data }) => ({ id, kind, ...(region === undefined ? {} : { region }), ...(label === undefined ? {} : { label }), data }));
  const calls = targets.length === 0 ? [] : action.plan(targets as unknown as readonly Target[], context).map(({ call }) => recorded(call));
  const sha256 = hashOf({ act: act.use, targets, calls });
  const told = targets.flatMap((target) => action.warn?.(target as unknown as Target, context) ?? []);
  const warnings = [...new Map(told.map((text) => [text.en, text])).values()];
  return {
    type: 'batch.frozen',
    step: step.id,
    visit,
    act: act.id,
    text: `${step.verb} ${targets.length} ${sha256.slice(0, 4)}`,
    sha256,
    targets,
    held,
    calls,
    class: action.class,
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** The same for the same list, whether it was just found or read back from the trail. */
function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** A call as the trail keeps it. */
export function recorded({ product, version, action, region, params }: RecordedCall): RecordedCall {
  return { product, version, action, region, params };
}
