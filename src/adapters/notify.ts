// Sends a text to a DingTalk group through its custom robot. Knows the robot's wire format, not what is said or why; its secrets stay in here.
import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { Messenger, Sent, WebhookSettings } from '../engine/ports.ts';
import { proxyFor } from './alibaba/proxy.ts';

export type NotifyOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Host time: the robot refuses a signature that is an hour off. */
  now(): Date;
  readonly timeoutMs?: number;
  /** For tests: plain http to this machine. Everything else goes to DingTalk alone, over https. */
  readonly loopback?: boolean;
};

/** What a robot takes: 20,000 bytes. */
const mostBytes = 18_000;
/** An answer says one short thing. */
const mostAnswer = 10_000;

/**
 * A messenger for these settings. Reads the secrets from the environment at each sending, and never throws: what went wrong is in the result,
 * without the URL's token and the secret.
 */
export function openMessenger({ name, urlFrom, secretFrom }: WebhookSettings, { env, now, timeoutMs = 10_000, loopback = false }: NotifyOptions): Messenger {
  const read = (): Robot | Sent => {
    const url = env[urlFrom] ?? '';
    const secret = secretFrom === undefined ? undefined : (env[secretFrom] ?? '');
    if (url === '') return refused('E_UNSET', `$${urlFrom} is not set.`);
    if (secret === '') return refused('E_UNSET', `$${secretFrom ?? ''} is not set.`);
    const address = URL.parse(url);
    if (!address || !isRobot(address, loopback)) return refused('E_ADDRESS', `$${urlFrom} does not name a DingTalk robot: https://oapi.dingtalk.com/robot/send?access_token=…`);
    return { address, ...(secret === undefined ? {} : { secret }) };
  };
  return {
    to: name,
    lack() {
      const robot = read();
      return 'address' in robot ? undefined : robot.detail;
    },
    async send(text, signal) {
      const robot = read();
      if (!('address' in robot)) return robot;
      const { address, secret } = robot;
      const secrets = [secret, address.searchParams.get('access_token'), address.href].filter((each): each is string => typeof each === 'string' && each !== '');
      if (secret !== undefined) sign(address, secret, now());
      const body = JSON.stringify({ msgtype: 'text', text: { content: fitted(text) } });
      try {
        return judged(await post(address, body, { timeoutMs, agent: agentFor(address, env), ...(signal ? { signal } : {}) }), secrets);
      } catch (cause) {
        const { code = 'unknown', sent = false } = cause as { readonly code?: string; readonly sent?: boolean };
        return { result: sent ? 'unknown' : 'failed', code, detail: clean((cause as Error).message, secrets) };
      }
    },
  };
}

type Robot = { readonly address: URL; readonly secret?: string };

function refused(code: string, detail: string): Sent {
  return { result: 'failed', code, detail: `${detail} Nothing was sent.` };
}

function isRobot({ protocol, hostname }: URL, loopback: boolean): boolean {
  if (loopback && protocol === 'http:' && hostname === '127.0.0.1') return true;
  return protocol === 'https:' && (hostname === 'dingtalk.com' || hostname.endsWith('.dingtalk.com'));
}

/** As DingTalk's "additional signature" wants it: HMAC-SHA256 over the milliseconds, a line break and the secret, keyed by the secret. */
function sign(address: URL, secret: string, at: Date): void {
  const timestamp = String(at.getTime());
  address.searchParams.set('timestamp', timestamp);
  address.searchParams.set('sign', createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64'));
}

/** At most what a robot takes, never half a character. */
function fitted(text: string): string {
  if (Buffer.byteLength(text) <= mostBytes) return text;
  return `${Buffer.from(text)
    .subarray(0, mostBytes)
    .toString('utf8')
    .replace(/\ufffd$/u, '')}…`;
}

function agentFor({ protocol }: URL, env: NotifyOptions['env']): http.Agent {
  if (protocol === 'http:') return new http.Agent();
  const proxy = proxyFor(env);
  return new https.Agent(proxy ? { proxyEnv: { ...proxy.env } } : {});
}

type Answer = { readonly status: number; readonly body: string };
type PostOptions = { readonly timeoutMs: number; readonly agent: http.Agent; readonly signal?: AbortSignal };

/** Rejects with `sent` when the server may have got all of it. */
function post(address: URL, body: string, { timeoutMs, agent, signal }: PostOptions): Promise<Answer> {
  const limit = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    let sent = false;
    const fail = (cause: Error): void => reject(Object.assign(cause, { sent }));
    const request = (address.protocol === 'http:' ? http : https).request(address, {
      method: 'POST',
      agent,
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
      headers: { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) },
    });
    request.once('error', fail);
    request.once('finish', () => (sent = true));
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.once('error', fail);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= mostAnswer) chunks.push(chunk);
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
    });
    request.end(body);
  });
}

/** A robot answers 200 to everything; `errcode` 0 alone is a yes. */
function judged({ status, body }: Answer, secrets: readonly string[]): Sent {
  const { errcode, errmsg } = parsed(body);
  if (status === 200 && errcode === 0) return { result: 'done' };
  const code = typeof errcode === 'number' || typeof errcode === 'string' ? String(errcode) : `HTTP ${status}`;
  return { result: 'failed', code: clean(code, secrets), detail: clean(typeof errmsg === 'string' ? errmsg : `It answered ${status}.`, secrets) };
}

function parsed(body: string): { readonly errcode?: unknown; readonly errmsg?: unknown } {
  try {
    return (JSON.parse(body) ?? {}) as object;
  } catch {
    return {};
  }
}

function clean(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***'), text).slice(0, 300);
}
