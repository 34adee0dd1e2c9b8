// For the range's tests: a small account, calls without a wire, and a client that signs by hand.
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWorld } from '../../src/range/build.ts';
import type { Twist } from '../../src/range/call.ts';
import { advance, products, serve } from '../../src/range/gateway.ts';
import type { Served } from '../../src/range/gateway.ts';
import { WorldSeed } from '../../src/range/seed.ts';
import type { WorldSeedInput } from '../../src/range/seed.ts';
import type { World } from '../../src/range/world.ts';
import type { JsonObject } from '../../src/text.ts';

export const leaked = 'LTAI5tEXAMPLEleak0001';
export const responder = 'LTAI5tEXAMPLEresp0002';
export const reader = 'LTAI5tEXAMPLEread0003';
export const nobody = 'LTAI5tEXAMPLEnone0004';
export const flagged = 'LTAI5tEXAMPLEflag0005';
export const secretOf = (key: string): string => `EXAMPLE-not-a-secret-${key}`;

const key = (id: string) => ({ id, secret: secretOf(id), created: '-30d' });
const gpu = { type: 'ecs.gn6i-c8g1.2xlarge', image: 'img-miner', maker: { key: leaked, ip: '203.0.113.66' } };

/** An account with five users, a few instances and a trail. `change` replaces whole parts of it. */
export function aSeed(change: Partial<WorldSeedInput> = {}): WorldSeed {
  return WorldSeed.parse({
    seed: 'test',
    start: '2026-03-14T19:04:00Z',
    account: { id: '1000000000000042', alias: 'acme-test' },
    responder: 'responder',
    regions: ['cn-hangzhou', 'ap-southeast-1', 'us-west-1'],
    policies: [
      { name: 'not-here', document: { Version: '1', Statement: [{ Effect: 'Deny', Action: 'ecs:*', Resource: 'acs:ecs:us-west-1:*:*' }] } },
      { name: 'build', document: { Version: '1', Statement: [{ Effect: 'Allow', Action: ['ecs:*', 'ram:*', 'sts:AssumeRole'], Resource: '*' }] } },
    ],
    users: [
      { name: 'build', created: '-1y', policies: ['build'], keys: [key(leaked)] },
      { name: 'responder', created: '-1y', policies: ['AdministratorAccess', 'not-here'], keys: [{ ...key(responder), ip: '192.0.2.77' }] },
      { name: 'reader', created: '-1y', policies: ['ReadOnlyAccess'], keys: [key(reader)], login: { created: '-1y', mfa: true, lastLogin: '-3d' } },
      { name: 'nobody', created: '-1y', keys: [key(nobody)] },
      { name: 'flagged', created: '-1y', policies: ['AdministratorAccess'], keys: [{ ...key(flagged), restricted: true }] },
    ],
    roles: [
      {
        name: 'Deploy',
        created: '-1y',
        policies: ['AliyunECSReadOnlyAccess'],
        trust: { Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: ['acs:ram::1000000000000042:root'] } }] },
      },
    ],
    trails: [{ name: 'audit', home: 'cn-hangzhou', created: '-1y', logging: false, stoppedLogging: '-40m', bucket: 'logs' }],
    securityGroups: [{ id: 'sg-test1', region: 'cn-hangzhou', name: 'web', created: '-1y', rules: [{ ports: '22/22', cidr: '0.0.0.0/0' }] }],
    instances: [
      {
        ...gpu,
        region: 'cn-hangzhou',
        ids: ['i-miner1', 'i-miner2'],
        names: ['m1', 'm2'],
        created: '-2h',
        publicIps: ['203.0.113.201', '203.0.113.202'],
        userData: '#!/bin/sh\n',
        console: 'boot',
        commands: [{ name: 'update', at: '-1h', content: 'curl', output: 'ok' }],
      },
      { ...gpu, region: 'cn-hangzhou', ids: ['i-prepaid1'], names: ['p'], created: '-2h', charge: 'PrePaid' },
      { ...gpu, region: 'cn-hangzhou', ids: ['i-local1'], names: ['l'], created: '-2h', localDisk: true },
      { ...gpu, region: 'cn-hangzhou', ids: ['i-classic1'], names: ['c'], created: '-2h', network: 'classic' },
      { ...gpu, region: 'cn-hangzhou', ids: ['i-locked1'], names: ['k'], created: '-2h', securityLock: true },
      { ...gpu, region: 'us-west-1', ids: ['i-hidden1'], names: ['h'], created: '-2h' },
    ],
    history: [
      { at: '-20d', every: '1h', until: '-1h', who: leaked, ip: '192.0.2.10', action: 'cr:GetAuthorizationToken' },
      { at: '-2d', who: leaked, ip: '203.0.113.66', action: 'ram:CreateUser', params: { UserName: 'backdoor' }, response: { User: { UserName: 'backdoor' } } },
    ],
    prices: { instances: { 'ecs.gn6i-c8g1.2xlarge': 10 }, diskPerGiB: { cloud_essd: 0.01 } },
    ...change,
  } satisfies WorldSeedInput);
}

export type Ask = { readonly key?: string; readonly region?: string; readonly method?: string; readonly after?: number; readonly twist?: Twist; readonly ip?: string };

/** An account without a wire: calls go straight in. `wait` moves its time. */
export function anAccount(change: Partial<WorldSeedInput> = {}) {
  const world: World = buildWorld(aSeed(change));
  let now = world.start;
  const ask = (
    call: string,
    params: Readonly<Record<string, string>> = {},
    { key: accessKeyId = responder, region, method = 'POST', twist, ip = '192.0.2.77' }: Ask = {},
  ): Served => {
    const [product = '', action = ''] = call.split(':');
    advance(world, now);
    const place = region ?? params['RegionId'] ?? (products[product]?.global === false ? 'cn-hangzhou' : undefined);
    const named = products[product]?.operations[action]?.params.includes('RegionId!') ? { RegionId: place ?? '', ...params } : params;
    return serve(world, { product, action, method, region: place === '' ? undefined : place, params: named, accessKeyId, ip, agent: 'test/1.0' }, now, twist);
  };
  return {
    world,
    ask,
    /** The body of a call that has to succeed. */
    ok: (call: string, params?: Readonly<Record<string, string>>, how?: Ask): JsonObject => {
      const served = ask(call, params, how);
      if (served.error) throw new Error(`${call}: ${served.error.code} ${served.error.message}`);
      return served.body;
    },
    /** The code of a call that has to fail. */
    code: (call: string, params?: Readonly<Record<string, string>>, how?: Ask): string => ask(call, params, how).error?.code ?? 'no error',
    wait: (ms: number): void => {
      now += ms;
      advance(world, now);
    },
  };
}

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** A fresh folder's world.jsonl. */
export const aJournal = (): string => join(mkdtempSync(join(tmpdir(), 'range-')), 'world.jsonl');

const versions: Readonly<Record<string, string>> = Object.fromEntries(Object.values(products).map((product) => [product.name, product.version]));
const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** A signed request on its way. */
export type Signed = { path: string; method: string; headers: Record<string, string>; body: string };
export type Sent = { readonly status: number; readonly body: JsonObject; readonly text: string; readonly headers: Readonly<Record<string, string | string[] | undefined>> };
export type SendOptions = {
  readonly key?: string;
  readonly secret?: string;
  readonly token?: string;
  readonly method?: 'GET' | 'POST';
  readonly form?: Readonly<Record<string, string>>;
  readonly date?: Date;
  readonly nonce?: string;
  /** Changes the request after it was signed. */
  readonly alter?: (signed: Signed) => void;
  readonly timeoutMs?: number;
};

/** Sends one call, signed with ACS3-HMAC-SHA256 by hand. */
export function send(url: string, call: string, params: Readonly<Record<string, string>> = {}, options: SendOptions = {}): Promise<Sent> {
  const [product = '', action = ''] = call.split(':');
  const { host } = new URL(url);
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const body = options.form
    ? Object.entries(options.form)
        .map(([name, value]) => `${encode(name)}=${encode(value)}`)
        .join('&')
    : '';
  const query = Object.entries(params)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
  const headers: Record<string, string> = {
    host,
    'x-acs-action': action,
    'x-acs-version': versions[product] ?? '2000-01-01',
    'x-acs-date': `${(options.date ?? new Date()).toISOString().slice(0, 19)}Z`,
    'x-acs-signature-nonce': options.nonce ?? randomUUID(),
    'x-acs-content-sha256': sha256(body),
    'user-agent': 'hand/1.0',
    ...(options.form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    ...(options.token ? { 'x-acs-security-token': options.token, 'x-acs-accesskey-id': options.key ?? '' } : {}),
  };
  const method = options.method ?? 'POST';
  const names = Object.keys(headers)
    .filter((name) => name === 'host' || name === 'content-type' || name.startsWith('x-acs-'))
    .toSorted();
  const canonical = [method, '/', query, names.map((name) => `${name}:${headers[name]}\n`).join(''), names.join(';'), headers['x-acs-content-sha256']].join('\n');
  const accessKeyId = options.key ?? responder;
  const signature = createHmac('sha256', options.secret ?? secretOf(accessKeyId))
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
  headers['authorization'] = `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`;
  const signed = { path: query === '' ? '/' : `/?${query}`, method, headers, body };
  options.alter?.(signed);
  return post(url, signed, options.timeoutMs);
}

/** Sends one call the older way: RPC, HMAC-SHA1, everything in the query. */
export function sendRpc(url: string, call: string, params: Readonly<Record<string, string>> = {}, alter: (all: Record<string, string>) => void = () => undefined): Promise<Sent> {
  const [product = '', action = ''] = call.split(':');
  const all: Record<string, string> = {
    ...params,
    Action: action,
    Version: versions[product] ?? '',
    Format: 'json',
    Timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
    SignatureNonce: randomUUID(),
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    AccessKeyId: responder,
  };
  const text = (pairs: readonly (readonly [string, string])[]): string => pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  const toSign = `GET&${encode('/')}&${encode(text(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1))))}`;
  all['Signature'] = createHmac('sha1', `${secretOf(responder)}&`)
    .update(toSign)
    .digest('base64');
  alter(all);
  return post(url, { path: `/?${text(Object.entries(all))}`, method: 'GET', headers: {}, body: '' });
}

function post(
  url: string,
  { path, method, headers, body }: { readonly path: string; readonly method: string; readonly headers: Record<string, string>; readonly body: string },
  timeoutMs = 5_000,
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { path, method, headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) }, agent: false, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers, body: text.startsWith('{') ? (JSON.parse(text) as JsonObject) : {} });
      });
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('timed out')));
    sent.on('error', reject);
    sent.end(body);
  });
}
