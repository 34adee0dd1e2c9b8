// An HTTP server in Alibaba Cloud's wire protocol that shares no line with the product: what a stranger would build. Knows no API.
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A credential the server accepts. */
export type Caller = {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly token?: string;
  readonly arn: string;
  readonly type: string;
  readonly principal: string;
  readonly userName?: string;
};

export type Asked = { readonly product: string; readonly action: string; readonly region: string; readonly params: Readonly<Record<string, string>>; readonly caller: Caller };

/** `rows` alone is a success; a handler throws a Refusal for anything else. */
export type Handler = (asked: Asked) => Record<string, unknown>;

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message = code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What becomes of the nth call (from 1) of an action, counted over the server's life. `after` lets the effect happen first. */
export type Mishap = { readonly action: string; readonly nth: number; readonly after?: boolean; readonly how: 'hang' | 'reset' | 'html-502' | '503' };

export type ForeignOptions = {
  readonly callers: () => readonly Caller[];
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Status and code for every API that is not there, by `product:Action`; the rest of the unknown is 404 InvalidAction.NotFound. */
  readonly refused?: Readonly<Record<string, readonly [number, string]>>;
  /** Refuses single calls by what they ask. */
  readonly veto?: (asked: Asked) => readonly [number, string] | undefined;
  readonly latencyMs?: number;
  /** Enforced over a sliding second. */
  readonly lookupsPerSecond?: number;
  readonly mishaps?: readonly Mishap[];
  /** Regions that take the request and never answer, or hang up at once. */
  readonly deadRegions?: Readonly<Record<string, 'hang' | 'reset'>>;
  /** Every accepted call, for the account's own log. */
  readonly onCall?: (asked: Asked, requestId: string, errorCode: string) => void;
};

export type Told = Asked & { readonly code: string };
export type Served = {
  readonly url: string;
  readonly calls: readonly Told[];
  /** Becomes another account on the same port. */ use(options: ForeignOptions): void;
  close(): Promise<void>;
};

const versions: Readonly<Record<string, string>> = { '2015-04-01': 'sts', '2015-05-01': 'ram', '2019-08-15': 'ims', '2014-05-26': 'ecs', '2020-07-06': 'actiontrail' };
const sha = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
const encode = (text: string): string => encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

export async function serveForeign(first: ForeignOptions): Promise<Served> {
  let options = first;
  const nonces = new Set<string>();
  const counts = new Map<string, number>();
  const lookups: number[] = [];
  const calls: Told[] = [];
  const hanging = new Set<ServerResponse>();

  const authenticate = (request: IncomingMessage, path: string, query: URLSearchParams, body: Buffer): Caller => {
    const { headers } = request;
    const header = (name: string): string => String(headers[name] ?? '');
    const match = /^ACS3-HMAC-SHA256 Credential=([^,]*),\s*SignedHeaders=([^,]*),\s*Signature=([0-9a-f]{64})$/.exec(header('authorization'));
    if (!match) throw new Refusal(400, 'IncompleteSignature', 'The request signature does not conform to Aliyun standards.');
    const [, id = '', signed = '', given = ''] = match;
    const caller = options.callers().find(({ accessKeyId }) => accessKeyId === id);
    if (!caller) throw new Refusal(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
    const names = signed.split(';');
    const must = Object.keys(headers).filter((name) => name === 'host' || name === 'content-type' || name.startsWith('x-acs-'));
    if (must.some((name) => !names.includes(name)) || names.toSorted().join(';') !== signed) throw new Refusal(400, 'IncompleteSignature');
    if (header('host') !== new URL(url()).host) throw new Refusal(400, 'SignatureDoesNotMatch', `host ${header('host')}`);
    if (header('x-acs-content-sha256') !== sha(body)) throw new Refusal(400, 'InvalidContentSha256');
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(header('x-acs-date')) || Math.abs(Date.now() - Date.parse(header('x-acs-date'))) > 900_000)
      throw new Refusal(400, 'InvalidTimeStamp.Expired');
    const canonicalQuery = [...query]
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, value]) => `${encode(key)}=${encode(value)}`)
      .join('&');
    const canonical = [request.method, path, canonicalQuery, names.map((name) => `${name}:${header(name).trim()}\n`).join(''), signed, sha(body)].join('\n');
    const wanted = createHmac('sha256', caller.secret)
      .update(`ACS3-HMAC-SHA256\n${sha(canonical)}`)
      .digest();
    // The real service quotes what it signed, headers and all.
    if (!timingSafeEqual(wanted, Buffer.from(given, 'hex'))) throw new Refusal(400, 'SignatureDoesNotMatch', `server string to sign is: ${canonical}`);
    if (caller.token !== undefined && header('x-acs-security-token') === '') throw new Refusal(400, 'MissingSecurityToken');
    if ((caller.token ?? '') !== header('x-acs-security-token'))
      throw new Refusal(400, 'InvalidSecurityToken.Malformed', `The token ${header('x-acs-security-token')} is malformed.`);
    const nonce = header('x-acs-signature-nonce');
    if (nonce === '' || nonces.has(nonce)) throw new Refusal(400, 'SignatureNonceUsed');
    nonces.add(nonce);
    return caller;
  };

  const answer = (response: ServerResponse, status: number, requestId: string, body: Record<string, unknown>): void => {
    // `"#123"` leaves as the bare number 123: eighteen digits that no JavaScript number holds.
    const text = JSON.stringify({ RequestId: requestId, ...body }).replaceAll(/"#(\d+)"/g, '$1');
    response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', 'x-acs-request-id': requestId });
    response.end(text);
  };

  const broken = (response: ServerResponse, how: Mishap['how']): void => {
    if (how === 'hang') hanging.add(response);
    else if (how === 'reset') response.socket?.destroy();
    else if (how === 'html-502') response.writeHead(502, { 'content-type': 'text/html' }).end('<html><body>502 Bad Gateway</body></html>');
    else answer(response, 503, randomUUID().toUpperCase(), { Code: 'ServiceUnavailable', Message: 'The request has failed due to a temporary failure of the server.' });
  };

  const perform = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const requestId = randomUUID().toUpperCase();
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here');
    const action = String(request.headers['x-acs-action'] ?? searchParams.get('Action') ?? '');
    const product = versions[String(request.headers['x-acs-version'] ?? searchParams.get('Version') ?? '')] ?? '';
    const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true ? [...new URLSearchParams(body.toString('utf8'))] : [];
    const params = Object.fromEntries([...searchParams, ...form]);
    const region = params['RegionId'] ?? '';
    const dead = options.deadRegions?.[region];
    if (dead !== undefined) return broken(response, dead);
    let asked: Asked | undefined;
    let mishap: Mishap | undefined;
    try {
      const caller = authenticate(request, pathname, searchParams, body);
      asked = { product, action, region, params, caller };
      const nth = (counts.get(action) ?? 0) + 1;
      counts.set(action, nth);
      mishap = options.mishaps?.find((each) => each.action === action && each.nth === nth);
      if (mishap && mishap.after !== true) return broken(response, mishap.how);
      const refused = options.refused?.[`${product}:${action}`] ?? options.refused?.[`${product}:${action} ${region}`] ?? options.veto?.(asked);
      if (refused) throw new Refusal(refused[0], refused[1], 'You are not authorized to do this action.');
      if (action === 'LookupEvents' && options.lookupsPerSecond !== undefined) {
        const now = Date.now();
        while (lookups[0] !== undefined && lookups[0] <= now - 1000) lookups.shift();
        if (lookups.length >= options.lookupsPerSecond) throw new Refusal(400, 'Throttling.User', 'Request was denied due to user flow control.');
        lookups.push(now);
      }
      const handler = options.handlers[`${product}:${action}`];
      if (!handler) throw new Refusal(404, 'InvalidAction.NotFound', 'Specified api is not found, please check your url and method.');
      const rows = handler(asked);
      calls.push({ ...asked, code: '' });
      options.onCall?.(asked, requestId, '');
      if (mishap) return broken(response, mishap.how);
      return answer(response, 200, requestId, rows);
    } catch (error) {
      const { status, code, message } = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
      if (asked) {
        calls.push({ ...asked, code });
        options.onCall?.(asked, requestId, code);
      }
      return answer(response, status, requestId, { HostId: '127.0.0.1', Code: code, Message: message, Recommend: `https://api.example.com/troubleshoot?q=${code}` });
    }
  };

  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => void setTimeout(() => perform(request, response, Buffer.concat(chunks)), options.latencyMs ?? 0));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url(),
    calls,
    use: (next) => {
      options = next;
      counts.clear();
      calls.length = 0;
    },
    close: async () => {
      for (const response of hanging) response.socket?.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
