// An account whose attacker runs machines: in two regions and two VPCs, some by an auto-provisioning group, one set to vanish, one that is ours.
import type { Collector, Context, Target } from '../../src/actions/define.ts';
import { actions } from '../../src/actions/index.ts';
import type { Cloud } from '../../src/engine/ports.ts';
import type { WorldSeedInput } from '../../src/range/seed.ts';
import type { Json, JsonObject } from '../../src/text.ts';
import { aContext, aReader } from './cloud.ts';
import { child, leaked } from './night.ts';

const responder = 'LTAI5tEXAMPLEresponder01';
const owner = 'LTAI5tEXAMPLEowner000001';
const rogue = { type: 'ecs.gn7i-c16g1.4xlarge', image: 'm-EXAMPLEminer', created: '-40m', maker: { key: child, ip: '203.0.113.7' } };
const essd = { category: 'cloud_essd' };
const ecsTrust = { Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['ecs.aliyuncs.com'] } }] };

export const rogueNight: WorldSeedInput = {
  seed: 'rogue-night',
  start: '2026-03-01T03:00:00Z',
  account: { id: '1000000000000042', alias: 'acme-test' },
  responder: 'responder',
  regions: ['cn-hangzhou', 'cn-beijing', 'ap-southeast-1'],
  users: [
    { name: 'responder', created: '-1y', policies: ['AdministratorAccess'], keys: [{ id: responder, created: '-1y' }] },
    { name: 'ci-deploy', created: '-1y', policies: ['AdministratorAccess'], keys: [{ id: leaked, created: '-1y' }] },
    { name: 'backup-svc', created: '-51m', policies: ['AdministratorAccess'], keys: [{ id: child, created: '-50m' }] },
    { name: 'platform', created: '-2y', policies: ['AdministratorAccess'], keys: [{ id: owner, created: '-2y' }] },
  ],
  roles: [{ name: 'AppRuntime', created: '-1y', trust: ecsTrust }],
  securityGroups: [
    { id: 'sg-web', region: 'cn-beijing', name: 'web', created: '-1y', rules: [{ ports: '22/22', cidr: '0.0.0.0/0' }] },
    { id: 'sg-db', region: 'cn-beijing', name: 'db', created: '-1y' },
    { id: 'sg-far', region: 'cn-beijing', name: 'far', created: '-1y', vpc: 'vpc-far1' },
  ],
  instances: [
    {
      ...rogue,
      region: 'cn-beijing',
      ids: ['i-rogue1'],
      names: ['miner\u001b[2J'],
      securityGroup: ['sg-web', 'sg-db'],
      interfaces: [{ name: 'second', securityGroups: ['sg-db'] }],
      role: 'AppRuntime',
      disks: [essd, essd],
      autoRelease: '+2h',
    },
    {
      ...rogue,
      region: 'cn-beijing',
      ids: ['i-rogue2'],
      names: ['far'],
      vpc: 'vpc-far1',
      securityGroup: 'sg-far',
      role: 'AppRuntime',
      disks: [essd, { category: 'cloud_efficiency' }],
    },
    { ...rogue, region: 'ap-southeast-1', ids: ['i-rogue3', 'i-rogue4'], names: ['fleet'], group: 'apg-fleet', role: 'AppRuntime' },
    { ...rogue, region: 'cn-beijing', ids: ['i-ours'], names: ['render'], created: '-1y', maker: { key: owner, ip: '192.0.2.10' }, securityGroup: 'sg-web' },
  ],
  provisioningGroups: [
    {
      id: 'apg-fleet',
      region: 'ap-southeast-1',
      name: 'fleet',
      created: '-41m',
      maker: rogue.maker,
      capacity: 2,
      payAsYouGo: 1,
      instanceType: rogue.type,
      image: rogue.image,
      template: 'lt-fleet',
    },
    { id: 'apg-web', region: 'cn-hangzhou', name: 'web', created: '-60d', maker: { key: owner, ip: '192.0.2.10' }, capacity: 0, instanceType: 'ecs.g7.large', image: 'm-ours' },
  ],
  launchTemplates: [{ id: 'lt-fleet', region: 'ap-southeast-1', name: 'fleet', created: '-42m', maker: rogue.maker }],
  history: [
    { at: '-51m', who: leaked, ip: '203.0.113.7', action: 'ram:CreateUser', params: { UserName: 'backup-svc' } },
    { at: '-50m', who: leaked, ip: '203.0.113.7', action: 'ram:CreateAccessKey', params: { UserName: 'backup-svc' }, response: { AccessKey: { AccessKeyId: child } } },
  ],
  prices: { instances: { 'ecs.gn7i-c16g1.4xlarge': 12.5 }, diskPerGiB: { cloud_essd: 0.001 } },
  logDelay: { min: '1m', max: '2m' },
  // Nobody paces the calls here.
  throttles: [],
};

export const responderKey = responder;
/** What the quick look hands over. */
export const suspects: JsonObject = {
  accessKeyId: leaked,
  suspects: [
    { id: leaked, kind: 'access-key', data: { userName: 'ci-deploy', accessKeyId: leaked } },
    { id: child, kind: 'access-key', data: { userName: 'backup-svc', accessKeyId: child, createdBy: leaked, createdAt: '2026-03-01T02:10:00Z' } },
  ],
  suspectUsers: [{ userName: 'backup-svc', createdBy: leaked, at: '2026-03-01T02:09:00Z', made: true }],
};

/** What one does about machines beside finding, keeping, snapping and stopping them. */
export const furtherActs = [
  'ecs.launchSources',
  'ecs.closeLaunchSources',
  'ecs.keepInstances',
  'ecs.quarantinePlaces',
  'ecs.quarantineGroups',
  'ecs.quarantine',
  'ecs.detachRole',
  'ecs.caseSnapshots',
  'ecs.lockSnapshots',
  'ecs.diskSnapshots',
  'ecs.deleteInstances',
] as const;

type Timed = Cloud & { now(): string };

/** Drives a collector to its end; gives its last slice and what it recorded. */
export async function gather(cloud: Timed, name: string, given: JsonObject, target?: Target) {
  const collector = actions[name] as Collector;
  const reader = aReader(cloud);
  const input = collector.input.parse(given) as JsonObject;
  const facts: Record<string, Json> = {};
  let cursor: Json | undefined;
  for (;;) {
    const slice = await collector.slice(reader, aContext(input, { now: cloud.now() }), cursor, target);
    Object.assign(facts, slice.facts);
    cursor = slice.cursor === undefined ? undefined : (JSON.parse(JSON.stringify(slice.cursor)) as Json);
    if (cursor === undefined) return { ...slice, facts: facts as JsonObject, sealed: reader.sealed };
  }
}

/** What the collectors before the acts find. */
export async function rogueFacts(cloud: Timed): Promise<Record<string, Json>> {
  const facts: Record<string, Json> = { ...suspects };
  for (const name of ['ecs.launchSources', 'ecs.rogueInstances', 'ecs.quarantinePlaces', 'ecs.caseSnapshots']) Object.assign(facts, (await gather(cloud, name, facts)).facts);
  return facts;
}

export const targetsIn = (facts: JsonObject, name: string): Target[] => (facts[name] ?? []) as unknown as Target[];
export const batchIn = (facts: JsonObject, name: string): Target[] => targetsIn(facts, name).filter(({ held }) => held === undefined);
/** The context of an act at the cloud's own time. */
export const contextAt = (cloud: Timed, input: JsonObject = {}): Context => aContext(input, { now: cloud.now() });
