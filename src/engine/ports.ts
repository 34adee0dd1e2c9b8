// What the engine needs from the world. The shell (cli, drill) hands adapters over; the engine never imports one.
import type { Call, Reply } from '../actions/define.ts';
import type { Custody, Draft, Entry } from '../casefile/entry.ts';

/** Scenario time. In a real case it is host time; in a drill it can pause, speed up and jump. */
export type Clock = {
  now(): Date;
  /** Waits `ms` of scenario time. In a drill without a person it moves the clock instead. Rejects when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Scenario time stands until the function it gives is called: a request is on its way. Only where time can stand. */
  hold?(): () => void;
  /** Host time: signatures, time-outs, law 3's settling. */
  hostNow(): Date;
  hostSleep(ms: number, signal?: AbortSignal): Promise<void>;
};

/** Sends one call. Never throws for what the cloud answered; throws a Fault only for a call that must not be sent. */
export type Cloud = {
  send(call: Call, signal?: AbortSignal): Promise<Reply>;
  /** How long a write without an answer may still land and its read may lag, host milliseconds (law 3). */
  readonly settleMs: number;
  /** What `case.opened` records: `alibaba` or the loopback URL. */
  readonly endpoint: string;
  /** The id of the key in use: never a secret. */
  readonly accessKeyId: string;
  /** How the credential was named: `profile:NAME` or `environment`. */
  readonly source: string;
  close(): Promise<void>;
};

export type Sealed = { readonly sha256: string; readonly bytes: number };

/**
 * One case on disk. Single writer per call: `append` takes the append lock, re-reads the tail, links, signs, flushes.
 */
export type CaseStore = {
  readonly id: string;
  readonly dir: string;
  /**
   * Durable when it resolves; appends awaited together share one flush.
   * @throws Fault E_VAULT_WRITE if the bytes can not be flushed: the trail then ends at its last durable entry.
   */
  append(...drafts: readonly Draft[]): Promise<readonly Entry[]>;
  /** Every entry known so far, in order. */
  entries(): readonly Entry[];
  /** Reads what another process appended since; returns the new entries. */
  refresh(): Promise<readonly Entry[]>;
  /** Streams bytes into `objects/`, named by their SHA-256; the caller appends the custody entry. */
  put(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Sealed>;
  /** Puts the bytes and appends `evidence.sealed`. */
  seal(bytes: Uint8Array, custody: Custody, frame?: string): Promise<Sealed>;
  object(sha256: string): Promise<Uint8Array>;
  /** `CASE bytes=N sha256=…` over everything durable now. */
  witness(): string;
  /** Holds the drive lock while `work` runs. @throws Fault E_BUSY when another live process keeps it longer than `waitMs`. */
  drive<T>(work: () => Promise<T>, waitMs?: number): Promise<T>;
  close(): Promise<void>;
};

/** Where to send: what `firebreak.yaml` names. The secrets themselves stay in the environment. */
export type WebhookSettings = { readonly kind: 'dingtalk'; readonly name: string; readonly urlFrom: string; readonly secretFrom?: string | undefined };

/** How one message went. `unknown`: it may have arrived. No secret is in it. */
export type Sent = { readonly result: 'done' | 'failed' | 'unknown'; readonly code?: string; readonly detail?: string };

/** Sends one text to a group. Never throws. `lack`: why nothing could be sent now, found without sending. */
export type Messenger = { readonly to: string; lack(): string | undefined; send(text: string, signal?: AbortSignal): Promise<Sent> };

export type Ports = {
  /** Only a real incident has one: a drill, a rehearsal or a fake cloud can tell nobody. */
  readonly messenger?: Messenger;
  readonly store: CaseStore;
  readonly cloud: Cloud;
  readonly clock: Clock;
  /** Recorded as claimed. */
  readonly by: string;
  readonly version: string;
  /** Seals the runbook a child case will follow. @throws Fault E_RUNBOOK_UNKNOWN */
  child(id: string): Promise<{ readonly runbook: string; readonly runbookSha256: string }>;
  /** Aborted on Ctrl-C: the current call ends, nothing new starts. */
  readonly signal: AbortSignal;
};
