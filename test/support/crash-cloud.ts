// The Cloud port over plain signed HTTP in this thread: the product's budgets, classification and retries, without its SDK worker.
// Loading the SDKs costs more than a whole resumption; a sweep of thousands takes this way, the rest of the suite the real one.
import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Call, Reply } from '../../src/actions/define.ts';
import { classify, type Answer } from '../../src/adapters/alibaba/classify.ts';
import { Budgets } from '../../src/adapters/alibaba/limits.ts';
import { pauseAfter } from '../../src/adapters/alibaba/retry.ts';
import type { Shell } from '../../src/cli/shell.ts';
import type { Cloud } from '../../src/engine/ports.ts';

type Options = Parameters<Shell['cloud']>[0] & { readonly settleMs: number };

const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** A cloud for an endpoint on this machine. `userAgent` is what the account's log shows of us. */
export async function openLightCloud({ credential, clock, endpoint = '', settleMs }: Options, userAgent: string): Promise<Cloud> {
  const agent = new Agent({ keepAlive: true });
  const budgets = new Budgets(clock);
  const send = async (call: Call, signal?: AbortSignal): Promise<Reply> => {
    for (let tries = 1; ; tries += 1) {
      const leave = await budgets.enter(call, tries > 1, signal);
      const release = clock.hold?.();
      const answer = await ask(new URL(pathOf(call, credential), endpoint), agent, userAgent).finally(() => {
        leave();
        release?.();
      });
      const verdict = classify(call, answer, [], clock.hostNow());
      const pauseMs = pauseAfter(verdict, tries, 0, () => 0.5);
      if (pauseMs === undefined) return { ...verdict.reply, retries: tries - 1 };
      budgets.pause(call, pauseMs);
    }
  };
  return Promise.resolve({
    send,
    settleMs,
    endpoint,
    accessKeyId: credential.accessKeyId,
    source: credential.source,
    close: async () => Promise.resolve(agent.destroy()),
  });
}

/** The call as an RPC request, signed with HMAC-SHA1. */
function pathOf(call: Call, { accessKeyId, accessKeySecret }: Options['credential']): string {
  const all: Readonly<Record<string, string>> = {
    RegionId: call.region,
    ...call.params,
    Action: call.action,
    Version: call.version,
    Format: 'JSON',
    Timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
    SignatureNonce: randomUUID(),
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    AccessKeyId: accessKeyId,
  };
  const pairs = Object.entries(all).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const signature = createHmac('sha1', `${accessKeySecret}&`)
    .update(`POST&${encode('/')}&${encode(pairs.toSorted().join('&'))}`)
    .digest('base64');
  return `/?${pairs.join('&')}&Signature=${encode(signature)}`;
}

function ask(url: URL, agent: Agent, userAgent: string): Promise<Answer> {
  return new Promise((resolve) => {
    const broken = ({ message }: Error): void => resolve({ kind: 'broken', sent: true, code: 'Error', message });
    const sent = request(url, { method: 'POST', agent, headers: { 'user-agent': userAgent } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', broken);
      response.on('end', () => resolve(answerOf(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'), String(response.headers['x-acs-request-id'] ?? ''))));
    });
    sent.on('error', broken);
    sent.end();
  });
}

function answerOf(status: number, text: string, requestId: string): Answer {
  if (status < 400) return { kind: 'body', status, text, requestId };
  const { Code, Message } = JSON.parse(text) as { readonly Code: string; readonly Message: string };
  return { kind: 'error', status, code: Code, message: Message, text, requestId };
}
