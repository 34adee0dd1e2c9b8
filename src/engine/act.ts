// Performs an approved batch: guard, before-state, frozen plan, intent-effect-outcome per call, then reads until it holds.
import type { Before, Planned, Target } from '../actions/define.ts';
import type { Draft, TargetStatus } from '../casefile/entry.ts';
import { Fault } from '../errors.ts';
import type { StepOf } from '../runbook/schema.ts';
import type { Json, JsonObject, Text } from '../text.ts';
import { eachOf, type Progress } from './collect.ts';
import { dayAfter } from './debts.ts';
import { recorded } from './freeze.ts';
import { isIrreversible, lackOf } from './irreversible.ts';
import { readerFor, record, type Run } from './run.ts';
import { actContext, actionOf, planTargets, sendPlanned } from './settle.ts';
import { failedTargets } from './pending.ts';
import { stepPath, visitOf, type Frame, type PlannedCall } from './frame.ts';

type Act = StepOf<'act'>;
const pollFirstMs = 1_000;
const pollMostMs = 30_000;
/** An action that goes on working out further calls is broken. */
const mostStages = 20;

export async function performAct(run: Run, frame: Frame, step: Act, budget: () => boolean): Promise<Progress> {
  if (!frame.approved[step.id]) throw new Fault('E_GUARD', `${step.id} was never approved. Nothing was done.`);
  if (frame.work.byHand === 'done') return verifyByHand(run, frame, step);
  // A rehearsal sends nothing, so there is nothing to hold up.
  const lack = frame.work.plan || run.state.opened.mode === 'rehearse' ? undefined : lackOf(run, frame, step);
  if (lack) {
    await record(run, frame, { type: 'step.failed', step: step.id, visit: visitOf(frame), code: 'E_GUARD', message: lack });
    return { kind: 'pending' };
  }
  if (!frame.work.plan) await plan(run, frame, step);
  if (run.state.opened.mode === 'rehearse') return rehearse(run, frame, step);
  if (!(await sendAll(run, frame, step))) return { kind: 'pending' };
  const sent = (frame.work.plan ?? []).flatMap(({ targets }) => targets);
  if (!(await waitUntilHolds(run, frame, step, sent, budget))) return { kind: 'budget' };
  return finish(run, frame, step);
}

/** Judges every target (law 4 and 9), seals its before-state, saves its undo card, and freezes the calls. */
async function plan(run: Run, frame: Frame, step: Act): Promise<void> {
  const action = actionOf(run, step);
  const context = actContext(run, frame, step);
  const reader = readerFor(run, frame, step.id);
  const visit = visitOf(frame);
  const ready: { readonly target: Target; readonly state: Json; readonly incomplete: boolean }[] = [];
  const settled = new Map<string, { status: TargetStatus; note: Text }>();
  await eachOf(
    planTargets(frame, step).filter(({ id }) => frame.work.targets[id] === undefined),
    10,
    async (target) => {
      const refused = action.guard?.(target, context);
      const missing = action.needs.filter((kind) => !(run.state.sealed[target.id] ?? []).includes(kind));
      const waived = (isIrreversible(run, step) ? run.state.waivedByTwo : run.state.waived)[target.id] !== undefined;
      if (refused) settled.set(target.id, { status: 'held', note: refused });
      else if (missing.length > 0 && !waived) settled.set(target.id, { status: 'held', note: noEvidence(missing, run.state.waived[target.id] !== undefined) });
      else {
        const before = await action.before(reader, target, context);
        if (before.status === 'ready') ready.push({ target, state: before.state, incomplete: false });
        else if (before.status === 'unreadable' && waived) ready.push({ target, state: before.state ?? null, incomplete: true });
        else settled.set(target.id, { status: judged[before.status], note: before.note });
      }
    },
  );
  const order = planTargets(frame, step).map(({ id }) => id);
  ready.sort((a, b) => order.indexOf(a.target.id) - order.indexOf(b.target.id));
  const calls = action.plan(
    ready.map(({ target }) => target),
    context,
  );
  await record(
    run,
    frame,
    ...order.flatMap((target): Draft[] => {
      const one = settled.get(target);
      return one ? [{ type: 'target.settled', step: step.id, visit, target, ...one }] : [];
    }),
    ...(run.state.opened.mode === 'rehearse' ? [] : ready).map(({ target, state, incomplete }, index): Draft => {
      const undo = action.undo(target, state, context);
      const card = { type: 'undo.saved', card: Object.keys(run.state.cards).length + index + 1, step: step.id, target: target.id } as const;
      return {
        ...card,
        ...('irreversible' in undo ? { calls: [], irreversible: undo.irreversible } : { calls: undo.map(recorded) }),
        ...(incomplete ? { incomplete: run.state.waived[target.id] ?? '' } : {}),
        ...(Object.keys(context.input).length === 0 ? {} : { input: context.input }),
        ...(action.debt === undefined || 'irreversible' in undo || undo.length === 0 ? {} : { debt: { what: action.debt.what, due: dayAfter(context.now, action.debt.days) } }),
      };
    }),
    {
      type: 'act.planned',
      step: step.id,
      visit,
      calls: numbered(frame, step, calls),
    },
  );
}

/** `waivedByOne`: one person's waiver is there, and is not enough for what can not be undone. */
function noEvidence(missing: readonly string[], waivedByOne: boolean): Text {
  return {
    en: `No evidence yet: ${missing.join(', ')}.${waivedByOne ? ' It was waived by one person; what can not be undone takes two.' : ''}`,
    zh: `尚无证据：${missing.join('、')}。${waivedByOne ? '仅有一人豁免；不可撤销的操作需两人。' : ''}`,
  };
}

/** Stage after stage, then what only their answers make possible. False: a call whose outcome nobody knows waits for a person. */
async function sendAll(run: Run, frame: Frame, step: Act): Promise<boolean> {
  const action = actionOf(run, step);
  for (;;) {
    for (let stage = nextStage(frame); stage !== undefined; stage = nextStage(frame)) {
      if (run.ports.signal.aborted) throw new Fault('E_INTERRUPTED', 'Stopped between two calls. Everything up to here is on record.');
      const open = unsent(frame).filter((planned) => (planned.stage ?? 0) === stage);
      await eachOf(open, 50, (planned) => sendPlanned(run, frame, step, planned));
      if (Object.values(run.state.openCalls).some((call) => call.doubt !== undefined)) return false;
    }
    const plan = frame.work.plan ?? [];
    const sent = planTargets(frame, step).filter(({ id }) => frame.work.targets[id] === undefined && plan.some(({ targets }) => targets.includes(id)));
    const more = sent.length === 0 ? [] : ((await action.next?.(readerFor(run, frame, step.id), sent, actContext(run, frame, step))) ?? []);
    if (more.length === 0) return true;
    const last = Math.max(...plan.map(({ stage = 0 }) => stage));
    if (last > mostStages) throw new Fault('E_BUG', `${step.use} never comes to an end. What it did so far is on record.`);
    await record(run, frame, { type: 'act.planned', step: step.id, visit: visitOf(frame), calls: numbered(frame, step, more, last + 1) });
  }
}

/** Planned calls without an outcome; those of a target that failed on the way are not made any more. */
function unsent(frame: Frame): readonly PlannedCall[] {
  const { plan = [], calls, targets } = frame.work;
  return plan.filter((planned) => calls[planned.call] === undefined && planned.targets.some((id) => targets[id]?.status !== 'failed'));
}

function nextStage(frame: Frame): number | undefined {
  return unsent(frame)
    .map(({ stage = 0 }) => stage)
    .toSorted((a, b) => a - b)[0];
}

/** Calls with the ids the trail knows them by, after those planned already. */
function numbered(frame: Frame, step: Act, calls: readonly Planned[], from = 0): readonly PlannedCall[] {
  const before = frame.work.plan?.length ?? 0;
  const id = `${stepPath(frame, step.id)}#${visitOf(frame)}.${frame.work.attempt}`;
  return calls.map(({ call, targets, stage = 0 }, index) => ({
    ...recorded(call),
    call: `${id}.${before + index + 1}`,
    targets,
    ...(from + stage === 0 ? {} : { stage: from + stage }),
  }));
}

/** What would be sent is planned and on record; nothing is. */
async function rehearse(run: Run, frame: Frame, step: Act): Promise<Progress> {
  const visit = visitOf(frame);
  const planned = frame.work.plan ?? [];
  const drafts = [...new Set(planned.flatMap(({ targets }) => targets))].flatMap((target): Draft[] => {
    if (frame.work.targets[target] !== undefined) return [];
    const calls = planned.filter(({ targets }) => targets.includes(target)).map(({ product, action }) => `${product}:${action}`);
    const names = [...new Set(calls)].join(', ');
    return [{ type: 'target.settled', step: step.id, visit, target, status: 'rehearsed', note: { en: `Not sent, a rehearsal: ${names}.`, zh: `预演，未发送：${names}。` } }];
  });
  if (drafts.length > 0) await record(run, frame, ...drafts);
  return finish(run, frame, step);
}

const judged: Record<Exclude<Before['status'], 'ready'>, TargetStatus> = { already: 'already', changed: 'held', gone: 'gone', unreadable: 'failed' };

/** Reads each sent target until its effect holds or its time is up. False: the budget of this command ran out first. */
async function waitUntilHolds(run: Run, frame: Frame, step: Act, ids: readonly string[], budget: () => boolean): Promise<boolean> {
  const { clock, signal } = run.ports;
  const action = actionOf(run, step);
  const reader = readerFor(run, frame, step.id);
  const visit = visitOf(frame);
  for (let pause = pollFirstMs; ; pause = Math.min(pollMostMs, pause * 2)) {
    const open = planTargets(frame, step).filter(({ id }) => ids.includes(id) && frame.work.targets[id] === undefined);
    if (open.length === 0) return true;
    const now = clock.now().getTime();
    const context = actContext(run, frame, step);
    await eachOf(open, 20, async (target) => {
      const late = now >= sentAt(frame, target.id) + action.withinMs;
      const holding = await action.holds(reader, target, context);
      const result = { type: 'target.settled', step: step.id, visit, target: target.id, ...(holding.facts === undefined ? {} : { facts: holding.facts }) } as const;
      if (holding.status === 'yes') await record(run, frame, { ...result, status: 'done', ...(holding.note ? { note: holding.note } : {}) });
      else if (late || holding.final === true) await record(run, frame, { ...result, status: 'failed', note: holding.note ?? notSeen(holding.status) });
    });
    if (planTargets(frame, step).every(({ id }) => !ids.includes(id) || frame.work.targets[id] !== undefined)) return true;
    if (!budget()) return false;
    await clock.sleep(pause, signal);
  }
}

/** When the call for this target got its answer: a resume does not begin the wait anew. */
function sentAt(frame: Frame, target: string): number {
  const planned = frame.work.plan?.findLast(({ call, targets }) => targets.includes(target) && frame.work.calls[call] !== undefined);
  const finished = planned && frame.work.calls[planned.call];
  return finished ? Date.parse(finished.at) : Number.NEGATIVE_INFINITY;
}

function notSeen(status: string): Text {
  return status === 'pending'
    ? { en: 'Still under way when its time was up.', zh: '等待时间已到，操作仍未完成。' }
    : { en: 'The call went through, but reading does not show the effect.', zh: '调用已返回，但读取结果未见生效。' };
}

async function verifyByHand(run: Run, frame: Frame, step: Act): Promise<Progress> {
  const ids = failedTargets(frame);
  const action = actionOf(run, step);
  const reader = readerFor(run, frame, step.id);
  const visit = visitOf(frame);
  const context = actContext(run, frame, step);
  for (const target of planTargets(frame, step).filter(({ id }) => ids.includes(id))) {
    const { status, facts } = await action.holds(reader, target, context);
    if (status !== 'yes') continue;
    await record(run, frame, {
      type: 'target.settled',
      step: step.id,
      visit,
      target: target.id,
      status: 'done',
      note: { en: 'Done by hand, seen by reading.', zh: '已手工完成，读取确认。' },
      ...(facts === undefined ? {} : { facts }),
    });
  }
  return finish(run, frame, step);
}

async function finish(run: Run, frame: Frame, step: Act): Promise<Progress> {
  const batch = planTargets(frame, step);
  const visit = visitOf(frame);
  const failed = failedTargets(frame);
  if (failed.length > 0) {
    const note = frame.work.targets[failed[0] as string]?.note;
    const message = {
      en: `${failed.length} of ${batch.length} not done. ${failed[0]}: ${String(note?.['en'] ?? '')}`,
      zh: `${batch.length} 个中有 ${failed.length} 个未完成。${failed[0]}：${String(note?.['zh'] ?? '')}`,
    };
    await record(run, frame, { type: 'step.failed', step: step.id, visit, code: 'E_ACT', message, targets: failed });
    return { kind: 'pending' };
  }
  await record(run, frame, { type: 'step.finished', step: step.id, visit, outcome: outcomeOfTargets(frame, batch), facts: factsOf(frame, step) });
  return { kind: 'moved' };
}

/** `all` when every target of the batch is done, already so, gone or rehearsed; `none` when no one is. */
export function outcomeOfTargets(frame: Frame, batch: readonly { readonly id: string }[]): 'all' | 'some' | 'none' {
  const good = batch.filter(({ id }) => ['done', 'already', 'gone', 'rehearsed'].includes(frame.work.targets[id]?.status ?? '')).length;
  if (good === 0) return 'none';
  return good === batch.length ? 'all' : 'some';
}

/** `<step>Result` in camelCase: how many targets ended how, for the texts that follow. */
export function factsOf(frame: Frame, step: Act): JsonObject {
  const counts: Record<string, number> = { done: 0, already: 0, held: 0, failed: 0, gone: 0 };
  for (const { status } of Object.values(frame.work.targets)) counts[status] = (counts[status] ?? 0) + 1;
  const name = step.id.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return { [`${name}Result`]: { ...counts, holds: (counts['done'] ?? 0) + (counts['already'] ?? 0), total: planTargets(frame, step).length } };
}
