import { describe, expect, it } from 'vitest';
import { lookUp } from '../support/json.ts';
import { aSeed, anAccount, flagged, leaked, nobody, reader, responder } from './kit.ts';

const trust = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: ['acs:ram::1000000000000042:root'] } }] });
const denyAll = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] });

describe('access keys', () => {
  it('stop working when disabled, and work again when enabled', () => {
    const { ok, code } = anAccount();
    const key = { UserName: 'build', UserAccessKeyId: leaked };
    ok('ram:UpdateAccessKey', { ...key, Status: 'Inactive' });
    expect(ok('ram:ListAccessKeys', { UserName: 'build' })).toMatchObject({ AccessKeys: { AccessKey: [{ AccessKeyId: leaked, Status: 'Inactive' }] } });
    expect(code('ecs:DescribeRegions', {}, { key: leaked })).toBe('InvalidAccessKeyId.Inactive');
    ok('ram:UpdateAccessKey', { ...key, Status: 'Active' });
    expect(code('ecs:DescribeRegions', {}, { key: leaked })).toBe('no error');
  });
  it('go on working for the propagation time', () => {
    const { ok, code, wait } = anAccount({ propagation: '20s' });
    ok('ram:UpdateAccessKey', { UserName: 'build', UserAccessKeyId: leaked, Status: 'Inactive' });
    wait(19_000);
    expect(code('ecs:DescribeRegions', {}, { key: leaked })).toBe('no error');
    wait(1_000);
    expect(code('ecs:DescribeRegions', {}, { key: leaked })).toBe('InvalidAccessKeyId.Inactive');
  });
  it('are created twice per user at most, with a secret only the answer shows', () => {
    const { ok, code, world } = anAccount();
    const made = ok('ram:CreateAccessKey', { UserName: 'nobody' });
    expect(String(lookUp(made, 'AccessKey.AccessKeySecret'))).toMatch(/^EXAMPLE/);
    expect(code('ram:CreateAccessKey', { UserName: 'nobody' })).toBe('LimitExceeded.User.AccessKey');
    const event = world.log.find((line) => line.event['eventName'] === 'CreateAccessKey')?.event;
    expect(event).toMatchObject({ responseElements: { AccessKey: { AccessKeyId: lookUp(made, 'AccessKey.AccessKeyId') } } });
    expect(JSON.stringify(event)).not.toContain(String(lookUp(made, 'AccessKey.AccessKeySecret')));
  });
  it('belong to their user: another user name is a 404', () => {
    const { code } = anAccount();
    expect(code('ram:UpdateAccessKey', { UserName: 'nobody', UserAccessKeyId: leaked, Status: 'Inactive' })).toBe('EntityNotExist.User.AccessKey');
    expect(code('ram:DeleteAccessKey', { UserName: 'build', UserAccessKeyId: 'LTAI5tEXAMPLEgone0000' })).toBe('EntityNotExist.User.AccessKey');
  });
  it('once deleted are nobody’s: what was foreseen for them does not happen', () => {
    const { ok, code, wait, world } = anAccount({ events: [{ at: '+3m', who: leaked, ip: '203.0.113.66', call: 'ram:CreateUser', params: { UserName: 'late' } }] });
    ok('ram:DeleteAccessKey', { UserName: 'build', UserAccessKeyId: leaked });
    wait(240_000);
    expect(code('sts:GetCallerIdentity', {}, { key: leaked })).toBe('InvalidAccessKeyId.NotFound');
    expect(world.users.has('late')).toBe(false);
  });
  it('mean the caller’s own when no user is named: the trap of the real call', () => {
    const { ok, code } = anAccount();
    ok('ram:UpdateAccessKey', { UserAccessKeyId: responder, Status: 'Inactive' });
    expect(code('sts:GetCallerIdentity')).toBe('InvalidAccessKeyId.Inactive');
  });
  it('show their last use an hour late', () => {
    const { ok } = anAccount();
    expect(ok('ram:GetAccessKeyLastUsed', { UserName: 'build', UserAccessKeyId: leaked })).toMatchObject({ AccessKeyLastUsed: { LastUsedDate: '2026-03-14T18:04:00Z' } });
    expect(ok('ram:GetAccessKeyLastUsed', { UserName: 'nobody', UserAccessKeyId: nobody })).toMatchObject({ AccessKeyLastUsed: { LastUsedDate: '' } });
  });
});

describe('restrictive protection', () => {
  it('blocks all of RAM and IMS and the listed ECS calls, and nothing else', () => {
    const { ask, code } = anAccount();
    for (const call of ['ram:ListUsers', 'ims:GetAccountMFAInfo', 'ecs:RunInstances', 'ecs:StartInstances']) {
      expect(ask(call, { 'InstanceId.1': 'i-miner1' }, { key: flagged }).body).toMatchObject({ Code: 'Forbidden', Message: 'There is a risk of leakage of this AccessKey.' });
    }
    expect(code('ecs:DescribeInstances', {}, { key: flagged })).toBe('no error');
    expect(code('ecs:StopInstances', { 'InstanceId.1': 'i-miner1' }, { key: flagged })).toBe('no error');
  });
});

describe('permissions', () => {
  it('deny with the action, the principal and the reason', () => {
    const { ask, code } = anAccount();
    const denied = ask('ram:CreateUser', { UserName: 'x' }, { key: reader });
    expect(denied.status).toBe(403);
    expect(denied.body).toMatchObject({
      Code: 'NoPermission',
      AccessDeniedDetail: { AuthAction: 'ram:CreateUser', AuthPrincipalType: 'SubUser', NoPermissionType: 'ImplicitDeny' },
    });
    expect(code('ecs:StopInstances', { 'InstanceId.1': 'i-miner1' }, { key: reader })).toBe('Forbidden.RAM');
    expect(code('sts:GetCallerIdentity', {}, { key: nobody })).toBe('no error');
  });
  it('deny in one region only, explicitly', () => {
    const { ask, code } = anAccount();
    expect(ask('ecs:DescribeDisks', {}, { region: 'us-west-1' }).body).toMatchObject({ Code: 'Forbidden.RAM', AccessDeniedDetail: { NoPermissionType: 'ExplicitDeny' } });
    expect(code('ecs:DescribeDisks', {}, { region: 'ap-southeast-1' })).toBe('no error');
  });
  it('come from policies attached while the account lives, and a deny wins', () => {
    const { ok, code } = anAccount();
    ok('ram:CreatePolicy', { PolicyName: 'stop', PolicyDocument: denyAll });
    ok('ram:AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'stop', UserName: 'build' });
    expect(code('ecs:DescribeRegions', {}, { key: leaked })).toBe('Forbidden.RAM');
    expect(code('ram:AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'stop', UserName: 'build' })).toBe('EntityAlreadyExists.User.Policy');
    ok('ram:DetachPolicyFromUser', { PolicyType: 'Custom', PolicyName: 'stop', UserName: 'build' });
    expect(code('ram:DetachPolicyFromUser', { PolicyType: 'Custom', PolicyName: 'stop', UserName: 'build' })).toBe('EntityNotExist.User.Policy');
    expect(code('ecs:DescribeRegions', {}, { key: leaked })).toBe('no error');
  });
  it('can be bound to an address', () => {
    const { ok, code } = anAccount();
    const document = { Version: '1', Statement: [{ Effect: 'Allow', Action: 'ram:List*', Resource: '*', Condition: { IpAddress: { 'acs:SourceIp': ['192.0.2.0/24'] } } }] };
    ok('ram:CreatePolicy', { PolicyName: 'office', PolicyDocument: JSON.stringify(document) });
    ok('ram:AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'office', UserName: 'nobody' });
    expect(code('ram:ListUsers', {}, { key: nobody, ip: '192.0.2.9' })).toBe('no error');
    expect(code('ram:ListUsers', {}, { key: nobody, ip: '203.0.113.9' })).toBe('NoPermission');
  });
  it('refuse documents that are no policies', () => {
    const { code } = anAccount();
    for (const document of [
      '{',
      '[]',
      '{"Version":"1"}',
      '{"Version":"2","Statement":[{"Effect":"Deny","Action":"*"}]}',
      '{"Version":"1","Statement":[{"Effect":"Maybe","Action":"*"}]}',
    ]) {
      expect(code('ram:CreatePolicy', { PolicyName: 'bad', PolicyDocument: document })).toBe('MalformedPolicyDocument');
    }
  });
});

describe('users', () => {
  it('are deleted only when nothing hangs on them', () => {
    const { ok, code } = anAccount();
    expect(code('ram:DeleteUser', { UserName: 'build' })).toBe('DeleteConflict.User.AccessKey');
    ok('ram:DeleteAccessKey', { UserName: 'build', UserAccessKeyId: leaked });
    expect(code('ram:DeleteUser', { UserName: 'build' })).toBe('DeleteConflict.User.Policy');
    ok('ram:DetachPolicyFromUser', { UserName: 'build', PolicyType: 'Custom', PolicyName: 'build' });
    ok('ram:DeleteUser', { UserName: 'build' });
    expect(code('ram:GetUser', { UserName: 'build' })).toBe('EntityNotExist.User');
  });
  it('page by marker', () => {
    const { ok } = anAccount();
    const names: unknown[] = [];
    let marker: string | undefined;
    do {
      const body = ok('ram:ListUsers', { MaxItems: '2', ...(marker ? { Marker: marker } : {}) });
      names.push(...(lookUp(body, 'Users.User') as readonly unknown[]));
      marker = body['IsTruncated'] === true ? String(body['Marker']) : undefined;
    } while (marker);
    expect(names).toHaveLength(5);
  });
  it('without a login profile or MFA are a 404, not an empty answer', () => {
    const { code, ok } = anAccount();
    expect(code('ram:GetLoginProfile', { UserName: 'build' })).toBe('EntityNotExist.User.LoginProfile');
    expect(code('ram:GetUserMFAInfo', { UserName: 'build' })).toBe('EntityNotExist.User.MFADevice');
    expect(ok('ram:GetUserMFAInfo', { UserName: 'reader' })).toMatchObject({ MFADevice: { Type: 'VMFA' } });
  });
  it('are known to IMS by principal name, with epoch milliseconds', () => {
    const { ok, code } = anAccount();
    const users = lookUp(ok('ims:ListUsers'), 'Users.User') as readonly { UserPrincipalName: string; LastLoginDate: string }[];
    expect(users.find((user) => user.UserPrincipalName === 'reader@acme-test.onaliyun.com')?.LastLoginDate).toMatch(/^\d{13}$/);
    const who = { UserPrincipalName: 'reader@1000000000000042.onaliyun.com' };
    ok('ims:UpdateLoginProfile', { ...who, Status: 'Inactive' });
    expect(ok('ims:GetLoginProfile', who)).toMatchObject({ LoginProfile: { Status: 'Inactive', MFABindRequired: true } });
    expect(code('ims:GetLoginProfile', { UserPrincipalName: 'reader@elsewhere.onaliyun.com' })).toBe('EntityNotExist.User');
  });
});

describe('a key’s network policy', () => {
  const key = { UserPrincipalName: 'build@acme-test.onaliyun.com', UserAccessKeyId: leaked };
  const policy = (status: string) => JSON.stringify({ Status: status, Statements: [{ Type: 'ClassicWhiteList', IPList: ['192.0.2.0/24'] }] });
  it('lets the listed addresses in and keeps the others out', () => {
    const { ok, code } = anAccount();
    ok('ims:SetAccessKeyPolicy', { ...key, AccessKeyPolicy: policy('Active') });
    expect(code('ecs:DescribeRegions', {}, { key: leaked, ip: '192.0.2.10' })).toBe('no error');
    expect(code('ecs:DescribeRegions', {}, { key: leaked, ip: '203.0.113.66' })).toBe('Forbidden.AccessKeyNetworkPolicy');
    expect(JSON.parse(String(ok('ims:GetAccessKeyPolicy', key)['AccessKeyPolicy']))).toMatchObject({ Version: 1, Status: 'Active' });
    ok('ims:SetAccessKeyPolicy', { ...key, AccessKeyPolicy: '{"Version":1,"Status":"Inactive","Statements":[]}' });
    expect(code('ecs:DescribeRegions', {}, { key: leaked, ip: '203.0.113.66' })).toBe('no error');
  });
  it('is refused when it is none', () => {
    const { code } = anAccount();
    for (const text of ['{}', '{"Status":"Active","Statements":null}', '{"Status":"Active","Statements":[{"Type":"Other","IPList":[]}]}'])
      expect(code('ims:SetAccessKeyPolicy', { ...key, AccessKeyPolicy: text })).toBe('InvalidParameter.AccessKeyPolicy');
  });
});

describe('roles and sessions', () => {
  const role = 'acs:ram::1000000000000042:role/Deploy';
  it('a session outlives the key that made it, and dies of a deny on the role', () => {
    const { ok, code } = anAccount();
    const session = { key: String(lookUp(ok('sts:AssumeRole', { RoleArn: role, RoleSessionName: 'build-1' }, { key: leaked }), 'Credentials.AccessKeyId')) };
    ok('ram:UpdateAccessKey', { UserName: 'build', UserAccessKeyId: leaked, Status: 'Inactive' });
    expect(code('ecs:DescribeInstances', {}, session)).toBe('no error');
    expect(code('ecs:StopInstances', { 'InstanceId.1': 'i-miner1' }, session)).toBe('Forbidden.RAM');
    ok('ram:CreatePolicy', { PolicyName: 'stop', PolicyDocument: denyAll });
    ok('ram:AttachPolicyToRole', { RoleName: 'Deploy', PolicyType: 'Custom', PolicyName: 'stop' });
    expect(code('ecs:DescribeDisks', {}, session)).toBe('Forbidden.RAM');
  });
  it('a session policy narrows a session', () => {
    const { ok, code } = anAccount();
    const policy = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'ecs:DescribeRegions', Resource: '*' }] });
    const session = { key: String(lookUp(ok('sts:AssumeRole', { RoleArn: role, RoleSessionName: 'narrow', Policy: policy }), 'Credentials.AccessKeyId')) };
    expect(code('ecs:DescribeRegions', {}, session)).toBe('no error');
    expect(code('ecs:DescribeDisks', {}, session)).toBe('Forbidden.RAM');
  });
  it('trust and duration are checked', () => {
    const { ok, code } = anAccount();
    expect(code('sts:AssumeRole', { RoleArn: role, RoleSessionName: 'x y' })).toBe('InvalidParameter.RoleSessionName');
    expect(code('sts:AssumeRole', { RoleArn: role, RoleSessionName: 'long', DurationSeconds: '43200' })).toBe('InvalidParameter.DurationSeconds');
    expect(code('sts:AssumeRole', { RoleArn: `${role}x`, RoleSessionName: 'one' })).toBe('EntityNotExist.Role');
    expect(code('sts:AssumeRole', { RoleArn: role })).toBe('MissingParameter');
    ok('ram:UpdateRole', { RoleName: 'Deploy', NewAssumeRolePolicyDocument: trust.replace('Allow', 'Deny') });
    expect(code('sts:AssumeRole', { RoleArn: role, RoleSessionName: 'one' })).toBe('NoPermission');
  });
  it('UpdateRole without a duration falls back to the default', () => {
    const { ok } = anAccount();
    ok('ram:CreateRole', { RoleName: 'Long', AssumeRolePolicyDocument: trust, MaxSessionDuration: '7200' });
    expect(ok('ram:GetRole', { RoleName: 'Long' })).toMatchObject({ Role: { MaxSessionDuration: 7200 } });
    expect(ok('ram:UpdateRole', { RoleName: 'Long', NewDescription: 'd' })).toMatchObject({ Role: { MaxSessionDuration: 3600 } });
  });
  it('root may do everything but assume a role', () => {
    const root = 'LTAI5tEXAMPLEroot0001';
    const account = { ...aSeed().account, keys: [{ id: root, secret: 'EXAMPLE-root', created: '-1y' }] };
    const { ok, code } = anAccount({ account });
    expect(ok('sts:GetCallerIdentity', {}, { key: root })).toMatchObject({ IdentityType: 'Account', Arn: 'acs:ram::1000000000000042:root' });
    expect(code('sts:AssumeRole', { RoleArn: role, RoleSessionName: 'one' }, { key: root })).toBe('NoPermission');
    expect(ok('ims:GetAccountSecurityPracticeReport')).toMatchObject({ AccountSecurityPracticeInfo: { AccountSecurityPracticeUserInfo: { RootWithAccessKey: 1 } } });
    expect(ok('ims:ListAccessKeys', {}, { key: root })).toMatchObject({ AccessKeys: { AccessKey: [{ AccessKeyId: root }] } });
  });
});
