// Drives a case: does what needs no person, and stops where one is needed. No files, clocks, prompts or sleeps of its own.
import { Fault } from '../errors.ts';
import { performAct } from './act.ts';
import { advanceJob, eachOf, performCollect, type Progress } from './collect.ts';
import { resolveArgs } from './facts.ts';
import { freeze } from './freeze.ts';
import { performSend } from './message.ts';
import { neededJobs, pendingOf } from './pending.ts';
import type { Clock } from './ports.ts';
import { catchUp, record, witness, type Run } from './run.ts';
import { settle } from './settle.ts';
import { aboutOf, casesOf, current, stepPath, visitOf, type Frame } from './frame.ts';
import { finishUndo, isUndoing, settleUndo } from './undo.ts';
import type { StepOf } from '../runbook/schema.ts';

/** Child cases within child cases (design §5). */
const deepest = 5;

export type Stop =
  | { readonly state: 'waiting' | 'in-doubt' | 'closed' | 'running' }
  /** Nothing happens before this scenario time. */
  | { readonly state: 'watching'; readonly until: string };

export type DriveOptions = {
  /** False once this command has worked long enough on what nobody waits for. */
  readonly budget: () => boolean;
  /** Polls a watch once even before it is due. */
  readonly poll?: boolean;
};

/** Goes on until a person, a time or the end is reached. @throws Fault E_INTERRUPTED on Ctrl-C, with the state saved. */
export async function drive(run: Run, options: DriveOptions): Promise<Stop> {
  let poll = options.poll === true;
  for (;;) {
    catchUp(run);
    const { state, ports } = run;
    if (state.closed) return { state: 'closed' };
    if (ports.signal.aborted) throw new Fault('E_INTERRUPTED', 'Stopped. Everything up to here is on record.');
    const frame = current(state);
    const open = Object.values(state.openCalls).filter((call) => call.doubt === undefined);
    if (open.length > 0) {
      // Together: each waits out its own lifetime, and a batch may have left many.
      await eachOf(open, 50, async (call) => {
        if (isUndoing(call)) return settleUndo(run, call);
        const owner = state.frames.find(({ path }) => path === (call.frame ?? '')) as Frame;
        await settle(run, owner, owner.steps.get(call.step) as StepOf<'act'>, call);
      });
      continue;
    }
    if (state.undoing && Object.keys(state.openCalls).length === 0) {
      await finishUndo(run);
      continue;
    }
    const pending = pendingOf(state);
    if (pending && pending.kind !== 'watch') return { state: pending.kind === 'in-doubt' ? 'in-doubt' : 'waiting' };
    if (pending?.dueAt !== undefined && !poll && isAhead(pending.dueAt, ports.clock)) return { state: 'watching', until: pending.dueAt };
    poll = false;
    const progress = await next(run, frame, options);
    if (progress.kind === 'wait') return { state: 'watching', until: progress.until };
    if (progress.kind === 'budget') return { state: 'running' };
  }
}

async function next(run: Run, frame: Frame, options: DriveOptions): Promise<Progress> {
  const needed = neededJobs(frame).find((job) => job.status === 'running');
  if (needed) {
    const progress = await advanceJob(run, frame, needed);
    return progress.kind === 'moved' && !options.budget() && frame.jobs[needed.job]?.status === 'running' ? { kind: 'budget' } : progress;
  }
  if (!frame.work.started) await start(run, frame);
  if (frame.path !== '' && frame.step.kind !== 'end' && frame.step.once) {
    await record(run, frame, { type: 'step.finished', step: frame.step.id, visit: visitOf(frame), outcome: 'skipped', reason: 'asked once, in the case this one belongs to' });
    return { kind: 'moved' };
  }
  return perform(run, frame, options);
}

async function start(run: Run, frame: Frame): Promise<void> {
  const { step } = frame;
  const before = run.state.phase;
  await record(run, frame, { type: 'step.started', step: step.id, visit: visitOf(frame), kind: step.kind, phase: step.phase });
  if (before !== '' && before !== step.phase) await witness(run, `phase ${step.phase}`);
}

/** One performer per kind: what an engine can do alone; a person's kinds return at once. */
async function perform(run: Run, frame: Frame, options: DriveOptions): Promise<Progress> {
  const { step } = frame;
  const visit = visitOf(frame);
  switch (step.kind) {
    case 'act':
      return performAct(run, frame, step, options.budget);
    case 'collect':
    case 'watch':
      if (!step.background) return performCollect(run, frame, step, options.budget);
      await record(run, frame, { type: 'job.started', job: step.id, visit }, { type: 'step.finished', step: step.id, visit, outcome: 'started' });
      return { kind: 'moved' };
    case 'approve':
      return approve(run, frame, step);
    case 'notify':
      return frame.work.sending ? performSend(run, frame, step) : { kind: 'pending' };
    case 'case': {
      const path = stepPath(frame);
      if (run.state.frames.length > deepest) throw new Fault('E_GUARD', `Child cases go ${deepest} deep. Nothing was opened.`, { hint: `Skip ${path} with a reason.` });
      const child = await run.ports.child(step.runbook);
      await record(run, frame, {
        type: 'frame.opened',
        frame: visit === 1 ? path : `${path}~${visit}`,
        parent: frame.path,
        step: step.id,
        ...child,
        inputs: resolveArgs(step.with, frame.facts),
      });
      return { kind: 'moved' };
    }
    case 'end':
      // Debts nobody answers for are asked about before the last word.
      return pendingOf(run.state) === null ? end(run, frame, step) : { kind: 'pending' };
    default:
      return { kind: 'pending' };
  }
}

/**
 * Freezes the batch. An empty one asks nothing: silence would not be consent, and there is nothing to consent to. One that was frozen empty
 * just before a crash is declined without freezing it again.
 */
async function approve(run: Run, frame: Frame, step: StepOf<'approve'>): Promise<Progress> {
  const known = frame.work.batch;
  const frozen = known ?? freeze(run, frame, step);
  if (!known) await record(run, frame, frozen);
  if (frozen.type === 'batch.frozen' && frozen.targets.length === 0) {
    await record(run, frame, { type: 'step.finished', step: step.id, visit: visitOf(frame), outcome: 'declined', reason: 'nothing to act on' });
    return { kind: 'moved' };
  }
  return { kind: 'pending' };
}

async function end(run: Run, frame: Frame, step: StepOf<'end'>): Promise<Progress> {
  if (frame.path === '') {
    await witness(run, 'close');
    await record(run, frame, { type: 'case.closed', outcome: 'closed', as: step.as, by: run.ports.by });
    return { kind: 'moved' };
  }
  const parent = run.state.frames.at(-2) as Frame;
  await record(run, frame, { type: 'frame.closed', frame: frame.path, outcome: 'closed', as: step.as });
  const cases = [...casesOf(parent), ...casesOf(frame), { ...aboutOf(frame), as: step.as }];
  const facts = { cases: [...new Map(cases.map((each) => [JSON.stringify(each), each])).values()] };
  await record(run, parent, { type: 'step.finished', step: parent.step.id, visit: visitOf(parent), outcome: 'closed', facts });
  return { kind: 'moved' };
}

/** As times, not as texts: 10:00:00.5Z sorts before 10:00:00Z. */
function isAhead(at: string, clock: Clock): boolean {
  return Date.parse(at) > clock.now().getTime();
}

/** One slice of every job that is due, oldest first. Returns whether any moved. */
export async function advanceJobs(run: Run): Promise<boolean> {
  catchUp(run);
  if (run.state.closed) return false;
  let any = false;
  for (const frame of run.state.frames) {
    for (const job of Object.values(frame.jobs)) {
      if (job.status !== 'running' || (job.waitUntil !== undefined && isAhead(job.waitUntil, run.ports.clock)) || run.ports.signal.aborted) continue;
      await advanceJob(run, frame, job);
      any = true;
    }
  }
  return any;
}
