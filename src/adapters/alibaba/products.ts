// Which SDK speaks to which product, where, and under which names. Runs in the worker; knows nothing of retries or meaning.
import { createRequire } from 'node:module';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Call, Product } from '../../actions/define.ts';
import { unknownParameters, type RequestModel } from './params.ts';

type Params = { action: string; version: string; protocol: string; pathname: string; method: string; authType: string; style: string; reqBodyType: string; bodyType: string };
type Sent = { readonly body: string; readonly headers: Readonly<Record<string, string>>; readonly statusCode: number };
type Client = { callApi(params: object, request: object, runtime: object): Promise<Sent> };
type ClientClass = new (config: object) => Client;
type Core = {
  readonly default: ClientClass;
  readonly $OpenApiUtil: {
    readonly Config: new (map: object) => object;
    readonly GlobalParameters: new (map: object) => object;
    readonly Params: new (map: Params) => object;
    readonly OpenApiRequest: new (map: object) => object;
  };
};
type Runtime = { readonly RuntimeOptions: new (map: object) => object };
type TypedSdk = { readonly default: ClientClass } & Readonly<Record<string, unknown>>;

type Credential = { readonly accessKeyId: string; readonly accessKeySecret: string; readonly securityToken?: string };

export type Setting = {
  readonly credential: Credential;
  /** `127.0.0.1:PORT`: every product's calls go there over plain http. */
  readonly loopback?: string;
  readonly userAgent: string;
  /** How long one request may take. */
  readonly timeoutMs: number;
  /** A rehearsal: only what reads is sent. */
  readonly readOnly?: true;
};

/** A read is given up sooner than a write: asking again does no harm. */
const readPatienceMs = 10_000;

/** How long this call waits for its answer, milliseconds. */
export function patienceMs({ effect }: Call, { timeoutMs }: Setting): number {
  return effect === 'read' ? Math.min(timeoutMs, readPatienceMs) : timeoutMs;
}

type ProductFacts = {
  readonly version: string;
  /** The SDK package with its own client and request models; absent: the generic client. */
  readonly sdk?: string;
  /** Host without a typed client; typed clients know their own official endpoints. Hosts: the SDKs' endpoint rules (openapi-core getEndpointRules). */
  readonly host?: (region: string) => string;
  /** Actions the official metadata lists with GET only. */
  readonly get?: ReadonlySet<string>;
};

const products: Readonly<Record<Product, ProductFacts>> = {
  sts: { version: '2015-04-01', host: () => 'sts.aliyuncs.com' },
  ram: { version: '2015-05-01', sdk: '@alicloud/ram20150501' },
  ims: { version: '2019-08-15', host: () => 'ims.aliyuncs.com' },
  ecs: { version: '2014-05-26', sdk: '@alicloud/ecs20140526' },
  actiontrail: {
    version: '2020-07-06',
    host: (region) => `actiontrail.${region}.aliyuncs.com`,
    get: new Set(['StopLogging', 'GetGlobalEventsStorageRegion']),
  },
};

/** A call that must not be sent because we wrote it wrong. */
export class Miswritten extends Error {
  override readonly name = 'Miswritten';
}

// `require`, not `import`: import() first scans every re-exported file for names, which doubles the time ECS takes.
const require = createRequire(import.meta.url);

/** One slice of loading; answers to other calls pass between slices. */
const sliceMs = 8;

/** Loads an SDK file by file, letting the thread breathe, so that its 1-3 s hold up no other call. */
async function warm(sdk: string): Promise<TypedSdk> {
  const models = path.join(path.dirname(require.resolve(sdk)), 'models');
  // Only a head start: without this folder the last line loads everything at once.
  const files = await readdir(models).catch(() => []);
  let slice = performance.now();
  for (const file of files) {
    if (!file.endsWith('.js') || file === 'model.js') continue;
    require(path.join(models, file));
    if (performance.now() - slice < sliceMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    slice = performance.now();
  }
  return require(sdk) as TypedSdk;
}

export type Sdks = {
  /** Sends one call once. @throws Miswritten before anything is sent; whatever the SDK throws after. */
  send(call: Call): Promise<Sent>;
  /** Loads everything in the order a case needs it. */
  warmUp(): Promise<void>;
};

/** The SDK clients of one credential; each product is loaded when first needed. */
export function sdks(setting: Setting): Sdks {
  const loading = new Map<string, Promise<TypedSdk>>();
  const clients = new Map<string, Client>();
  let generic: { readonly core: Core; readonly RuntimeOptions: Runtime['RuntimeOptions'] } | undefined;

  const core = (): { readonly core: Core; readonly RuntimeOptions: Runtime['RuntimeOptions'] } => {
    if (!generic) {
      const { RuntimeOptions } = require('@darabonba/typescript') as Runtime;
      generic = { core: require('@alicloud/openapi-core') as Core, RuntimeOptions };
    }
    return generic;
  };
  const load = async (sdk: string): Promise<TypedSdk> => {
    const known = loading.get(sdk);
    if (known) return await known;
    const promise = warm(sdk);
    loading.set(sdk, promise);
    return await promise;
  };

  const clientOf = (call: Call, sdk: TypedSdk | undefined): Client => {
    const key = `${call.product} ${call.region}`;
    const known = clients.get(key);
    if (known) return known;
    const { $OpenApiUtil, default: Generic } = core().core;
    const config = new $OpenApiUtil.Config({
      ...setting.credential,
      regionId: call.region,
      protocol: setting.loopback === undefined ? 'HTTPS' : 'HTTP',
      ...endpointOf(call),
      userAgent: setting.userAgent,
      globalParameters: new $OpenApiUtil.GlobalParameters({ queries: { RegionId: call.region } }),
    });
    const client = new (sdk?.default ?? Generic)(config);
    clients.set(key, client);
    return client;
  };
  const endpointOf = (call: Call): { readonly endpoint?: string } => {
    if (setting.loopback !== undefined) return { endpoint: setting.loopback };
    const { host } = products[call.product];
    return host ? { endpoint: host(call.region) } : {};
  };

  return {
    async send(call) {
      const facts = products[call.product];
      if (call.version !== facts.version) throw new Miswritten(`${call.product} is version ${facts.version}, not ${call.version}`);
      const sdk = facts.sdk === undefined ? undefined : await load(facts.sdk);
      if (sdk) checkParameters(call, sdk);
      const { core: sdkCore, RuntimeOptions } = core();
      const patience = patienceMs(call, setting);
      const params = new sdkCore.$OpenApiUtil.Params({
        action: call.action,
        version: call.version,
        protocol: 'HTTPS',
        pathname: '/',
        method: facts.get?.has(call.action) ? 'GET' : 'POST',
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        // The text as it came: typed models drop unknown fields and round long numbers.
        bodyType: 'string',
      });
      // Both, to the same value: the SDKs hand connectTimeout to Node as the idle time-out of the whole exchange.
      const runtime = new RuntimeOptions({ readTimeout: patience, connectTimeout: patience });
      return await clientOf(call, sdk).callApi(params, new sdkCore.$OpenApiUtil.OpenApiRequest({ query: call.params }), runtime);
    },
    async warmUp() {
      core();
      for (const { sdk } of [products.ram, products.ecs]) if (sdk !== undefined) await load(sdk);
    },
  };
}

function checkParameters(call: Call, sdk: TypedSdk): void {
  const model = sdk[`${call.action}ShrinkRequest`] ?? sdk[`${call.action}Request`];
  const method = call.action.charAt(0).toLowerCase() + call.action.slice(1);
  if (model === undefined && !(method in (sdk.default.prototype as object))) throw new Miswritten(`${call.product} has no action ${call.action}`);
  const unknown = unknownParameters(model as RequestModel | undefined, Object.keys(call.params));
  if (unknown.length > 0) throw new Miswritten(`${call.product}:${call.action} has no parameter ${unknown.join(', ')}`);
}
