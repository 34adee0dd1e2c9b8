// The real SDKs against the range, over loopback: what they send is understood, what they get they can read.
import * as ecsPackage from '@alicloud/ecs20140526';
import * as corePackage from '@alicloud/openapi-core';
import * as ramPackage from '@alicloud/ram20150501';
import { RuntimeOptions } from '@darabonba/typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRange } from '../../src/range/server.ts';
import type { Range } from '../../src/range/server.ts';
import { aJournal, aSeed, leaked, nobody, responder, secretOf } from './kit.ts';

const Ram = ramPackage.default.default;
const Ecs = ecsPackage.default.default;
const Core = corePackage.default.default;
const { $OpenApiUtil: Types, OpenApiUtil } = corePackage;

let range: Range;
beforeAll(async () => {
  range = await openRange({
    seed: aSeed(),
    journal: aJournal(),
    time: { kind: 'virtual' },
    faults: [
      { match: { action: 'DescribeTrails' }, do: 'throttle', retryAfterMs: 700 },
      { match: { action: 'DescribeUserData' }, do: 'html-502' },
    ],
  });
});
afterAll(() => range.close());

const config = (more: Readonly<Record<string, string>> = {}) =>
  new Types.Config({
    accessKeyId: responder,
    accessKeySecret: secretOf(responder),
    endpoint: range.url.slice('http://'.length),
    protocol: 'http',
    regionId: 'cn-hangzhou',
    readTimeout: 10_000,
    connectTimeout: 10_000,
    userAgent: 'firebreak-test/1',
    ...more,
  });
const generic = async (
  action: string,
  version: string,
  send: { readonly query?: Record<string, unknown>; readonly body?: Record<string, unknown> },
  method = 'POST',
  more = {},
) => {
  const params = new Types.Params({ action, version, protocol: 'HTTPS', pathname: '/', method, authType: 'AK', style: 'RPC', reqBodyType: 'formData', bodyType: 'json' });
  const request = new Types.OpenApiRequest({ ...(send.query ? { query: OpenApiUtil.query(send.query) } : {}), ...(send.body ? { body: send.body } : {}) });
  return (await new Core(config(more)).callApi(params, request, new RuntimeOptions({}))) as { readonly body: Record<string, unknown>; readonly headers: Record<string, string> };
};
const thrown = (work: Promise<unknown>): Promise<Record<string, unknown>> =>
  work.then(
    () => ({}),
    (error: unknown) => error as Record<string, unknown>,
  );

describe('the typed clients', () => {
  it('RAM cuts a key and reads it back', async () => {
    const ram = new Ram(config());
    await ram.updateAccessKey(new ramPackage.UpdateAccessKeyRequest({ userName: 'build', userAccessKeyId: leaked, status: 'Inactive' }));
    const { body } = await ram.listAccessKeys(new ramPackage.ListAccessKeysRequest({ userName: 'build' }));
    expect(body?.accessKeys?.accessKey?.map((key) => [key.accessKeyId, key.status])).toEqual([[leaked, 'Inactive']]);
    expect(range.effects().at(-1)).toMatchObject({ action: 'UpdateAccessKey', targets: [leaked], accessKeyId: responder });
  });
  it('RAM in the older signature, too', async () => {
    const ram = new Ram(config({ signatureAlgorithm: 'v2' }));
    const { body } = await ram.listUsers(new ramPackage.ListUsersRequest({ maxItems: 2 }));
    expect([body?.users?.user?.length, body?.isTruncated, body?.marker]).toEqual([2, true, '2']);
  });
  it('ECS lists, snapshots and stops', async () => {
    const ecs = new Ecs(config());
    const instances = await ecs.describeInstances(new ecsPackage.DescribeInstancesRequest({ regionId: 'cn-hangzhou', maxResults: 100 }));
    expect(instances.body?.instances?.instance?.find((one) => one.instanceId === 'i-miner1')).toMatchObject({
      status: 'Running',
      instanceName: 'm1',
      publicIpAddress: { ipAddress: ['203.0.113.201'] },
    });
    const disks = await ecs.describeDisks(new ecsPackage.DescribeDisksRequest({ regionId: 'cn-hangzhou', instanceId: 'i-miner2' }));
    const request = new ecsPackage.CreateSnapshotRequest({
      diskId: disks.body?.disks?.disk?.[0]?.diskId ?? '',
      clientToken: 'sdk',
      tag: [new ecsPackage.CreateSnapshotRequestTag({ key: 'case', value: 'one' })],
    });
    const snapshot = await ecs.createSnapshot(request);
    const snapshots = await ecs.describeSnapshots(new ecsPackage.DescribeSnapshotsRequest({ regionId: 'cn-hangzhou' }));
    expect(snapshots.body?.snapshots?.snapshot).toMatchObject([
      { snapshotId: snapshot.body?.snapshotId, status: 'progressing', tags: { tag: [{ tagKey: 'case', tagValue: 'one' }] } },
    ]);
    const stopped = await ecs.stopInstances(
      new ecsPackage.StopInstancesRequest({ regionId: 'cn-hangzhou', instanceId: ['i-miner1', 'i-locked1'], batchOptimization: 'SuccessFirst', stoppedMode: 'StopCharging' }),
    );
    expect(stopped.body?.instanceResponses?.instanceResponse?.map((one) => [one.instanceId, one.code, one.currentStatus])).toEqual([
      ['i-miner1', '200', 'Stopping'],
      ['i-locked1', 'InstanceLockedForSecurity', 'Running'],
    ]);
  });
});

describe('the generic call', () => {
  it('looks events up', async () => {
    const { body, headers } = await generic('LookupEvents', '2020-07-06', {
      query: { RegionId: 'cn-hangzhou', MaxResults: '5', LookupAttribute: [{ Key: 'EventAccessKeyId', Value: leaked }] },
    });
    expect(body['Events']).toHaveLength(5);
    expect(headers['x-acs-request-id']).toBe(body['RequestId']);
  });
  it('sends forms and GET', async () => {
    expect((await generic('GetUser', '2015-05-01', { body: { UserName: 'nobody' } })).body).toMatchObject({ User: { UserName: 'nobody' } });
    expect((await generic('StopLogging', '2020-07-06', { query: { Name: 'audit' } }, 'GET')).body).toHaveProperty('RequestId');
  });
  it('works with a session’s token', async () => {
    const { body } = await generic('AssumeRole', '2015-04-01', { query: { RoleArn: 'acs:ram::1000000000000042:role/Deploy', RoleSessionName: 'sdk' } });
    const { AccessKeyId: accessKeyId, AccessKeySecret: accessKeySecret, SecurityToken: securityToken } = body['Credentials'] as Record<string, string>;
    expect((await generic('GetCallerIdentity', '2015-04-01', {}, 'POST', { accessKeyId, accessKeySecret, securityToken })).body).toMatchObject({ IdentityType: 'AssumedRoleUser' });
  });
});

describe('what the SDKs throw', () => {
  it('is a ClientError with code, status, request id and why it was denied', async () => {
    const denied = await thrown(generic('ListUsers', '2015-05-01', {}, 'POST', { accessKeyId: nobody, accessKeySecret: secretOf(nobody) }));
    expect(denied).toMatchObject({ name: 'ClientError', code: 'NoPermission', statusCode: 403, accessDeniedDetail: { AuthAction: 'ram:ListUsers' } });
    expect(denied['requestId']).toMatch(/^[0-9A-F-]{36}$/);
    expect(await thrown(generic('GetUser', '2015-05-01', { query: { UserName: 'ghost' } }))).toMatchObject({ name: 'ClientError', code: 'EntityNotExist.User', statusCode: 404 });
    expect(await thrown(generic('DescribeInstances', '2014-05-26', { query: { RegionId: 'cn-hangzhou', DryRun: 'true' } }))).toMatchObject({
      code: 'DryRunOperation',
      statusCode: 400,
    });
  });
  it('is a ThrottlingError with the time to wait', async () => {
    expect(await thrown(generic('DescribeTrails', '2020-07-06', {}))).toMatchObject({ name: 'ThrottlingError', code: 'Throttling.User', retryAfter: 700 });
  });
  it('is a bare SyntaxError for an HTML answer', async () => {
    expect(await thrown(generic('DescribeUserData', '2014-05-26', { query: { RegionId: 'cn-hangzhou', InstanceId: 'i-miner1' } }))).toMatchObject({ name: 'SyntaxError' });
  });
});
