// What the SDKs and Node throw, as an answer to judge. Pure; the words are for a responder, so no URL, which holds every parameter.
import type { Answer } from './classify.ts';
import type { Trace } from './transport.ts';

/** Read with care: the SDKs' classes differ from version to version, some throws are plain errors, absent fields are the word "undefined". */
type Thrown = {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly requestId?: unknown;
  readonly data?: unknown;
  readonly retryAfter?: unknown;
};

function textOf(value: unknown): string {
  return typeof value === 'string' && value !== 'undefined' ? value : '';
}

const known: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there.',
  ECONNRESET: 'The connection broke off.',
  ENOTFOUND: 'Its name is not known here: is the network up?',
  EAI_AGAIN: 'Its name could not be looked up: is the network up?',
  ERR_PROXY_TUNNEL: 'The proxy named by HTTPS_PROXY did not let it through.',
};

function wordsOf(code: string, message: string, timeoutMs: number): string {
  if (code === 'RequestTimeoutError') return `No answer within ${timeoutMs / 1000} s.`;
  if (/^ERR_(SSL|TLS)|CERT|UNABLE_TO/.test(code)) return 'No trusted connection could be made: something on the way may be intercepting it.';
  return known[code] ?? `${message.replace(/\s*(GET|POST|Connect)? ?https?:\/\/.*$/s, '')}.`;
}

/** What a failed call comes to. `trace` knows what the error does not: whether it left, and what came back in bytes. */
export function answerOf(thrown: unknown, trace: Trace, timeoutMs: number): Answer {
  const error: Thrown = typeof thrown === 'object' && thrown !== null ? thrown : {};
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
      text: trace.body || JSON.stringify(data),
      ...(requestId === undefined ? {} : { requestId }),
      ...(trace.date === undefined ? {} : { date: trace.date }),
      ...(typeof error.retryAfter === 'number' ? { retryAfterMs: error.retryAfter } : {}),
    };
  }
  const came = { sent: trace.sent, ...(status === undefined ? {} : { status }), ...(trace.body === '' ? {} : { text: trace.body }) };
  const code = textOf(error.code) || textOf(error.name) || 'Error';
  // The whole answer came, and the SDK could make nothing of it.
  if (trace.status !== undefined && textOf(error.code) === '' && code !== 'RequestTimeoutError') {
    return { kind: 'broken', ...came, code: 'UnexpectedBody', message: `HTTP ${trace.status} came with a body that is not the API's JSON.` };
  }
  return { kind: 'broken', ...came, code, message: wordsOf(code, textOf(error.message), timeoutMs) };
}
