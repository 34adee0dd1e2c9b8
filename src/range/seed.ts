// What a simulated account is at its start: the schema of a drill's `world:`. Pure; knows no behaviour.
import { createHash } from 'node:crypto';
import { z } from 'zod';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, y: 31_536_000_000 };

/** Milliseconds of `-2h30m`, `+6m`, `14d`; undefined when it is not a duration. */
export function milliseconds(text: string): number | undefined {
  const found = /^([+-]?)((?:\d+(?:\.\d+)?(?:ms|[smhdy]))+)$/.exec(text);
  if (!found?.[2]) return undefined;
  let sum = 0;
  for (const [, amount, unit] of found[2].matchAll(/(\d+(?:\.\d+)?)(ms|[smhdy])/g)) sum += Number(amount) * (units[unit ?? ''] ?? 0);
  return found[1] === '-' ? -sum : sum;
}

/** An offset from the scenario's start, or a length of time; parsed to milliseconds. */
const Offset = z.string().transform((value, context) => {
  const ms = milliseconds(value);
  if (ms === undefined) context.addIssue({ code: 'custom', message: `${value} is not an offset like -2h30m or +6m` });
  return ms ?? 0;
});

/** Parameter values as the wire has them: numbers and booleans may be written plainly. */
const Params = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({});
const JsonMap = z.record(z.string(), z.json());
const accessKeyId = z.string().regex(/^(LTAI|STS\.)[A-Za-z0-9]{8,40}$/, 'an AccessKey id');

const Key = z.strictObject({
  id: accessKeyId,
  /** Default: made from the id, so that no drill file holds one and no vault that seals the file does. */
  secret: z.string().min(8).optional(),
  status: z.enum(['Active', 'Inactive']).default('Active'),
  created: Offset,
  /** The address calls signed with this key show in the log when they come over the loopback. */
  ip: z.string().optional(),
  /** Restrictive protection: the cloud knows this key leaked and blocks part of its calls for good. */
  restricted: z.boolean().default(false),
});

const Login = z.strictObject({
  created: Offset,
  status: z.enum(['Active', 'Inactive']).default('Active'),
  mfa: z.boolean().default(false),
  passwordReset: z.boolean().default(false),
  lastLogin: Offset.optional(),
});

const User = z.strictObject({
  name: z.string().min(1),
  displayName: z.string().optional(),
  comments: z.string().default(''),
  created: Offset,
  keys: z.array(Key).default([]),
  /** Names of policies; a custom one shadows the system's. */
  policies: z.array(z.string()).default([]),
  groups: z.array(z.string()).default([]),
  login: Login.optional(),
});

const Policy = z.strictObject({ name: z.string().min(1), description: z.string().default(''), created: Offset.default(-31_536_000_000), document: JsonMap });
const Group = z.strictObject({ name: z.string().min(1), comments: z.string().default(''), created: Offset, policies: z.array(z.string()).default([]) });

const Role = z.strictObject({
  name: z.string().min(1),
  description: z.string().default(''),
  created: Offset,
  trust: JsonMap,
  policies: z.array(z.string()).default([]),
  maxSessionSeconds: z.number().int().min(3600).max(43_200).default(3600),
  /** Sessions that were opened before the start and may still live. */
  sessions: z.array(z.strictObject({ id: accessKeyId, name: z.string().min(2), opened: Offset, lasts: Offset })).default([]),
});

const Trail = z.strictObject({
  name: z.string().min(1),
  home: z.string(),
  created: Offset,
  regions: z.string().default('All'),
  events: z.enum(['Write', 'Read', 'All']).default('All'),
  logging: z.boolean().default(true),
  startedLogging: Offset.optional(),
  stoppedLogging: Offset.optional(),
  bucket: z.string().optional(),
  prefix: z.string().optional(),
  slsProject: z.string().optional(),
});

const Maker = z.strictObject({
  key: accessKeyId,
  ip: z.string(),
  agent: z.string().default('AlibabaCloud (linux; x86_64)'),
  action: z.enum(['RunInstances', 'CreateInstance']).default('RunInstances'),
});

const vpcId = z.string().regex(/^vpc-[a-z0-9]+$/);
const Command = z.strictObject({ name: z.string(), at: Offset, content: z.string(), output: z.string().default(''), exitCode: z.number().int().default(0) });

/** One or more instances made by the same request, or by an auto-provisioning group that its maker made. */
const Instances = z.strictObject({
  region: z.string(),
  zone: z.string().optional(),
  ids: z.array(z.string().regex(/^i-[a-z0-9]+$/)).min(1),
  names: z.array(z.string()).min(1),
  type: z.string(),
  image: z.string(),
  created: Offset,
  maker: Maker,
  /** The auto-provisioning group that launched them: the log then names the service, not the maker. */
  group: z
    .string()
    .regex(/^apg-[a-z0-9]+$/)
    .optional(),
  os: z.enum(['linux', 'windows']).default('linux'),
  cpu: z.number().int().default(4),
  memoryMiB: z.number().int().default(8192),
  gpu: z.number().int().default(0),
  charge: z.enum(['PostPaid', 'PrePaid']).default('PostPaid'),
  /** The cloud may take it back; it takes no deletion protection. */
  spot: z.boolean().default(false),
  network: z.enum(['vpc', 'classic']).default('vpc'),
  localDisk: z.boolean().default(false),
  publicIps: z.array(z.string()).default([]),
  eips: z.array(z.string()).default([]),
  disks: z
    .array(z.strictObject({ category: z.string().default('cloud_essd'), sizeGiB: z.number().int().default(40), withInstance: z.boolean().default(true) }))
    .default([{ category: 'cloud_essd', sizeGiB: 40, withInstance: true }]),
  /** Another VPC than the one the account has in the region. */
  vpc: vpcId.optional(),
  /** Default: the first group of the region. */
  securityGroup: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  /** Secondary network interfaces of each, with their own groups (default: those of the instance). */
  interfaces: z.array(z.strictObject({ name: z.string().default(''), securityGroups: z.array(z.string()).min(1).optional() })).default([]),
  role: z.string().optional(),
  tags: z.record(z.string(), z.string()).default({}),
  userData: z.string().default(''),
  console: z.string().default(''),
  commands: z.array(Command).default([]),
  stopped: z.enum(['KeepCharging', 'StopCharging']).optional(),
  securityLock: z.boolean().default(false),
  deletionProtection: z.boolean().default(false),
  /** When it is released by itself. */
  autoRelease: Offset.optional(),
});

const Creator = Maker.omit({ action: true });

/** A `maintain` group launches what is missing, a minute later, as long as its capacity asks for it. */
const ProvisioningGroup = z.strictObject({
  id: z.string().regex(/^apg-[a-z0-9]+$/),
  region: z.string(),
  name: z.string(),
  created: Offset,
  maker: Creator,
  type: z.enum(['request', 'instant', 'maintain']).default('maintain'),
  /** All of it; what the two kinds leave open is pay-as-you-go. */
  capacity: z.number().int().min(0),
  payAsYouGo: z.number().int().min(0).default(0),
  spot: z.number().int().min(0).default(0),
  excess: z.enum(['termination', 'no-termination']).default('termination'),
  template: z.string().default(''),
  instanceType: z.string(),
  image: z.string(),
});

const LaunchTemplate = z.strictObject({ id: z.string().regex(/^lt-[a-z0-9]+$/), region: z.string(), name: z.string(), created: Offset, maker: Creator });

const SecurityGroup = z.strictObject({
  id: z.string().regex(/^sg-[a-z0-9]+$/),
  region: z.string(),
  vpc: vpcId.optional(),
  name: z.string(),
  created: Offset,
  rules: z
    .array(
      z.strictObject({
        direction: z.enum(['ingress', 'egress']).default('ingress'),
        policy: z.enum(['Accept', 'Drop']).default('Accept'),
        protocol: z.string().default('TCP'),
        ports: z.string(),
        cidr: z.string(),
        priority: z.number().int().default(1),
      }),
    )
    .default([]),
});

/** Who called what, written short. `product:Action`; products we do not serve (oss, cr) may appear in the past. */
const Past = z.strictObject({
  at: Offset,
  /** Repeats every so long until `until`; `turns` are taken in order. */
  every: Offset.optional(),
  until: Offset.optional(),
  who: z.string(),
  action: z
    .string()
    .regex(/^[a-z]+:[A-Z][A-Za-z]+$/)
    .optional(),
  turns: z.array(z.strictObject({ action: z.string().regex(/^[a-z]+:[A-Z][A-Za-z]+$/), params: Params, ip: z.string().optional(), resource: z.string().optional() })).optional(),
  region: z.string().default('cn-hangzhou'),
  params: Params,
  ip: z.string(),
  agent: z.string().default('AlibabaCloud (linux; x86_64)'),
  error: z.string().optional(),
  message: z.string().optional(),
  response: JsonMap.optional(),
  resource: z.string().optional(),
});

/** A call that principal will make, unless something stops it. */
const Timed = z.strictObject({
  at: Offset,
  who: accessKeyId,
  call: z.string().regex(/^[a-z]+:[A-Z][A-Za-z]+$/),
  region: z.string().default('cn-hangzhou'),
  params: Params,
  ip: z.string(),
  agent: z.string().default('AlibabaCloud (linux; x86_64)'),
});

/** The secret of a simulated key: the same for the same id, written nowhere. */
export function secretOf({ id, secret }: { readonly id: string; readonly secret?: string | undefined }): string {
  return secret ?? createHash('sha256').update(`simulated key ${id}`).digest('base64url').slice(0, 30);
}

export const WorldSeed = z.strictObject({
  seed: z.string().min(1),
  start: z.iso.datetime({ message: 'a UTC time like 2026-03-14T19:04:00Z' }),
  account: z.strictObject({
    id: z.string().regex(/^\d{16}$/, '16 digits'),
    alias: z.string().min(1),
    keys: z.array(Key).default([]),
    mfa: z.boolean().default(true),
  }),
  /** The user whose first key a drill works with. */
  responder: z.string().min(1),
  regions: z.array(z.string()).min(1),
  users: z.array(User).default([]),
  groups: z.array(Group).default([]),
  roles: z.array(Role).default([]),
  policies: z.array(Policy).default([]),
  trails: z.array(Trail).default([]),
  instances: z.array(Instances).default([]),
  securityGroups: z.array(SecurityGroup).default([]),
  provisioningGroups: z.array(ProvisioningGroup).default([]),
  launchTemplates: z.array(LaunchTemplate).default([]),
  history: z.array(Past).default([]),
  events: z.array(Timed).default([]),
  /** CNY per hour. Types that are missing have no known price. */
  prices: z
    .strictObject({
      instances: z.record(z.string(), z.number()).default({}),
      diskPerGiB: z.record(z.string(), z.number()).default({}),
      eip: z.number().default(0.02),
    })
    .default({ instances: {}, diskPerGiB: {}, eip: 0.02 }),
  /** How late an event appears in the log; each event's own delay is drawn from the seed. */
  logDelay: z.strictObject({ min: Offset, max: Offset }).default({ min: 300_000, max: 600_000 }),
  /** How long a disabled key goes on working. */
  propagation: Offset.default(0),
  snapshotMsPerGiB: z.number().default(3_000),
  throttles: z
    .array(z.strictObject({ action: z.string(), perSecond: z.number().positive(), perRegion: z.boolean().default(false) }))
    .default([{ action: 'actiontrail:LookupEvents', perSecond: 2, perRegion: false }]),
});
export type WorldSeed = z.infer<typeof WorldSeed>;

/** A world as YAML has it, before defaults. */
export type WorldSeedInput = z.input<typeof WorldSeed>;

/** SHA-256 of the seed's content: the same account, the same digest, whatever the order of keys. */
export function seedDigest(seed: WorldSeed): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(seed)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
