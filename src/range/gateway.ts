// The way of every call through the account: who calls, may they, do it, write it down. Pure; knows no HTTP, files, host time.
import type { JsonObject } from '../text.ts';
import { actiontrail } from './actiontrail.ts';
import { ApiError, checkRequired, readParams } from './call.ts';
import type { Caller, Context, Incoming, Operation, Product, Twist } from './call.ts';
import { ecs } from './ecs.ts';
import { identityOf, logged } from './log.ts';
import { decide, inNetworks } from './policy.ts';
import type { Question, Verdict } from './policy.ts';
import { ram } from './ram.ts';
import { sts } from './sts.ts';
import { iso, uuid } from './world.ts';
import type { Attachment, World } from './world.ts';

export const products: Readonly<Record<string, Product>> = { sts, ram, ecs, actiontrail };

/** What came of a call. `effect`: it was accepted and may have changed the account. */
export type Served = {
  readonly status: number;
  readonly body: JsonObject;
  readonly requestId: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly effect: boolean;
};

/** Values a request id does not depend on: they name the case, or can not be shown. */
const unidentifying = /^(ClientToken|SnapshotName|Description|PolicyName|RoleSessionName|Comments|Tag\.|Password$)/;

/** Where a product is served, by its API version: what tells products apart on one loopback port. */
export function productOf(version: string): Product | undefined {
  return Object.values(products).find((product) => product.version === version);
}

/** Carries out one call at a scenario time and writes it into the account's log. */
export function serve(world: World, call: Incoming, at: number, twist?: Twist): Served {
  const product = products[call.product];
  const operation = product && Object.hasOwn(product.operations, call.action) ? product.operations[call.action] : undefined;
  const requestId = nextRequestId(world, call);
  if (!product || !operation) {
    return { ...failure(requestId, call, new ApiError(404, 'InvalidAction.NotFound', 'Specified api is not found, please check your url and method.')), effect: false };
  }
  const region = call.region ?? 'cn-hangzhou';
  const caller = callerOf(world, call.accessKeyId);
  let served: Served;
  let targets: readonly string[] = [];
  try {
    const context: Context = {
      world,
      caller,
      at,
      region,
      call,
      requestId,
      twist,
      p: readParams(operation.params, call.params),
      hidden: admit(world, product, operation, call, caller, at, region, twist),
    };
    if (operation.effect === 'read') served = success(requestId, operation.run(context), false);
    else {
      const change = operation.run(context);
      targets = change.targets;
      world.effects.push({
        at: iso(at),
        accessKeyId: call.accessKeyId,
        product: call.product,
        action: call.action,
        region,
        params: call.params,
        requestId,
        targets,
        changed: change.changed ?? true,
      });
      served = success(requestId, change.body, true);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    served = { ...failure(requestId, call, error), effect: false };
  }
  note(world, { product, operation, call, caller, region, at, requestId, targets, served });
  return served;
}

type Note = {
  readonly product: Product;
  readonly operation: Operation;
  readonly call: Incoming;
  readonly caller: Caller;
  readonly region: string;
  readonly at: number;
  readonly requestId: string;
  readonly targets: readonly string[];
  readonly served: Pick<Served, 'error' | 'body'>;
};

function note(world: World, { product, operation, call, caller, region, at, requestId, targets, served }: Note): void {
  world.log.push(
    logged(world, {
      at,
      product: product.name,
      service: product.service,
      version: product.version,
      global: product.global,
      effect: operation.effect,
      action: call.action,
      region,
      params: call.params,
      requestId,
      identity: identityOf(world, caller),
      ip: call.ip,
      agent: call.agent,
      ...(served.error ? { error: served.error } : { response: served.body }),
      ...(targets.length > 0 ? { resources: targets, resourceType: `ACS::${product.service.toUpperCase()}::Resource` } : {}),
    }),
  );
}

/** Writes down a call that changed nothing, without repeating it: how a journal is replayed. */
export function remember(world: World, call: Incoming, at: number, error: Served['error']): string {
  const product = products[call.product];
  const operation = product?.operations[call.action];
  const requestId = nextRequestId(world, call);
  if (product && operation)
    note(world, {
      product,
      operation,
      call,
      caller: callerOf(world, call.accessKeyId),
      region: call.region ?? 'cn-hangzhou',
      at,
      requestId,
      targets: [],
      served: error ? { error, body: {} } : { body: {} },
    });
  return requestId;
}

/** Carries out what the seed foresees up to a time, each call at its own. */
export function advance(world: World, to: number): void {
  const events = world.seed.events;
  const order = events.map((event, index) => ({ event, index })).sort((a, b) => a.event.at - b.event.at || a.index - b.index);
  for (let next = order[world.fired]; next && world.start + next.event.at <= to; next = order[world.fired]) {
    world.fired += 1;
    world.now = world.start + next.event.at;
    const { who, call, region, params, ip, agent } = next.event;
    const [product = '', action = ''] = call.split(':');
    const named = products[product]?.operations[action]?.params.includes('RegionId!') ? { RegionId: region, ...params } : params;
    serve(world, { product, action, method: products[product]?.operations[action]?.method ?? 'POST', region, params: named, accessKeyId: who, ip, agent }, world.now);
  }
  world.now = Math.max(world.now, to);
}

function nextRequestId(world: World, call: Incoming): string {
  const identifying = Object.entries(call.params)
    .filter(([name]) => !unidentifying.test(name))
    .sort();
  const what = JSON.stringify([call.product, call.action, call.region, call.accessKeyId, identifying]);
  const count = (world.occurrences.get(what) ?? 0) + 1;
  world.occurrences.set(what, count);
  return uuid(world.seed.seed, 'request', what, String(count));
}

/** Who holds this key or session. The signature was checked before. */
function callerOf(world: World, accessKeyId: string): Caller {
  const session = world.sessions.get(accessKeyId);
  const role = session && world.roles.get(session.role);
  if (session && role) return { kind: 'role', session, role };
  const key = world.keys.get(accessKeyId);
  const user = key && world.users.get(key.user);
  if (key && user) return { kind: 'user', key, user };
  if (key && key.user === '') return { kind: 'root', key };
  throw new ApiError(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
}

/** Lets a call in or refuses it. True: let in, but listings come back empty. */
function admit(world: World, product: Product, operation: Operation, call: Incoming, caller: Caller, at: number, region: string, twist: Twist | undefined): boolean {
  if (operation.method !== undefined && call.method !== operation.method) throw new ApiError(405, 'UnsupportedHTTPMethod', 'This http method is not supported.');
  if (product.name === 'ecs' && !world.seed.regions.includes(region)) throw new ApiError(404, 'InvalidRegionId.NotFound', 'The specified RegionId does not exist.');
  checkKey(product, call, caller, at);
  throttle(world, call, region, at);
  checkRequired(operation, call.params);
  const verdict = twist?.do === 'deny' ? 'ExplicitDeny' : allowed(world, product, operation, call, caller, region);
  if (verdict === 'Allow') return twist?.do === 'empty';
  if (operation.effect === 'read' && operation.emptyWithoutPermission && call.params['DryRun'] !== 'true' && twist === undefined) return true;
  throw new ApiError(403, product.denied.code, product.denied.message, denial(world, product, call, caller, verdict));
}

function checkKey(product: Product, call: Incoming, caller: Caller, at: number): void {
  if (caller.kind === 'role') {
    if (at >= caller.session.expires) throw new ApiError(400, 'InvalidSecurityToken.Expired', 'Specified SecurityToken is expired.');
    return;
  }
  const { key } = caller;
  if (key.status === 'Inactive' && at >= key.worksUntil) throw new ApiError(400, 'InvalidAccessKeyId.Inactive', 'Specified access key is disabled.');
  if (key.restricted && (protectedProducts.has(product.name) || protectedCalls.has(call.action)))
    throw new ApiError(403, 'Forbidden', 'There is a risk of leakage of this AccessKey.');
  const lists = key.network?.['Status'] === 'Active' ? (key.network['Statements'] as readonly JsonObject[]) : undefined;
  const addresses = lists?.filter((one) => one['Type'] === 'ClassicWhiteList').flatMap((one) => one['IPList'] as readonly string[]);
  if (addresses && !inNetworks(call.ip, addresses))
    throw new ApiError(403, 'Forbidden.AccessKeyNetworkPolicy', 'The source address is not allowed by the network policy of this AccessKey.');
}

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

function throttle(world: World, call: Incoming, region: string, at: number): void {
  const limit = world.seed.throttles.find((one) => one.action === `${call.product}:${call.action}`);
  if (!limit) return;
  const key = `${limit.action}${limit.perRegion ? `@${region}` : ''}`;
  // A tenth less than a second: a client that keeps the rate exactly must not trip over the jitter of its connection.
  const recent = (world.recent.get(key) ?? []).filter((one) => one > at - 900);
  if (recent.length >= Math.max(1, Math.floor(limit.perSecond))) throw new ApiError(400, 'Throttling.User', 'Request was denied due to user flow control.');
  world.recent.set(key, [...recent, at]);
}

function allowed(world: World, product: Product, operation: Operation, call: Incoming, caller: Caller, region: string): Verdict {
  if (caller.kind === 'root' || call.action === 'GetCallerIdentity') return 'Allow';
  const documents = documentsOf(world, caller);
  const account = world.seed.account.id;
  const place = product.global ? '' : region;
  const p = readParams([...operation.params, 'PolicyName', 'UserName', 'UserPrincipalName', 'GroupName', 'RoleName', 'RoleArn', 'InstanceId', 'Name'], call.params);
  const resources = operation.resources?.(p) ?? ['*'];
  const ask = (resource: string, granted: readonly JsonObject[]): Verdict => {
    const question: Question = { action: `${product.auth}:${call.action}`, resource: `acs:${product.auth}:${place}:${account}:${resource}`, sourceIp: call.ip };
    return decide(granted, question);
  };
  const verdicts = resources.flatMap((resource) => [
    ask(resource, documents),
    ...(caller.kind === 'role' && caller.session.policy ? [ask(resource, [caller.session.policy])] : []),
  ]);
  return verdicts.find((verdict) => verdict === 'ExplicitDeny') ?? verdicts.find((verdict) => verdict === 'ImplicitDeny') ?? 'Allow';
}

function documentsOf(world: World, caller: Exclude<Caller, { readonly kind: 'root' }>): readonly JsonObject[] {
  const attached: readonly Attachment[] =
    caller.kind === 'role' ? caller.role.attached : [...caller.user.attached, ...caller.user.groups.flatMap((group) => world.groups.get(group.name)?.attached ?? [])];
  return attached.flatMap((one) => {
    const policy = world.policies.get(`${one.type}/${one.policy}`);
    return policy ? [policy.document] : [];
  });
}

function denial(world: World, product: Product, call: Incoming, caller: Caller, verdict: Verdict): JsonObject {
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

const success = (requestId: string, body: JsonObject, effect: boolean): Served => ({ status: 200, body: { RequestId: requestId, ...body }, requestId, effect });

/** An error as the gateway words it. */
export function failure(
  requestId: string,
  call: { readonly product: string; readonly region: string | undefined },
  error: { readonly status: number; readonly code: string; readonly message: string; readonly detail?: JsonObject | undefined },
): Omit<Served, 'effect'> {
  const host = call.product === 'ecs' ? `ecs.${call.region ?? 'cn-hangzhou'}.aliyuncs.com` : `${call.product}.aliyuncs.com`;
  return {
    status: error.status,
    requestId,
    error: { code: error.code, message: error.message },
    body: {
      RequestId: requestId,
      HostId: host,
      Code: error.code,
      Message: error.message,
      Recommend: `https://error-center.aliyun.com/status/search?Keyword=${encodeURIComponent(error.code)}&source=PopGw`,
      ...(error.detail ? { AccessDeniedDetail: error.detail } : {}),
    },
  };
}
