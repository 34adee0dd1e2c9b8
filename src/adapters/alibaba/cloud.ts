// The Cloud port on the real SDKs: guards, budgets, one worker, retries. Knows no runbook and no case but its name.
import type { Call, Reply } from '../../actions/define.ts';
import type { Clock, Cloud } from '../../engine/ports.ts';
import { Fault } from '../../errors.ts';
import { classify, type Verdict } from './classify.ts';
import type { NamedCredential } from './credential.ts';
import { Budgets, type Limit } from './limits.ts';
import { Link } from './link.ts';
import { proxyFor } from './proxy.ts';
import { pauseAfter } from './retry.ts';
import type { Secret } from './verbatim.ts';

export type CloudOptions = {
  /** `http://127.0.0.1:PORT` and nothing else: every product's calls go there. Absent: Alibaba Cloud. */
  readonly endpoint?: string;
  readonly credential: NamedCredential;
  readonly clock: Clock;
  readonly caseId: string;
  readonly version: string;
  /** A rehearsal: the worker refuses whatever does not read. */
  readonly readOnly?: boolean;
  /** Replaces law 3's wait, host milliseconds; only with a loopback endpoint. */
  readonly settleMs?: number;
  /** How long one request may take, host milliseconds. Default 20 s. */
  readonly readTimeoutMs?: number;
  /** Replaces the known limits; for benches and accounts with others. */
  readonly limits?: readonly Limit[];
  /** Where proxy settings are read. Default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
};

/** As much of pino as we use. */
type Log = { debug(fields: object, message: string): void };

/** Beyond the slowest ordinary answers; the SDKs' 3 s cuts requests the server goes on to fulfil. */
const requestLifetimeMs = 20_000;
/** How long a read may still show the state before a write. No figure is published; a second or so is usual: ten times that. */
const readLagMs = 10_000;

/** Key calls without a name act on the caller (law 9): writes among them are refused here, whoever made them. */
const selfActing: ReadonlySet<string> = new Set(['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey', 'SetAccessKeyPolicy']);

function loopbackOf(endpoint: string): string {
  const [, host, port] = /^http:\/\/(127\.0\.0\.1:(\d{1,5}))\/?$/.exec(endpoint) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) throw new Fault('E_ENDPOINT', 'The endpoint is not a port of this machine. Nothing was sent.');
  return host;
}

function guard(call: Call): void {
  const what = `${call.product}:${call.action}`;
  const empty = Object.entries(call.params).find(([, value]) => value === '');
  if (empty) throw new Fault('E_GUARD', `${what} was not sent: ${empty[0]} is empty, and without it the call could act on the key in use.`);
  if (!/^[a-z]{2,}(-[a-z0-9]+){1,6}$/.test(call.region)) throw new Fault('E_GUARD', `${what} was not sent: the region has no valid name.`);
  if ('RegionId' in call.params && call.params['RegionId'] !== call.region) throw new Fault('E_BUG', `${what} names two regions.`);
  const named = call.params['UserName'] ?? call.params['UserPrincipalName'];
  if (call.effect === 'write' && selfActing.has(call.action) && named === undefined) {
    throw new Fault('E_GUARD', `${what} was not sent: without a user's name it would act on the key in use.`);
  }
}

function secretsOf({ accessKeySecret, securityToken }: NamedCredential, proxyPassword: string | undefined): readonly Secret[] {
  return [
    { name: 'AccessKeySecret', value: accessKeySecret },
    ...(securityToken === undefined ? [] : [{ name: 'SecurityToken', value: securityToken }]),
    ...(proxyPassword === undefined ? [] : [{ name: 'proxy password', value: proxyPassword }]),
  ];
}

/**
 * Opens the cloud: starts the worker and returns without waiting for it.
 *
 * Its `send` resolves with whatever the cloud answered, after retries: reads are sent again on throttling and faults, writes only when
 * they were refused by throttling or never left. An abort ends waits, not a request under way.
 *
 * @throws Fault E_ENDPOINT for an endpoint off this machine, or `settleMs` without one; E_NODE or E_USAGE when a proxy is set that can not be used.
 * `send` throws E_GUARD or E_BUG for a call that must not be sent, E_INTERRUPTED when aborted or closed before anything was.
 */
export async function openCloud(options: CloudOptions): Promise<Cloud> {
  const { credential, clock, log } = options;
  const loopback = options.endpoint === undefined ? undefined : loopbackOf(options.endpoint);
  if (options.settleMs !== undefined && loopback === undefined) throw new Fault('E_ENDPOINT', 'A settling time of its own is for loopback endpoints only.');
  const timeoutMs = options.readTimeoutMs ?? requestLifetimeMs;
  const proxy = loopback === undefined ? proxyFor(options.env ?? process.env) : undefined;
  const secrets = secretsOf(credential, proxy?.password);
  const link = new Link({
    credential: {
      accessKeyId: credential.accessKeyId,
      accessKeySecret: credential.accessKeySecret,
      ...(credential.securityToken === undefined ? {} : { securityToken: credential.securityToken }),
    },
    secrets,
    timeoutMs,
    userAgent: `firebreak/${options.version} case/${options.caseId}`,
    ...(loopback === undefined ? {} : { loopback }),
    ...(options.readOnly === true ? { readOnly: true } : {}),
    ...(proxy === undefined ? {} : { proxy: proxy.env }),
  });
  const budgets = new Budgets(clock, options.limits);

  const attempt = async (call: Call): Promise<Verdict> => {
    const told = await link.ask(call);
    if (!('lost' in told)) return told;
    return classify(call, { kind: 'broken', sent: true, code: 'WorkerLost', message: `The thread that sends requests ended: ${told.lost}.` }, secrets, clock.hostNow());
  };

  const send = async (call: Call, signal?: AbortSignal): Promise<Reply> => {
    guard(call);
    let reply: Reply | undefined;
    let began = 0;
    for (let tries = 1; ; tries += 1) {
      let leave: () => void;
      try {
        leave = await budgets.enter(call, tries > 1, signal);
      } catch (error) {
        if (reply) return reply;
        throw new Fault('E_INTERRUPTED', `${call.product}:${call.action} was not sent.`, { cause: error });
      }
      if (tries === 1) began = clock.hostNow().getTime();
      const release = clock.hold?.();
      const verdict = await attempt(call).finally(() => {
        leave();
        release?.();
      });
      reply = { ...verdict.reply, retries: tries - 1 };
      log?.debug({ api: `${call.product}:${call.action}`, region: call.region, requestId: reply.requestId, retries: tries - 1, result: reply.ok ? 'ok' : reply.code }, 'call');
      const pauseMs = pauseAfter(verdict, tries, clock.hostNow().getTime() - began);
      if (pauseMs === undefined) return reply;
      // Throttling is the service's, in scenario time, and keeps every caller of that API away; a fault of the way there is ours alone.
      if (verdict.again === 'throttled') budgets.pause(call, pauseMs);
      else if (!(await slept(clock.hostSleep(pauseMs, signal)))) return reply;
    }
  };

  return {
    send,
    settleMs: options.settleMs ?? timeoutMs + readLagMs,
    endpoint: loopback === undefined ? 'alibaba' : `http://${loopback}`,
    accessKeyId: credential.accessKeyId,
    source: credential.source,
    close: () => link.close(),
  };
}

/** False when the sleep was cut short. */
async function slept(sleep: Promise<void>): Promise<boolean> {
  return await sleep.then(
    () => true,
    () => false,
  );
}
