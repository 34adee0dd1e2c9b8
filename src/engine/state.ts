// The run as the fold of its trail: what was recorded so far, nothing else. Pure; the only engine file that steps machines.
import type { Entry } from '../casefile/entry.ts';
import { Fault } from '../errors.ts';
import { advance, begin, compile, stepOf } from '../runbook/machine.ts';
import type { Runbook, Step } from '../runbook/schema.ts';
import type { Json, JsonObject } from '../text.ts';
import { keepCards, newLedger } from './debts.ts';
import { networksOf, type Organisation } from './organisation.ts';
import { aboutOf, casesOf, stepPath, type EntryOf, type Frame, type Library, type RunState, type Work } from './frame.ts';

const newWork = (): Work => ({
  started: false,
  attempt: 1,
  batch: undefined,
  first: undefined,
  second: undefined,
  waiver: undefined,
  sending: false,
  message: undefined,
  sent: undefined,
  sendings: 0,
  plan: undefined,
  calls: {},
  targets: {},
  failed: undefined,
  byHand: undefined,
  cursor: undefined,
  waitUntil: undefined,
});

function newFrame(path: string, runbook: Runbook, facts: JsonObject): Frame {
  const machine = compile(runbook);
  const steps = new Map(runbook.steps.map((step) => [step.id, step]));
  const position = begin(machine);
  return {
    path,
    runbook,
    machine,
    steps,
    position,
    step: at(steps, stepOf(position)),
    visits: {},
    facts: { cases: [], knownNetworks: [], ...facts },
    work: newWork(),
    jobs: {},
    approved: {},
    seconded: {},
    ended: {},
  };
}

/** Replays a whole trail. @throws Fault E_ENTRY when an entry does not fit the runbook at that point. */
export function replay(entries: readonly Entry[], library: Library): RunState {
  const [first, ...rest] = entries;
  if (first?.type !== 'case.opened') throw new Fault('E_ENTRY', 'The trail does not begin with case.opened.');
  const state: RunState = {
    opened: first,
    frames: [newFrame('', library(first.runbookSha256), {})],
    openCalls: {},
    sealed: {},
    waived: {},
    waivedByTwo: {},
    countersigns: [],
    findings: [],
    identity: undefined,
    organisation: undefined,
    ...newLedger(),
    phase: '',
    closed: undefined,
    lastAt: first.at,
  };
  for (const entry of rest) fold(state, entry, library);
  return state;
}

/** Folds one more entry into `state`, in place: replay(a ++ b) is fold over b of replay(a). */
export function fold(state: RunState, entry: Entry, library: Library): void {
  state.lastAt = entry.at;
  keepCards(state, entry);
  if (entry.type === 'frame.opened') {
    const parent = state.frames.at(-1);
    const above = parent ? [...casesOf(parent), aboutOf(parent)] : [];
    const { knownNetworks = [] } = state.frames[0]?.facts ?? {};
    state.frames.push(newFrame(entry.frame, library(entry.runbookSha256), { ...entry.inputs, cases: above, knownNetworks }));
    return;
  }
  if (entry.type === 'frame.closed') {
    state.frames.pop();
    return;
  }
  const frame = state.frames.find((each) => each.path === (entry.frame ?? ''));
  if (frame === undefined) throw new Fault('E_ENTRY', `Entry ${entry.seq} names a frame that is not open: ${entry.frame}.`);
  const { work } = frame;
  switch (entry.type) {
    case 'step.started':
      expectStep(frame, entry.step, entry.seq);
      work.started = true;
      frame.visits[entry.step] = entry.visit;
      state.phase = entry.phase;
      return;
    case 'answer.given':
      if (entry.step.startsWith('input.')) frame.facts[entry.step.slice(6)] = entry.value;
      if (entry.kind === 'manual' && work.byHand === 'asked') work.byHand = entry.value === 'done' ? 'done' : undefined;
      if (entry.kind === 'failed' && entry.value === 'by-hand') work.byHand = 'asked';
      if (entry.kind === 'in-doubt') tellDoubted(state, entry.value);
      if (entry.kind === 'approve' && entry.value !== 'no') work.first ??= entry;
      if (entry.kind === 'notify' && entry.value === 'send') work.sending = true;
      return;
    case 'message.intended':
      work.message = entry;
      return;
    case 'message.finished':
      Object.assign(work, { sending: false, message: undefined, sent: entry, sendings: work.sendings + 1 });
      return;
    case 'batch.frozen':
      Object.assign(work, { batch: entry, first: undefined, second: undefined, waiver: undefined });
      return;
    case 'approval.seconded':
      foldSecond(state, frame, entry);
      return;
    case 'approval.waived':
      work.waiver = entry;
      return;
    case 'countersign.owed': {
      const { sha256, text, first, dueAt } = entry;
      state.countersigns.push({ step: stepPath(frame, entry.step), sha256, text, first, dueAt, signed: false });
      return;
    }
    case 'act.planned':
      work.plan = [...(work.plan ?? []), ...entry.calls];
      return;
    case 'call.intended':
      state.openCalls[entry.call] = { ...entry, doubt: undefined, told: false };
      return;
    case 'call.doubted': {
      const open = state.openCalls[entry.call];
      if (open) open.doubt = entry.why;
      return;
    }
    case 'call.repeated': {
      const open = state.openCalls[entry.call];
      if (open) open.told = false;
      return;
    }
    case 'call.finished':
      if (entry.effect === 'write') {
        delete state.openCalls[entry.call];
        work.calls[entry.call] = entry;
      }
      return;
    case 'target.settled':
      work.targets[entry.target] = entry;
      if (entry.seals !== undefined) (state.sealed[entry.target] ??= []).push(entry.seals);
      return;
    case 'waiver.given':
      if (entry.target !== undefined) state.waived[entry.target] = entry.reason;
      if (entry.target !== undefined && entry.second !== undefined) state.waivedByTwo[entry.target] = entry.second;
      return;
    case 'step.failed':
      // What a person did by hand was read and did not hold: the next word is theirs again.
      work.byHand = undefined;
      work.failed = entry;
      return;
    case 'step.retried':
      work.failed = undefined;
      work.byHand = undefined;
      work.plan = undefined;
      work.waitUntil = undefined;
      work.attempt += 1;
      for (const [id, target] of Object.entries(work.targets)) if (target.status === 'failed' || target.status === 'held') delete work.targets[id];
      return;
    case 'job.started':
      frame.jobs[entry.job] = {
        job: entry.job,
        visit: entry.visit,
        status: 'running',
        outcome: undefined,
        cursor: undefined,
        waitUntil: undefined,
        progress: undefined,
        trouble: undefined,
      };
      return;
    case 'job.failed':
    case 'job.retried': {
      const job = frame.jobs[entry.job];
      if (job) Object.assign(job, entry.type === 'job.failed' ? { status: 'failed', trouble: entry.message } : { status: 'running', trouble: undefined });
      return;
    }
    case 'job.advanced':
      advanceWork(state, frame, entry);
      return;
    case 'job.finished': {
      const job = frame.jobs[entry.job];
      if (!job) throw new Fault('E_ENTRY', `Entry ${entry.seq} ends a job that never started: ${entry.job}.`);
      Object.assign(job, { status: 'finished', outcome: entry.outcome, waitUntil: undefined, progress: entry.progress ?? job.progress, trouble: undefined });
      learn(state, frame, entry);
      endedAs(frame, entry.job, entry.outcome);
      frame.position = advance(frame.machine, frame.position, { type: 'job', job: entry.job, outcome: entry.outcome });
      return;
    }
    case 'step.finished':
      expectStep(frame, entry.step, entry.seq);
      learn(state, frame, entry);
      if (entry.outcome === 'approved') approve(frame, entry.at);
      if (entry.outcome !== 'started') endedAs(frame, entry.step, entry.outcome);
      move(frame, entry.outcome === 'skipped' ? { type: 'skip' } : { type: 'finish', outcome: entry.outcome });
      return;
    case 'step.jumped':
      move(frame, { type: 'jump', to: entry.to });
      return;
    case 'identity.pinned':
      state.identity = entry;
      return;
    case 'organisation.recorded':
      state.organisation = entry.organisation as unknown as Organisation;
      frame.facts['knownNetworks'] = networksOf(state.organisation);
      return;
    case 'case.closed':
      state.closed = entry;
      return;
    default:
      return;
  }
}

/** Kept in the order of the ends: the newest stands last. */
function endedAs({ ended }: Frame, id: string, outcome: string): void {
  delete ended[id];
  ended[id] = outcome;
}

/** What an approved list may rest on: a second person, or a waiver that is old enough by now. */
function approve({ work, approved, seconded }: Frame, at: string): void {
  const { batch, second, waiver } = work;
  if (batch?.act === undefined) return;
  approved[batch.act] = batch;
  const stands = second ?? (waiver && at >= waiver.maturesAt ? waiver : undefined);
  if (stands) seconded[batch.sha256] = stands;
}

/** For the list that waits, or for one that was approved alone. */
function foldSecond(state: RunState, frame: Frame, entry: EntryOf<'approval.seconded'>): void {
  if (frame.step.id === entry.step && frame.work.batch?.sha256 === entry.sha256) frame.work.second = entry;
  else for (const owed of state.countersigns) if (owed.sha256 === entry.sha256) owed.signed = true;
}

function tellDoubted(state: RunState, value: string): void {
  const doubted = Object.values(state.openCalls).find((call) => call.doubt !== undefined);
  if (doubted) Object.assign(doubted, { doubt: undefined, told: value === 'did-not-happen' });
}

function advanceWork(state: RunState, frame: Frame, entry: EntryOf<'job.advanced'>): void {
  learn(state, frame, entry);
  const job = frame.jobs[entry.job];
  if (job) Object.assign(job, { cursor: entry.cursor, waitUntil: entry.waitUntil, progress: entry.progress ?? job.progress, trouble: undefined });
  else Object.assign(frame.work, { cursor: entry.cursor, waitUntil: entry.waitUntil });
}

function learn(state: RunState, frame: Frame, entry: { facts?: JsonObject; findings?: readonly Json[] }): void {
  Object.assign(frame.facts, entry.facts);
  // Two looks find the same event: it is one finding.
  const known = new Set(state.findings.map(idOf));
  for (const finding of entry.findings ?? []) {
    const id = idOf(finding);
    if (id !== undefined && known.has(id)) continue;
    known.add(id);
    state.findings.push(finding);
  }
}

function move(frame: Frame, event: Parameters<typeof advance>[2]): void {
  frame.position = advance(frame.machine, frame.position, event);
  frame.step = at(frame.steps, stepOf(frame.position));
  frame.work = newWork();
}

function expectStep(frame: Frame, step: string, seq: number): void {
  if (frame.step.id !== step) throw new Fault('E_ENTRY', `Entry ${seq} is about ${step}, but the case stands at ${frame.step.id}.`);
}

function at(steps: ReadonlyMap<string, Step>, id: string): Step {
  const step = steps.get(id);
  if (!step) throw new Fault('E_ENTRY', `The runbook has no step ${id}.`);
  return step;
}

function idOf(finding: Json): Json | undefined {
  return typeof finding === 'object' && finding !== null && !Array.isArray(finding) ? (finding as JsonObject)['id'] : undefined;
}
