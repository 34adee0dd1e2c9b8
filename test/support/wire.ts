// A tiny server on 127.0.0.1 that answers as told and remembers what it was asked. Knows no product.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived. `params` are query and form fields together. */
type Asked = {
  readonly method: string;
  readonly action: string;
  readonly version: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  /** performance.now() at arrival. */
  readonly at: number;
};

/** How to answer: a status and body, or anything at all by hand. */
export type Answering =
  | { readonly status?: number; readonly body?: unknown; readonly text?: string; readonly headers?: Readonly<Record<string, string>> }
  | ((response: ServerResponse, request: IncomingMessage) => void);

export type Wire = {
  readonly endpoint: string;
  readonly asked: readonly Asked[];
  /** Answers are used up in order; the last one stays. */
  answer(...answers: readonly Answering[]): void;
  /** Chooses by request instead. */
  answerBy(choose: (asked: Asked) => Answering): void;
  /** Forgets what was asked and what to answer. */
  forget(): void;
  close(): Promise<void>;
};

/** An error body as the products write it. */
export function anError(
  code: string,
  message = 'No.',
  more: Readonly<Record<string, unknown>> = {},
): { readonly RequestId: string; readonly Code: string; readonly Message: string } {
  return { RequestId: 'REQ-ERROR', Code: code, Message: message, ...more };
}

export async function aWire(): Promise<Wire> {
  const asked: Asked[] = [];
  let answers: readonly Answering[] = [];
  let choose: ((asked: Asked) => Answering) | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const one: Asked = {
        method: request.method ?? '',
        action: String(request.headers['x-acs-action'] ?? ''),
        version: String(request.headers['x-acs-version'] ?? ''),
        params: Object.fromEntries([...url.searchParams, ...form]),
        headers: request.headers,
        at: performance.now(),
      };
      asked.push(one);
      const answer = choose?.(one) ?? answers[0] ?? {};
      if (answers.length > 1) answers = answers.slice(1);
      if (typeof answer === 'function') return answer(response, request);
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json;charset=utf-8', ...answer.headers });
      response.end(answer.text ?? JSON.stringify(answer.body ?? { RequestId: 'REQ-1' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer(...given) {
      choose = undefined;
      answers = given;
    },
    answerBy(chooser) {
      choose = chooser;
    },
    forget() {
      asked.length = 0;
      answers = [];
      choose = undefined;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
