// How a seed becomes an account at its start, and how an instance is put into one. Pure; knows no product's calls.
import { createHash } from 'node:crypto';
import { hourly } from './bill.ts';
import { pastOf } from './history.ts';
import { systemPolicies } from './policy.ts';
import { secretOf, type WorldSeed } from './seed.ts';
import { defaultGroup, digits, lower, mixed, policyKey, token, vpcOf } from './world.ts';
import type { Attachment, Instance, World } from './world.ts';

/** The account the seed describes, at its start. `start` is given where scenario time is host time. */
export function buildWorld(seed: WorldSeed, start = Date.parse(seed.start)): World {
  const id = (kind: string, name: string): string => `2${token(17, digits, seed.seed, kind, name)}`;
  const world: World = {
    seed,
    start,
    now: start,
    keys: new Map(),
    users: new Map(),
    groups: new Map(),
    roles: new Map(),
    policies: new Map(),
    sessions: new Map(),
    trails: new Map(),
    instances: new Map(),
    disks: new Map(),
    snapshots: new Map(),
    snapshotSets: new Map(),
    securityGroups: new Map(),
    provisioningGroups: new Map(),
    launchTemplates: new Map(),
    tokens: new Map(),
    past: once(() => pastOf(buildWorld(seed, start))),
    log: [],
    effects: [],
    occurrences: new Map(),
    recent: new Map(),
    fired: 0,
    spentByGone: 0,
  };
  for (const [name, policy] of Object.entries(systemPolicies))
    world.policies.set(`System/${name}`, { name, type: 'System', created: Date.parse('2015-04-28T13:12:12Z'), ...policy });
  for (const policy of seed.policies) world.policies.set(`Custom/${policy.name}`, { ...policy, type: 'Custom', created: start + policy.created, document: policy.document });
  const attach = (names: readonly string[], at: number): Attachment[] =>
    names.map((name) => {
      const policy = world.policies.get(policyKey(world.policies, name) ?? '');
      if (!policy) throw new RangeError(`the seed attaches a policy ${name} that is nowhere`);
      return { policy: name, type: policy.type, at };
    });
  const addKey = (key: WorldSeed['account']['keys'][number], user: string): void => {
    world.keys.set(key.id, {
      id: key.id,
      secret: secretOf(key),
      user,
      status: key.status,
      created: start + key.created,
      updated: start + key.created,
      worksUntil: 0,
      ip: key.ip,
      restricted: key.restricted,
      network: undefined,
    });
  };
  for (const key of seed.account.keys) addKey(key, '');
  for (const group of seed.groups)
    world.groups.set(group.name, {
      id: `g-${token(14, lower, seed.seed, 'group', group.name)}`,
      name: group.name,
      comments: group.comments,
      attached: attach(group.policies, start + group.created),
    });
  for (const user of seed.users) {
    const created = start + user.created;
    world.users.set(user.name, {
      id: id('user', user.name),
      name: user.name,
      displayName: user.displayName ?? user.name,
      comments: user.comments,
      created,
      lastLogin: user.login?.lastLogin === undefined ? undefined : start + user.login.lastLogin,
      mfa: user.login?.mfa ?? false,
      groups: user.groups.map((name) => ({ name, joined: created })),
      attached: attach(user.policies, created),
      login: user.login && {
        status: user.login.status,
        created: start + user.login.created,
        updated: start + user.login.created,
        mfaRequired: user.login.mfa,
        passwordReset: user.login.passwordReset,
      },
    });
    for (const key of user.keys) addKey(key, user.name);
  }
  for (const role of seed.roles) {
    const created = start + role.created;
    world.roles.set(role.name, {
      id: id('role', role.name),
      name: role.name,
      description: role.description,
      created,
      updated: created,
      trust: role.trust,
      maxSessionSeconds: role.maxSessionSeconds,
      attached: attach(role.policies, created),
    });
    for (const session of role.sessions) {
      const opened = start + session.opened;
      const of = (what: string): string => `EXAMPLE${token(37, mixed, seed.seed, what, session.id)}`;
      world.sessions.set(session.id, {
        id: session.id,
        secret: of('secret'),
        token: of('token'),
        role: role.name,
        name: session.name,
        created: opened,
        expires: opened + session.lasts,
        policy: undefined,
      });
    }
  }
  for (const trail of seed.trails) {
    const created = start + trail.created;
    world.trails.set(trail.name, {
      name: trail.name,
      home: trail.home,
      created,
      updated: start + (trail.stoppedLogging ?? trail.created),
      regions: trail.regions,
      events: trail.events,
      logging: trail.logging,
      started: start + (trail.startedLogging ?? trail.created),
      stopped: trail.stoppedLogging === undefined ? undefined : start + trail.stoppedLogging,
      bucket: trail.bucket ?? '',
      prefix: trail.prefix ?? '',
      slsProject: trail.slsProject ?? '',
      slsRole: '',
      ossRole: '',
    });
  }
  for (const group of seed.securityGroups)
    world.securityGroups.set(group.id, { ...group, vpc: group.vpc ?? vpcOf(seed, group.region), inner: 'Accept', description: '', tags: new Map() });
  for (const template of seed.launchTemplates) world.launchTemplates.set(template.id, template);
  for (const group of seed.provisioningGroups) world.provisioningGroups.set(group.id, { ...group, due: start, launched: 0 });
  for (const group of seed.instances) group.ids.forEach((_, index) => addSeeded(world, group, index));
  return world;
}

/** Works something out at most once, when it is first needed. */
function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => (done ??= { value: work() }).value;
}

function addSeeded(world: World, group: WorldSeed['instances'][number], index: number): void {
  const { seed, start } = world;
  const id = group.ids[index] ?? '';
  const created = start + group.created;
  const groups = typeof group.securityGroup === 'string' ? [group.securityGroup] : (group.securityGroup ?? [defaultGroup(world, group.region)]);
  addInstance(
    world,
    {
      id,
      region: group.region,
      zone: group.zone ?? `${group.region}-a`,
      name: group.names[index % group.names.length] ?? id,
      description: '',
      hostName: id,
      type: group.type,
      image: group.image,
      os: group.os,
      cpu: group.cpu,
      memoryMiB: group.memoryMiB,
      gpu: group.gpu,
      created,
      charge: group.charge,
      spot: group.spot,
      network: group.network,
      localDisk: group.localDisk,
      power: group.stopped ? 'Stopped' : 'Running',
      settles: created,
      started: created + 20_000,
      stoppedMode: group.stopped,
      publicIp: group.publicIps[index],
      eip: group.eips[index],
      securityGroups: groups,
      interfaces: group.interfaces.map((one) => ({ name: one.name, securityGroups: one.securityGroups ?? groups })),
      ...(group.vpc === undefined ? {} : { vpc: group.vpc }),
      group: group.group,
      autoRelease: group.autoRelease === undefined ? undefined : start + group.autoRelease,
      role: group.role,
      tags: new Map(Object.entries(group.tags)),
      userData: group.userData,
      console: group.console,
      invocations: group.commands.map((command) => ({
        id: `t-${token(14, lower, seed.seed, id, command.name)}`,
        name: command.name,
        at: start + command.at,
        content: command.content,
        output: command.output,
        exitCode: command.exitCode,
      })),
      securityLock: group.securityLock,
      deletionProtection: group.deletionProtection,
    },
    group.disks,
  );
}

/** `vpc`: another than the region's own. */
type NewInstance = Omit<Instance, 'privateIp' | 'vpc' | 'vSwitch' | 'interfaces' | 'spent' | 'spentBefore' | 'billedTo'> & {
  readonly vpc?: string;
  readonly interfaces: readonly { readonly name: string; readonly securityGroups: readonly string[] }[];
};
type NewDisk = { readonly category: string; readonly sizeGiB: number; readonly withInstance: boolean };

/** Puts an instance with its disks into the account. The first disk is the system disk. */
export function addInstance(world: World, made: NewInstance, disks: readonly NewDisk[]): void {
  const { seed } = world.seed;
  const [third, fourth] = createHash('sha256').update(`${seed}\n${made.id}`).digest();
  disks.forEach((disk, index) => {
    const id = `d-${token(20, lower, seed, made.id, String(index))}`;
    world.disks.set(id, {
      id,
      region: made.region,
      zone: made.zone,
      instance: made.id,
      kind: index === 0 ? 'system' : 'data',
      device: `/dev/xvd${'abcdefgh'[index] ?? 'z'}`,
      ...disk,
      created: made.created,
      tags: new Map(),
    });
  });
  const vSwitch = `vsw-${made.vpc === undefined ? token(21, lower, seed, made.zone) : token(21, lower, seed, made.zone, made.vpc)}`;
  const instance: Instance = {
    ...made,
    privateIp: `172.16.${third ?? 0}.${fourth ?? 0}`,
    vpc: made.vpc ?? vpcOf(world.seed, made.region),
    vSwitch,
    interfaces: made.interfaces.map((one, index) => ({
      ...one,
      id: `eni-${token(20, lower, seed, made.id, 'interface', String(index))}`,
      privateIp: `172.17.${third ?? 0}.${((fourth ?? 0) + index) % 256}`,
      vSwitch,
    })),
    spent: 0,
    spentBefore: 0,
    billedTo: world.now,
  };
  const spent = ((hourly(world, instance) ?? 0) * (world.now - made.created)) / 3_600_000;
  world.instances.set(made.id, { ...instance, spent, spentBefore: spent });
}
