// What a run is in memory: its frames, the work of a step, its jobs; and where to look things up in them. Pure; steps nothing.
import type { Draft, Entry, RecordedTarget, TargetStatus } from '../casefile/entry.ts';
import { Fault } from '../errors.ts';
import type { Machine, Position } from '../runbook/machine.ts';
import type { Runbook, Step } from '../runbook/schema.ts';
import type { Json, JsonObject } from '../text.ts';
import type { Organisation } from './organisation.ts';

export type EntryOf<T extends Draft['type']> = Extract<Entry, { type: T }>;

export type Batch = EntryOf<'batch.frozen'>;
export type PlannedCall = EntryOf<'act.planned'>['calls'][number];

export type SettledTarget = { readonly status: TargetStatus; readonly note?: JsonObject; readonly facts?: JsonObject; readonly partial?: true };

/** What the current visit of a step has recorded so far: all that a resume needs. */
export type Work = {
  started: boolean;
  attempt: number;
  batch: Batch | undefined;
  /** Irreversible lists only: who approved first, who second, and a waiver of the second. A new list takes them back. */
  first: EntryOf<'answer.given'> | undefined;
  second: EntryOf<'approval.seconded'> | undefined;
  waiver: EntryOf<'approval.waived'> | undefined;
  plan: readonly PlannedCall[] | undefined;
  /** Finished calls by id: the result. */
  calls: Record<string, EntryOf<'call.finished'>>;
  targets: Record<string, SettledTarget>;
  failed: EntryOf<'step.failed'> | undefined;
  /** A person does it by hand; reading verifies. */
  byHand: 'asked' | 'done' | undefined;
  /** A notification: asked for, on its way, what came of the last, how many there were. */
  sending: boolean;
  message: EntryOf<'message.intended'> | undefined;
  sent: EntryOf<'message.finished'> | undefined;
  sendings: number;
  cursor: Json | undefined;
  waitUntil: string | undefined;
};

export type Job = {
  readonly job: string;
  readonly visit: number;
  status: 'running' | 'failed' | 'finished';
  outcome: string | undefined;
  cursor: Json | undefined;
  waitUntil: string | undefined;
  progress: JsonObject | undefined;
  /** Why it can not go on, when it failed. */
  trouble: JsonObject | undefined;
};

export type Frame = {
  readonly path: string;
  readonly runbook: Runbook;
  readonly machine: Machine;
  readonly steps: ReadonlyMap<string, Step>;
  position: Position;
  step: Step;
  visits: Record<string, number>;
  facts: Record<string, Json>;
  work: Work;
  jobs: Record<string, Job>;
  /** Act step → the batch approved for it. */
  approved: Record<string, Batch>;
  /** Hash of an irreversible batch → what stands for its second approval. */
  seconded: Record<string, EntryOf<'approval.seconded'> | EntryOf<'approval.waived'>>;
  /** Step or job → how its work ended last, the newest end last. */
  ended: Record<string, string>;
};

/** A list that one person approved alone, after the wait: somebody else still has to look at it. */
export type Countersign = { readonly step: string; readonly sha256: string; readonly text: string; readonly first: string; readonly dueAt: string; signed: boolean };

/** An intent without an outcome (law 3). `doubt`: reading could not tell. `told`: a person said it did not happen. */
export type OpenCall = EntryOf<'call.intended'> & { doubt: string | undefined; told: boolean };

/** An undo card and what became of it. Other cases that continue this one may have undone it too. */
export type Card = {
  readonly saved: EntryOf<'undo.saved'>;
  /** Calls that made, or may have made, the change this card takes back; none: nothing was sent, or the cloud refused it. */
  changes: readonly string[];
  undone: boolean;
};

/** What may stand only for a time, or was done without evidence: one batch, one owner, one day. Numbered from 1 in the trail's order. */
export type Debt = {
  readonly debt: number;
  readonly kind: 'temporary' | 'waiver' | 'countersign';
  /** Path of its step, and what it is: one batch is one debt. */
  readonly key: string;
  readonly what: JsonObject;
  /** The proposed day, `YYYY-MM-DD`. */
  readonly due: string;
  readonly items: { readonly target: string; readonly card?: number }[];
  /** A second person stood for a waiver when it was given, or countersigned. */
  second?: string;
  accepted: EntryOf<'debt.accepted'> | undefined;
};

export type RunState = {
  opened: EntryOf<'case.opened'>;
  /** The last one holds the cursor. */
  frames: Frame[];
  /** Intents without an outcome, by call id. */
  openCalls: Record<string, OpenCall>;
  /** Evidence kinds sealed or waived per target id. */
  sealed: Record<string, string[]>;
  waived: Record<string, string>;
  /** Target → the second person who stands for its waiver. */
  waivedByTwo: Record<string, string>;
  countersigns: Countersign[];
  findings: Json[];
  identity: EntryOf<'identity.pinned'> | undefined;
  /** As the case was opened with it; undefined: none was settled. */
  organisation: Organisation | undefined;
  /** Undo cards by number. */
  cards: Record<number, Card>;
  debts: Debt[];
  /** An undo that was asked for and has not ended. */
  undoing: EntryOf<'undo.asked'> | undefined;
  phase: string;
  closed: EntryOf<'case.closed'> | undefined;
  lastAt: string;
};

/** Sealed runbook texts by SHA-256: the case carries its own (law 14). */
export type Library = (sha256: string) => Runbook;

/** The frame that holds the cursor. */
export function current(state: RunState): Frame {
  const frame = state.frames.at(-1);
  if (!frame) throw new Fault('E_ENTRY', 'No frame is open.');
  return frame;
}

/** The step's path for people: `cut`, or `second-key/cut` in a child. */
export function stepPath(frame: Frame, step: string = frame.step.id): string {
  return frame.path === '' ? step : `${frame.path}/${step}`;
}

/** Which visit of its step the cursor is on, from 1. */
export function visitOf(frame: Frame): number {
  return (frame.visits[frame.step.id] ?? 0) + (frame.work.started ? 0 : 1);
}

/** Inputs still without a value, in the runbook's order. */
export function openInputs(frame: Frame): readonly string[] {
  return Object.keys(frame.runbook.inputs).filter((name) => frame.facts[name] === undefined);
}

/** What one case is about: its runbook and its inputs. */
export function aboutOf(frame: Frame): JsonObject {
  const inputs = Object.keys(frame.runbook.inputs).flatMap((name): [string, Json][] => (frame.facts[name] === undefined ? [] : [[name, frame.facts[name]]]));
  return { runbook: frame.runbook.id, ...Object.fromEntries(inputs) };
}

/** Every other case of this trail that a frame knows of: those above it and those that were opened below, each as `aboutOf` says it. */
export function casesOf(frame: Frame): readonly JsonObject[] {
  const { cases } = frame.facts;
  return Array.isArray(cases) ? (cases as readonly JsonObject[]) : [];
}

/** The targets a fact holds; a missing fact is an empty list. */
export function targetsOf(frame: Frame, fact: string): readonly (RecordedTarget & { readonly held?: JsonObject })[] {
  const value = frame.facts[fact];
  return Array.isArray(value) ? value : [];
}
