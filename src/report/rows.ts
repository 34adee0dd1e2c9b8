// The rows of a report's lists: each names the trail entry it rests on. Types only.
import type { CallResult, How } from '../casefile/entry.ts';
import type { JsonObject, Text } from '../text.ts';

export type Lane = 'suspect' | 'responder' | 'approval' | 'case';

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
  readonly undone?: { readonly by: string; readonly at: string; readonly seq: number };
  readonly seq: number;
};

/** What may stand only for a time, or was done without evidence. `owner`: who answers for it until `due`; absent: nobody yet. */
export type DebtRow = {
  readonly debt: number;
  readonly kind: 'temporary' | 'waiver' | 'countersign';
  readonly what: Text;
  readonly targets: readonly string[];
  readonly cards: readonly number[];
  readonly due: string;
  readonly owner?: string;
  readonly second?: string;
  readonly seq?: number;
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
export type InputRow = {
  readonly seq: number;
  readonly name: string;
  readonly title: Text;
  readonly value: string;
  readonly label: Text;
  readonly proposed: boolean;
  readonly by: string;
};

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
  readonly regionsMissed: readonly { readonly region: string; readonly why: Text }[];
  readonly pages?: number;
  readonly throttles?: number;
  /** Artefacts sealed on the way. */
  readonly sealed: number;
};

/** Calls the cloud did not answer as asked, by API, region and code. */
export type RefusalRow = {
  readonly api: string;
  readonly regions: readonly string[];
  readonly result: CallResult;
  readonly code: string;
  readonly count: number;
  readonly seq: number;
};
export type NotLooked = { readonly what: Text; readonly title?: Text; readonly step?: string; readonly seq?: number };
/** `reached`: how many of the targets; `open` also where the log named no target. */
export type FindingAnswer = {
  readonly kind: 'action' | 'case' | 'manual' | 'watch';
  readonly text: Text;
  readonly targets: readonly string[];
  readonly command?: string;
  readonly standing: 'answered' | 'in-part' | 'open' | 'by-hand' | 'watch';
  readonly reached?: number;
};
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
  readonly answer?: FindingAnswer;
};
/** `named` by the runbook; `count` findings carry it. */
export type Technique = { readonly technique: string; readonly count: number; readonly named: boolean; readonly first?: string; readonly example?: Text; readonly seq?: number };
export type Lesson = { readonly seq: number; readonly at: string; readonly step: string; readonly title: Text; readonly value: string; readonly by: string };
export type ActionItem = { readonly what: string; readonly owner: string; readonly due: string; readonly seq: number };

/** A machine of the case. `spent`: CNY, list price from its making to its stop; null: not known. */
export type MachineRow = {
  readonly id: string;
  readonly held: boolean;
  readonly region: string;
  readonly name?: string;
  readonly type?: string;
  readonly image?: string;
  readonly publicIp?: string;
  /** The key or user that made it. */
  readonly maker?: string;
  readonly charge?: string;
  readonly created?: string;
  readonly cnyPerHour?: number | null;
  readonly stoppedAt?: string;
  readonly stoppedSeq?: number;
  readonly stoppedMode?: string;
  readonly cnyPerHourAfter?: number | null;
  readonly spent: number | null;
};
/** `cny` null: unknown, which is never 0. */
export type CostRow = { readonly what: Text; readonly from?: string; readonly to?: string; readonly cny: number | null; readonly basis: 'billed' | 'estimated' | 'unknown' };
export type Indicator = { readonly kind: 'address' | 'agent' | 'key' | 'user' | 'session' | 'instance' | 'image'; readonly value: string; readonly note: Text };
/** `at`: when it was known; `eventAt`: when it had happened. */
export type Moment = { readonly id: string; readonly what: Text; readonly at: string; readonly eventAt?: string; readonly seq?: number };
/** A clock of the organisation. Without `dueAt` it does not run: the case does not hold the moment it runs from. */
export type Deadline = { readonly what: Text; readonly from: string; readonly hours: number; readonly startedAt?: string; readonly dueAt?: string; readonly seq?: number };
