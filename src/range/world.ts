// The account as it stands: its state and how to read it. Pure; knows no product's calls, no files, no host time.
import { createHash } from 'node:crypto';
import type { JsonObject } from '../text.ts';
import type { WorldSeed } from './seed.ts';

/** Times are scenario milliseconds since the epoch. */
export type AccessKey = {
  readonly id: string;
  readonly secret: string;
  /** Empty for the account itself. */
  readonly user: string;
  status: 'Active' | 'Inactive';
  readonly created: number;
  updated: number;
  /** A disabled key goes on working until then. */
  worksUntil: number;
  readonly ip: string | undefined;
  readonly restricted: boolean;
  network: JsonObject | undefined;
};
export type Attachment = { readonly policy: string; readonly type: 'System' | 'Custom'; readonly at: number };
export type Login = { status: 'Active' | 'Inactive'; readonly created: number; updated: number; mfaRequired: boolean; passwordReset: boolean };
export type User = {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly comments: string;
  readonly created: number;
  readonly lastLogin: number | undefined;
  readonly mfa: boolean;
  readonly groups: { readonly name: string; readonly joined: number }[];
  attached: Attachment[];
  login: Login | undefined;
};
export type Group = { readonly id: string; readonly name: string; readonly comments: string; readonly attached: readonly Attachment[] };
export type Role = {
  readonly id: string;
  readonly name: string;
  description: string;
  readonly created: number;
  updated: number;
  trust: JsonObject;
  maxSessionSeconds: number;
  attached: Attachment[];
};
export type Policy = { readonly name: string; readonly type: 'System' | 'Custom'; readonly description: string; readonly created: number; readonly document: JsonObject };
export type Session = {
  readonly id: string;
  readonly secret: string;
  readonly token: string;
  readonly role: string;
  readonly name: string;
  readonly expires: number;
  readonly created: number;
  readonly policy: JsonObject | undefined;
};
export type Trail = {
  readonly name: string;
  readonly home: string;
  readonly created: number;
  updated: number;
  regions: string;
  events: string;
  logging: boolean;
  started: number | undefined;
  stopped: number | undefined;
  bucket: string;
  prefix: string;
  slsProject: string;
  slsRole: string;
  ossRole: string;
};
export type Invocation = { readonly id: string; readonly name: string; readonly at: number; readonly content: string; readonly output: string; readonly exitCode: number };
/** A secondary network interface of an instance: it has groups of its own. */
export type Interface = { readonly id: string; readonly name: string; readonly privateIp: string; readonly vSwitch: string; securityGroups: readonly string[] };
export type Instance = {
  readonly id: string;
  readonly region: string;
  readonly zone: string;
  name: string;
  description: string;
  readonly hostName: string;
  readonly type: string;
  readonly image: string;
  readonly os: 'linux' | 'windows';
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly gpu: number;
  readonly created: number;
  readonly charge: 'PostPaid' | 'PrePaid';
  readonly spot: boolean;
  readonly network: 'vpc' | 'classic';
  readonly localDisk: boolean;
  power: 'Running' | 'Stopped';
  /** Until then it is Stopping or Starting. */
  settles: number;
  started: number;
  stoppedMode: 'KeepCharging' | 'StopCharging' | undefined;
  readonly privateIp: string;
  publicIp: string | undefined;
  readonly eip: string | undefined;
  readonly vpc: string;
  readonly vSwitch: string;
  securityGroups: readonly string[];
  readonly interfaces: readonly Interface[];
  role: string | undefined;
  readonly tags: Map<string, string>;
  userData: string;
  readonly console: string;
  readonly invocations: readonly Invocation[];
  readonly securityLock: boolean;
  deletionProtection: boolean;
  /** It is released then by itself, protected or not. */
  autoRelease: number | undefined;
  /** The auto-provisioning group it belongs to. */
  group: string | undefined;
  /** What it cost until `billedTo`, CNY; `spentBefore` of that before the scenario began. */
  spent: number;
  readonly spentBefore: number;
  billedTo: number;
};
export type Disk = {
  readonly id: string;
  readonly region: string;
  readonly zone: string;
  readonly instance: string;
  readonly kind: 'system' | 'data';
  readonly device: string;
  readonly category: string;
  readonly sizeGiB: number;
  withInstance: boolean;
  readonly created: number;
  readonly tags: Map<string, string>;
};
export type Snapshot = {
  readonly id: string;
  readonly region: string;
  readonly disk: string;
  readonly instance: string;
  readonly sizeGiB: number;
  readonly kind: 'system' | 'data';
  readonly name: string;
  readonly description: string;
  readonly created: number;
  /** Infinity: never. */
  readonly done: number;
  failed: number | undefined;
  readonly retentionDays: number | undefined;
  lock: SnapshotLock | undefined;
  readonly tags: Map<string, string>;
};
/** A compliance lock. Until `coolOff` it can be taken off; then the snapshot can not be deleted before its end. */
export type SnapshotLock = { readonly created: number; readonly coolOffHours: number; readonly coolOff: number; readonly days: number };
/** Snapshots of several disks at one moment. */
export type SnapshotSet = {
  readonly id: string;
  readonly region: string;
  readonly instance: string;
  readonly name: string;
  readonly description: string;
  readonly created: number;
  readonly snapshots: readonly string[];
  readonly tags: ReadonlyMap<string, string>;
};
type SeededGroup = WorldSeed['securityGroups'][number];
export type SecurityGroup = Omit<SeededGroup, 'rules' | 'vpc'> & {
  readonly vpc: string;
  readonly description: string;
  rules: SeededGroup['rules'];
  /** May its members reach one another? */
  inner: 'Accept' | 'Drop';
  readonly tags: Map<string, string>;
};
/** Keeps as many instances running as it shall; `due` is when it next makes up for those that are missing. */
export type ProvisioningGroup = Omit<WorldSeed['provisioningGroups'][number], 'capacity' | 'payAsYouGo' | 'spot' | 'excess' | 'name'> & {
  name: string;
  capacity: number;
  payAsYouGo: number;
  spot: number;
  excess: 'termination' | 'no-termination';
  due: number | undefined;
  /** How many instances it has launched: their ids are made from it. */
  launched: number;
};
export type LaunchTemplate = WorldSeed['launchTemplates'][number];

/** A line of the account's log. It can be looked up from `visible` on. */
export type Logged = { readonly event: JsonObject; readonly at: number; readonly visible: number; readonly region: string };

/** An accepted mutating call, as the range itself saw it. */
export type Effect = {
  readonly at: string;
  readonly accessKeyId: string;
  readonly product: string;
  readonly action: string;
  readonly region: string;
  readonly params: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly targets: readonly string[];
  /** False for a repeat that found everything as it wanted it. */
  readonly changed: boolean;
};

export type World = {
  readonly seed: WorldSeed;
  readonly start: number;
  now: number;
  readonly keys: Map<string, AccessKey>;
  readonly users: Map<string, User>;
  readonly groups: Map<string, Group>;
  readonly roles: Map<string, Role>;
  /** By `System/NAME` or `Custom/NAME`. */
  readonly policies: Map<string, Policy>;
  readonly sessions: Map<string, Session>;
  readonly trails: Map<string, Trail>;
  readonly instances: Map<string, Instance>;
  readonly disks: Map<string, Disk>;
  readonly snapshots: Map<string, Snapshot>;
  readonly snapshotSets: Map<string, SnapshotSet>;
  readonly securityGroups: Map<string, SecurityGroup>;
  readonly provisioningGroups: Map<string, ProvisioningGroup>;
  readonly launchTemplates: Map<string, LaunchTemplate>;
  /** What a ClientToken stands for. */
  readonly tokens: Map<string, { readonly digest: string; readonly id: string }>;
  /** What was logged before the start, oldest first; worked out when it is first asked for. */
  readonly past: () => readonly Logged[];
  /** What was logged since. */
  readonly log: Logged[];
  readonly effects: Effect[];
  /** How often a call was made: request ids depend on it, not on the order of arrival. */
  readonly occurrences: Map<string, number>;
  readonly recent: Map<string, readonly number[]>;
  /** Timed events already carried out. */
  fired: number;
  /** What instances that are gone had cost since the start, CNY. */
  spentByGone: number;
};

/** Deterministic text of `length` characters from an alphabet, for ids. */
export function token(length: number, alphabet: string, ...parts: readonly string[]): string {
  let text = '';
  for (let block = 0; text.length < length; block++) {
    for (const byte of createHash('sha256')
      .update([...parts, String(block)].join('\n'))
      .digest())
      text += alphabet[byte % alphabet.length];
  }
  return text.slice(0, length);
}

/** Alphabets of the cloud's ids. */
export const lower = 'abcdefghijklmnopqrstuvwxyz0123456789';
export const mixed = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
export const digits = '0123456789';

/** ISO 8601 to the second, as the cloud writes times. */
export function iso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** A policy's key: a custom one shadows the system's of the same name. */
export function policyKey(policies: ReadonlyMap<string, Policy>, name: string): string | undefined {
  return [`Custom/${name}`, `System/${name}`].find((key) => policies.has(key));
}

/** The one VPC this account has in a region. */
export function vpcOf(seed: WorldSeed, region: string): string {
  return `vpc-${token(21, lower, seed.seed, region)}`;
}

/** The group new instances get in a region when none is named; it exists once something uses it. */
export function defaultGroup(world: World, region: string): string {
  const id = [...world.securityGroups.values()].find((group) => group.region === region)?.id ?? `sg-${token(20, lower, world.seed.seed, region)}`;
  if (!world.securityGroups.has(id)) {
    world.securityGroups.set(id, { id, region, name: 'default', created: 0, rules: [], inner: 'Accept', description: '', vpc: vpcOf(world.seed, region), tags: new Map() });
  }
  return id;
}

/** What an instance's status reads at a time: an order to stop or start takes a while. */
export function statusOf(instance: Instance, at: number): 'Running' | 'Stopped' | 'Stopping' | 'Starting' {
  if (at >= instance.settles) return instance.power;
  return instance.power === 'Running' ? 'Starting' : 'Stopping';
}

/** The whole log, oldest first. */
export function logOf(world: World): readonly Logged[] {
  return [...world.past(), ...world.log];
}

/** A request id: a UUID made from what is given. */
export function uuid(...parts: readonly string[]): string {
  const hex = createHash('sha256').update(parts.join('\n')).digest('hex').toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-A${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
