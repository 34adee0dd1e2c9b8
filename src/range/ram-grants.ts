// RAM 2015-05-01: policies, what they are attached to, and roles.
import { ApiError, markerPage, newId, parseJson, read, write } from './call.ts';
import type { Context, Operation, Params } from './call.ts';
import type { JsonObject } from '../text.ts';
import { malformed } from './policy.ts';
import { digits, iso } from './world.ts';
import type { Attachment, Policy, Role, World } from './world.ts';

const documentLimit = 6144;
const attachmentLimit = 20;

const absent = (what: string, message: string): ApiError => new ApiError(404, `EntityNotExist.${what}`, message);
const onPolicy = { resources: (p: Params) => [`policy/${p.text('PolicyName') ?? '*'}`] };
const onRole = { resources: (p: Params) => [`role/${p.text('RoleName') ?? '*'}`] };
const policyParams = ['PolicyName', 'PolicyType'];

function policyNamed(context: Context): Policy {
  const { world, p } = context;
  const type = p.need('PolicyType');
  if (type !== 'System' && type !== 'Custom') throw new ApiError(400, 'InvalidParameter.PolicyType', 'The parameter PolicyType must be System or Custom.');
  const policy = world.policies.get(`${type}/${p.need('PolicyName')}`);
  if (!policy) throw absent('Policy', 'The policy does not exist.');
  return policy;
}

function roleNamed(context: Context): Role {
  const role = context.world.roles.get(context.p.need('RoleName'));
  if (!role) throw absent('Role', 'The role does not exist.');
  return role;
}

type Holder = { attached: Attachment[] };
function userNamed(context: Context): Holder {
  const user = context.world.users.get(context.p.need('UserName'));
  if (!user) throw absent('User', 'The user does not exist.');
  return user;
}

const attachedTo = (world: World, attached: readonly Attachment[]): JsonObject => ({
  Policies: {
    Policy: attached.map((one) => ({
      PolicyName: one.policy,
      PolicyType: one.type,
      Description: world.policies.get(`${one.type}/${one.policy}`)?.description ?? '',
      DefaultVersion: 'v1',
      AttachDate: iso(one.at),
    })),
  },
});

function attach(context: Context, holder: Holder): { readonly targets: readonly string[]; readonly body: JsonObject } {
  const policy = policyNamed(context);
  const is = (one: Attachment) => one.policy === policy.name && one.type === policy.type;
  if (holder.attached.some(is)) throw new ApiError(409, 'EntityAlreadyExists.User.Policy', 'The policy is already attached.');
  if (holder.attached.length >= attachmentLimit)
    throw new ApiError(409, 'LimitExceeded.User.Policy', `The count of policies attached beyond the current limits ${attachmentLimit}.`);
  holder.attached = [...holder.attached, { policy: policy.name, type: policy.type, at: context.at }];
  return { targets: [policy.name], body: {} };
}

function detach(context: Context, holder: Holder): { readonly targets: readonly string[]; readonly body: JsonObject } {
  const policy = policyNamed(context);
  const left = holder.attached.filter((one) => one.policy !== policy.name || one.type !== policy.type);
  if (left.length === holder.attached.length) throw absent('User.Policy', 'The policy is not attached.');
  holder.attached = left;
  return { targets: [policy.name], body: {} };
}

const attachments = (world: World, policy: Policy): number =>
  [...world.users.values(), ...world.roles.values(), ...world.groups.values()].filter((holder) =>
    holder.attached.some((one) => one.policy === policy.name && one.type === policy.type),
  ).length;

const roleBody = (world: World, role: Role) => ({
  RoleId: role.id,
  RoleName: role.name,
  Arn: `acs:ram::${world.seed.account.id}:role/${role.name}`,
  Description: role.description,
  CreateDate: iso(role.created),
  UpdateDate: iso(role.updated),
  MaxSessionDuration: role.maxSessionSeconds,
});
const fullRole = (world: World, role: Role) => ({ ...roleBody(world, role), AssumeRolePolicyDocument: JSON.stringify(role.trust) });

function documentOf(text: string, name: string): JsonObject {
  const document = parseJson(text) as JsonObject | undefined;
  const wrong = document === undefined ? 'It is no JSON.' : malformed(document);
  if (document === undefined || wrong !== undefined) throw new ApiError(400, 'MalformedPolicyDocument', `The parameter ${name} is wrongly formed. ${wrong ?? ''}`.trim());
  if (text.length > documentLimit) throw new ApiError(409, 'LimitExceeded.Policy.PolicyDocument.Size', `The length of ${name} beyond the current limits ${documentLimit}.`);
  return document;
}

const policies: Readonly<Record<string, Operation>> = {
  ListPolicies: read(
    ['PolicyType', 'Marker', 'MaxItems'],
    (context) => {
      const type = context.p.text('PolicyType');
      const { page, more } = markerPage(
        context,
        [...context.world.policies.values()].filter((policy) => type === undefined || policy.type === type),
      );
      const one = (policy: Policy) => ({
        PolicyName: policy.name,
        PolicyType: policy.type,
        Description: policy.description,
        DefaultVersion: 'v1',
        CreateDate: iso(policy.created),
        UpdateDate: iso(policy.created),
        AttachmentCount: attachments(context.world, policy),
      });
      return { Policies: { Policy: page.map(one) }, ...more };
    },
    { resources: () => ['policy/*'] },
  ),
  GetPolicy: read(
    policyParams,
    (context) => {
      const policy = policyNamed(context);
      const PolicyDocument = JSON.stringify(policy.document);
      return {
        Policy: {
          PolicyName: policy.name,
          PolicyType: policy.type,
          Description: policy.description,
          DefaultVersion: 'v1',
          CreateDate: iso(policy.created),
          UpdateDate: iso(policy.created),
          AttachmentCount: attachments(context.world, policy),
          PolicyDocument,
        },
        DefaultPolicyVersion: { VersionId: 'v1', IsDefaultVersion: true, CreateDate: iso(policy.created), PolicyDocument },
      };
    },
    onPolicy,
  ),
  GetPolicyVersion: read(
    [...policyParams, 'VersionId'],
    (context) => {
      const policy = policyNamed(context);
      if (context.p.need('VersionId') !== 'v1') throw absent('Policy.Version', 'The policy version does not exist.');
      return { PolicyVersion: { VersionId: 'v1', IsDefaultVersion: true, CreateDate: iso(policy.created), PolicyDocument: JSON.stringify(policy.document) } };
    },
    onPolicy,
  ),
  CreatePolicy: write(
    ['PolicyName', 'PolicyDocument', 'Description'],
    (context) => {
      const { world, p, at } = context;
      const name = p.need('PolicyName');
      if (!/^[A-Za-z0-9-]{1,128}$/.test(name)) throw new ApiError(400, 'InvalidParameter.PolicyName.InvalidChars', 'The parameter PolicyName contains invalid chars.');
      const document = documentOf(p.need('PolicyDocument'), 'PolicyDocument');
      if (world.policies.has(`Custom/${name}`)) throw new ApiError(409, 'EntityAlreadyExists.Policy', 'The policy already exists.');
      const policy: Policy = { name, type: 'Custom', description: p.text('Description') ?? '', created: at, document };
      world.policies.set(`Custom/${name}`, policy);
      return { targets: [name], body: { Policy: { PolicyName: name, PolicyType: 'Custom', Description: policy.description, DefaultVersion: 'v1', CreateDate: iso(at) } } };
    },
    onPolicy,
  ),
  ListPoliciesForUser: read(['UserName'], (context) => attachedTo(context.world, userNamed(context).attached), { resources: (p) => [`user/${p.text('UserName') ?? '*'}`] }),
  ListPoliciesForGroup: read(
    ['GroupName'],
    (context) => {
      const group = context.world.groups.get(context.p.need('GroupName'));
      if (!group) throw absent('Group', 'The group does not exist.');
      return attachedTo(context.world, group.attached);
    },
    { resources: (p) => [`group/${p.text('GroupName') ?? '*'}`] },
  ),
  AttachPolicyToUser: write([...policyParams, 'UserName'], (context) => attach(context, userNamed(context)), { resources: (p) => [`user/${p.text('UserName') ?? '*'}`] }),
  DetachPolicyFromUser: write([...policyParams, 'UserName'], (context) => detach(context, userNamed(context)), { resources: (p) => [`user/${p.text('UserName') ?? '*'}`] }),
};

const roles: Readonly<Record<string, Operation>> = {
  ListRoles: read(
    ['Marker', 'MaxItems'],
    (context) => {
      const { page, more } = markerPage(context, [...context.world.roles.values()]);
      return { Roles: { Role: page.map((role) => roleBody(context.world, role)) }, ...more };
    },
    { resources: () => ['role/*'] },
  ),
  GetRole: read(['RoleName'], (context) => ({ Role: fullRole(context.world, roleNamed(context)) }), onRole),
  CreateRole: write(
    ['RoleName', 'AssumeRolePolicyDocument', 'Description', 'MaxSessionDuration'],
    (context) => {
      const { world, p, at } = context;
      const name = p.need('RoleName');
      const trust = documentOf(p.need('AssumeRolePolicyDocument'), 'AssumeRolePolicyDocument');
      if (world.roles.has(name)) throw new ApiError(409, 'EntityAlreadyExists.Role', 'The role already exists.');
      const role: Role = {
        id: `3${newId(context, 17, digits, 'role')}`,
        name,
        description: p.text('Description') ?? '',
        created: at,
        updated: at,
        trust,
        maxSessionSeconds: p.whole('MaxSessionDuration', 3600, [3600, 43_200]),
        attached: [],
      };
      world.roles.set(name, role);
      const { UpdateDate: _, ...made } = fullRole(world, role);
      return { targets: [name], body: { Role: made } };
    },
    onRole,
  ),
  UpdateRole: write(
    ['RoleName', 'NewAssumeRolePolicyDocument', 'NewDescription', 'NewMaxSessionDuration'],
    (context) => {
      const { world, p, at } = context;
      const role = roleNamed(context);
      const trust = p.text('NewAssumeRolePolicyDocument');
      if (trust !== undefined) role.trust = documentOf(trust, 'NewAssumeRolePolicyDocument');
      role.description = p.text('NewDescription') ?? role.description;
      // Left out, it falls back to the default: the trap of the real call.
      role.maxSessionSeconds = p.whole('NewMaxSessionDuration', 3600, [3600, 43_200]);
      role.updated = at;
      return { targets: [role.name], body: { Role: fullRole(world, role) } };
    },
    onRole,
  ),
  DeleteRole: write(
    ['RoleName'],
    (context) => {
      const { world } = context;
      const role = roleNamed(context);
      if (role.attached.length > 0) throw new ApiError(409, 'DeleteConflict.Role.Policy', 'The role has policies attached. Detach them first.');
      world.roles.delete(role.name);
      // Its sessions die with it, also for a role of the same name made later.
      for (const session of world.sessions.values()) if (session.role === role.name) world.sessions.delete(session.id);
      return { targets: [role.name], body: {} };
    },
    onRole,
  ),
  ListPoliciesForRole: read(['RoleName'], (context) => attachedTo(context.world, roleNamed(context).attached), onRole),
  AttachPolicyToRole: write([...policyParams, 'RoleName'], (context) => attach(context, roleNamed(context)), onRole),
  DetachPolicyFromRole: write([...policyParams, 'RoleName'], (context) => detach(context, roleNamed(context)), onRole),
};

export const grants: Readonly<Record<string, Operation>> = { ...policies, ...roles };
