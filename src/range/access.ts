// Who calls, and may they: keys and sessions, restrictive protection, network policy, throttles, RAM policies. Pure.
import type { JsonObject } from '../text.ts';
import { ApiError, checkRequired, readParams } from './call.ts';
import type { Caller, Incoming, Operation, Product, Twist } from './call.ts';
import { decide, inNetworks } from './policy.ts';
import type { Verdict } from './policy.ts';
import type { Attachment, World } from './world.ts';

export type Request = {
  readonly product: Product;
  readonly operation: Operation;
  readonly call: Incoming;
  readonly caller: Caller;
  readonly region: string;
  readonly at: number;
  readonly twist: Twist | undefined;
};

/** A client that keeps the rate exactly must not trip over the jitter of its connection: a tenth less than a second. */
const throttleMs = 900;

/** What restrictive protection blocks for a key the cloud knows to be leaked. */
const protectedProducts = new Set(['ram', 'ims']);
const protectedCalls = new Set([
  'RunInstances',
  'CreateInstance',
  'StartInstance',
  'StartInstances',
  'DeleteInstance',
  'DeleteInstances',
  'RunCommand',
  'CreateCommand',
  'InvokeCommand',
  'DeleteSnapshot',
  'DeleteSnapshotGroup',
  'DeleteImage',
  'CreateAutoProvisioningGroup',
]);

/** Who holds this key or session; undefined when it is gone. The signature was checked before. */
export function callerOf(world: World, accessKeyId: string): Caller | undefined {
  const session = world.sessions.get(accessKeyId);
  const role = session && world.roles.get(session.role);
  if (session && role) return { kind: 'role', session, role };
  const key = world.keys.get(accessKeyId);
  const user = key && world.users.get(key.user);
  if (key && user) return { kind: 'user', key, user };
  return key?.user === '' ? { kind: 'root', key } : undefined;
}

/** Lets a call in or refuses it. `hidden`: let in, but its listings come back empty, which is how the cloud hides a denial. */
export function admit(world: World, request: Request): { readonly hidden: boolean } {
  const { product, operation, call, region, twist } = request;
  if (operation.method !== undefined && call.method !== operation.method) throw new ApiError(405, 'UnsupportedHTTPMethod', 'This http method is not supported.');
  if (product.name === 'ecs' && !world.seed.regions.includes(region)) throw new ApiError(404, 'InvalidRegionId.NotFound', 'The specified RegionId does not exist.');
  checkKey(request);
  throttle(world, request);
  checkRequired(operation, call.params);
  const verdict = twist?.do === 'deny' ? 'ExplicitDeny' : allowed(world, request);
  if (verdict === 'Allow') return { hidden: twist?.do === 'empty' };
  if (operation.effect === 'read' && operation.emptyWithoutPermission && call.params['DryRun'] !== 'true' && twist === undefined) return { hidden: true };
  throw new ApiError(403, product.denied.code, product.denied.message, denial(world, request, verdict));
}

function checkKey({ product, call, caller, at }: Request): void {
  if (caller.kind === 'role') {
    if (at >= caller.session.expires) throw new ApiError(400, 'InvalidSecurityToken.Expired', 'Specified SecurityToken is expired.');
    return;
  }
  const { key } = caller;
  if (key.status === 'Inactive' && at >= key.worksUntil) throw new ApiError(400, 'InvalidAccessKeyId.Inactive', 'Specified access key is disabled.');
  if (key.restricted && (protectedProducts.has(product.name) || protectedCalls.has(call.action)))
    throw new ApiError(403, 'Forbidden', 'There is a risk of leakage of this AccessKey.');
  if (key.network?.['Status'] !== 'Active') return;
  const lists = (key.network['Statements'] as readonly JsonObject[]).filter((one) => one['Type'] === 'ClassicWhiteList');
  const addresses = lists.flatMap((one) => one['IPList'] as readonly string[]);
  if (!inNetworks(call.ip, addresses)) throw new ApiError(403, 'Forbidden.AccessKeyNetworkPolicy', 'The source address is not allowed by the network policy of this AccessKey.');
}

function throttle(world: World, { call, region, at }: Request): void {
  const limit = world.seed.throttles.find((one) => one.action === `${call.product}:${call.action}`);
  if (!limit) return;
  const key = `${limit.action}${limit.perRegion ? `@${region}` : ''}`;
  const recent = (world.recent.get(key) ?? []).filter((one) => one > at - throttleMs);
  if (recent.length >= limit.perSecond) throw new ApiError(400, 'Throttling.User', 'Request was denied due to user flow control.');
  world.recent.set(key, [...recent, at]);
}

/** May this caller hand a role to a service (`ram:PassRole`)? */
export function mayPass(world: World, caller: Caller, role: string, sourceIp: string): boolean {
  if (caller.kind === 'root') return true;
  const question = { action: 'ram:PassRole', resource: `acs:ram::${world.seed.account.id}:role/${role.toLowerCase()}`, sourceIp };
  const grants = caller.kind === 'role' && caller.session.policy ? [documentsOf(world, caller), [caller.session.policy]] : [documentsOf(world, caller)];
  return grants.every((documents) => decide(documents, question) === 'Allow');
}

function allowed(world: World, { product, operation, call, caller, region }: Request): Verdict {
  // Any valid credential may ask who it is.
  if (caller.kind === 'root' || call.action === 'GetCallerIdentity') return 'Allow';
  const grants = caller.kind === 'role' && caller.session.policy ? [documentsOf(world, caller), [caller.session.policy]] : [documentsOf(world, caller)];
  const prefix = `acs:${product.auth}:${product.global ? '' : region}:${world.seed.account.id}`;
  const resources = operation.resources?.(readParams(operation.params, call.params)) ?? ['*'];
  const verdicts = resources.flatMap((resource) =>
    grants.map((documents) => decide(documents, { action: `${product.auth}:${call.action}`, resource: `${prefix}:${resource}`, sourceIp: call.ip })),
  );
  return (['ExplicitDeny', 'ImplicitDeny'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'Allow';
}

function documentsOf(world: World, caller: Exclude<Caller, { readonly kind: 'root' }>): readonly JsonObject[] {
  const attached: readonly Attachment[] =
    caller.kind === 'role' ? caller.role.attached : [...caller.user.attached, ...caller.user.groups.flatMap((group) => world.groups.get(group.name)?.attached ?? [])];
  return attached.flatMap((one) => {
    const policy = world.policies.get(`${one.type}/${one.policy}`);
    return policy ? [policy.document] : [];
  });
}

function denial(world: World, { product, call, caller }: Request, verdict: Verdict): JsonObject {
  const name = caller.kind === 'user' ? caller.user.id : caller.kind === 'role' ? `${caller.role.name}:${caller.session.name}` : 'root';
  return {
    AuthAction: `${product.auth}:${call.action}`,
    AuthPrincipalDisplayName: name,
    AuthPrincipalOwnerId: world.seed.account.id,
    AuthPrincipalType: caller.kind === 'role' ? 'AssumedRoleUser' : 'SubUser',
    NoPermissionType: verdict,
    PolicyType: 'AccountLevelIdentityBasedPolicy',
    EncodedDiagnosticMessage: '',
  };
}
