// The worker's HTTP: our own agents under the SDKs, and a note of what each call did on the wire. Knows no product.
import { AsyncLocalStorage } from 'node:async_hooks';
import http from 'node:http';
import https from 'node:https';
import type { TLSSocket } from 'node:tls';

/** What was seen of one call on the wire, filled in as it happens. */
export type Trace = {
  /** A connection stood while the request was under way: the server may have it. */
  sent: boolean;
  status?: number;
  date?: string;
  requestId?: string;
  /** The body of an error as received so far; the SDKs give theirs away parsed. */
  body: string;
};

/** Proxy settings in Node's own form; absent for loopback. */
export type ProxyEnv = { readonly HTTPS_PROXY?: string; readonly NO_PROXY?: string };

/** Idle connections are dropped before the usual servers drop them (5 s and more): a write must not die on a stale one. */
const idleMs = 4_000;

const traces = new AsyncLocalStorage<Trace>();

function watch(request: http.ClientRequest): http.ClientRequest {
  const trace = traces.getStore();
  if (!trace) return request;
  request.once('socket', (socket) => {
    const { secureConnecting } = socket as Partial<TLSSocket> & { readonly secureConnecting?: boolean };
    const standing = (): void => {
      trace.sent = true;
    };
    if (secureConnecting) socket.once('secureConnect', standing);
    else if (socket.pending) socket.once('connect', standing);
    else standing();
  });
  request.once('response', (response) => {
    trace.status = response.statusCode ?? 0;
    if (response.headers.date !== undefined) trace.date = response.headers.date;
    const requestId = response.headers['x-acs-request-id'];
    if (typeof requestId === 'string') trace.requestId = requestId;
    if (trace.status >= 400) listen(response, trace);
  });
  return request;
}

/** Notes the body in passing. A listener would set the stream flowing before the SDK listens. */
function listen(response: http.IncomingMessage, trace: Trace): void {
  const decoder = new TextDecoder();
  const push = response.push.bind(response);
  response.push = (chunk: Uint8Array | null, ...rest) => {
    if (chunk !== null) trace.body += decoder.decode(chunk, { stream: true });
    return push(chunk, ...rest);
  };
}

/** Puts our agents under every request of this thread: the SDKs' transport offers no way to hand one over, and ignores proxies. */
export function install(proxy: ProxyEnv | undefined): void {
  const agents = {
    http: new http.Agent({ keepAlive: true, timeout: idleMs }),
    https: new https.Agent({ keepAlive: true, timeout: idleMs, ...(proxy ? { proxyEnv: { ...proxy } } : {}) }),
  };
  const plain = http.request;
  const secure = https.request;
  http.request = ((options: http.RequestOptions) => watch(plain({ ...options, agent: agents.http }))) as typeof http.request;
  https.request = ((options: https.RequestOptions) => watch(secure({ ...options, agent: agents.https }))) as typeof https.request;
}

/** Runs one call; the trace tells what its last request did on the wire. */
export async function traced<T>(trace: Trace, work: () => Promise<T>): Promise<T> {
  return await traces.run(trace, work);
}
