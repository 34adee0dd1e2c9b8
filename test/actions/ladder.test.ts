// The rungs below "disable", and roles, over real HTTP and the real SDKs: what each stops, what it leaves, and that it can be taken back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Action, Collector, Context, Reader, Target } from '../../src/actions/define.ts';
import { actions } from '../../src/actions/index.ts';
import { denyAll, denyRisky, isDenied } from '../../src/actions/ram-policies.ts';
import { openCloud } from '../../src/adapters/alibaba/cloud.ts';
import type { Cloud } from '../../src/engine/ports.ts';
import { openRange, type Range } from '../../src/range/server.ts';
import type { Json, JsonObject } from '../../src/text.ts';
import { aJournal, aSeed, leaked, responder, secretOf } from '../range/kit.ts';
import { aReader } from '../support/cloud.ts';

const account = '1000000000000042';
const stranger = 'acs:ram::2000000000000099:root';
const session = 'STS.EXAMPLEsession00000000001';

let range: Range;
let cloud: Cloud;
let thief: Cloud;
let reader: Reader;

beforeAll(async () => {
  range = await openRange({
    seed: aSeed({
      users: [
        { name: 'build', created: '-1y', policies: ['build'], keys: [{ id: leaked, secret: secretOf(leaked), created: '-30d', ip: '203.0.113.66' }] },
        { name: 'responder', created: '-1y', policies: ['AdministratorAccess'], keys: [{ id: responder, secret: secretOf(responder), created: '-30d', ip: '192.0.2.77' }] },
      ],
      instances: [],
      history: [],
      roles: [
        {
          name: 'Deploy',
          created: '-1y',
          policies: ['AliyunECSReadOnlyAccess', 'build'],
          maxSessionSeconds: 7200,
          trust: { Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${account}:root`, stranger] } }] },
          sessions: [{ id: session, name: 'night', opened: '-20m', lasts: '2h' }],
        },
      ],
    }),
    journal: aJournal(),
    time: { kind: 'virtual' },
  });
  const open = (key: string): Promise<Cloud> =>
    openCloud({
      endpoint: range.url,
      credential: { accessKeyId: key, accessKeySecret: secretOf(key), source: 'environment' },
      clock: range.clock,
      caseId: 'case-1',
      version: '0.0.0',
      settleMs: 0,
    });
  [cloud, thief] = await Promise.all([open(responder), open(leaked)]);
  reader = aReader(cloud);
});

afterAll(async () => {
  await Promise.all([cloud.close(), thief.close()]);
  await range.close();
});

const identity = { account, type: 'RAMUser', arn: `acs:ram::${account}:user/responder`, principal: '', accessKeyId: responder, userName: 'responder' };
const context = (input: JsonObject = {}): Context => ({ caseId: 'case-1', step: 'step', now: range.clock.now().toISOString(), identity, input });

/** As the engine does: before-state, the calls by their stages, read back until it holds. */
async function act(name: string, target: Target, input: JsonObject = {}): Promise<Json> {
  const action = actions[name] as Action;
  const before = await action.before(reader, target, context(input));
  expect(before.status).toBe('ready');
  for (const { call } of action.plan([target], context(input)).toSorted((a, b) => (a.stage ?? 0) - (b.stage ?? 0))) {
    const reply = await cloud.send(call);
    if (!reply.ok) expect([call.action, reply.refusal]).toEqual([call.action, 'exists']);
    expect((await action.holds(reader, target, context(input), call)).status).toBe('yes');
  }
  expect((await action.holds(reader, target, context(input))).status).toBe('yes');
  expect((await action.before(reader, target, context(input))).status).toBe('already');
  return 'state' in before ? (before.state ?? null) : null;
}

async function undo(name: string, target: Target, before: Json): Promise<void> {
  const calls = (actions[name] as Action).undo(target, before, context());
  if ('irreversible' in calls) throw new Error('irreversible');
  for (const call of calls) expect((await cloud.send(call)).ok).toBe(true);
}

const tries = async (action: string, params: Record<string, string> = {}): Promise<string> => {
  const reply = await thief.send({ product: 'ram', version: '2015-05-01', action, params, region: 'cn-hangzhou', effect: action.startsWith('List') ? 'read' : 'write' });
  return reply.ok ? 'ok' : reply.code;
};
const key: Target = { id: leaked, kind: 'access-key', data: { userName: 'build', sources: [{ ip: '192.0.2.10' }, { ip: '203.0.113.66' }] } };
const owner: Target = { id: 'build', kind: 'ram-user', data: { userName: 'build' } };

describe('a key that must live', () => {
  it('limited to our addresses stops working for the thief, and works again when the limit is lifted', async () => {
    expect(await tries('ListUsers')).toBe('ok');
    const networks = ['192.0.2.10', '192.0.2.64/26'];
    const action = actions['ims.limitAccessKeys'] as Action;
    expect(action.warn?.(key, context({ networks }))[0]?.en).toContain('203.0.113.66');
    expect(action.guard?.(key, context({ networks: [] }))?.en).toMatch(/shut everybody out/);
    const before = await act('ims.limitAccessKeys', key, { networks });
    expect(await tries('ListUsers')).toBe('Forbidden.AccessKeyNetworkPolicy');
    await undo('ims.limitAccessKeys', key, before);
    expect(await tries('ListUsers')).toBe('ok');
  });

  it('under the deny policy may look and may not make identities', async () => {
    const before = await act('ram.denyOwner', owner);
    expect([await tries('ListUsers'), await tries('CreateUser', { UserName: 'second' })]).toEqual(['ok', 'NoPermission']);
    await undo('ram.denyOwner', owner, before);
    expect(await tries('CreateUser', { UserName: 'second' })).toBe('ok');
  });

  it('is denied under a name its content gives, and a policy of that name with another content is no accident', async () => {
    expect(denyRisky.name).toMatch(/^firebreak-deny-risky-[\da-f]{8}$/);
    expect(denyRisky.document.length).toBeLessThanOrEqual(6144);
    expect([isDenied(denyRisky, 'ram:CreateUser'), isDenied(denyRisky, 'dysms:SendSms'), isDenied(denyRisky, 'ecs:DescribeInstances')]).toEqual([true, true, false]);
    const harmless = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Deny', Action: ['ram:NoSuchThing'], Resource: '*' }] });
    const params = { PolicyName: denyAll.name, PolicyDocument: harmless };
    expect((await cloud.send({ product: 'ram', version: '2015-05-01', action: 'CreatePolicy', params, region: 'cn-hangzhou', effect: 'write' })).ok).toBe(true);
    expect(await (actions['ram.denyUsers'] as Action).before(reader, owner, context())).toMatchObject({ status: 'changed' });
  });

  it('never denies the responder’s own user', () => {
    const own: Target = { ...owner, data: { userName: 'responder' } };
    for (const name of ['ram.denyOwner', 'ram.denyUsers', 'ims.disableLogins']) expect((actions[name] as Action).guard?.(own, context())?.en).toMatch(/you|own/i);
  });
});

describe('a role in other hands', () => {
  const look = async (): Promise<Target> => {
    const slice = await (actions['ram.roleLook'] as Collector).slice(reader, context({ roleName: 'Deploy' }), undefined);
    expect(slice.facts).toMatchObject({ foreignTrust: [stranger], roleHours: '2' });
    return ((slice.facts ?? {})['roles'] as unknown as Target[])[0] as Target;
  };

  it('loses its strangers and keeps session length and description', async () => {
    const role = await look();
    await act('ram.closeTrust', role);
    const read = await reader.read({ product: 'ram', version: '2015-05-01', action: 'GetRole', params: { RoleName: 'Deploy' }, region: 'cn-hangzhou', effect: 'read' });
    expect(read.ok && JSON.stringify(read.body)).not.toContain(stranger);
    expect(read.ok && read.body).toMatchObject({ Role: { MaxSessionDuration: 7200 } });
    await undo('ram.closeTrust', role, null);
    await look();
  });

  it('rebuilt has the same rights, another id, no stranger, and no session', async () => {
    const role = await look();
    await act('ram.rebuildRole', role);
    const slice = await (actions['ram.roleLook'] as Collector).slice(reader, context({ roleName: 'Deploy' }), undefined);
    const [after] = (slice.facts ?? {})['roles'] as unknown as Target[];
    expect(after?.data['roleId']).not.toBe(role.data['roleId']);
    expect(after?.data).toMatchObject({ foreign: [], maxSession: '7200', policies: role.data['policies'] as Json[] });
    const foreseen = await openCloud({
      endpoint: range.url,
      credential: { accessKeyId: session, accessKeySecret: 'EXAMPLEgone', securityToken: 'EXAMPLEgone', source: 'environment' },
      clock: range.clock,
      caseId: 'case-1',
      version: '0.0.0',
      settleMs: 0,
    });
    const reply = await foreseen.send({ product: 'sts', version: '2015-04-01', action: 'GetCallerIdentity', params: {}, region: 'cn-hangzhou', effect: 'read' });
    expect(reply.ok ? 'ok' : reply.code).toBe('InvalidAccessKeyId.NotFound');
    await foreseen.close();
  });

  it('is left alone when it is the cloud’s own, the log’s, or the responder’s', () => {
    const action = actions['ram.denyRole'] as Action;
    const role = (data: JsonObject): Target => ({ id: String(data['roleName']), kind: 'ram-role', data });
    expect(action.guard?.(role({ roleName: 'AliyunServiceRoleForKms' }), context())?.en).toMatch(/service-linked/i);
    expect(action.guard?.(role({ roleName: 'audit', services: ['actiontrail.aliyuncs.com'] }), context())?.en).toMatch(/blind/);
    const asRole = { ...context(), identity: { ...identity, arn: `acs:ram::${account}:assumed-role/OnCall/me`, userName: '' } };
    expect(action.guard?.(role({ roleName: 'oncall' }), asRole)?.en).toMatch(/you are using/);
    expect(action.guard?.(role({ roleName: 'Deploy', services: ['ecs.aliyuncs.com'] }), context())).toBeUndefined();
  });
});
