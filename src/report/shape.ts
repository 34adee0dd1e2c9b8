// What a report holds: plain data with names that stay, read from the trail alone. Types only; no wording, no format.
import type { Mode, Origin } from '../casefile/entry.ts';
import type { Text } from '../text.ts';
import type {
  ActionItem,
  ActionRow,
  ByHandRow,
  CostRow,
  Deadline,
  CoverageRow,
  DebtRow,
  DecisionRow,
  Exhibit,
  FailureRow,
  FindingRow,
  HeldRow,
  Indicator,
  InputRow,
  Lesson,
  MachineRow,
  Moment,
  NotificationRow,
  NotLooked,
  RefusalRow,
  SkipRow,
  Technique,
  TimelineRow,
  UndoCard,
  WaiverRow,
} from './rows.ts';

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
  readonly debts: readonly DebtRow[];
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
  /** Event names of looks around and of what programs do thousands of times, counted by the full record of the root case. */
  readonly counted: readonly { readonly name: string; readonly count: number }[];
  readonly attack: readonly Technique[];
  readonly lessons: readonly Lesson[];
  readonly actionItems: readonly ActionItem[];
  readonly machines: readonly MachineRow[];
  readonly costs: readonly CostRow[];
  readonly indicators: readonly Indicator[];
  /** What stops where a key was cut, as it was told before the cut. */
  readonly breaks: readonly { readonly target: string; readonly what: Text }[];
  readonly moments: readonly Moment[];
  readonly deadlines: readonly Deadline[];
  /** What stood in the way before the incident, as far as the case recorded it. */
  readonly controls: readonly OpenItem[];
  readonly personalData: PersonalData;
  readonly score?: DrillScore;
  /** Which edition this is; absent where nobody made one. */
  readonly edition?: Edition;
  readonly integrity: Integrity;
};

export type Tlp = 'RED' | 'AMBER+STRICT' | 'AMBER' | 'GREEN' | 'CLEAR';

/** `labels`: what the redacted edition shows instead of each value, with SHA-256(salt + value). The salt is in the full edition alone. */
export type Edition = {
  readonly kind: 'full' | 'redacted';
  readonly tlp: Tlp;
  readonly salt?: string;
  readonly labels: readonly { readonly label: string; readonly sha256: string }[];
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
  /** The closed case this one follows, and the SHA-256 of its last line. */
  readonly continues?: { readonly case: string; readonly head: string };
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
  /** Where they had succeeded and the watch did not look. */
  readonly unwatched?: readonly string[];
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

/** Without `said` nobody wrote anything down: that is not a no. */
export type PersonalData = { readonly said?: Text; readonly signs: readonly OpenItem[] };

export type Decision = {
  readonly detectedAt?: string;
  readonly detectedHow?: Text;
  /** The earliest harmful event found. */
  readonly since?: { readonly at: string; readonly what: Text; readonly seq: number };
  readonly containment: Containment;
  readonly cost: Cost;
  /** Changes that hold, by action. */
  readonly done: readonly { readonly title: Text; readonly reached: number; readonly of: number }[];
  readonly open: readonly OpenItem[];
};

/** `made` by the suspects; `held` back from every act. */
export type Named = { readonly id: string; readonly note: Text; readonly made?: boolean; readonly held?: boolean };

export type Scope = {
  readonly account?: string;
  /** Where the suspects did something that succeeded. */
  readonly regionsTouched: readonly string[];
  readonly regionsLookedAt: readonly string[];
  /** The owner of the leaked key comes first, and so does the leaked key. */
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
