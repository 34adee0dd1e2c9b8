// The thread that holds the SDKs: takes a call, sends it once, says what came of it. Knows no budget and no retry.
import { parentPort, workerData } from 'node:worker_threads';
import type { Call } from '../../actions/define.ts';
import { classify, type Answer, type Verdict } from './classify.ts';
import { fence } from './fence.ts';
import { Miswritten, sdks, type Setting } from './products.ts';
import { install, traced, type ProxyEnv, type Trace } from './transport.ts';
import type { Secret } from './verbatim.ts';

/** What the worker is started with. */
export type WorkerSetting = Setting & { readonly secrets: readonly Secret[]; readonly proxy?: ProxyEnv };
export type Question = { readonly id: number; readonly call: Call };
/** `miswritten`: our own mistake, nothing was sent. */
export type Told = { readonly id: number } & ({ readonly verdict: Verdict } | { readonly miswritten: string });

/** What the SDKs throw, read with care: their classes differ from version to version, and some throws are plain errors. */
type Thrown = {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly requestId?: unknown;
  readonly data?: unknown;
  readonly retryAfter?: unknown;
};

/** The SDKs write the word "undefined" where a field was absent. */
function textOf(value: unknown): string {
  return typeof value === 'string' && value !== 'undefined' ? value : '';
}

/** Says in words what broke. The URL goes: it holds every parameter. */
function wordsOf(error: Thrown, status: number | undefined, timeoutMs: number): string {
  if (error.name === 'RequestTimeoutError') return `No answer within ${timeoutMs / 1000} s.`;
  if (error.name === 'SyntaxError' && status !== undefined) return `HTTP ${status} came with a body that is not the API's JSON.`;
  return textOf(error.message).replace(/\s*(GET|POST|Connect)? ?https?:\/\/.*$/s, '');
}

function answerOf(error: Thrown, trace: Trace, timeoutMs: number): Answer {
  const status = typeof error.statusCode === 'number' ? error.statusCode : trace.status;
  const { data } = error;
  if (typeof data === 'object' && data !== null && status !== undefined) {
    const { Message, message } = data as { readonly Message?: unknown; readonly message?: unknown };
    const requestId = textOf(error.requestId) || trace.requestId;
    return {
      kind: 'error',
      status,
      code: textOf(error.code) || `HTTP${status}`,
      message: textOf(Message) || textOf(message),
      text: JSON.stringify(data),
      ...(requestId === undefined ? {} : { requestId }),
      ...(trace.date === undefined ? {} : { date: trace.date }),
      ...(typeof error.retryAfter === 'number' ? { retryAfterMs: error.retryAfter } : {}),
    };
  }
  return {
    kind: 'broken',
    sent: trace.sent,
    code: textOf(error.code) || textOf(error.name) || 'Error',
    message: wordsOf(error, status, timeoutMs),
    ...(status === undefined ? {} : { status }),
  };
}

function serve(port: NonNullable<typeof parentPort>, setting: WorkerSetting): void {
  if (setting.loopback !== undefined) fence();
  install(setting.proxy);
  const clients = sdks(setting);
  const attempt = async (call: Call): Promise<Verdict> => {
    const trace: Trace = { sent: false };
    let answer: Answer;
    try {
      const { statusCode, body, headers } = await traced(trace, () => clients.send(call));
      const requestId = headers['x-acs-request-id'];
      const date = headers['date'];
      answer = { kind: 'body', status: statusCode, text: body, ...(requestId === undefined ? {} : { requestId }), ...(date === undefined ? {} : { date }) };
    } catch (error) {
      if (error instanceof Miswritten) throw error;
      answer = answerOf(error as Thrown, trace, setting.timeoutMs);
    }
    return classify(call, answer, setting.secrets, new Date());
  };
  port.on('message', ({ id, call }: Question) => {
    attempt(call).then(
      (verdict) => port.postMessage({ id, verdict } satisfies Told),
      (error: unknown) => port.postMessage({ id, miswritten: error instanceof Error ? error.message : String(error) } satisfies Told),
    );
  });
  // Only a head start: a call that needs a package which can not be loaded says so itself.
  clients.warmUp().catch(() => undefined);
}

if (parentPort) serve(parentPort, workerData as WorkerSetting);
