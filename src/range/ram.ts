// RAM 2015-05-01: users and their keys, logins and groups. Roles and policies are in ram-grants.ts.
import { usesOf } from './actiontrail-usage.ts';
import { ApiError, markerPage, newId, read, write } from './call.ts';
import type { Context, Params, Product } from './call.ts';
import { grants } from './ram-grants.ts';
import { digits, iso, lower, mixed } from './world.ts';
import type { AccessKey, User, World } from './world.ts';

const keysPerUser = 2;

/** The user a call names; without a name the caller itself, as the cloud has it. */
export function userOf(context: Context, name = context.p.text('UserName')): User {
  const user = name === undefined ? (context.caller.kind === 'user' ? context.caller.user : undefined) : context.world.users.get(name);
  if (!user) throw notExist('User', name === undefined ? 'The user name is missing and the caller is no RAM user.' : 'The user does not exist.');
  return user;
}

/** A key of a user, or the cloud's 404. */
export function keyOf(world: World, user: string, id: string): AccessKey {
  const key = world.keys.get(id);
  if (!key || key.user !== user) throw notExist('User.AccessKey', 'The access key does not exist.');
  return key;
}

/** RAM's 404 for a thing that is not there, and for one that was never configured. */
export function notExist(what: string, message: string): ApiError {
  return new ApiError(404, `EntityNotExist.${what}`, message);
}

/** Turns a key on or off; off takes effect after the seed's propagation time. */
export function switchKey(context: Context, key: AccessKey, status: string): { readonly targets: readonly string[]; readonly changed: boolean } {
  if (status !== 'Active' && status !== 'Inactive') throw new ApiError(400, 'InvalidParameter.Status', 'The parameter Status must be Active or Inactive.');
  const changed = key.status !== status;
  if (changed) {
    key.worksUntil = status === 'Inactive' ? context.at + context.world.seed.propagation : 0;
    key.status = status;
    key.updated = context.at;
  }
  return { targets: [key.id], changed };
}

const plain = (user: User) => ({
  UserId: user.id,
  UserName: user.name,
  DisplayName: user.displayName,
  MobilePhone: '',
  Email: '',
  Comments: user.comments,
  CreateDate: iso(user.created),
  UpdateDate: iso(user.created),
});
const login = (user: User) => {
  if (!user.login) throw notExist('User.LoginProfile', 'The user does not have a login profile.');
  return { UserName: user.name, CreateDate: iso(user.login.created), MFABindRequired: user.login.mfaRequired, PasswordResetRequired: user.login.passwordReset };
};
const keysOf = (world: World, user: string): readonly AccessKey[] => [...world.keys.values()].filter((key) => key.user === user);
const subject = (context: Context): string => (context.p.text('UserName') === undefined && context.caller.kind === 'root' ? '' : userOf(context).name);
const onUser = { resources: (p: Params) => [`user/${p.text('UserName') ?? '*'}`] };

const users = {
  ListUsers: read(
    ['Marker', 'MaxItems'],
    (context) => {
      const { page, more } = markerPage(context, [...context.world.users.values()]);
      return { Users: { User: page.map(plain) }, ...more };
    },
    { resources: () => ['user/*'] },
  ),
  GetUser: read(
    ['UserName'],
    (context) => {
      const user = userOf(context);
      return { User: { ...plain(user), LastLoginDate: user.lastLogin === undefined ? '' : iso(user.lastLogin) } };
    },
    onUser,
  ),
  CreateUser: write(
    ['UserName', 'DisplayName', 'MobilePhone', 'Email', 'Comments'],
    (context) => {
      const { world, p, at } = context;
      const name = p.need('UserName');
      if (!/^[\w.-]{1,64}$/.test(name)) throw new ApiError(400, 'InvalidParameter.UserName.InvalidChars', 'The parameter UserName contains invalid chars.');
      if (world.users.has(name)) throw new ApiError(409, 'EntityAlreadyExists.User', 'The user already exists.');
      const user: User = {
        id: `2${newId(context, 17, digits, 'user')}`,
        name,
        displayName: p.text('DisplayName') ?? name,
        comments: p.text('Comments') ?? '',
        created: at,
        lastLogin: undefined,
        mfa: false,
        groups: [],
        attached: [],
        login: undefined,
      };
      world.users.set(name, user);
      return {
        targets: [name],
        body: { User: { UserId: user.id, UserName: name, DisplayName: user.displayName, MobilePhone: '', Email: '', Comments: user.comments, CreateDate: iso(at) } },
      };
    },
    onUser,
  ),
  DeleteUser: write(
    ['UserName'],
    (context) => {
      const { world, p } = context;
      const user = userOf(context, p.need('UserName'));
      const conflict = (what: string, message: string) => new ApiError(409, `DeleteConflict.User.${what}`, message);
      if (keysOf(world, user.name).length > 0) throw conflict('AccessKey', 'The user has access keys. Delete them first.');
      if (user.groups.length > 0) throw conflict('Group', 'The user is a member of groups. Remove it first.');
      if (user.attached.length > 0) throw conflict('Policy', 'The user has policies attached. Detach them first.');
      if (user.login) throw conflict('LoginProfile', 'The user has a login profile. Delete it first.');
      world.users.delete(user.name);
      return { targets: [user.name], body: {} };
    },
    onUser,
  ),
  ListGroupsForUser: read(
    ['UserName'],
    (context) => {
      const { world } = context;
      return {
        Groups: {
          Group: userOf(context).groups.map(({ name, joined }) => ({
            GroupName: name,
            GroupId: world.groups.get(name)?.id ?? '',
            Comments: world.groups.get(name)?.comments ?? '',
            JoinDate: iso(joined),
          })),
        },
      };
    },
    onUser,
  ),
  GetLoginProfile: read(['UserName'], (context) => ({ LoginProfile: login(userOf(context)) }), onUser),
  CreateLoginProfile: write(
    ['UserName', 'Password', 'PasswordResetRequired', 'MFABindRequired'],
    (context) => {
      const { p, at } = context;
      const user = userOf(context, p.need('UserName'));
      if (user.login) throw new ApiError(409, 'EntityAlreadyExists.User.LoginProfile', 'The login profile already exists.');
      user.login = { status: 'Active', created: at, updated: at, mfaRequired: p.flag('MFABindRequired'), passwordReset: p.flag('PasswordResetRequired') };
      return { targets: [user.name], body: { LoginProfile: login(user) } };
    },
    onUser,
  ),
  GetUserMFAInfo: read(
    ['UserName'],
    (context) => {
      const user = userOf(context);
      if (!user.mfa) throw notExist('User.MFADevice', 'The user does not have an MFA device.');
      return { MFADevice: { SerialNumber: `acs:ram::${context.world.seed.account.id}:mfa/${user.name}`, Type: 'VMFA' } };
    },
    onUser,
  ),
};

const keys = {
  ListAccessKeys: read(
    ['UserName'],
    (context) => {
      const found = context.hidden ? [] : keysOf(context.world, subject(context));
      return { AccessKeys: { AccessKey: found.map((key) => ({ AccessKeyId: key.id, Status: key.status, CreateDate: iso(key.created) })) } };
    },
    onUser,
  ),
  CreateAccessKey: write(
    ['UserName'],
    (context) => {
      const { world, at } = context;
      const user = subject(context);
      if (keysOf(world, user).length >= keysPerUser) throw new ApiError(409, 'LimitExceeded.User.AccessKey', `The count of access keys beyond the current limits ${keysPerUser}.`);
      const id = `LTAI5tEXAMPLE${newId(context, 11, lower, 'key')}`;
      const secret = `EXAMPLE${newId(context, 23, mixed, 'secret')}`;
      world.keys.set(id, { id, secret, user, status: 'Active', created: at, updated: at, worksUntil: 0, ip: undefined, restricted: false, network: undefined });
      return { targets: [id], body: { AccessKey: { AccessKeyId: id, AccessKeySecret: secret, Status: 'Active', CreateDate: iso(at) } } };
    },
    onUser,
  ),
  UpdateAccessKey: write(
    ['UserName', 'UserAccessKeyId', 'Status'],
    (context) => {
      const key = keyOf(context.world, subject(context), context.p.need('UserAccessKeyId'));
      return { ...switchKey(context, key, context.p.need('Status')), body: {} };
    },
    onUser,
  ),
  DeleteAccessKey: write(
    ['UserName', 'UserAccessKeyId'],
    (context) => {
      const key = keyOf(context.world, subject(context), context.p.need('UserAccessKeyId'));
      context.world.keys.delete(key.id);
      return { targets: [key.id], body: {} };
    },
    onUser,
  ),
  GetAccessKeyLastUsed: read(
    ['UserName', 'UserAccessKeyId'],
    (context) => {
      const key = keyOf(context.world, subject(context), context.p.need('UserAccessKeyId'));
      const [last] = usesOf(context.world, key.id, context.at);
      return { AccessKeyLastUsed: { LastUsedDate: last === undefined ? '' : iso(last.at) } };
    },
    onUser,
  ),
};

export const ram: Product = {
  name: 'ram',
  version: '2015-05-01',
  service: 'Ram',
  auth: 'ram',
  global: true,
  resourceType: 'ACS::RAM::User',
  denied: { code: 'NoPermission', message: 'You are not authorized to do this action. You should be authorized by RAM.' },
  operations: { ...users, ...keys, ...grants },
};
