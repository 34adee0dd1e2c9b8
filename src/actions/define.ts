// What an action and a collector are: data in, cloud calls out. Knows no runbook, no case, no transport.
import type { z } from 'zod';
import type { Json, JsonObject, Text } from '../text.ts';

/** Products we can call, by their endpoint prefix. */
export type Product = 'sts' | 'ram' | 'ims' | 'ecs' | 'actiontrail';

/**
 * One cloud call as data: it can be shown, approved, limited, recorded, replayed, faked.
 * `params` are the wire's own names, already flat (`InstanceId.1`), all values strings; `RegionId` is added by the adapter.
 */
export type Call = {
  readonly product: Product;
  readonly version: string;
  readonly action: string;
  readonly params: Readonly<Record<string, string>>;
  readonly region: string;
  readonly effect: 'read' | 'write';
};

/**
 * How a call failed. `denied`: no permission. `protected`: Alibaba flagged the key in use as leaked and blocks it.
 * `locked`: the target is under a security lock. `gone`: the target does not exist. `unknown`: a write may or may not have happened.
 * `exists`: what was to be made is there already, ours or not. `unreachable`: nothing was sent. `invalid`: refused for its parameters or the
 * target's state. `unavailable`: a read met a server fault after retries.
 */
export type Refusal = 'denied' | 'protected' | 'locked' | 'throttled' | 'gone' | 'exists' | 'unknown' | 'unreachable' | 'invalid' | 'unavailable';

export type Done = {
  readonly ok: true;
  readonly status: number;
  /** The response body as received, our own secrets replaced; see `redactions`. */
  readonly text: string;
  /** The parsed body. Integers beyond 2^53 are strings. */
  readonly body: JsonObject;
  readonly requestId: string;
  /** Names of fields whose values were replaced in `text` and `body`. */
  readonly redactions: readonly string[];
  /** The server's Date header, ISO 8601, when there was one. */
  readonly serverDate?: string;
  /** How often the call was sent again after throttling or a server fault. */
  readonly retries: number;
};

export type Refused = {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly code: string;
  readonly message: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly text?: string;
  readonly retries: number;
};

export type Reply = Done | Refused;

/** What a batch acts on. `id` is the cloud's own id; `data` is what the plan needs and the list freezes. */
export type Target = {
  readonly id: string;
  readonly kind: string;
  readonly region?: string;
  readonly label?: string;
  /** Why the target is held back and unticked; absent: part of the batch. */
  readonly held?: Text;
  readonly data: JsonObject;
};

export type Identity = {
  readonly account: string;
  readonly type: string;
  readonly arn: string;
  readonly principal: string;
  readonly accessKeyId: string;
  readonly userName?: string;
};

/** What actions and collectors know of the run. */
export type Context = {
  readonly caseId: string;
  readonly step: string;
  readonly identity?: Identity;
  /** Scenario time, ISO 8601. */
  readonly now: string;
  readonly input: JsonObject;
  /** Which try of the step this is, from 1; default 1. */
  readonly attempt?: number;
};

/** A read with its custody: the reply is recorded, and sealed verbatim when `seal` names an evidence kind. */
export type Reader = {
  read(call: Call, seal?: { readonly kind: string; readonly target?: string; readonly sensitive?: boolean; readonly coverage?: Json }): Promise<Reply>;
};

/**
 * A call and the targets it is for. Calls of a lower `stage` (default 0) are finished before a higher one is begun, and a target
 * that failed gets none of its later calls; within a stage the order is free.
 */
export type Planned = { readonly call: Call; readonly targets: readonly string[]; readonly stage?: number };

/** Does the effect hold for a target? `pending`: under way. `unknown`: reading can not tell. `final`: a `no` that waiting will not change. */
export type Holding = { readonly status: 'yes' | 'no' | 'pending' | 'unknown'; readonly final?: true; readonly note?: Text; readonly facts?: JsonObject };

/** The before-state of one target, read and sealed just before the act. */
export type Before =
  | { readonly status: 'ready'; readonly state: Json }
  | { readonly status: 'already' | 'changed' | 'gone' | 'unreadable'; readonly note: Text; readonly state?: Json };

export type ActionClass = 'R1' | 'R2' | 'R3';

export type Action = {
  readonly kind: 'action';
  readonly summary: Text;
  /** Law 4. R1 reversible and destroys no source; R2 loses something volatile; R3 irreversible. */
  readonly class: ActionClass;
  /** `product:Action` of every call `before`, `plan` and `holds` may make. */
  readonly calls: readonly string[];
  /** Those that only `undo` makes. */
  readonly undoes: readonly string[];
  readonly targets: string;
  /** Extra inputs from the step's `with`. */
  readonly input: z.ZodType;
  /** Evidence kinds that must be sealed, or waived, per target before the act. */
  readonly needs: readonly string[];
  /** What is lost for good, and what the act leaves standing. */
  readonly loses: Text;
  readonly leaves: Text;
  /** Where to do it by hand in the console. */
  readonly console: Text;
  /** Why this target must not be acted on (law 9), or undefined. */
  guard?(target: Target, context: Context): Text | undefined;
  /** What the person must know of this very target before approving: what will probably break, what stays, whose it is. */
  warn?(target: Target, context: Context): readonly Text[];
  before(reader: Reader, target: Target, context: Context): Promise<Before>;
  /** Resolved calls, no effect. Deterministic: the same targets give the same calls, ClientTokens included. */
  plan(targets: readonly Target[], context: Context): readonly Planned[];
  /** Per-target results of a write that answers 200 with partial failures; absent targets are judged by `holds`. */
  settle?(reply: Done, planned: Planned): Readonly<Record<string, { readonly ok: boolean; readonly code?: string; readonly note?: Text }>>;
  /**
   * Further calls for these targets once the planned ones are through, where an earlier answer names what a later call needs. Worked out by
   * reading the cloud, never from memory, so that a resume finds the same; asked again until it gives none.
   */
  next?(reader: Reader, targets: readonly Target[], context: Context): Promise<readonly Planned[]>;
  /** `call`: only whether this one call has landed is in question; without it, whether the whole effect holds. */
  holds(reader: Reader, target: Target, context: Context, call?: Call): Promise<Holding>;
  /** How long after its call an effect may still be `pending`. Scenario milliseconds. */
  readonly withinMs: number;
  undo(target: Target, before: Json, context: Context): readonly Call[] | { readonly irreversible: Text };
  /** What undoing gives back, for whoever is about to ask for it. */
  readonly givesBack?: Text;
  /** Why it must not be undone yet, read from the cloud; undefined: nothing speaks against it. */
  undoGuard?(reader: Reader, target: Target, context: Context): Promise<Text | undefined>;
  /** It may stand only for a time: before the case ends it is undone, or someone answers for it until a date. `days`: how long is proposed. */
  readonly debt?: { readonly what: Text; readonly days: number };
};

export type Coverage = {
  readonly regionsDone?: readonly string[];
  readonly regionsMissed?: readonly { readonly region: string; readonly why: Text }[];
  readonly from?: string;
  readonly to?: string;
  readonly pages?: number;
  readonly throttles?: number;
  readonly notLooked?: readonly Text[];
};

/**
 * What answers a finding. `targets` are ids as the action (or the child's input) names them, empty when the log named none.
 * `call`: the command by hand; words in capitals are for the person to fill in.
 */
export type Answer =
  | { readonly kind: 'action'; readonly action: string; readonly targets: readonly string[] }
  | { readonly kind: 'case'; readonly runbook: string; readonly targets: readonly string[] }
  | { readonly kind: 'manual'; readonly text: Text; readonly call?: Call }
  | { readonly kind: 'watch'; readonly why: Text };

/** Something an investigator must know, found in a log or an inventory. */
export type Finding = {
  readonly id: string;
  /** When it happened, ISO 8601. */
  readonly at: string;
  readonly severity: 'critical' | 'high' | 'medium' | 'low' | 'info';
  readonly what: Text;
  /** ATT&CK technique ids. */
  readonly attack: readonly string[];
  readonly principal?: string;
  readonly region?: string;
  readonly eventName?: string;
  readonly requestId?: string;
  readonly answer: Answer;
};

/** One resumable portion of a collection. Without `cursor` it is complete. */
export type Slice = {
  readonly cursor?: Json;
  /** Not before this scenario time; only with `cursor`. */
  readonly waitUntil?: string;
  /** For one target of an `over`: `some` when its core was read, `refused` saying what else was not; `facts.notGiven` names every part missing. */
  readonly outcome?: 'all' | 'some' | 'none' | 'quiet' | 'active';
  readonly facts?: JsonObject;
  readonly findings?: readonly Finding[];
  readonly progress?: { readonly done: number; readonly total: number; readonly note?: Text };
  readonly coverage?: Coverage;
  /** Why nothing could be read, when the outcome is `none`. */
  readonly refused?: Refused;
};

export type Collector = {
  readonly kind: 'collector';
  readonly summary: Text;
  readonly calls: readonly string[];
  readonly input: z.ZodType;
  /** Fact names it records. */
  readonly gives: readonly string[];
  /** The evidence kind: with `over` of one finished target, else of the account as a whole (`full-record` is what R3 waits for). */
  readonly seals?: string;
  slice(reader: Reader, context: Context, cursor: Json | undefined, target?: Target): Promise<Slice>;
};

export function defineAction(action: Omit<Action, 'kind'>): Action {
  return { kind: 'action', ...action };
}

export function defineCollector(collector: Omit<Collector, 'kind'>): Collector {
  return { kind: 'collector', ...collector };
}
