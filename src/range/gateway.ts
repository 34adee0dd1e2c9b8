// The way of every call through the account: find it, admit it, do it, write it down. Pure; knows no HTTP, files, host time.
import type { JsonObject } from '../text.ts';
import { admit, callerOf } from './access.ts';
import { actiontrail } from './actiontrail.ts';
import { ApiError, byName, readParams } from './call.ts';
import type { Incoming, Operation, Product, Twist } from './call.ts';
import { nextDue } from './due.ts';
import { ecs } from './ecs.ts';
import { ims } from './ims.ts';
import { globalRegion, identityOf, logged } from './log.ts';
import { ram } from './ram.ts';
import { sts } from './sts.ts';
import { iso, uuid } from './world.ts';
import type { World } from './world.ts';

/** Everything the range serves. */
export const products: Readonly<Record<string, Product>> = { sts, ram, ims, ecs, actiontrail };

type ServedError = { readonly code: string; readonly message: string };

/** What came of a call. `effect`: it was accepted and may have changed the account. */
export type Served = { readonly status: number; readonly body: JsonObject; readonly requestId: string; readonly effect: boolean; readonly error?: ServedError };

/** Values a request id does not depend on: they name the case, or must not be shown. */
const unidentifying = /^(ClientToken|SnapshotName|SecurityGroupName|Description|PolicyName|RoleSessionName|Comments|Tag\.|Password$)/;

/** The product served under an API version: what tells products apart on one loopback port. */
export function productOf(version: string): Product | undefined {
  return Object.values(products).find((product) => product.version === version);
}

/** The operation a call names. */
export function operationOf(product: Product | undefined, action: string): Operation | undefined {
  return product && Object.hasOwn(product.operations, action) ? product.operations[action] : undefined;
}

/**
 * Carries out one call at a scenario time and writes it into the account's log.
 * A refusal is an answer; a thrown error is our own mistake and may leave half a change.
 */
export function serve(world: World, call: Incoming, at: number, twist?: Twist): Served {
  const { product, operation, region } = resolve(call);
  const requestId = nextRequestId(world, call);
  const caller = callerOf(world, call.accessKeyId);
  // A key deleted in the meantime: nobody to write down.
  if (!caller) return { ...failure(requestId, call, new ApiError(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.')), effect: false };
  let served: Served;
  let targets: readonly string[] = [];
  try {
    const { hidden } = admit(world, { product, operation, call, caller, region, at, twist });
    const context = { world, caller, at, region, call, requestId, twist, hidden, p: readParams(operation.params, call.params) };
    if (operation.effect === 'read') {
      served = success(requestId, operation.run(context), false);
    } else {
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
  note(world, call, at, { requestId, targets, ...(served.error ? { error: served.error } : { response: served.body }) });
  return served;
}

/** Writes down a call that changed nothing, without repeating it: how a journal is replayed. Gives its request id. */
export function remember(world: World, call: Incoming, at: number, error: ServedError | undefined): string {
  const requestId = nextRequestId(world, call);
  note(world, call, at, { requestId, targets: [], ...(error ? { error } : {}) });
  return requestId;
}

/** Carries out what the seed foresees and what comes by itself up to a time, each at its own. */
export function advance(world: World, to: number): void {
  const order = world.seed.events.toSorted((a, b) => a.at - b.at);
  for (;;) {
    const event = order[world.fired];
    const foreseen = event === undefined ? Number.POSITIVE_INFINITY : world.start + event.at;
    const due = nextDue(world);
    if (Math.min(foreseen, due?.at ?? Number.POSITIVE_INFINITY) > to) break;
    if (event !== undefined && foreseen <= (due?.at ?? Number.POSITIVE_INFINITY)) {
      world.fired += 1;
      world.now = Math.max(world.now, foreseen);
      foresee(world, event);
    } else if (due !== undefined) {
      world.now = Math.max(world.now, due.at);
      due.run();
    }
  }
  world.now = Math.max(world.now, to);
}

function foresee(world: World, next: World['seed']['events'][number]): void {
  const [product = '', action = ''] = next.call.split(':');
  const operation = operationOf(products[product], action);
  if (!operation) throw new RangeError(`the seed foresees a call ${next.call} that nothing serves`);
  const params = operation.params.includes('RegionId!') ? { RegionId: next.region, ...next.params } : next.params;
  serve(world, { product, action, method: operation.method ?? 'POST', region: next.region, params, accessKeyId: next.who, ip: next.ip, agent: next.agent }, world.now);
}

/** An error as the gateway words it. */
export function failure(
  requestId: string,
  call: { readonly product: string; readonly region?: string | undefined },
  error: ServedError & { readonly status: number; readonly detail?: JsonObject | undefined },
): Omit<Served, 'effect'> {
  const host = products[call.product]?.global === false ? `${call.product}.${call.region ?? globalRegion}.aliyuncs.com` : `${call.product}.aliyuncs.com`;
  const body = { RequestId: requestId, HostId: host, Code: error.code, Message: error.message, Recommend: '', ...(error.detail ? { AccessDeniedDetail: error.detail } : {}) };
  return { status: error.status, requestId, error: { code: error.code, message: error.message }, body };
}

function success(requestId: string, body: JsonObject, effect: boolean): Served {
  return { status: 200, body: { RequestId: requestId, ...body }, requestId, effect };
}

function resolve(call: Incoming) {
  const product = products[call.product];
  const operation = operationOf(product, call.action);
  if (!product || !operation) throw new RangeError(`nothing serves ${call.product}:${call.action}`);
  return { product, operation, region: call.region ?? globalRegion };
}

type Noted = { readonly requestId: string; readonly targets: readonly string[]; readonly error?: ServedError; readonly response?: JsonObject };

function note(world: World, call: Incoming, at: number, { targets, ...noted }: Noted): void {
  const { product, operation, region } = resolve(call);
  const caller = callerOf(world, call.accessKeyId);
  if (!caller) return;
  world.log.push(
    logged(world, {
      at,
      region,
      product: product.name,
      service: product.service,
      version: product.version,
      global: product.global,
      effect: operation.effect,
      action: call.action,
      params: call.params,
      identity: identityOf(world, caller),
      ip: call.ip,
      agent: call.agent,
      ...noted,
      ...(targets.length > 0 ? { resources: targets, resourceType: product.resourceType } : {}),
    }),
  );
}

function nextRequestId(world: World, call: Incoming): string {
  const identifying = Object.entries(call.params)
    .filter(([name]) => !unidentifying.test(name) && !(call.product === 'ecs' && name === 'Name'))
    .toSorted(byName);
  const what = JSON.stringify([call.product, call.action, call.region, call.accessKeyId, identifying]);
  const count = (world.occurrences.get(what) ?? 0) + 1;
  world.occurrences.set(what, count);
  return uuid(world.seed.seed, 'request', what, String(count));
}
