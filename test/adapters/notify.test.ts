import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openMessenger } from '../../src/adapters/notify.ts';
import type { Messenger } from '../../src/engine/ports.ts';

const [token, secret] = ['EXAMPLEtoken0000', 'SECexample0000'];
const settings = { kind: 'dingtalk', name: 'incident group', urlFrom: 'HOOK_URL', secretFrom: 'HOOK_SECRET' } as const;
const at = new Date('2026-03-14T19:04:00.123Z');

type Got = { readonly url: URL; readonly body: string; readonly type: string };
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A robot on loopback: what it got, and a messenger that speaks to it. */
async function aRobot(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly got: Got[]; readonly messenger: Messenger }> {
  const got: Got[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ url: new URL(request.url ?? '', 'http://robot'), body: Buffer.concat(chunks).toString(), type: request.headers['content-type'] ?? '' });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const all = { HOOK_URL: `http://127.0.0.1:${port}/robot/send?access_token=${token}`, HOOK_SECRET: secret, ...env };
  return { got, messenger: openMessenger(settings, { env: all, now: () => at, timeoutMs: 300, loopback: true }) };
}

const says =
  (body: object, status = 200) =>
  (_: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

describe('a DingTalk robot', () => {
  it('gets the text as it stands, signed as its documentation says', async () => {
    const { got, messenger } = await aRobot(says({ errcode: 0, errmsg: 'ok' }));
    expect(await messenger.send('密钥已泄露 "quoted"\nsecond line')).toEqual({ result: 'done' });
    const [one] = got;
    expect(JSON.parse(one?.body ?? '')).toEqual({ msgtype: 'text', text: { content: '密钥已泄露 "quoted"\nsecond line' } });
    expect(one?.type).toContain('application/json');
    expect(one?.url.searchParams.get('access_token')).toBe(token);
    expect(one?.url.searchParams.get('timestamp')).toBe(String(at.getTime()));
    expect(one?.url.searchParams.get('sign')).toBe(createHmac('sha256', secret).update(`${at.getTime()}\n${secret}`).digest('base64'));
    expect(got).toHaveLength(1);
  });

  it('that refuses, with 200 as it does, has refused; its words carry no secret', async () => {
    const { messenger } = await aRobot(says({ errcode: 310_000, errmsg: `sign not match for ${token} ${secret}` }));
    expect(await messenger.send('x')).toEqual({ result: 'failed', code: '310000', detail: 'sign not match for *** ***' });
  });

  it.for([
    ['another status', says({}, 502), { result: 'failed', code: 'HTTP 502' }],
    ['no JSON', (_: IncomingMessage, response: ServerResponse): void => void response.end('<html>'), { result: 'failed', code: 'HTTP 200' }],
    ['silence', (): void => undefined, { result: 'unknown' }],
    ['a cut line', (request: IncomingMessage): void => void request.socket.destroy(), { result: 'unknown' }],
  ] as const)('that answers with %s is understood', async ([, answer, result]) => {
    const { messenger } = await aRobot(answer);
    expect(await messenger.send('x')).toMatchObject(result);
  });

  it('that is not there was sent nothing', async () => {
    const { messenger } = await aRobot(says({ errcode: 0 }));
    await new Promise((resolve) => server?.close(resolve));
    expect(await messenger.send('x')).toMatchObject({ result: 'failed', code: 'ECONNREFUSED' });
  });

  it('is sent no more than it takes, never half a character', async () => {
    const { got, messenger } = await aRobot(says({ errcode: 0 }));
    await messenger.send('长'.repeat(20_000));
    const { text } = JSON.parse(got[0]?.body ?? '') as { readonly text: { readonly content: string } };
    expect(Buffer.byteLength(text.content)).toBeLessThan(20_000);
    expect(text.content).toMatch(/^长+…$/);
  });
});

describe('settings that lead nowhere', () => {
  const send = async (env: Readonly<Record<string, string>>, loopback = false): Promise<unknown> => openMessenger(settings, { env, now: () => at, loopback }).send('x');

  it('send nothing and say which variable is missing', async () => {
    expect(await send({})).toMatchObject({ result: 'failed', code: 'E_UNSET', detail: '$HOOK_URL is not set. Nothing was sent.' });
    expect(await send({ HOOK_URL: 'https://oapi.dingtalk.com/robot/send?access_token=x' })).toMatchObject({
      code: 'E_UNSET',
      detail: '$HOOK_SECRET is not set. Nothing was sent.',
    });
  });

  it('are found without sending anything', async () => {
    expect(openMessenger(settings, { env: {}, now: () => at }).lack()).toBe('$HOOK_URL is not set. Nothing was sent.');
    const { got, messenger } = await aRobot(says({ errcode: 0 }));
    expect(messenger.lack()).toBeUndefined();
    expect(got).toEqual([]);
  });

  it.for([
    'not a url',
    'http://oapi.dingtalk.com/robot/send',
    'https://example.invalid/robot',
    'https://oapi.dingtalk.com.example.invalid/',
    'http://127.0.0.1:1/',
    'file:///etc/passwd',
  ])('send nothing to %s', async (url) => {
    const sent = await send({ HOOK_URL: url, HOOK_SECRET: secret });
    expect(sent).toMatchObject({ result: 'failed', code: 'E_ADDRESS' });
    expect(JSON.stringify(sent)).not.toContain(url);
  });

  it('go to this machine only where a test says so', async () => {
    expect(await send({ HOOK_URL: 'http://127.0.0.1:1/', HOOK_SECRET: secret }, true)).toMatchObject({ code: 'ECONNREFUSED' });
    expect(await send({ HOOK_URL: 'http://127.0.0.2:1/', HOOK_SECRET: secret }, true)).toMatchObject({ code: 'E_ADDRESS' });
  });
});
