import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../src/actions/event.ts';
import { isIn, networkOf } from '../../src/actions/networks.ts';
import { breaks, notWatched } from '../../src/actions/rungs.ts';
import { spread, type Suspects } from '../../src/actions/suspects.ts';
import { isAttack, roleTouchedBy, touchedRoles } from '../../src/actions/touched.ts';
import type { JsonObject } from '../../src/text.ts';
import { anEvent } from '../support/account.ts';
import { aContext } from '../support/cloud.ts';
import { child, leaked } from '../support/night.ts';

const event = (name: string, over: JsonObject = {}) => parseEvent(anEvent(name, '2026-03-01T03:10:00Z', over));
const asChild = { userIdentity: { type: 'ram-user', accountId: '1000000000000042', accessKeyId: child, userName: 'backup-svc' } };

describe('what breaks the quiet, by rung', () => {
  const ours = ['192.0.2.0/24', '2001:db8::/32'];
  const broken = (input: JsonObject, name: string, over: JsonObject = {}): boolean => breaks(event(name, over), aContext({ accessKeyId: leaked, networks: ours, ...input }));

  it('disabled: any success', () => {
    expect(broken({}, 'DescribeInstances', { sourceIpAddress: '192.0.2.9' })).toBe(true);
  });

  it('limited: a success from outside the list, an unknown address among them', () => {
    const at = (ip: string): boolean => broken({ limited: 1 }, 'CreateUser', { sourceIpAddress: ip });
    expect([at('192.0.2.9'), at('2001:db8::7'), at('203.0.113.7'), at('Internal'), at('')]).toEqual([false, false, true, true, true]);
  });

  it('denied: a success of what is denied, under whichever product’s name', () => {
    const did = (name: string, serviceName = 'Ram'): boolean => broken({ denied: 1 }, name, { serviceName });
    expect([did('CreateUser'), did('UpdateLoginProfile', 'Ims'), did('RunInstances', 'Ecs'), did('ListUsers'), did('SendSms', 'Dysms')]).toEqual([true, true, true, false, true]);
  });

  it('both: each must hold; and other keys are judged as cut', () => {
    expect(broken({ limited: 1, denied: 1 }, 'CreateUser', { sourceIpAddress: '192.0.2.9' })).toBe(true);
    expect(broken({ limited: 1, denied: 1 }, 'ListUsers', { sourceIpAddress: '192.0.2.9' })).toBe(false);
    expect(broken({ limited: 1, denied: 1 }, 'ListUsers', { sourceIpAddress: '192.0.2.9', ...asChild })).toBe(true);
  });

  it('a denied role: what a session without rights is answered all the same does not count, anything else does', () => {
    const bySession = { userIdentity: { type: 'assumed-role', accountId: '1000000000000042', accessKeyId: 'STS.EXAMPLEsession', userName: 'Deploy:night' }, serviceName: 'Ecs' };
    const did = (name: string, input: JsonObject, over: JsonObject = bySession): boolean => broken(input, name, over);
    expect([did('DescribeInstances', { rolesDenied: 1 }), did('DescribeUserData', { rolesDenied: 1 }), did('DescribeInstances', {})]).toEqual([false, true, true]);
    expect(did('DescribeInstances', { rolesDenied: 1 }, { serviceName: 'Ecs' })).toBe(true);
  });

  it('says what a soft rung does not watch', () => {
    const said = (input: JsonObject): number => notWatched(aContext(input)).length;
    expect([said({}), said({ limited: 1 }), said({ denied: 1 }), said({ limited: 1, denied: 1 })]).toEqual([0, 1, 1, 1]);
  });
});

describe('networks', () => {
  it('reads addresses and networks of both families and nothing else', () => {
    for (const good of ['192.0.2.1', '192.0.2.0/24', '2001:db8::/32', '::1', '2001:db8:0:0:0:0:0:1']) expect(networkOf(good), good).toBeDefined();
    for (const bad of ['', '192.0.2', '192.0.2.256', '192.0.2.1/33', '192.0.2.1/x', '192.0.2.1/24/8', '2001:db8', '1::2::3', '2001:db8::/129', 'example.com', '192.0.2.1 '])
      expect(networkOf(bad), bad).toBeUndefined();
  });
  it('tells inside from outside', () => {
    expect(isIn('192.0.2.200', ['192.0.2.128/25'])).toBe(true);
    expect(isIn('192.0.2.100', ['192.0.2.128/25', '198.51.100.7'])).toBe(false);
    expect(isIn('2001:db8:1::1', ['2001:db8::/32'])).toBe(true);
    expect(isIn('2001:db9::1', ['2001:db8::/32', '0.0.0.0/0'])).toBe(false);
  });
});

describe('what the suspects touched', () => {
  it('comes from an attack where their own identities worked, and where the leaked key did what its user would not', () => {
    expect(isAttack(event('DescribeInstances'), true)).toBe(true);
    expect(isAttack(event('DescribeInstances'), false)).toBe(false);
    expect(isAttack(event('CreateUser'), false)).toBe(true);
    expect(isAttack(event('CreateUser', { errorCode: 'NoPermission' }), false)).toBe(false);
    expect(isAttack(event('CreateUser', { sourceIpAddress: 'ecs.aliyuncs.com' }), true)).toBe(false);
  });

  it('roles: taken or changed, of this account alone, each once', () => {
    const took = (arn: string) => roleTouchedBy(event('AssumeRole', { requestParameters: { RoleArn: arn } }), '1000000000000042');
    const changed = roleTouchedBy(event('UpdateRole', { requestParameters: { RoleName: 'Deploy' } }), '1000000000000042');
    expect(took('acs:ram::1000000000000042:role/deploy')).toMatchObject([{ roleName: 'deploy', how: 'assumed' }]);
    expect(took('acs:ram::2000000000000099:role/deploy')).toEqual([]);
    expect(touchedRoles([...took('acs:ram::1000000000000042:role/deploy'), ...changed])).toMatchObject([{ roleName: 'Deploy', how: 'changed' }]);
  });

  it('a user they made stays made, though the log tells of its login first', () => {
    const seed: Suspects = { keys: [{ id: leaked, userName: 'ci-deploy', createdBy: '', at: '' }], users: [], sessions: [] };
    const login = event('CreateLoginProfile', { requestParameters: { UserName: 'new' } });
    const made = event('CreateUser', { requestParameters: { UserName: 'new' } });
    for (const order of [
      [login, made],
      [made, login],
    ])
      expect(spread(seed, order).users).toMatchObject([{ userName: 'new', made: true }]);
    expect(spread(seed, [login]).users).toMatchObject([{ userName: 'new', made: false }]);
  });
});
