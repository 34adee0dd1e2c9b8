// STS: who am I, and a session of a role. Knows nothing of how a call was signed.
import { ApiError, newId, parseJson, read, write } from './call.ts';
import type { Product } from './call.ts';
import type { JsonObject } from '../text.ts';
import { decide, malformed } from './policy.ts';
import { iso, mixed } from './world.ts';

const identity = read([], ({ world, caller }) => {
  const account = world.seed.account.id;
  if (caller.kind === 'root') return { IdentityType: 'Account', AccountId: account, PrincipalId: account, UserId: account, Arn: `acs:ram::${account}:root` };
  if (caller.kind === 'user')
    return { IdentityType: 'RAMUser', AccountId: account, PrincipalId: caller.user.id, UserId: caller.user.id, Arn: `acs:ram::${account}:user/${caller.user.name}` };
  return {
    IdentityType: 'AssumedRoleUser',
    AccountId: account,
    PrincipalId: `${caller.role.id}:${caller.session.name}`,
    RoleId: caller.role.id,
    Arn: `acs:ram::${account}:assumed-role/${caller.role.name}/${caller.session.name}`,
  };
});

const assume = write(
  ['DurationSeconds', 'ExternalId', 'Policy', 'RoleArn!', 'RoleSessionName!', 'SourceIdentity'],
  (context) => {
    const { world, caller, p, at } = context;
    const account = world.seed.account.id;
    const name = /^acs:ram::(\d{16}):role\/([\w.-]+)$/.exec(p.need('RoleArn'));
    if (!name) throw new ApiError(400, 'InvalidParameter.RoleArn', 'The parameter RoleArn is wrongly formed.');
    const role = name[1] === account ? [...world.roles.values()].find((one) => one.name.toLowerCase() === name[2]?.toLowerCase()) : undefined;
    if (!role) throw new ApiError(404, 'EntityNotExist.Role', 'The specified Role not exists.');
    const arn = caller.kind === 'user' ? `acs:ram::${account}:user/${caller.user.name}` : `acs:ram::${account}:assumed-role`;
    if (caller.kind === 'root' || !trusts(role.trust, account, arn))
      throw new ApiError(403, 'NoPermission', 'You are not authorized to do this action. You should be authorized by RAM.');
    const session = p.need('RoleSessionName');
    if (!/^[\w.@=-]{2,64}$/.test(session)) throw new ApiError(400, 'InvalidParameter.RoleSessionName', 'The parameter RoleSessionName is wrongly formed.');
    const seconds = Number(p.text('DurationSeconds') ?? 3600);
    if (!Number.isInteger(seconds) || seconds < 900 || seconds > role.maxSessionSeconds)
      throw new ApiError(400, 'InvalidParameter.DurationSeconds', `The Min/Max value of DurationSeconds is 15min/${role.maxSessionSeconds}s.`);
    const id = `STS.EXAMPLE${newId(context, 20, mixed, 'session')}`;
    const made = {
      id,
      secret: `EXAMPLE${newId(context, 37, mixed, 'secret')}`,
      token: `EXAMPLE${newId(context, 57, mixed, 'token')}`,
      role: role.name,
      name: session,
      created: at,
      expires: at + seconds * 1000,
      policy: sessionPolicy(p.text('Policy')),
    };
    world.sessions.set(id, made);
    return {
      targets: [id],
      body: {
        AssumedRoleUser: { AssumedRoleId: `${role.id}:${session}`, Arn: `acs:ram::${account}:assumed-role/${role.name}/${session}` },
        Credentials: { AccessKeyId: id, AccessKeySecret: made.secret, SecurityToken: made.token, Expiration: iso(made.expires) },
      },
    };
  },
  { resources: (p) => [`role/${p.need('RoleArn').split('/').at(-1) ?? '*'}`] },
);

function sessionPolicy(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  const document = parseJson(text) as JsonObject | undefined;
  const wrong = document === undefined ? 'no JSON' : malformed(document);
  if (wrong !== undefined) throw new ApiError(400, 'InvalidParameter.PolicyGrammar', `The parameter Policy has not passed grammar check: ${wrong}`);
  return document;
}

/** Does a trust document let this principal of the account assume the role? */
function trusts(trust: JsonObject, account: string, arn: string): boolean {
  const statements = Array.isArray(trust['Statement']) ? (trust['Statement'] as readonly JsonObject[]) : [];
  const asked = (statement: JsonObject): readonly string[] => {
    const named = (statement['Principal'] as JsonObject | undefined)?.['RAM'];
    return (Array.isArray(named) ? named : [named]).filter((one): one is string => typeof one === 'string');
  };
  const named = statements.filter((statement) => asked(statement).some((one) => one === `acs:ram::${account}:root` || one === arn));
  return (
    decide(
      named.map((statement) => ({ Version: '1', Statement: [statement] })),
      { action: 'sts:AssumeRole', resource: '*', sourceIp: '' },
    ) === 'Allow'
  );
}

export const sts: Product = {
  name: 'sts',
  version: '2015-04-01',
  service: 'Sts',
  auth: 'sts',
  global: true,
  resourceType: 'ACS::RAM::Role',
  denied: { code: 'NoPermission', message: 'You are not authorized to do this action. You should be authorized by RAM.' },
  operations: { GetCallerIdentity: identity, AssumeRole: assume },
};
