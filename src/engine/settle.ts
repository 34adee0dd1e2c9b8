// Law 3: an intent without an outcome is settled by reading, never by repeating blindly.
import type { Action, Call, Product, Reply, Target } from '../actions/define.ts';
import type { Draft, How } from '../casefile/entry.ts';
import type { StepOf } from '../runbook/schema.ts';
import type { JsonObject } from '../text.ts';
import { resolveArgs } from './facts.ts';
import { contextOf, explain, outcomeOf, readerFor, record, type Run } from './run.ts';
import { visitOf, type Frame, type OpenCall, type PlannedCall } from './frame.ts';

/** A call that never gets an answer is sent again this often, then a person is asked. */
export const maxRepeats = 3;

export function actionOf(run: Run, step: StepOf<'act'>): Action {
  return run.operations[step.use] as Action;
}

export function actContext(run: Run, frame: Frame, step: StepOf<'act'>): ReturnType<typeof contextOf> {
  const input = actionOf(run, step).input.parse(resolveArgs(step.with, frame.facts)) as JsonObject;
  return contextOf(run, frame, input);
}

/** Sends one planned write: intent, effect, outcome. An unknown outcome is settled before this resolves. */
export async function sendPlanned(run: Run, frame: Frame, step: StepOf<'act'>, planned: PlannedCall): Promise<void> {
  const { clock } = run.ports;
  const { call, targets, product, version, action, region, params } = planned;
  await record(run, frame, {
    type: 'call.intended',
    call,
    step: step.id,
    visit: visitOf(frame),
    targets,
    ...(targets.length === 1 ? { target: targets[0] as string } : {}),
    sentAt: clock.hostNow().toISOString(),
    class: actionOf(run, step).class,
    product,
    version,
    action,
    region,
    params,
  });
  await send(run, frame, step, planned, 'first');
  for (let open = run.state.openCalls[call]; open && open.doubt === undefined; open = run.state.openCalls[call]) await settle(run, frame, step, open);
}

async function send(run: Run, frame: Frame, step: StepOf<'act'>, planned: PlannedCall | OpenCall, how: How): Promise<void> {
  const reply = await run.ports.cloud.send(callOf(planned));
  if (!reply.ok && reply.refusal === 'unknown') return;
  await record(run, frame, ...finish(run, frame, step, planned, reply, how));
}

function finish(run: Run, frame: Frame, step: StepOf<'act'>, planned: PlannedCall | OpenCall, reply: Reply, how: How): readonly Draft[] {
  const drafts: Draft[] = [finished(step.id, planned, { ...outcomeOf(reply), how, ...(reply.retries > 0 ? { retries: reply.retries } : {}) })];
  const settled = (target: string, note: JsonObject): Draft => ({ type: 'target.settled', step: step.id, visit: visitOf(frame), target, status: 'failed', note });
  if (!reply.ok && reply.refusal !== 'gone' && reply.refusal !== 'exists') for (const target of planned.targets) drafts.push(settled(target, explain(reply)));
  if (reply.ok) {
    const parts = actionOf(run, step).settle?.(reply, { call: callOf(planned), targets: planned.targets }) ?? {};
    for (const [target, part] of Object.entries(parts)) {
      if (!part.ok) drafts.push(settled(target, part.note ?? { en: `Refused (${part.code ?? 'no code'}).`, zh: `被拒绝（${part.code ?? '无代码'}）。` }));
    }
  }
  return drafts;
}

type FinishedPart = Pick<Extract<Draft, { type: 'call.finished' }>, 'result' | 'how' | 'code' | 'message' | 'requestId' | 'retries' | 'by'>;

/** How a write ended, as the trail keeps it. */
export function finished(step: string, planned: PlannedCall | OpenCall, part: FinishedPart): Draft {
  const { call, targets, product, action, region } = planned;
  return { type: 'call.finished', call, step, ...(targets.length === 1 ? { target: targets[0] as string } : {}), product, action, region, effect: 'write', ...part };
}

/**
 * Settles one open intent: waits out the request's lifetime and the read lag, then reads. Holds: reconciled. Does not hold: sent again,
 * on record. Can not tell: doubted, and a person is asked.
 */
export async function settle(run: Run, frame: Frame, step: StepOf<'act'>, open: OpenCall): Promise<void> {
  const { clock, cloud, signal } = run.ports;
  // The whole wait, whatever the intent's age: the call may have queued behind a budget and left the process only just before it died.
  await clock.hostSleep(cloud.settleMs, signal);
  const action = actionOf(run, step);
  const context = actContext(run, frame, step);
  const reader = readerFor(run, frame, step.id);
  const targets = planTargets(frame, step).filter(({ id }) => open.targets.includes(id));
  const holdings = await Promise.all(targets.map((target) => action.holds(reader, target, context, callOf(open))));
  const states = holdings.map(({ status }) => status);
  if (!open.told && states.every((status) => status === 'yes' || status === 'pending')) {
    await record(run, frame, finished(step.id, open, { result: 'done', how: 'reconciled' }));
    return;
  }
  const unclear = holdings.find(({ status }) => status === 'unknown');
  if (unclear && !open.told) {
    await record(run, frame, { type: 'call.doubted', call: open.call, why: unclear.note?.en ?? 'Its state could not be read.' });
    return;
  }
  const repeats = run.ports.store.entries().filter((entry) => entry.type === 'call.repeated' && entry.call === open.call).length;
  if (repeats >= maxRepeats && !open.told) {
    await record(run, frame, { type: 'call.doubted', call: open.call, why: `It was sent ${repeats + 1} times and no answer came.` });
    return;
  }
  await record(run, frame, {
    type: 'call.repeated',
    call: open.call,
    sentAt: clock.hostNow().toISOString(),
    why: open.told ? 'told: it did not happen' : 'read: it did not happen',
  });
  await send(run, frame, step, open, 'redone');
}

/** The call as the cloud takes it. */
export function callOf({ product, version, action, region, params }: PlannedCall | OpenCall): Call {
  return { product: product as Product, version, action, region, params, effect: 'write' };
}

/** A person's word on a doubted call. */
export function told(step: string, open: OpenCall, by: string): Draft {
  return finished(step, open, { result: 'done', how: 'told', by });
}

/** The approved batch of this act. */
export function planTargets(frame: Frame, step: StepOf<'act'>): readonly Target[] {
  return frame.approved[step.id]?.targets ?? [];
}
