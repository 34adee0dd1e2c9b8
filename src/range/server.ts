// The simulated account on a loopback port: Alibaba Cloud's wire protocol in, its answers out. Touches sockets; knows no product.
import { existsSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '../errors.ts';
import { openAccount } from './account.ts';
import type { Account } from './account.ts';
import { billOf } from './bill.ts';
import type { Bill } from './bill.ts';
import type { Incoming } from './call.ts';
import type { RangeClock, Time } from './clock.ts';
import { planted, twistOf } from './faults.ts';
import type { RangeFault } from './faults.ts';
import { failure, operationOf, productOf } from './gateway.ts';
import type { WorldSeed } from './seed.ts';
import { parameters, verify } from './signature.ts';
import type { Wire } from './signature.ts';
import { uuid } from './world.ts';
import type { Effect } from './world.ts';

// Imported by name it would bring its client and fetch along, 40 ms before the first question.
const { createServer } = process.getBuiltinModule('node:http');

export type { Bill, Effect, RangeFault };

export type RangeOptions = {
  readonly seed: WorldSeed;
  /** Path of world.jsonl, created if absent. */
  readonly journal: string;
  /** Goes on from the journal and writes nothing to it: for looking at an account whose case is over. */
  readonly still?: boolean;
  /** Default: any free port. */
  readonly port?: number;
  /** Added to every answer, host milliseconds. */
  readonly latencyMs?: number;
  readonly time: Time;
  readonly faults?: readonly RangeFault[];
};

export type Range = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly clock: RangeClock;
  /** Takes over what another process did to the same account. */
  refresh(): Promise<void>;
  /** Every accepted mutating call, in order: the range's own record. */
  effects(): readonly Effect[];
  bill(): Bill;
  close(): Promise<void>;
};

const bodyLimit = 4 * 1024 * 1024;
const nonceMs = 30 * 60_000;
/** Parameters of the protocol, not of the call. */
const protocol = new Set([
  'Action',
  'Version',
  'Format',
  'Timestamp',
  'Signature',
  'SignatureMethod',
  'SignatureNonce',
  'SignatureVersion',
  'SignatureType',
  'AccessKeyId',
  'SecurityToken',
]);

/** Serves a simulated account on 127.0.0.1. @throws Fault E_TRAIL_BROKEN for a journal of another seed or a broken one, E_VAULT_WRITE when it can not be written. */
export async function openRange(options: RangeOptions): Promise<Range> {
  let open = 0;
  let begun = 0;
  const isNew = !existsSync(options.journal);
  const account = openAccount({ seed: options.seed, path: options.journal, time: options.time, still: options.still ?? false, doing: () => ({ open, begun }) });
  const nonces = new Map<string, number>();
  const fault = planted(options.faults ?? []);
  const server = createServer((request, response) => {
    open += 1;
    begun += 1;
    response.once('close', () => (open -= 1));
    answer({ account, nonces, fault, latencyMs: options.latencyMs ?? 0 }, request, response).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      send(response, { status: 500, body: { RequestId: uuid('bug', text), HostId: '127.0.0.1', Code: 'InternalError', Message: `The simulated account failed: ${text}` } });
    });
  });
  server.keepAliveTimeout = 30_000;
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve));
  } catch (cause) {
    await account.close();
    if (isNew) rmSync(options.journal, { force: true });
    throw new Fault('E_USAGE', `The simulated account can not listen on 127.0.0.1:${options.port ?? 'any port'}.`, { cause, hint: 'Give another --port.' });
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clock: account.clock,
    async refresh() {
      account.world();
    },
    effects: () => account.world().effects,
    bill: () => billOf(account.world()),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await account.close();
    },
  };
}

type Service = { readonly account: Account; readonly nonces: Map<string, number>; readonly fault: (call: Incoming) => RangeFault | undefined; readonly latencyMs: number };
type Answer = { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> };

async function answer(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { account, latencyMs } = service;
  const wire = await readWire(request);
  if (latencyMs > 0) await account.clock.hostSleep(latencyMs);
  const admitted = admit(service, wire, request.socket.remoteAddress ?? '127.0.0.1');
  if ('status' in admitted) return send(response, admitted);
  const fault = service.fault(admitted);
  switch (fault?.do) {
    case 'throttle':
      return send(response, {
        ...refused(admitted, 400, 'Throttling.User', 'Request was denied due to user flow control.'),
        headers: { 'x-acs-retry-after': String(fault.retryAfterMs) },
      });
    case '503':
      return send(response, unavailable(admitted));
    case 'html-502':
      return sendHtml(response);
    case 'reset':
      return void request.socket.resetAndDestroy();
    case 'delay':
      await account.clock.hostSleep(fault.delayMs);
      break;
    default:
  }
  const served = account.handle(admitted, twistOf(fault));
  await account.settled();
  switch (fault?.do) {
    case 'hang-after-effect':
      await account.clock.hostSleep(fault.delayMs);
      break;
    case '503-after-effect':
      return send(response, unavailable(admitted));
    case 'html-502-after-effect':
      return sendHtml(response);
    case 'reset-after-effect':
      return void request.socket.resetAndDestroy();
    default:
  }
  send(response, { status: served.status, body: served.body, headers: { 'x-acs-request-id': served.requestId } });
}

/** The call a request is, or why it is none: unknown API, bad signature, used nonce, wrong token. */
function admit({ account, nonces }: Service, wire: Wire, address: string): Incoming | Answer {
  if (wire.method !== 'GET' && wire.method !== 'POST')
    return refused({ product: 'unknown', region: undefined }, 405, 'UnsupportedHTTPMethod', 'This http method is not supported.');
  const params = parameters(wire);
  const version = wire.headers['x-acs-version'] ?? params['Version'] ?? '';
  const action = wire.headers['x-acs-action'] ?? params['Action'] ?? '';
  const product = productOf(version);
  // An empty region is a missing one.
  const region = params['RegionId'] === '' ? undefined : params['RegionId'];
  const place = { product: product?.name ?? 'unknown', region };
  if (!product || !operationOf(product, action)) return refused(place, 404, 'InvalidAction.NotFound', 'Specified api is not found, please check your url and method.');
  const world = account.world();
  const now = account.clock.hostNow();
  const signed = verify(wire, now, (id) => world.keys.get(id)?.secret ?? world.sessions.get(id)?.secret);
  if (!signed.ok) return refused(place, signed.status, signed.code, signed.message);
  const session = world.sessions.get(signed.accessKeyId);
  if (session && signed.token === undefined) return refused(place, 400, 'MissingSecurityToken', 'SecurityToken is mandatory for this action.');
  if (session && signed.token !== session.token) return refused(place, 400, 'InvalidSecurityToken.Malformed', 'Specified SecurityToken is malformed.');
  if (signed.nonce === '' || !unused(nonces, `${signed.accessKeyId} ${signed.nonce}`, now.getTime()))
    return refused(place, 400, 'SignatureNonceUsed', 'Specified signature nonce was used already.');
  return {
    product: product.name,
    action,
    method: wire.method,
    region,
    // A password is nobody's business here, and it must not reach the journal.
    params: Object.fromEntries(
      Object.entries(params)
        .filter(([name]) => !protocol.has(name))
        .map(([name, value]) => [name, name === 'Password' ? '******' : value]),
    ),
    accessKeyId: signed.accessKeyId,
    ip: world.keys.get(signed.accessKeyId)?.ip ?? address,
    agent: wire.headers['user-agent'] ?? '',
  };
}

function unused(nonces: Map<string, number>, key: string, now: number): boolean {
  for (const [old, at] of nonces) {
    if (at > now - nonceMs) break;
    nonces.delete(old);
  }
  if (nonces.has(key)) return false;
  nonces.set(key, now);
  return true;
}

async function readWire(request: IncomingMessage): Promise<Wire> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) throw new RangeError('the request body is too large');
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]));
  return { method: request.method ?? 'GET', url: request.url ?? '/', headers, body: Buffer.concat(chunks) };
}

function refused(place: { readonly product: string; readonly region: string | undefined }, status: number, code: string, message: string): Answer {
  return failure(uuid('refused', code, message), place, { status, code, message });
}

const unavailable = (call: Incoming): Answer => refused(call, 503, 'ServiceUnavailable', 'The request has failed due to a temporary failure of the server.');

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...headers }).end(JSON.stringify(body));
}

function sendHtml(response: ServerResponse): void {
  response.writeHead(502, { 'content-type': 'text/html' }).end('<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>');
}
