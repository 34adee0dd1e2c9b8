// What a report holds: plain data with names that stay, read from the trail alone. Types only; no wording, no format.
import type { CallResult, How, Mode, Origin } from '../casefile/entry.ts';
import type { Json, JsonObject, Text } from '../text.ts';

/** Every `seq` names the trail entry a statement rests on; every time is UTC ISO 8601, scenario time in an exercise. */
export type ReportModel = {
  readonly format: 1;
  readonly header: Header;
  readonly decision: Decision;
  readonly scope: Scope;
  readonly metrics: readonly Metric[];
  readonly timeline: readonly TimelineRow[];
  readonly actions: readonly ActionRow[];
  readonly byHand: readonly ByHandRow[];
  readonly held: readonly HeldRow[];
  readonly undo: readonly UndoCard[];
  readonly decisions: readonly DecisionRow[];
  readonly skips: readonly SkipRow[];
  readonly waivers: readonly WaiverRow[];
  readonly failures: readonly FailureRow[];
  readonly notifications: readonly NotificationRow[];
  readonly inputs: readonly InputRow[];
  readonly evidence: readonly Exhibit[];
  readonly coverage: readonly CoverageRow[];
  readonly refusals: readonly RefusalRow[];
  readonly notLooked: readonly NotLooked[];
  readonly findings: readonly FindingRow[];
  readonly attack: readonly Technique[];
  readonly lessons: readonly Lesson[];
  readonly actionItems: readonly ActionItem[];
  readonly score?: DrillScore;
  readonly integrity: Integrity;
};

export type Header = {
  readonly case: string;
  readonly origin: Origin;
  readonly mode: Mode;
  readonly scenario?: string;
  readonly runbook: { readonly id: string; readonly sha256: string; readonly version?: number; readonly title: Text; readonly summary: Text };
  readonly endpoint: string;
  /** The firebreak that opened the case. */
  readonly version: string;
  readonly account?: string;
  /** Whose credential acted. */
  readonly actor?: string;
  readonly lead: string;
  readonly severity: string;
  readonly openedBy: string;
  readonly openedAt: string;
  readonly closedAt?: string;
  readonly state: 'open' | 'closed' | 'aborted';
  /** How it ended, as the runbook calls it. */
  readonly outcome?: string;
  readonly reason?: string;
  /** The time of the newest entry. */
  readonly upTo: string;
};

export type Containment = {
  /** `contained` only when the quiet watch over the last cut ended `quiet`. */
  readonly state: 'contained' | 'not-verified' | 'active' | 'watching' | 'not-cut';
  /** How the last cut was made: `disabled`, `by-hand`, … */
  readonly rung?: string;
  readonly cut: readonly string[];
  readonly notCut: readonly string[];
  readonly from?: string;
  /** The log was complete up to here. */
  readonly to?: string;
  readonly logDelayMs?: number;
  readonly regions?: readonly string[];
  readonly refusedAttempts?: number;
  /** What the watch said, or why there is none. */
  readonly outcome?: string;
  readonly seq?: number;
};

/** CNY per hour. `null`: looked at, but unknown. Absent: never looked at. */
export type Cost = {
  readonly before?: number | null;
  readonly after?: number | null;
  /** List price from each machine's start to its stop: an estimate, not the bill. */
  readonly spent?: number | null;
  readonly notes: readonly Text[];
};

export type OpenItem = { readonly what: Text; readonly seq?: number; readonly step?: string };

export type Decision = {
  readonly detectedAt?: string;
  readonly detectedHow?: string;
  /** The earliest harmful event found. */
  readonly since?: { readonly at: string; readonly what: Text; readonly seq: number };
  readonly containment: Containment;
  readonly cost: Cost;
  /** Changes that hold, by action. */
  readonly done: readonly { readonly title: Text; readonly reached: number; readonly of: number }[];
  readonly open: readonly OpenItem[];
};

export type Named = { readonly id: string; readonly note: string };

export type Scope = {
  readonly account?: string;
  /** Where the suspects did something that succeeded. */
  readonly regionsTouched: readonly string[];
  readonly regionsLookedAt: readonly string[];
  readonly identities: readonly Named[];
  readonly keys: readonly Named[];
  readonly sessions: readonly Named[];
  readonly instances: readonly Named[];
  readonly trails: readonly Named[];
  readonly sources: readonly Named[];
};

export type Metric = {
  readonly id: string;
  readonly title: Text;
  readonly definition: Text;
  readonly unit: 'seconds' | 'share' | 'count';
  /** `null`: the trail holds nothing to measure. */
  readonly value: number | null;
  /** How many were measured. */
  readonly n?: number;
};

export type Lane = 'attacker' | 'responder' | 'approval' | 'case';

export type TimelineRow = {
  readonly at: string;
  readonly lane: Lane;
  readonly what: Text;
  readonly by?: string;
  readonly seq: number;
  readonly region?: string;
  readonly requestId?: string;
};

export type Verified = { readonly target: string; readonly status: string; readonly at: string; readonly seq: number; readonly note?: Text; readonly facts?: JsonObject };

export type ActionRow = {
  readonly seq: number;
  readonly at: string;
  readonly call: string;
  readonly step: string;
  readonly title: Text;
  readonly class: string;
  readonly askedBy: string;
  readonly approved?: { readonly by: string; readonly at: string; readonly seq: number; readonly text: string };
  readonly product: string;
  readonly version: string;
  readonly action: string;
  readonly region: string;
  readonly params: Readonly<Record<string, string>>;
  /** The same call as an `aliyun` command. */
  readonly command: string;
  readonly targets: readonly string[];
  /** `open`: the trail does not say how it ended. */
  readonly result: CallResult | 'open';
  readonly how?: How;
  /** How often it was sent again after reading showed that it had not happened. */
  readonly repeats: number;
  readonly requestId?: string;
  readonly code?: string;
  readonly message?: string;
  readonly finishedAt?: string;
  readonly finishedSeq?: number;
  readonly toldBy?: string;
  readonly verified: readonly Verified[];
  readonly undo: readonly number[];
};

export type ByHandRow = {
  readonly seq: number;
  readonly at: string;
  readonly step: string;
  readonly title: Text;
  readonly by: string;
  readonly value: string;
  readonly targets: readonly string[];
};

/** A target nothing was sent to. `list`: unticked in the list that was approved; `act`: dropped when its turn came. */
export type HeldRow = {
  readonly target: string;
  readonly label?: string;
  readonly step: string;
  readonly title: Text;
  readonly status: string;
  readonly by: 'list' | 'act';
  readonly why: Text;
  readonly seq: number;
};

export type UndoCard = {
  readonly card: number;
  readonly step: string;
  readonly target: string;
  readonly calls: readonly {
    readonly product: string;
    readonly action: string;
    readonly region: string;
    readonly params: Readonly<Record<string, string>>;
    readonly command: string;
  }[];
  readonly irreversible?: Text;
  /** Why the before-state is missing. */
  readonly incomplete?: string;
  readonly seq: number;
};

export type DecisionRow = {
  readonly seq: number;
  readonly at: string;
  readonly step: string;
  readonly title: Text;
  readonly kind: string;
  readonly value: string;
  readonly label?: Text;
  readonly declined: boolean;
  /** What could have been chosen instead. */
  readonly others: readonly Text[];
  readonly by: string;
  readonly via: string;
  readonly reason?: string;
  /** From the question shown to its answer. */
  readonly seconds?: number;
};

export type SkipRow = {
  readonly seq: number;
  readonly at: string;
  readonly what: 'step' | 'job';
  readonly step: string;
  readonly title: Text;
  readonly outcome: string;
  readonly by: string;
  readonly reason: string;
};
export type WaiverRow = {
  readonly seq: number;
  readonly at: string;
  readonly step: string;
  readonly target?: string;
  readonly reason: string;
  readonly by: string;
  readonly second?: string;
};
export type FailureRow = {
  readonly seq: number;
  readonly at: string;
  readonly what: 'step' | 'job' | 'call';
  readonly step: string;
  readonly title: Text;
  readonly code: string;
  readonly message: Text;
  readonly targets: readonly string[];
  /** What came of it. */
  readonly next: Text;
};
export type NotificationRow = {
  readonly seq: number;
  readonly at: string;
  readonly step: string;
  readonly title: Text;
  readonly who: Text;
  readonly message?: Text;
  readonly outcome: string;
  readonly by: string;
};
export type InputRow = { readonly seq: number; readonly name: string; readonly title: Text; readonly value: string; readonly proposed: boolean; readonly by: string };

export type Exhibit = {
  readonly exhibit: number;
  readonly seq: number;
  readonly kind: string;
  readonly api: string;
  readonly region: string;
  readonly requestId: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly target?: string;
  readonly step?: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly by: string;
  readonly tool: string;
  readonly redactions: readonly string[];
  readonly sensitive: boolean;
};

export type CoverageRow = {
  readonly seq: number;
  readonly step: string;
  readonly title: Text;
  readonly job: boolean;
  /** The step's outcome, or `unfinished`. */
  readonly outcome: string;
  readonly from?: string;
  readonly to?: string;
  readonly regionsDone: readonly string[];
  readonly regionsMissed: readonly { readonly region: string; readonly why: string }[];
  readonly pages?: number;
  readonly throttles?: number;
  /** Artefacts sealed on the way. */
  readonly sealed: number;
};

/** Calls the cloud did not answer as asked, by API, region and code. */
export type RefusalRow = { readonly api: string; readonly region: string; readonly result: CallResult; readonly code: string; readonly count: number; readonly seq: number };
export type NotLooked = { readonly what: Text; readonly step?: string; readonly seq?: number };
export type FindingRow = {
  readonly seq: number;
  readonly id: string;
  readonly at: string;
  readonly severity: string;
  readonly what: Text;
  readonly attack: readonly string[];
  readonly principal?: string;
  readonly region?: string;
  readonly eventName?: string;
  readonly requestId?: string;
};
/** `named` by the runbook; `count` findings carry it. */
export type Technique = { readonly technique: string; readonly count: number; readonly named: boolean; readonly first?: string; readonly example?: Text; readonly seq?: number };
export type Lesson = { readonly seq: number; readonly at: string; readonly step: string; readonly title: Text; readonly value: string; readonly by: string };
export type ActionItem = { readonly what: string; readonly owner: string; readonly due: string; readonly seq: number };

export type DrillScore = {
  readonly scenario: string;
  readonly points: number;
  readonly of: number;
  readonly passPoints: number;
  readonly passed: boolean;
  readonly results: readonly {
    readonly id: string;
    readonly text: Text;
    readonly points: number;
    readonly must: boolean;
    readonly reached: boolean;
    readonly at?: string;
    readonly why: Text;
  }[];
};

export type Interruption = {
  readonly seq: number;
  readonly at: string;
  readonly what: 'paused' | 'resumed' | 'recovered' | 'taken-over' | 'key-added' | 'key-adopted' | 'clock-moved';
  readonly by: string;
  readonly note: string;
};

export type Integrity = {
  readonly entries: number;
  /** SHA-256 of the last line: what a further entry would have to name. */
  readonly head: string;
  readonly fingerprint: string;
  readonly runbookSha256: string;
  readonly witnesses: readonly { readonly seq: number; readonly at: string; readonly why: string; readonly line: string; readonly bytes: number; readonly sha256: string }[];
  /** Over the whole file as it was when the report was made. */
  readonly closing: { readonly line: string; readonly bytes: number; readonly sha256: string };
  readonly interruptions: readonly Interruption[];
  readonly notProven: readonly Text[];
};

/** A recorded value of any shape, looked up by name. */
export type Facts = Readonly<Record<string, Json>>;
