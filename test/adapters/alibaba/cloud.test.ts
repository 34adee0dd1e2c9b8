import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Call, Reply } from '../../../src/actions/define.ts';
import { openCloud, type CloudOptions } from '../../../src/adapters/alibaba/cloud.ts';
import type { Cloud } from '../../../src/engine/ports.ts';
import { anError, aWire, type Answering, type Wire } from '../../support/wire.ts';
import { aClock, aCredential, aRead, aWrite, disableKey, listUsers, type TestClock } from './support.ts';

const timeoutMs = 200;
let wire: Wire;
let cloud: Cloud;
let clock: TestClock;
/** Everything that left the adapter in these tests. */
const left: string[] = [];

function open(more: Partial<CloudOptions> = {}): Promise<Cloud> {
  return openCloud({
    endpoint: wire.endpoint,
    credential: aCredential,
    clock,
    caseId: 'example-1',
    version: '0.0.0',
    readTimeoutMs: timeoutMs,
    log: { debug: (fields) => left.push(JSON.stringify(fields)) },
    ...more,
  });
}

/** Options without an endpoint: the real service, which no test may reach. */
const anAlibaba = { credential: aCredential, clock: aClock(), caseId: 'example-1', version: '0.0.0' } as const;

async function send(call: Call, signal?: AbortSignal): Promise<Reply> {
  const reply = await cloud.send(call, signal);
  left.push(JSON.stringify(reply));
  return reply;
}

beforeAll(async () => {
  clock = aClock();
  wire = await aWire();
  cloud = await open();
});
beforeEach(() => {
  clock.slept.length = 0;
  clock.hostSlept.length = 0;
});
afterEach(() => {
  wire.forget();
});
afterAll(async () => {
  await cloud.close();
  await wire.close();
});

describe('a rehearsal', () => {
  it('sends what reads and refuses what does not, whatever a call says of itself', async () => {
    const practice = await open({ readOnly: true });
    try {
      await practice.send(listUsers);
      expect(wire.asked).toHaveLength(1);
      wire.forget();
      await expect(practice.send(disableKey)).rejects.toThrow('a rehearsal changes nothing');
      await expect(practice.send({ ...disableKey, effect: 'read' })).rejects.toThrow('a rehearsal changes nothing');
      await expect(practice.send({ ...listUsers, effect: 'write' })).rejects.toThrow('a rehearsal changes nothing');
      expect(wire.asked).toEqual([]);
    } finally {
      await practice.close();
    }
  });
});

describe('what goes over the wire', () => {
  it.each([
    aRead('sts', 'GetCallerIdentity'),
    disableKey,
    aRead('ims', 'ListUsers', { Status: 'active,freeze' }),
    aWrite('ecs', 'StopInstances', { 'InstanceId.1': 'i-example1', 'InstanceId.2': 'i-example2', StoppedMode: 'StopCharging' }, 'ap-southeast-1'),
    aRead('actiontrail', 'LookupEvents', { 'LookupAttribute.1.Key': 'User', 'LookupAttribute.1.Value': "a b*~'()/+中", MaxResults: '50' }),
  ])('is $product:$action with its parameters, its region, and the case in the User-Agent', async (call) => {
    expect(await send(call)).toMatchObject({ ok: true, status: 200, requestId: 'REQ-1', retries: 0 });
    expect(wire.asked).toHaveLength(1);
    expect(wire.asked[0]).toMatchObject({
      method: 'POST',
      action: call.action,
      version: call.version,
      params: { ...call.params, RegionId: call.region },
      headers: { 'user-agent': expect.stringContaining('firebreak/0.0.0 case/example-1'), 'x-acs-security-token': aCredential.securityToken },
    });
  });

  it.each(['StopLogging', 'GetGlobalEventsStorageRegion'])('is GET for %s, which takes nothing else', async (action) => {
    await send(aRead('actiontrail', action));
    expect(wire.asked[0]).toMatchObject({ method: 'GET', action });
  });
});

describe('a call that must not be sent', () => {
  it.each([
    ['E_BUG', 'UserAccessKeyID', aWrite('ram', 'UpdateAccessKey', { UserName: 'x', UserAccessKeyID: 'LTAI5tEXAMPLE' })],
    ['E_BUG', 'InstanceId', aWrite('ecs', 'StopInstances', { InstanceId: 'i-example1' })],
    ['E_BUG', 'UserName', aRead('ram', 'GetSecurityPreference', { UserName: 'x' })],
    ['E_BUG', 'no action', aRead('ram', 'ListUserz')],
    ['E_BUG', 'version', { ...listUsers, version: '2019-08-15' }],
    ['E_BUG', 'two regions', aRead('ecs', 'DescribeDisks', { RegionId: 'cn-beijing' })],
    ['E_GUARD', 'UserName is empty', aWrite('ram', 'UpdateAccessKey', { UserName: '', UserAccessKeyId: 'LTAI5tEXAMPLE' })],
    ['E_GUARD', 'key in use', aWrite('ram', 'DeleteAccessKey', { UserAccessKeyId: 'LTAI5tEXAMPLE' })],
    ['E_GUARD', 'region', aRead('actiontrail', 'LookupEvents', {}, 'evil.example/')],
  ] as const)('is a fault %s that names %s', async (code, words, call) => {
    await expect(send(call)).rejects.toThrow(expect.objectContaining({ code, message: expect.stringContaining(words) }));
    expect(wire.asked).toEqual([]);
  });
});

describe('a response', () => {
  it('keeps its text byte for byte and its long numbers', async () => {
    const text = '{ "RequestId":"R-7", "Users": {"User": [{"UserId": 123456789012345678, "Unknown": true}]} }\n';
    wire.answer({ text });
    expect(await send(listUsers)).toMatchObject({
      ok: true,
      text,
      body: { Users: { User: [{ UserId: '123456789012345678', Unknown: true }] } },
      requestId: 'R-7',
      serverDate: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('loses the secret it carries, and says so', async () => {
    wire.answer({ text: '{"RequestId":"R","AccessKey":{"AccessKeyId":"LTAI5tEXAMPLEnew","AccessKeySecret":"EXAMPLEminted/secret"}}' });
    const reply = await send(aWrite('ram', 'CreateAccessKey', { UserName: 'example' }));
    expect(reply).toMatchObject({ ok: true, redactions: ['AccessKeySecret'], text: expect.stringContaining('"AccessKeyId":"LTAI5tEXAMPLEnew"') });
  });

  it('loses our own credential, wherever the service repeats it', async () => {
    const { accessKeySecret, securityToken } = aCredential;
    wire.answer(
      { body: { RequestId: 'R', Echo: accessKeySecret, Deep: JSON.stringify({ securityToken }) } },
      { status: 403, body: anError('NoPermission', `no, ${accessKeySecret} ${securityToken}`) },
    );
    expect(await send(listUsers)).toMatchObject({ ok: true, redactions: ['our AccessKeySecret', 'our SecurityToken'] });
    expect(await send(listUsers)).toMatchObject({ ok: false, message: expect.stringContaining('no, [our AccessKeySecret] [our SecurityToken]') });
  });

  it('of an error keeps its body byte for byte, its code, status and request id', async () => {
    const text = '{ "Code": "EntityNotExist.User",  "RequestId": "REQ-4", "Message": "用户不存在", "Id": 123456789012345678 }';
    wire.answer((response) => {
      const bytes = Buffer.from(text);
      const cut = bytes.indexOf('用') + 1;
      response.writeHead(404, { 'content-type': 'application/json' }).write(bytes.subarray(0, cut));
      setTimeout(() => response.end(bytes.subarray(cut)), 10);
    });
    expect(await send(disableKey)).toMatchObject({
      ok: false,
      refusal: 'gone',
      code: 'EntityNotExist.User',
      message: expect.stringContaining('用户不存在'),
      status: 404,
      requestId: 'REQ-4',
      text,
      retries: 0,
    });
  });

  it('that is no answer of the API is kept as well', async () => {
    wire.answer({ status: 403, text: '<html>Blocked by the proxy</html>' });
    expect(await send(disableKey)).toMatchObject({ refusal: 'unknown', status: 403, text: '<html>Blocked by the proxy</html>' });
  });

  it('measures our clock when the service finds it wrong', async () => {
    const date = new Date(Date.now() - 1_500_000).toUTCString();
    wire.answer({ status: 400, body: anError('InvalidTimeStamp.Expired'), headers: { date } });
    expect(await send(listUsers)).toMatchObject({ refusal: 'denied', message: expect.stringMatching(/It is (1499|150[012]) s ahead of/) });
  });

  it('may report its failure as XML', async () => {
    const text = '<Error><RequestId>R</RequestId><Code>NoPermission</Code><Message>No.</Message></Error>';
    wire.answer({ status: 403, text, headers: { 'content-type': 'text/xml;charset=utf-8' } });
    expect(await send(listUsers)).toMatchObject({ refusal: 'denied', code: 'NoPermission', requestId: 'R', text });
  });
});

/** Faults of the way there, by what the server does. */
const faults = {
  'a 503': { status: 503, body: anError('ServiceUnavailable') },
  'an HTML 502': { status: 502, text: '<html><h1>Bad Gateway</h1></html>', headers: { 'content-type': 'text/html' } },
  'an empty 500': { status: 500, text: '' },
  'a JSON error without a code': { status: 500, body: {} },
  'a null for an error': { status: 500, text: 'null' },
  'a reset': (response) => response.destroy(),
  'half an answer': (response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"RequestId":');
    setTimeout(() => response.destroy(), 20);
  },
  'a time-out': () => undefined,
  'a time-out within the body': (response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{');
  },
  'a success that does not parse': { text: 'ok' },
} as const satisfies Record<string, Answering>;

describe.each(Object.entries(faults))('%s', (_name, fault) => {
  it('is tried again by a read, until it comes through', async () => {
    wire.answer(fault, fault, { body: { RequestId: 'R-3' } });
    expect(await send(listUsers)).toMatchObject({ ok: true, requestId: 'R-3', retries: 2 });
    expect(clock.hostSlept).toHaveLength(2);
  });

  it('leaves a write unknown, sent once', async () => {
    wire.answer(fault);
    const reply = await send(disableKey);
    expect(reply).toMatchObject({ ok: false, refusal: 'unknown', retries: 0, message: expect.stringContaining('must be read from the account') });
    expect(reply).toMatchObject({ message: expect.not.stringMatching(/https?:|undefined|null|UserAccessKeyId|socket hang up/) });
    expect(wire.asked).toHaveLength(1);
  });
});

describe('sending again', () => {
  it('ends after six tries of a read', async () => {
    wire.answer(faults['a 503']);
    expect(await send(listUsers)).toMatchObject({ ok: false, refusal: 'unavailable', code: 'ServiceUnavailable', status: 503, retries: 5 });
    expect(wire.asked).toHaveLength(6);
  });

  it.each([listUsers, disableKey])('follows throttling of $action, after the scenario time the service asks for', async (call) => {
    const throttled = { status: 429, body: anError('Throttling.User'), headers: { 'x-acs-retry-after': '7000' } };
    wire.answer(throttled, throttled, { body: { RequestId: 'R' } });
    const before = clock.now().getTime();
    expect(await send(call)).toMatchObject({ ok: true, retries: 2 });
    expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(14_000);
    expect(clock.hostSlept).toEqual([]);
  });

  it('gives up on endless throttling with its own word', async () => {
    wire.answer({ status: 400, body: anError('Throttling') });
    expect(await send(disableKey)).toMatchObject({ refusal: 'throttled', retries: 5 });
  });

  it('never follows a refusal', async () => {
    wire.answer({ status: 403, body: anError('Forbidden.RAM') });
    expect(await send(aRead('ecs', 'DescribeInstances'))).toMatchObject({ refusal: 'denied', retries: 0 });
    expect(wire.asked).toHaveLength(1);
  });

  it.each([listUsers, disableKey])('follows a refused connection, $action alike, for nothing was sent', async (call) => {
    const gone = await aWire();
    await gone.close();
    const nowhere = await open({ endpoint: gone.endpoint });
    expect(await nowhere.send(call)).toMatchObject({ ok: false, refusal: 'unreachable', code: 'ECONNREFUSED', retries: 5 });
    await nowhere.close();
  });

  it('does not cut an answer that takes longer than the SDKs’ own 3 s', async () => {
    const patient = await open({ readTimeoutMs: 20_000 });
    wire.answer((response) => setTimeout(() => response.end('{"RequestId":"LATE"}'), 3_300));
    expect(await patient.send(disableKey)).toMatchObject({ ok: true, requestId: 'LATE' });
    await patient.close();
  });
});

describe('an abort', () => {
  it('before anything was sent is a fault, and nothing is sent', async () => {
    await expect(send(listUsers, AbortSignal.abort())).rejects.toThrow(expect.objectContaining({ code: 'E_INTERRUPTED' }));
    expect(wire.asked).toEqual([]);
  });
  it('lets the request under way end', async () => {
    const abort = new AbortController();
    wire.answer((response) => {
      abort.abort();
      setTimeout(() => response.end('{"RequestId":"R"}'), 50);
    });
    expect(await send(disableKey, abort.signal)).toMatchObject({ ok: true });
  });
  it('during a pause gives what the service said last', async () => {
    const abort = new AbortController();
    wire.answerBy(() => {
      abort.abort();
      return faults['a 503'];
    });
    expect(await send(listUsers, abort.signal)).toMatchObject({ refusal: 'unavailable', retries: 0 });
    const again = new AbortController();
    wire.answerBy(() => {
      again.abort();
      return { status: 429, body: anError('Throttling') };
    });
    expect(await send(listUsers, again.signal)).toMatchObject({ refusal: 'throttled', retries: 0 });
  });
});

describe('opening and closing', () => {
  it.each([
    'https://127.0.0.1:8080',
    'http://127.0.0.1',
    'http://127.0.0.1:99999',
    'http://127.0.0.1:0',
    'http://127.0.0.1:80/x',
    'http://127.0.0.1:80@example.com',
    'http://localhost:80',
    'http://192.0.2.1:80',
    'http://[::1]:80',
    '',
  ])('refuses the endpoint %j', async (endpoint) => {
    await expect(open({ endpoint })).rejects.toThrow(expect.objectContaining({ code: 'E_ENDPOINT' }));
  });

  it('refuses a settling time of one’s own against Alibaba', async () => {
    await expect(openCloud({ ...anAlibaba, settleMs: 5 })).rejects.toThrow(expect.objectContaining({ code: 'E_ENDPOINT' }));
  });

  it('tells what the case must record, and no secret', async () => {
    expect(cloud).toMatchObject({ endpoint: wire.endpoint, accessKeyId: aCredential.accessKeyId, source: 'profile:example', settleMs: timeoutMs + 10_000 });
    expect(JSON.stringify(cloud)).not.toMatch(/EXAMPLE(secret|token)/);
    const quick = await open({ settleMs: 250 });
    expect(quick.settleMs).toBe(250);
    await quick.close();
  });

  it('closes at once, also with a request under way, whose write is then unknown', async () => {
    const closing = await open({ readTimeoutMs: 20_000 });
    const arrived = new Promise((resolve) => wire.answer(resolve));
    const sending = closing.send(disableKey);
    await arrived;
    const before = performance.now();
    await closing.close();
    expect(performance.now() - before).toBeLessThan(500);
    expect(await sending).toMatchObject({ refusal: 'unknown', code: 'WorkerLost' });
    await expect(closing.send(listUsers)).rejects.toThrow(expect.objectContaining({ code: 'E_INTERRUPTED' }));
  });
});

describe('a proxy', () => {
  it('carries the calls to Alibaba, and its password is as secret as ours', async () => {
    const tunnels: string[] = [];
    const proxy = createServer().listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    proxy.on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    const { port } = proxy.address() as AddressInfo;
    const behind = await openCloud({ ...anAlibaba, env: { HTTPS_PROXY: `http://me:EXAMPLEsecretOfTheProxy@127.0.0.1:${port}` } });
    const replies = [
      await behind.send(aRead('sts', 'GetCallerIdentity')),
      await behind.send(disableKey),
      await behind.send(aRead('actiontrail', 'DescribeTrails', {}, 'cn-beijing')),
      await behind.send(aRead('ecs', 'DescribeInstances', {}, 'cn-beijing')),
    ];
    left.push(JSON.stringify(replies));
    for (const reply of replies) expect(reply).toMatchObject({ ok: false, refusal: 'unreachable', message: expect.stringContaining('The proxy named by HTTPS_PROXY') });
    expect(new Set(tunnels)).toEqual(new Set(['sts.aliyuncs.com:443', 'ram.aliyuncs.com:443', 'actiontrail.cn-beijing.aliyuncs.com:443', 'ecs.cn-beijing.aliyuncs.com:443']));
    await behind.close();
    proxy.close();
  });

  it('has no part in a drill', async () => {
    const drill = await open({ env: { HTTPS_PROXY: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1' } });
    expect(await drill.send(listUsers)).toMatchObject({ ok: true });
    await drill.close();
  });
});

it('let no secret out, in any reply or log line of the tests above', () => {
  expect(left.length).toBeGreaterThan(50);
  expect(left.filter((text) => /EXAMPLE(secret|token|minted)/.test(text))).toEqual([]);
});
