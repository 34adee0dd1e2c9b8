// What commands need from the world, handed over by main. Types only: no command imports an adapter.
import type { Cloud, CaseStore, Clock, Messenger, WebhookSettings } from '../engine/ports.ts';
import type { Draft, Entry } from '../casefile/entry.ts';
import type { Lang } from '../text.ts';
import type { Terminal } from './terminal.ts';

export type Opened = Extract<Draft, { type: 'case.opened' }>;
type OpenedFields = Omit<Opened, 'type' | 'key' | 'case'>;

export type Credential = { readonly accessKeyId: string; readonly accessKeySecret: string; readonly securityToken?: string; readonly source: string };

/** A case in a list. One whose trail can not be read says why, and what could be read of it. */
export type CaseLine = {
  readonly case: string;
  readonly origin?: string;
  readonly runbook?: string;
  readonly mode?: string;
  readonly openedAt?: string;
  readonly closed?: string;
  /** The closed case this one follows. */
  readonly continues?: string;
  readonly unreadable?: string;
};

export type VerifyAsk = { readonly witnesses: readonly string[]; readonly key?: string; readonly open: boolean };
export type VerifyDone = { readonly ok: boolean; readonly document: unknown; text(lang: Lang): string };

/** The time entries bear. A drill that is opened again goes by its last entry until its own clock runs. */
export type CaseTime = { now(known?: readonly Entry[]): Date };

/** The world, as the commands see it. */
export type Shell = {
  readonly vault: string;
  /** ` --vault DIR` as a command to copy needs it; absent for the default vault. */
  readonly vaultFlag?: string;
  readonly lang: Lang;
  /** Where the organisation's own settings lie. `named`: a person asked for this very file. Absent: `--config none`. */
  readonly config?: { readonly file: string; readonly named: boolean };
  /** The commented sample of that file. */
  readonly sampleConfig: string;
  /** The name recorded as claimed. */
  readonly by: string;
  readonly version: string;
  readonly json: boolean;
  /** A person sits at both ends. */
  readonly interactive: boolean;
  readonly host: Clock;
  /** This process, for the record. */
  readonly here: { readonly host: string; readonly pid: number };
  readonly signal: AbortSignal;
  out(text: string): void;
  err(text: string): void;
  /** The text of a file, or undefined when there is none; `-` is what stands on stdin. */
  read(path: string): Promise<string | undefined>;
  /** The bytes of a regular file of any size. @throws Fault E_INPUT, on the first ones, for anything else. */
  stream(path: string): AsyncIterable<Uint8Array>;
  write(path: string, text: string): Promise<void>;
  /** Of a folder, or of the nearest one above it that is there. */
  room(path: string): Promise<{ readonly writable: boolean; readonly freeBytes: number }>;
  /** Makes the folder a file will stand in. */
  folder(file: string): Promise<void>;
  /** Shipped runbook ids, sorted. */
  runbooks(): Promise<readonly string[]>;
  /** `runbooks/<id>/runbook.yaml` and `runbooks/<id>/drills/<scenario>.yaml`, found beside the program. */
  runbookFile(id: string, scenario?: string): string;
  scenarios(id: string): Promise<readonly string[]>;
  /** `runbook` is the text `opened.runbookSha256` names: sealed before the case exists. */
  createCase(id: string, opened: OpenedFields, runbook: string, time: CaseTime): Promise<CaseStore>;
  openCase(id: string, time: CaseTime, options?: { readonly takeOver?: string; readonly adopt?: string }): Promise<CaseStore>;
  /** Entries and objects without any lock or write: status and report of a case that may be another's. */
  readCase(id: string): Promise<Pick<CaseStore, 'id' | 'dir' | 'entries' | 'object' | 'witness'>>;
  /** The public key (SPKI DER, base64) by which a case is handed over to this machine; drawn when first asked for. */
  ownKey(): string;
  listCases(): Promise<readonly CaseLine[]>;
  verify(id: string, ask: VerifyAsk): Promise<VerifyDone>;
  /** Ambient credentials are never picked up silently: a profile by name, or the three standard variables. */
  credential(profile?: string): Promise<Credential>;
  /** `endpoint` overrides FIREBREAK_ENDPOINT; undefined is Alibaba Cloud. */
  cloud(options: { readonly credential: Credential; readonly clock: Clock; readonly caseId: string; readonly endpoint?: string; readonly readOnly?: boolean }): Promise<Cloud>;
  /** Sends notifications as the settings say. */
  messenger(settings: WebhookSettings): Promise<Messenger>;
  /** FIREBREAK_ENDPOINT, when set. */
  readonly endpoint: string | undefined;
  /** The full-screen prompts; loaded when first used. */
  terminal(): Promise<Terminal>;
  /** A new case id for today, without a person's name in it. */
  newCaseId(prefix: string): string;
};
