import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Link } from '../../../src/adapters/alibaba/link.ts';
import { aCredential, disableKey } from './support.ts';

// The fence can not be taken down again, so it is put up in a thread of its own, as in the product. 192.0.2.1 belongs to no one.
const fence = new URL('../../../src/adapters/alibaba/fence.ts', import.meta.url).href;
const server = createServer((socket) => socket.on('error', () => undefined).end('hello'));
let worker: Worker;

const source = `
  const { parentPort, workerData: port } = require('node:worker_threads');
  const net = require('node:net'), tls = require('node:tls'), dns = require('node:dns'), https = require('node:https'), dgram = require('node:dgram');
  const { once } = require('node:events');
  const connected = async (socket) => { await once(socket, 'connect'); socket.destroy(); return 'connected'; };
  const up = import(${JSON.stringify(fence)}).then(({ fence }) => fence());
  parentPort.on('message', (expression) => up.then(() => eval('(async () => (' + expression + '))()'))
    .then((value) => value, (error) => error.code ?? error.cause?.code ?? String(error)).then((told) => parentPort.postMessage(told)));`;

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  worker = new Worker(source, { eval: true, workerData: (server.address() as AddressInfo).port });
});
afterAll(async () => {
  await worker.terminate();
  server.close();
});

/** Evaluates an expression behind the fence; gives its value, or the code of its error. */
async function behind(expression: string): Promise<unknown> {
  worker.postMessage(expression);
  const [told] = (await once(worker, 'message')) as [unknown];
  return told;
}

it.each([
  'connected(net.connect(443, "192.0.2.1"))',
  'connected(net.connect({ port: 443, host: "192.0.2.1" }))',
  'connected(new net.Socket().connect(443, "ecs.cn-hangzhou.aliyuncs.com"))',
  'connected(tls.connect({ port: 443, host: "192.0.2.1" }))',
  'connected(tls.connect(443, "sts.aliyuncs.com"))',
  'connected(net.connect("/var/run/some.sock"))',
  'connected(net.connect({ path: "/var/run/some.sock" }))',
  'once(https.get("https://ram.aliyuncs.com/"), "response")',
  'fetch("http://192.0.2.1/")',
  'dns.lookup("ram.aliyuncs.com", () => {})',
  'dns.promises.lookup("ram.aliyuncs.com")',
  'dns.promises.resolve4("ram.aliyuncs.com")',
  'new dns.Resolver().resolveTxt("ram.aliyuncs.com", () => {})',
  'new dns.promises.Resolver().resolve("ram.aliyuncs.com")',
  'dgram.createSocket("udp4").send("x", 53, "192.0.2.1")',
  'dgram.createSocket("udp4").connect(53, "192.0.2.1")',
])('refuses %s', async (expression) => {
  expect(await behind(expression)).toBe('EFENCE');
});

it.each(['connected(net.connect(port, "127.0.0.1"))', 'connected(net.connect({ port, host: "localhost", family: 4 }))'])('lets %s pass', async (expression) => {
  expect(await behind(expression)).toBe('connected');
});

it('lets a connection to this machine carry data', async () => {
  expect(await behind('once(net.connect(port, "127.0.0.1").setEncoding("utf8"), "data").then(([text]) => text)')).toBe('hello');
});

it.each(['192.0.2.1:80', 'ram.aliyuncs.com:80'])('stands in the worker before its SDKs do: a drill pointed at %s sends nothing', async (loopback) => {
  const { accessKeyId, accessKeySecret } = aCredential;
  const link = new Link({ credential: { accessKeyId, accessKeySecret }, secrets: [], loopback, timeoutMs: 2_000, userAgent: 'example' });
  expect(await link.ask(disableKey)).toMatchObject({ reply: { refusal: 'unreachable', code: 'EFENCE' } });
  await link.close();
});
