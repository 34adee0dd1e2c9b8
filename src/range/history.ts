// The log before the scenario began: the seed's terse past and the makers of its instances, as full records. Pure.
import type { JsonObject } from '../text.ts';
import { identityOf, logged, serviceIdentity } from './log.ts';
import type { WorldSeed } from './seed.ts';
import { uuid } from './world.ts';
import type { Logged, World } from './world.ts';

type Past = WorldSeed['history'][number];
type Service = { readonly service: string; readonly version: string; readonly global: boolean };

const services: Readonly<Record<string, Service>> = {
  ram: { service: 'Ram', version: '2015-05-01', global: true },
  ims: { service: 'Ims', version: '2019-08-15', global: true },
  sts: { service: 'Sts', version: '2015-04-01', global: true },
  aassub: { service: 'AasSub', version: '', global: true },
  ecs: { service: 'Ecs', version: '2014-05-26', global: false },
  actiontrail: { service: 'Actiontrail', version: '2020-07-06', global: false },
  oss: { service: 'Oss', version: '2019-05-17', global: false },
  cr: { service: 'Cr', version: '2018-12-01', global: false },
  vpc: { service: 'Vpc', version: '2016-04-28', global: false },
};

/** Everything that happened before the start, oldest first. */
export function pastOf(world: World): readonly Logged[] {
  const lines = [...world.seed.history.flatMap((past) => repeated(world, past)), ...madeInstances(world), ...madeSources(world)];
  return lines.toSorted((a, b) => a.at - b.at || (a.event['eventId'] === b.event['eventId'] ? 0 : String(a.event['eventId']) < String(b.event['eventId']) ? -1 : 1));
}

function repeated(world: World, past: Past): readonly Logged[] {
  const turns = past.turns ?? (past.action === undefined ? [] : [{ action: past.action, params: past.params, ip: undefined, resource: undefined }]);
  const until = past.every === undefined ? past.at : (past.until ?? 0);
  const lines: Logged[] = [];
  for (let at = past.at, index = 0; at <= until && turns.length > 0; at += past.every ?? 1, index++) {
    const turn = turns[index % turns.length];
    if (turn) lines.push(line(world, { ...past, ...turn, at, ip: turn.ip ?? past.ip, params: { ...past.params, ...turn.params }, resource: turn.resource ?? past.resource }));
  }
  return lines;
}

type Single = Pick<Past, 'at' | 'who' | 'region' | 'params' | 'ip' | 'agent' | 'error' | 'message' | 'response' | 'resource'> & {
  readonly action: string;
  readonly resources?: readonly string[];
};

function line(world: World, past: Single): Logged {
  const [product = '', action = ''] = past.action.split(':');
  const service = services[product] ?? { service: product, version: '', global: false };
  const requestId = uuid(world.seed.seed, 'past', past.who, past.action, past.region, JSON.stringify(past.params), String(past.at));
  const resources = past.resources ?? (past.resource === undefined ? undefined : [past.resource]);
  return logged(world, {
    at: world.start + past.at,
    product,
    ...service,
    action,
    effect: /^(Get|List|Describe|Lookup|Query|Head)/.test(action) ? 'read' : 'write',
    region: past.region,
    params: past.params,
    requestId,
    identity: past.who === launcher ? serviceIdentity(world) : identity(world, past.who),
    ip: past.ip,
    agent: past.agent,
    type: past.who === launcher ? 'AliyunServiceEvent' : past.who.startsWith('console:') ? (action === 'ConsoleSignin' ? 'ConsoleSignin' : 'ConsoleOperation') : 'ApiCall',
    ...(past.error === undefined ? {} : { error: { code: past.error, message: past.message ?? past.error } }),
    ...(past.response === undefined ? {} : { response: { ...(past.response as JsonObject), RequestId: requestId } }),
    ...(resources === undefined ? {} : { resources, resourceType: resourceTypes[product] ?? `ACS::${service.service.toUpperCase()}::Resource` }),
  });
}

/** Who launches for an auto-provisioning group. */
const launcher = 'ecs.aliyuncs.com';

const resourceTypes: Readonly<Record<string, string>> = {
  ram: 'ACS::RAM::User',
  ims: 'ACS::RAM::User',
  ecs: 'ACS::ECS::Instance',
  oss: 'ACS::OSS::Bucket',
  actiontrail: 'ACS::ActionTrail::Trail',
};

/** `LTAI…` is a key, `STS.…` a session, `console:NAME` a person at the console. */
function identity(world: World, who: string): JsonObject {
  const session = world.sessions.get(who);
  const role = session && world.roles.get(session.role);
  if (session && role) return identityOf(world, { kind: 'role', session, role });
  const key = world.keys.get(who);
  const user = world.users.get(key?.user ?? (who.startsWith('console:') ? who.slice('console:'.length) : ''));
  if (key && user) return identityOf(world, { kind: 'user', key, user });
  if (key) return identityOf(world, { kind: 'root', key });
  const accountId = world.seed.account.id;
  // The console leaves no key in the log; a key that is gone leaves nothing but its id.
  if (user) return { type: 'ram-user', accountId, principalId: user.id, userName: user.name };
  return { type: 'ram-user', accountId, principalId: '', accessKeyId: who, userName: '' };
}

/** One RunInstances or CreateInstance record per group of seeded instances made within the log's 90 days. */
function madeInstances(world: World): readonly Logged[] {
  return world.seed.instances
    .filter((group) => group.created > -90 * 86_400_000)
    .map((group) => {
      const run = group.group !== undefined || group.maker.action === 'RunInstances';
      const response: Past['response'] = run ? { InstanceIdSets: { InstanceIdSet: group.ids } } : { InstanceId: group.ids[0] ?? '' };
      return line(world, {
        at: group.created,
        ...(group.group === undefined
          ? { who: group.maker.key, ip: group.maker.ip, agent: group.maker.agent, action: `ecs:${group.maker.action}` }
          : { who: launcher, ip: launcher, agent: launcher, action: 'ecs:RunInstances' }),
        region: group.region,
        error: undefined,
        message: undefined,
        resource: undefined,
        params: {
          RegionId: group.region,
          ImageId: group.image,
          InstanceType: group.type,
          InstanceName: group.names[0] ?? '',
          ...(run ? { Amount: String(group.ids.length) } : {}),
        },
        response,
        resources: group.ids,
      });
    });
}

/** Who made the auto-provisioning groups and launch templates. */
function madeSources(world: World): readonly Logged[] {
  const groups = world.seed.provisioningGroups.map((group) => ({
    ...group,
    action: 'ecs:CreateAutoProvisioningGroup',
    params: { AutoProvisioningGroupName: group.name, TotalTargetCapacity: String(group.capacity), AutoProvisioningGroupType: group.type },
    response: { AutoProvisioningGroupId: group.id },
  }));
  const templates = world.seed.launchTemplates.map((template) => ({
    ...template,
    action: 'ecs:CreateLaunchTemplate',
    params: { LaunchTemplateName: template.name },
    response: { LaunchTemplateId: template.id, LaunchTemplateVersionNumber: 1 },
  }));
  return [...groups, ...templates]
    .filter(({ created }) => created > -90 * 86_400_000)
    .map(({ created, maker, region, action, params, response, id }) =>
      line(world, {
        at: created,
        who: maker.key,
        ip: maker.ip,
        agent: maker.agent,
        region,
        action,
        params,
        response,
        resources: [id],
        error: undefined,
        message: undefined,
        resource: undefined,
      }),
    );
}
