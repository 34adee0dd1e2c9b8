// Request signatures: ACS3-HMAC-SHA256 and RPC HMAC-SHA1. Pure; knows no account, no clock of its own.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** One HTTP request as it arrived. Header names are lower-case. */
export type Wire = {
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
};

export type Signed = { readonly ok: true; readonly accessKeyId: string; readonly nonce: string; readonly token: string | undefined };
export type Unsigned = { readonly ok: false; readonly status: number; readonly code: string; readonly message: string };

const skewMs = 15 * 60_000;
const formType = 'application/x-www-form-urlencoded';

/** Every parameter of the query and, for a form, the body. Later ones win, as the gateway has it. */
export function parameters(wire: Wire): Readonly<Record<string, string>> {
  return Object.fromEntries([...pairs(queryOf(wire.url)), ...formPairs(wire)]);
}

/**
 * Checks who signed a request. `secretOf` gives the secret of a key, undefined when there is none.
 * The clock window is host time (design §9): `now` is the host's.
 */
export function verify(wire: Wire, now: Date, secretOf: (accessKeyId: string) => string | undefined): Signed | Unsigned {
  return wire.headers['authorization'] === undefined ? verifyRpc(wire, now, secretOf) : verifyAcs3(wire, now, secretOf);
}

function verifyAcs3(wire: Wire, now: Date, secretOf: (id: string) => string | undefined): Signed | Unsigned {
  const found = /^(ACS3-HMAC-SHA256)\s+Credential=([^,]*),\s*SignedHeaders=([^,]*),\s*Signature=([0-9a-f]+)$/.exec(wire.headers['authorization'] ?? '');
  const [, algorithm = '', accessKeyId = '', signedHeaders = '', signature = ''] = found ?? [];
  if (!found) return refuse(400, 'IncompleteSignature', 'The request signature does not conform to Alibaba Cloud standards.');
  const names = signedHeaders.split(';');
  const must = Object.keys(wire.headers).filter((name) => name === 'host' || name === 'content-type' || name.startsWith('x-acs-'));
  if (must.some((name) => !names.includes(name))) return refuse(400, 'IncompleteSignature', 'A header that must be signed is not in SignedHeaders.');
  const secret = secretOf(accessKeyId);
  if (secret === undefined) return notFound();
  const bodyHash = createHash('sha256').update(wire.body).digest('hex');
  if (wire.headers['x-acs-content-sha256'] !== bodyHash) return refuse(400, 'InvalidContentSha256', 'The x-acs-content-sha256 header does not match the body.');
  const query = pairs(queryOf(wire.url))
    .toSorted(byKey)
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .join('&');
  const headers = names.map((name) => `${name}:${(wire.headers[name] ?? '').trim()}\n`).join('');
  const canonical = [wire.method, pathOf(wire.url), query, headers, signedHeaders, bodyHash].join('\n');
  const stringToSign = `${algorithm}\n${createHash('sha256').update(canonical).digest('hex')}`;
  if (!same(createHmac('sha256', secret).update(stringToSign).digest('hex'), signature)) return mismatch(stringToSign);
  return fresh(wire.headers['x-acs-date'], now) ?? { ok: true, accessKeyId, nonce: wire.headers['x-acs-signature-nonce'] ?? '', token: wire.headers['x-acs-security-token'] };
}

function verifyRpc(wire: Wire, now: Date, secretOf: (id: string) => string | undefined): Signed | Unsigned {
  const all = [...pairs(queryOf(wire.url)), ...formPairs(wire)];
  const one = Object.fromEntries(all);
  const { AccessKeyId: accessKeyId, Signature: signature, SignatureMethod: method, SignatureNonce: nonce } = one;
  if (accessKeyId === undefined) return refuse(400, 'MissingAccessKeyId', 'AccessKeyId is mandatory for this action.');
  if (signature === undefined || nonce === undefined || method !== 'HMAC-SHA1')
    return refuse(400, 'IncompleteSignature', 'The request signature does not conform to Alibaba Cloud standards.');
  const secret = secretOf(accessKeyId);
  if (secret === undefined) return notFound();
  const canonical = all
    .filter(([key]) => key !== 'Signature')
    .toSorted(byKey)
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .join('&');
  const stringToSign = `${wire.method}&${encode('/')}&${encode(canonical)}`;
  if (!same(createHmac('sha1', `${secret}&`).update(stringToSign).digest('base64'), signature)) return mismatch(stringToSign);
  return fresh(one['Timestamp'], now) ?? { ok: true, accessKeyId, nonce, token: one['SecurityToken'] };
}

function fresh(at: string | undefined, now: Date): Unsigned | undefined {
  const time = Date.parse(at ?? '');
  if (Number.isNaN(time)) return refuse(400, 'InvalidTimeStamp.Format', 'The timestamp of the request is not well formed.');
  if (Math.abs(now.getTime() - time) > skewMs) return refuse(400, 'InvalidTimeStamp.Expired', 'The timestamp of the request has expired.');
  return undefined;
}

function pairs(text: string): [string, string][] {
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [key = '', ...rest] = part.split('=');
      return [decode(key), decode(rest.join('='))];
    });
}

function formPairs(wire: Wire): [string, string][] {
  return (wire.headers['content-type'] ?? '').startsWith(formType) ? pairs(Buffer.from(wire.body).toString('utf8')) : [];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : a > b ? 1 : 0);
const queryOf = (url: string): string => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');
const pathOf = (url: string): string => (url.includes('?') ? url.slice(0, url.indexOf('?')) : url);
const refuse = (status: number, code: string, message: string): Unsigned => ({ ok: false, status, code, message });
const notFound = (): Unsigned => refuse(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
const mismatch = (stringToSign: string): Unsigned =>
  refuse(400, 'SignatureDoesNotMatch', `Specified signature is not matched with our calculation. server string to sign is:${stringToSign}`);

function same(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
