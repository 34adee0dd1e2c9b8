// IMS 2019-08-15: the same users by their principal names, the account's own posture, network policies of keys.
import type { JsonObject } from '../text.ts';
import { ApiError, markerPage, parseJson, read, write } from './call.ts';
import type { Context, Params, Product } from './call.ts';
import { keyOf, notExist } from './ram.ts';
import { iso } from './world.ts';
import type { AccessKey, User, World } from './world.ts';

const dayMs = 86_400_000;
const oldKeyMs = 90 * dayMs;

const principal = (world: World, user: User): string => `${user.name}@${world.seed.account.alias}.onaliyun.com`;
const onUser = { resources: (p: Params) => [`user/${p.text('UserPrincipalName')?.split('@')[0] ?? '*'}`] };
const noPolicy = JSON.stringify({ Version: 1, Status: 'Inactive', Statements: [] });

/** The user a principal name means; without one, the caller. Undefined: the account itself. */
function subject(context: Context): User | undefined {
  const { world, caller } = context;
  const name = context.p.text('UserPrincipalName');
  if (name === undefined) return caller.kind === 'user' ? caller.user : undefined;
  const [user = '', domain = ''] = name.split('@');
  const ours = [world.seed.account.alias, world.seed.account.id].map((one) => `${one}.onaliyun.com`);
  const found = ours.includes(domain) ? world.users.get(user) : undefined;
  if (!found) throw notExist('User', 'The user does not exist.');
  return found;
}

function userOf(context: Context): User {
  const user = subject(context);
  if (!user) throw notExist('User', 'The user name is missing and the caller is no RAM user.');
  return user;
}

const keyNamed = (context: Context): AccessKey => keyOf(context.world, subject(context)?.name ?? '', context.p.need('UserAccessKeyId'));

function loginOf(context: Context, user: User): JsonObject {
  if (!user.login) throw notExist('User.LoginProfile', 'The user does not have a login profile.');
  const { status, updated, mfaRequired, passwordReset } = user.login;
  return {
    LoginProfile: {
      UserPrincipalName: principal(context.world, user),
      Status: status,
      UpdateDate: iso(updated),
      MFABindRequired: mfaRequired,
      PasswordResetRequired: passwordReset,
    },
  };
}

/** A network policy, checked. The cloud adds its version. */
function networkPolicy(text: string): JsonObject {
  const policy = parseJson(text) as JsonObject | null | undefined;
  const statements = policy?.['Statements'];
  const ok =
    (policy?.['Status'] === 'Active' || policy?.['Status'] === 'Inactive') &&
    Array.isArray(statements) &&
    statements.every((one) => {
      const { Type, IPList } = (one ?? {}) as JsonObject;
      return (Type === 'ClassicWhiteList' || Type === 'VPCWhiteList') && Array.isArray(IPList) && IPList.every((ip) => typeof ip === 'string');
    });
  if (!policy || !ok) throw new ApiError(400, 'InvalidParameter.AccessKeyPolicy', 'The parameter AccessKeyPolicy is wrongly formed.');
  return { ...policy, Version: 1 };
}

const users = {
  ListUsers: read(
    ['Marker', 'MaxItems', 'Status', 'Tag.N'],
    (context) => {
      const { page, more } = markerPage(context, [...context.world.users.values()]);
      const one = (user: User) => ({
        UserId: user.id,
        UserPrincipalName: principal(context.world, user),
        DisplayName: user.displayName,
        MobilePhone: '',
        Email: '',
        Comments: user.comments,
        CreateDate: iso(user.created),
        UpdateDate: iso(user.created),
        // Epoch milliseconds as text here, ISO 8601 in RAM: as the cloud has it.
        LastLoginDate: user.lastLogin === undefined ? '' : String(user.lastLogin),
        ProvisionType: 'Manual',
      });
      return { Users: { User: page.map(one) }, ...more };
    },
    { resources: () => ['user/*'] },
  ),
  GetLoginProfile: read(['UserPrincipalName!'], (context) => loginOf(context, userOf(context)), onUser),
  UpdateLoginProfile: write(
    ['UserPrincipalName!', 'Status', 'Password', 'PasswordResetRequired', 'MFABindRequired'],
    (context) => {
      const { p, at } = context;
      const user = userOf(context);
      loginOf(context, user);
      const { login } = user;
      const status = p.text('Status');
      if (status !== undefined && status !== 'Active' && status !== 'Inactive')
        throw new ApiError(400, 'InvalidParameter.Status', 'The parameter Status must be Active or Inactive.');
      const before = JSON.stringify(login);
      if (login) {
        login.status = status ?? login.status;
        if (p.text('PasswordResetRequired') !== undefined) login.passwordReset = p.flag('PasswordResetRequired');
        if (p.text('MFABindRequired') !== undefined) login.mfaRequired = p.flag('MFABindRequired');
      }
      const changed = JSON.stringify(login) !== before;
      if (login && changed) login.updated = at;
      return { targets: [user.name], changed, body: loginOf(context, user) };
    },
    onUser,
  ),
};

const keys = {
  ListAccessKeys: read(
    ['UserPrincipalName'],
    (context) => {
      const owner = subject(context)?.name ?? '';
      const found = context.hidden ? [] : [...context.world.keys.values()].filter((key) => key.user === owner);
      return { AccessKeys: { AccessKey: found.map((key) => ({ AccessKeyId: key.id, Status: key.status, CreateDate: iso(key.created), UpdateDate: iso(key.updated) })) } };
    },
    onUser,
  ),
  GetAccessKeyPolicy: read(
    ['UserPrincipalName', 'UserAccessKeyId!'],
    (context) => {
      const key = keyNamed(context);
      return { AccessKeyId: key.id, AccessKeyPolicy: key.network === undefined ? noPolicy : JSON.stringify(key.network) };
    },
    onUser,
  ),
  SetAccessKeyPolicy: write(
    ['UserPrincipalName', 'UserAccessKeyId!', 'AccessKeyPolicy!'],
    (context) => {
      const key = keyNamed(context);
      const policy = networkPolicy(context.p.need('AccessKeyPolicy'));
      const changed = JSON.stringify(key.network) !== JSON.stringify(policy);
      key.network = policy;
      return { targets: [key.id], changed, body: { AccessKeyId: key.id, AccessKeyPolicy: JSON.stringify(policy) } };
    },
    onUser,
  ),
};

const account = {
  GetAccountMFAInfo: read([], ({ world }) => ({ IsMFAEnable: world.seed.account.mfa })),
  GetAccountSecurityPracticeReport: read([], ({ world, at }) => {
    const keysOfUsers = [...world.keys.values()].filter((key) => key.user !== '');
    const old = keysOfUsers.filter((key) => at - key.created > oldKeyMs);
    return {
      AccountSecurityPracticeInfo: {
        Score: 60,
        AccountSecurityPracticeUserInfo: {
          BindMfa: world.seed.account.mfa,
          RootWithAccessKey: [...world.keys.values()].filter((key) => key.user === '').length,
          SubUser: world.users.size,
          SubUserBindMfa: [...world.users.values()].filter((user) => user.mfa).length,
          SubUserPwdLevel: 'mid',
          OldAkNum: old.length,
          SubUserWithOldAccessKey: new Set(old.map((key) => key.user)).size,
          UnusedAkNum: 0,
          SubUserWithUnusedAccessKey: 0,
        },
      },
    };
  }),
  GetAccountSummary: read([], ({ world }) => {
    const mfa = [...world.users.values()].filter((user) => user.mfa).length;
    return {
      SummaryMap: {
        Users: world.users.size,
        UsersQuota: 1000,
        Groups: world.groups.size,
        GroupsQuota: 50,
        Roles: world.roles.size,
        RolesQuota: 1000,
        Policies: [...world.policies.values()].filter((policy) => policy.type === 'Custom').length,
        PoliciesQuota: 1500,
        MFADevices: mfa,
        MFADevicesInUse: mfa,
        VirtualMFADevicesQuota: 1000,
        AccessKeysPerUserQuota: 2,
        GroupsPerUserQuota: 50,
        PolicySizeQuota: 6144,
        VersionsPerPolicyQuota: 5,
        AttachedPoliciesPerUserQuota: 20,
        AttachedPoliciesPerGroupQuota: 20,
        AttachedPoliciesPerRoleQuota: 20,
        AttachedSystemPoliciesPerUserQuota: 20,
        AttachedSystemPoliciesPerGroupQuota: 20,
        AttachedSystemPoliciesPerRoleQuota: 20,
      },
    };
  }),
};

export const ims: Product = {
  name: 'ims',
  version: '2019-08-15',
  service: 'Ims',
  // IMS actions are authorised under RAM's name.
  auth: 'ram',
  global: true,
  resourceType: 'ACS::RAM::User',
  denied: { code: 'NoPermission', message: 'You are not authorized to do this action. You should be authorized by RAM.' },
  operations: { ...users, ...keys, ...account },
};
