// One pass over the trail: what each step, job, call and target did, with the words of its runbook. Pure; judges nothing.
import type { Draft, Entry, TargetStatus } from '../casefile/entry.ts';
import { keepCards, newLedger, type Ledger } from '../engine/debts.ts';
import { fill } from '../engine/facts.ts';
import { Fault } from '../errors.ts';
import type { Runbook, Step } from '../runbook/schema.ts';
import type { Json, JsonObject, Text } from '../text.ts';

export type EntryOf<T extends Draft['type']> = Extract<Entry, { type: T }>;

export type Visit = {
  readonly path: string;
  readonly kind: string;
  readonly phase: string;
  readonly step: Step | undefined;
  /** Filled with what was known when it began. */
  readonly title: Text;
  readonly started: EntryOf<'step.started'>;
  finished: EntryOf<'step.finished'> | undefined;
  /** When its newest question was put: the start, a new list, a failure. */
  askedAt: string;
};

export type Answered = { readonly entry: EntryOf<'answer.given'>; readonly path: string; readonly visit: Visit | undefined; readonly askedAt: string };

export type JobRead = {
  readonly path: string;
  readonly visit: Visit | undefined;
  readonly started: EntryOf<'job.started'>;
  finished: EntryOf<'job.finished'> | undefined;
  advanced: EntryOf<'job.advanced'> | undefined;
  trouble: EntryOf<'job.failed'> | undefined;
};

export type CallRead = {
  readonly path: string;
  readonly visit: Visit | undefined;
  readonly intended: EntryOf<'call.intended'>;
  finished: EntryOf<'call.finished'> | undefined;
  repeats: number;
  readonly approval: Approval | undefined;
};

/** The word on a target; `undone` is the word of the undo that took the change back. */
export type Settled = { readonly path: string; readonly entry: Omit<EntryOf<'target.settled'>, 'status'> & { readonly status: TargetStatus | 'undone' } };
export type Approval = { readonly batch: EntryOf<'batch.frozen'>; readonly answer: EntryOf<'answer.given'> };
export type Learned = { readonly finding: JsonObject; readonly seq: number; readonly path: string };

/** The trail by subject, in its order. */
export type Reading = {
  readonly entries: readonly Entry[];
  readonly opened: EntryOf<'case.opened'>;
  readonly last: Entry;
  readonly closed: EntryOf<'case.closed'> | undefined;
  readonly runbook: Runbook | undefined;
  readonly visits: readonly Visit[];
  readonly answers: readonly Answered[];
  readonly jobs: readonly JobRead[];
  readonly calls: readonly CallRead[];
  readonly settled: readonly Settled[];
  /** The newest list for each approve step. */
  readonly batches: ReadonlyMap<string, EntryOf<'batch.frozen'>>;
  /** Act step → every approval of it, oldest first. */
  readonly approvals: ReadonlyMap<string, readonly Approval[]>;
  readonly findings: readonly Learned[];
  readonly ledger: Ledger;
  /** The root case's facts; a child's own are not mixed in. */
  readonly facts: Readonly<Record<string, Json>>;
  /** Who worked at a given entry: the one who opened or last resumed. */
  readonly workerAt: (seq: number) => string;
  /** A step by its path, from the runbook of its frame. */
  readonly stepAt: (path: string) => Step | undefined;
  readonly titleAt: (path: string) => Text;
};

/** Sealed runbooks by SHA-256; without one a step is called by its id. */
export type Library = (sha256: string) => Runbook | undefined;

type Frame = { readonly runbook: Runbook | undefined; readonly facts: Record<string, Json> };

/** @throws Fault E_ENTRY for a trail that does not begin with case.opened. */
export function readTrailEntries(entries: readonly Entry[], library: Library): Reading {
  const [opened] = entries;
  const last = entries.at(-1);
  if (opened?.type !== 'case.opened' || !last) throw new Fault('E_ENTRY', 'The trail does not begin with case.opened.');
  const frames = new Map<string, Frame>([['', { runbook: library(opened.runbookSha256), facts: {} }]]);
  const visits: Visit[] = [];
  const now = new Map<string, Visit>();
  const answers: Answered[] = [];
  const jobs: JobRead[] = [];
  const running = new Map<string, JobRead>();
  const calls: CallRead[] = [];
  const byCall = new Map<string, CallRead>();
  const settled: Settled[] = [];
  const batches = new Map<string, EntryOf<'batch.frozen'>>();
  const approvals = new Map<string, Approval[]>();
  const findings = new Map<string, Learned>();
  const workers: { readonly seq: number; readonly by: string }[] = [{ seq: 0, by: opened.by }];
  let closed: EntryOf<'case.closed'> | undefined;
  let undoing: EntryOf<'undo.asked'> | undefined;
  const ledger = newLedger();

  const stepAt = (path: string): Step | undefined => {
    const [frame, id] = split(path);
    return frames.get(frame)?.runbook?.steps.find((step) => step.id === id);
  };
  const titleAt = (path: string): Text => now.get(path)?.title ?? titleOf(stepAt(path), split(path)[1], frames.get(split(path)[0])?.facts ?? {});
  const learn = (frame: Frame | undefined, path: string, entry: { readonly seq: number; readonly facts?: JsonObject; readonly findings?: readonly Json[] }): void => {
    if (frame) Object.assign(frame.facts, entry.facts);
    for (const finding of entry.findings ?? []) {
      if (typeof finding !== 'object' || finding === null || Array.isArray(finding)) continue;
      const key = String((finding as JsonObject)['id'] ?? `${entry.seq}`);
      if (!findings.has(key)) findings.set(key, { finding: finding as JsonObject, seq: entry.seq, path });
    }
  };

  for (const entry of entries) {
    keepCards(ledger, entry);
    const frameName = entry.frame ?? '';
    const path = (id: string): string => (frameName === '' ? id : `${frameName}/${id}`);
    const frame = frames.get(frameName);
    switch (entry.type) {
      case 'frame.opened':
        frames.set(entry.frame, { runbook: library(entry.runbookSha256), facts: { ...entry.inputs } });
        break;
      case 'step.started': {
        const at = path(entry.step);
        const step = stepAt(at);
        const visit: Visit = {
          path: at,
          kind: entry.kind,
          phase: entry.phase,
          step,
          title: titleOf(step, entry.step, frame?.facts ?? {}),
          started: entry,
          finished: undefined,
          askedAt: entry.at,
        };
        visits.push(visit);
        now.set(at, visit);
        break;
      }
      case 'step.finished': {
        const visit = now.get(path(entry.step));
        if (visit) visit.finished = entry;
        learn(frame, path(entry.step), entry);
        break;
      }
      case 'step.failed': {
        const visit = now.get(path(entry.step));
        if (visit) visit.askedAt = entry.at;
        break;
      }
      case 'answer.given': {
        const at = path(entry.step);
        const visit = now.get(at);
        answers.push({ entry, path: at, visit, askedAt: visit?.askedAt ?? entry.at });
        if (entry.step.startsWith('input.') && frame) frame.facts[entry.step.slice(6)] = entry.value;
        const batch = batches.get(at);
        if (entry.kind === 'approve' && entry.value !== 'no' && batch?.act !== undefined) push(approvals, path(batch.act), { batch, answer: entry });
        break;
      }
      case 'batch.frozen': {
        const visit = now.get(path(entry.step));
        if (visit) visit.askedAt = entry.at;
        batches.set(path(entry.step), entry);
        break;
      }
      case 'call.intended': {
        const at = path(entry.step);
        const call: CallRead = { path: at, visit: now.get(at), intended: entry, finished: undefined, repeats: 0, approval: approvals.get(at)?.at(-1) };
        calls.push(call);
        byCall.set(entry.call, call);
        break;
      }
      case 'call.repeated': {
        const call = byCall.get(entry.call);
        if (call) call.repeats += 1;
        break;
      }
      case 'call.finished': {
        const call = byCall.get(entry.call);
        if (call) call.finished = entry;
        break;
      }
      case 'target.settled':
        settled.push({ path: path(entry.step), entry });
        break;
      case 'job.started': {
        const at = path(entry.job);
        const job: JobRead = { path: at, visit: now.get(at), started: entry, finished: undefined, advanced: undefined, trouble: undefined };
        jobs.push(job);
        running.set(at, job);
        break;
      }
      case 'job.advanced':
      case 'job.finished':
      case 'job.failed': {
        const job = running.get(path(entry.job));
        if (job && entry.type === 'job.advanced') job.advanced = entry;
        if (job && entry.type === 'job.finished') job.finished = entry;
        if (job && entry.type === 'job.failed') job.trouble = entry;
        if (entry.type !== 'job.failed') learn(frame, path(entry.job), entry);
        break;
      }
      case 'undo.asked':
        undoing = entry;
        break;
      case 'undo.finished': {
        const { seq, prev, at, sig, note } = entry;
        if (undoing && entry.outcome === 'undone')
          settled.push({
            path: undoing.step,
            entry: { type: 'target.settled', step: undoing.step, visit: 1, target: undoing.target.id, status: 'undone', note, seq, prev, at, sig },
          });
        break;
      }
      case 'case.resumed':
        workers.push({ seq: entry.seq, by: entry.by });
        break;
      case 'case.closed':
        closed = entry;
        break;
      default:
    }
  }
  return {
    entries,
    opened,
    last,
    closed,
    runbook: frames.get('')?.runbook,
    visits,
    answers,
    jobs,
    calls,
    settled,
    batches,
    approvals,
    findings: [...findings.values()],
    ledger,
    facts: frames.get('')?.facts ?? {},
    workerAt: (seq) => workers.findLast((worker) => worker.seq <= seq)?.by ?? opened.by,
    stepAt,
    titleAt,
  };
}

/** `second-key/cut` is the step `cut` in the frame `second-key`. */
function split(path: string): readonly [frame: string, step: string] {
  const at = path.lastIndexOf('/');
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)];
}

function titleOf(step: Step | undefined, id: string, facts: Readonly<Record<string, Json>>): Text {
  return step ? fill(step.title, facts) : { en: id, zh: id };
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
