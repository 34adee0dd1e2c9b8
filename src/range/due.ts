// What the account does by itself when its time comes: instances released, auto-provisioning groups that make up for missing ones. Pure.
import { addInstance } from './build.ts';
import { sizeOf } from './ecs-launch.ts';
import { logged, serviceIdentity } from './log.ts';
import { release } from './release.ts';
import { defaultGroup, lower, token, uuid } from './world.ts';
import type { Instance, ProvisioningGroup, World } from './world.ts';

const bootMs = 45_000;

/** What happens next by itself, and when. */
export type Due = { readonly at: number; readonly run: () => void };

/** The earliest of what is due; undefined when nothing is. */
export function nextDue(world: World): Due | undefined {
  const releases = [...world.instances.values()].flatMap((instance): Due[] => {
    const at = instance.autoRelease;
    return at === undefined ? [] : [{ at, run: () => release(world, instance, at) }];
  });
  const fills = [...world.provisioningGroups.values()].flatMap((group): Due[] => {
    const at = group.due;
    return at === undefined ? [] : [{ at, run: () => fill(world, group, at) }];
  });
  return [...releases, ...fills].toSorted((a, b) => a.at - b.at)[0];
}

/** The instances a group counts: what is stopped does not work for it. */
export function workingIn(world: World, group: ProvisioningGroup): readonly Instance[] {
  return [...world.instances.values()].filter((instance) => instance.group === group.id && instance.power === 'Running');
}

/** Brings a group to its capacity: launches what is missing; what is too much leaves it, released or not. */
function fill(world: World, group: ProvisioningGroup, at: number): void {
  group.due = undefined;
  const working = workingIn(world, group);
  // A stopped one was given up: started again it would be a stranger.
  for (const instance of world.instances.values()) if (instance.group === group.id && !working.includes(instance)) instance.group = undefined;
  for (const instance of working.slice(group.capacity)) {
    instance.group = undefined;
    if (group.excess === 'termination') release(world, instance, at);
  }
  const missing = group.type === 'maintain' ? group.capacity - working.length : 0;
  const ids = Array.from({ length: Math.max(0, missing) }, () => launch(world, group, at));
  if (ids.length > 0) note(world, group, at, ids);
}

function launch(world: World, group: ProvisioningGroup, at: number): string {
  group.launched += 1;
  const id = `i-${token(20, lower, world.seed.seed, group.id, String(group.launched))}`;
  addInstance(
    world,
    {
      id,
      region: group.region,
      zone: `${group.region}-a`,
      name: group.name,
      description: '',
      hostName: id,
      type: group.instanceType,
      image: group.image,
      os: 'linux',
      ...sizeOf(group.instanceType),
      created: at,
      charge: 'PostPaid',
      spot: false,
      network: 'vpc',
      localDisk: false,
      power: 'Running',
      settles: at + bootMs,
      started: at,
      stoppedMode: undefined,
      publicIp: undefined,
      eip: undefined,
      securityGroups: [defaultGroup(world, group.region)],
      interfaces: [],
      role: undefined,
      tags: new Map(),
      userData: '',
      console: '',
      invocations: [],
      securityLock: false,
      deletionProtection: false,
      autoRelease: undefined,
      group: group.id,
    },
    [{ category: 'cloud_essd', sizeGiB: 40, withInstance: true }],
  );
  return id;
}

/** Nobody of the account called: the log names the service. How the real one writes this is not published. */
function note(world: World, group: ProvisioningGroup, at: number, ids: readonly string[]): void {
  world.log.push(
    logged(world, {
      at,
      product: 'ecs',
      service: 'Ecs',
      version: '2014-05-26',
      global: false,
      effect: 'write',
      action: 'RunInstances',
      region: group.region,
      params: { ImageId: group.image, InstanceType: group.instanceType, InstanceName: group.name, Amount: String(ids.length) },
      requestId: uuid(world.seed.seed, 'provisioning', group.id, String(group.launched)),
      identity: serviceIdentity(world),
      ip: 'ecs.aliyuncs.com',
      agent: 'ecs.aliyuncs.com',
      type: 'AliyunServiceEvent',
      response: { InstanceIdSets: { InstanceIdSet: [...ids] } },
      resources: ids,
      resourceType: 'ACS::ECS::Instance',
    }),
  );
}
