// The policies, roles and IMS part of the fake account.
import type { JsonObject } from '../../src/text.ts';
import type { Account, Answer, User } from './account.ts';
import { param, refused } from './account-answer.ts';

export type Role = { name: string; id: string; trust: JsonObject; description: string; maxSession: number; policies: string[] };

/** A role that another account may take. */
export function aRole(over: Partial<Role> = {}): Role {
  return {
    name: 'Deploy',
    id: '300000000000000001',
    trust: {
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: ['acs:ram::1000000000000042:root', 'acs:ram::2000000000000099:root'] } }],
    },
    description: 'deploys',
    maxSession: 7200,
    policies: ['AliyunECSFullAccess'],
    ...over,
  };
}

const gone = (what: string) => refused('gone', `EntityNotExist.${what}`, 404);
const exists = (what: string) => refused('exists', `EntityAlreadyExists.${what}`, 409);
const typeOf = (account: Account, name: string): string => (name in account.policies ? 'Custom' : 'System');
const listed = (account: Account, names: readonly string[]): JsonObject => ({
  Policies: { Policy: names.map((name) => ({ PolicyName: name, PolicyType: typeOf(account, name) })) },
});
const userNamed = (account: Account, name: string): User | undefined => account.users.find((user) => user.name === name.split('@')[0]);
const roleNamed = (account: Account, name: string): Role | undefined => account.roles.find((role) => role.name === name);

function attaching(holder: (account: Account, name: string) => { policies: string[] } | undefined, parameter: string, on: boolean): Answer {
  return (account, call) => {
    const found = holder(account, param(call, parameter));
    const policy = param(call, 'PolicyName');
    if (found === undefined) return gone(parameter.replace('Name', ''));
    if (found.policies.includes(policy) === on) return on ? exists('Policy') : gone('Policy');
    found.policies = on ? [...found.policies, policy] : found.policies.filter((name) => name !== policy);
    return {};
  };
}

const roleBody = ({ name, id, trust, description, maxSession }: Role): JsonObject => ({
  Role: {
    RoleName: name,
    RoleId: id,
    Arn: `acs:ram::1000000000000042:role/${name}`,
    Description: description,
    MaxSessionDuration: maxSession,
    AssumeRolePolicyDocument: JSON.stringify(trust),
  },
});

export const ramAnswers: Readonly<Record<string, Answer>> = {
  'ram:CreatePolicy': (account, call) => {
    if (param(call, 'PolicyName') in account.policies) return exists('Policy');
    account.policies[param(call, 'PolicyName')] = param(call, 'PolicyDocument');
    return {};
  },
  'ram:GetPolicy': (account, call) => {
    const document = account.policies[param(call, 'PolicyName')];
    return document === undefined ? gone('Policy') : { DefaultPolicyVersion: { VersionId: 'v1', PolicyDocument: document } };
  },
  'ram:AttachPolicyToUser': attaching(userNamed, 'UserName', true),
  'ram:DetachPolicyFromUser': attaching(userNamed, 'UserName', false),
  'ram:AttachPolicyToRole': attaching(roleNamed, 'RoleName', true),
  'ram:DetachPolicyFromRole': attaching(roleNamed, 'RoleName', false),
  'ram:ListPoliciesForRole': (account, call) => {
    const role = roleNamed(account, param(call, 'RoleName'));
    return role === undefined ? gone('Role') : listed(account, role.policies);
  },
  'ram:ListPoliciesForUser': (account, call) => {
    const user = userNamed(account, param(call, 'UserName'));
    return user === undefined ? gone('User') : listed(account, user.policies);
  },
  'ram:GetRole': (account, call) => {
    const role = roleNamed(account, param(call, 'RoleName'));
    return role === undefined ? gone('Role') : roleBody(role);
  },
  'ram:UpdateRole': (account, call) => {
    const role = roleNamed(account, param(call, 'RoleName'));
    if (role === undefined) return gone('Role');
    role.trust = JSON.parse(param(call, 'NewAssumeRolePolicyDocument')) as JsonObject;
    role.maxSession = Number(param(call, 'NewMaxSessionDuration') || '3600');
    return roleBody(role);
  },
  'ram:DeleteRole': (account, call) => {
    const role = roleNamed(account, param(call, 'RoleName'));
    if (role === undefined) return gone('Role');
    if (role.policies.length > 0) return refused('invalid', 'DeleteConflict.Role.Policy', 409);
    account.roles = account.roles.filter((each) => each !== role);
    return {};
  },
  'ram:CreateRole': (account, call) => {
    if (roleNamed(account, param(call, 'RoleName')) !== undefined) return exists('Role');
    const made = aRole({
      name: param(call, 'RoleName'),
      id: '300000000000000002',
      trust: JSON.parse(param(call, 'AssumeRolePolicyDocument')) as JsonObject,
      description: param(call, 'Description'),
      maxSession: Number(param(call, 'MaxSessionDuration')),
      policies: [],
    });
    account.roles.push(made);
    return roleBody(made);
  },
  'ram:DeleteAccessKey': (account, call) => {
    const user = userNamed(account, param(call, 'UserName'));
    if (user?.keys.some(({ id }) => id === param(call, 'UserAccessKeyId')) !== true) return gone('User.AccessKey');
    user.keys = user.keys.filter(({ id }) => id !== param(call, 'UserAccessKeyId'));
    return {};
  },
  'ims:GetAccessKeyPolicy': (account, call) => ({ AccessKeyPolicy: account.limits[param(call, 'UserAccessKeyId')] ?? '{"Version":1,"Status":"Inactive","Statements":[]}' }),
  'ims:SetAccessKeyPolicy': (account, call) => {
    account.limits[param(call, 'UserAccessKeyId')] = param(call, 'AccessKeyPolicy');
    return {};
  },
  'ims:GetLoginProfile': (account, call) => {
    const user = userNamed(account, param(call, 'UserPrincipalName'));
    if (user?.login !== true) return gone('User.LoginProfile');
    return { LoginProfile: { UserPrincipalName: param(call, 'UserPrincipalName'), Status: account.loginsOff.includes(user.name) ? 'Inactive' : 'Active' } };
  },
  'ims:UpdateLoginProfile': (account, call) => {
    const user = userNamed(account, param(call, 'UserPrincipalName'));
    if (user?.login !== true) return gone('User.LoginProfile');
    account.loginsOff = param(call, 'Status') === 'Inactive' ? [...account.loginsOff, user.name] : account.loginsOff.filter((name) => name !== user.name);
    return {};
  },
};
