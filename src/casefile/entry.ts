// What a trail entry is: its types, its canonical bytes. Pure; knows no disk and no runbook.
import type { Json, JsonObject } from '../text.ts';
import type { Custody, HeldTarget, RecordedCall, RecordedTarget } from './recorded.ts';
import type { PeopleDraft } from './entry-people.ts';

export type Origin = 'case' | 'exercise';
export type Mode = 'live' | 'rehearse' | 'drill';
export type CallResult = 'done' | 'already' | 'denied' | 'throttled' | 'failed' | 'unknown';
export type How = 'first' | 'redone' | 'reconciled' | 'told';
export type TargetStatus = 'sealed' | 'done' | 'already' | 'held' | 'failed' | 'gone' | 'waived' | 'rehearsed';

export type { Custody, HeldTarget, RecordedCall, RecordedTarget } from './recorded.ts';

/** In a child case every entry carries `frame`, the path of the steps that opened it (`second-key`, `second-key/again`). */
type In = { readonly frame?: string };

/** What can be recorded. Free text and foreign values are kept verbatim here and escaped where shown. */
export type Draft = In &
  (
    | {
        readonly type: 'case.opened';
        readonly case: string;
        readonly origin: Origin;
        readonly mode: Mode;
        readonly runbook: string;
        readonly runbookSha256: string;
        readonly endpoint: string;
        /** SPKI DER, base64. */
        readonly key: string;
        readonly version: string;
        readonly by: string;
        readonly lang: string;
        /** How the credential was named: `profile:NAME`, `environment` or `drill`; a resume uses the same. */
        readonly credential: string;
        /** Drills only: `runbook/scenario`. */
        readonly scenario?: string;
        /** What follows a closed case: its id, and the SHA-256 of its last line. */
        readonly continues?: { readonly case: string; readonly head: string };
      }
    | { readonly type: 'step.started'; readonly step: string; readonly visit: number; readonly kind: string; readonly phase: string }
    | {
        readonly type: 'step.finished';
        readonly step: string;
        readonly visit: number;
        readonly outcome: string;
        readonly facts?: JsonObject;
        readonly findings?: readonly Json[];
        readonly coverage?: Json;
        /** Set on a skip or a step given up: who and why. */
        readonly by?: string;
        readonly reason?: string;
      }
    | { readonly type: 'step.failed'; readonly step: string; readonly visit: number; readonly code: string; readonly message: JsonObject; readonly targets?: readonly string[] }
    /** A job that can not go on: a person says retry or go on without it. */
    | { readonly type: 'job.failed'; readonly job: string; readonly code: string; readonly message: JsonObject }
    | { readonly type: 'job.retried'; readonly job: string; readonly by: string }
    | { readonly type: 'step.retried'; readonly step: string; readonly visit: number; readonly by: string }
    | { readonly type: 'step.jumped'; readonly from: string; readonly to: string; readonly by: string; readonly reason: string }
    | {
        readonly type: 'answer.given';
        readonly step: string;
        readonly visit: number;
        readonly kind: string;
        readonly value: string;
        readonly by: string;
        readonly via: 'terminal' | 'answer' | 'file' | 'proposal' | 'reference' | 'input';
      }
    | {
        readonly type: 'batch.frozen';
        readonly step: string;
        readonly visit: number;
        /** The act step it is for; absent: a confirmation of one target. */
        readonly act?: string;
        /** Exactly what approves it. */
        readonly text: string;
        readonly sha256: string;
        readonly targets: readonly RecordedTarget[];
        readonly held: readonly HeldTarget[];
        readonly calls: readonly RecordedCall[];
        /** What the person was told of these targets before approving. */
        readonly warnings?: readonly JsonObject[];
        /** The class of its action: an `R3` is approved by two. */
        readonly class?: string;
      }
    | PeopleDraft
    | {
        /** More than once for a visit when later calls depend on earlier answers. */
        readonly type: 'act.planned';
        readonly step: string;
        readonly visit: number;
        readonly calls: readonly (RecordedCall & { readonly call: string; readonly targets: readonly string[]; readonly stage?: number })[];
      }
    | ({
        readonly type: 'call.intended';
        readonly call: string;
        readonly step: string;
        readonly visit: number;
        readonly target?: string;
        readonly targets: readonly string[];
        /** Host time of the intent, ISO 8601: law 3's settling counts from here. */
        readonly sentAt: string;
        readonly class: string;
      } & RecordedCall)
    | { readonly type: 'call.repeated'; readonly call: string; readonly sentAt: string; readonly why: string }
    /** Reading could not tell whether it happened: a person is asked. */
    | { readonly type: 'call.doubted'; readonly call: string; readonly why: string }
    | {
        readonly type: 'call.finished';
        readonly call: string;
        readonly step: string;
        readonly target?: string;
        readonly product: string;
        readonly action: string;
        readonly region: string;
        /** A read has no intent: its parameters stand here. */
        readonly params?: Readonly<Record<string, string>>;
        readonly effect: 'read' | 'write';
        readonly result: CallResult;
        readonly how: How;
        readonly requestId?: string;
        readonly code?: string;
        readonly message?: string;
        readonly retries?: number;
        /** A settling by a person. */
        readonly by?: string;
      }
    | ({ readonly type: 'evidence.sealed'; readonly sha256: string; readonly bytes: number } & Custody)
    | {
        readonly type: 'waiver.given';
        readonly step: string;
        readonly visit: number;
        readonly target?: string;
        readonly reason: string;
        readonly by: string;
        readonly second?: string;
      }
    | {
        readonly type: 'target.settled';
        readonly step: string;
        readonly visit: number;
        readonly target: string;
        readonly status: TargetStatus;
        readonly note?: JsonObject;
        readonly facts?: JsonObject;
        /** For `sealed`: the evidence kind. */
        readonly seals?: string;
        /** For `failed`: some of it was kept; `note` says what was not. */
        readonly partial?: true;
      }
    | {
        readonly type: 'undo.saved';
        readonly card: number;
        readonly step: string;
        readonly target: string;
        readonly calls: readonly RecordedCall[];
        readonly irreversible?: JsonObject;
        readonly incomplete?: string;
        /** What the act was given besides its targets, when it was given anything. */
        readonly input?: JsonObject;
        /** The change may stand only for a time; `due` is the proposed day. */
        readonly debt?: { readonly what: JsonObject; readonly due: string };
      }
    /** A person asked for an inverse by its exact text. `of`: the closed case that saved the card; absent: this one. */
    | {
        readonly type: 'undo.asked';
        readonly card: number;
        readonly of?: string;
        /** The path of the act. */
        readonly step: string;
        readonly use: string;
        readonly input: JsonObject;
        readonly target: RecordedTarget;
        readonly calls: readonly (RecordedCall & { readonly call: string })[];
        readonly text: string;
        readonly by: string;
        readonly via: 'terminal' | 'answer';
      }
    | { readonly type: 'undo.finished'; readonly card: number; readonly of?: string; readonly outcome: 'undone' | 'failed' | 'unverified'; readonly note: JsonObject }
    /** Someone answers for a debt until a day, `YYYY-MM-DD`. */
    | { readonly type: 'debt.accepted'; readonly debt: number; readonly owner: string; readonly due: string; readonly by: string }
    | { readonly type: 'job.started'; readonly job: string; readonly visit: number }
    | {
        readonly type: 'job.advanced';
        readonly job: string;
        readonly cursor: Json;
        readonly waitUntil?: string;
        readonly progress?: JsonObject;
        readonly facts?: JsonObject;
        readonly findings?: readonly Json[];
        readonly coverage?: Json;
      }
    | {
        readonly type: 'job.finished';
        readonly job: string;
        readonly outcome: string;
        readonly facts?: JsonObject;
        readonly findings?: readonly Json[];
        readonly coverage?: Json;
        readonly progress?: JsonObject;
        readonly by?: string;
        readonly reason?: string;
      }
    | {
        readonly type: 'frame.opened';
        readonly runbook: string;
        readonly runbookSha256: string;
        readonly parent: string;
        readonly step: string;
        readonly inputs: JsonObject;
        readonly frame: string;
      }
    | { readonly type: 'frame.closed'; readonly outcome: 'closed' | 'aborted'; readonly as?: string; readonly by?: string; readonly reason?: string; readonly frame: string }
    | {
        readonly type: 'identity.pinned';
        readonly account: string;
        readonly arn: string;
        readonly kind: string;
        readonly principal: string;
        readonly accessKeyId: string;
        readonly userName?: string;
        readonly source: string;
      }
    | { readonly type: 'witness.given'; readonly why: string; readonly bytes: number; readonly sha256: string }
    /** What a person wants remembered, at any time, from any terminal. `told`: it says that those were told who wait for `status`, or for a clock of that id. */
    | { readonly type: 'note.added'; readonly text: string; readonly by: string; readonly told?: string }
    | { readonly type: 'case.paused'; readonly why: string; readonly by: string }
    | { readonly type: 'case.resumed'; readonly by: string; readonly via: string; readonly host: string; readonly pid: number }
    | { readonly type: 'recovered'; readonly sha256: string; readonly bytes: number }
    | { readonly type: 'lock.taken-over'; readonly lock: string; readonly from: JsonObject; readonly reason: string; readonly by: string }
    /** The case is handed over: `to` is who takes it, as claimed. */
    | { readonly type: 'key.added'; readonly key: string; readonly by: string; readonly to?: string; readonly reason?: string }
    | { readonly type: 'key.adopted'; readonly key: string; readonly reason: string; readonly by: string }
    | { readonly type: 'clock.moved'; readonly from: string; readonly to: string; readonly why: string }
    | { readonly type: 'case.closed'; readonly outcome: 'closed' | 'aborted'; readonly as?: string; readonly by: string; readonly reason?: string }
  );

/** A link of the chain: a draft with its place, time and signature. `at` is scenario time, UTC ISO 8601. */
export type Entry = Draft & { readonly seq: number; readonly prev: string; readonly at: string; readonly sig: string };
