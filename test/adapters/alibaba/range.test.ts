import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCloud } from '../../../src/adapters/alibaba/cloud.ts';
import type { Call } from '../../../src/actions/define.ts';
import type { Cloud } from '../../../src/engine/ports.ts';
import { openRange, type Range } from '../../../src/range/server.ts';
import { aJournal, aSeed, flagged, leaked, responder, secretOf } from '../../range/kit.ts';
import { aRead, aWrite } from './support.ts';

// The simulated account verifies every signature and refuses names it does not know: what passes here is well-formed.
let range: Range;
let cloud: Cloud;

function open(accessKeyId: string, accessKeySecret = secretOf(accessKeyId)): Promise<Cloud> {
  return openCloud({ endpoint: range.url, credential: { accessKeyId, accessKeySecret, source: 'environment' }, clock: range.clock, caseId: 'example-1', version: '0.0.0' });
}

async function as(accessKeyId: string, call: Call, secret?: string): Promise<unknown> {
  const other = await open(accessKeyId, secret);
  const reply = await other.send(call);
  await other.close();
  return reply;
}

beforeAll(async () => {
  range = await openRange({ seed: aSeed(), journal: aJournal(), time: { kind: 'virtual' } });
  cloud = await open(responder);
});
afterAll(async () => {
  await cloud.close();
  await range.close();
});

it.each([
  aRead('sts', 'GetCallerIdentity'),
  aRead('ram', 'ListAccessKeys', { UserName: 'build' }),
  aRead('ims', 'ListUsers', { Status: 'active,freeze' }),
  aRead('actiontrail', 'DescribeTrails', { IncludeOrganizationTrail: 'true', IncludeShadowTrails: 'true' }),
  aRead('actiontrail', 'LookupEvents', { 'LookupAttribute.1.Key': 'User', 'LookupAttribute.1.Value': "o'brien (ops)*~+/中", MaxResults: '50' }),
  aRead('ecs', 'DescribeInstances', { MaxResults: '100' }),
])('speaks to $product with signatures that hold: $action', async (call) => {
  expect(await cloud.send(call)).toMatchObject({ ok: true, status: 200, requestId: expect.stringMatching(/^[0-9A-F-]{36}$/i) });
});

it('keeps within the rate of LookupEvents in scenario time: forty calls, not one throttled', async () => {
  const replies = await Promise.all(Array.from({ length: 40 }, () => cloud.send(aRead('actiontrail', 'LookupEvents', { MaxResults: '50' }))));
  expect(replies.map(({ ok, retries }) => `${ok} ${retries}`)).toEqual(Array.from({ length: 40 }, () => 'true 0'));
});

it('cuts the key, which then fails with words a tired person understands', async () => {
  expect(await cloud.send(aWrite('ram', 'UpdateAccessKey', { UserName: 'build', UserAccessKeyId: leaked, Status: 'Inactive' }))).toMatchObject({ ok: true });
  expect(await as(leaked, aRead('ram', 'ListUsers'))).toMatchObject({
    refusal: 'denied',
    code: expect.stringMatching(/^InvalidAccessKeyId/),
    message: expect.stringContaining('resume --profile'),
  });
});

it('tells a wrong secret, a flagged key and a missing user apart', async () => {
  expect(await as(responder, aRead('sts', 'GetCallerIdentity'), 'EXAMPLE-another-secret')).toMatchObject({ refusal: 'denied', code: 'SignatureDoesNotMatch' });
  expect(await as(flagged, aRead('ram', 'ListUsers'))).toMatchObject({ refusal: 'protected' });
  expect(await cloud.send(aRead('ram', 'GetUser', { UserName: 'nobody-at-all' }))).toMatchObject({ refusal: 'gone' });
});
