import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRange } from '../../src/range/server.ts';
import type { Range } from '../../src/range/server.ts';
import { lookUp } from '../support/json.ts';
import { aJournal, aSeed, nobody, send, sendRpc } from './kit.ts';
import type { Signed } from './kit.ts';

let range: Range;
beforeAll(async () => {
  range = await openRange({ seed: aSeed(), journal: aJournal(), time: { kind: 'virtual' } });
});
afterAll(() => range.close());

const who = 'sts:GetCallerIdentity';
const refused = async (options: Parameters<typeof send>[3], params = { A: '1' }) => (await send(range.url, who, params, options)).body['Code'];

describe('ACS3-HMAC-SHA256', () => {
  it('knows who signed', async () => {
    const { status, body, headers } = await send(range.url, who);
    expect(status).toBe(200);
    expect(body).toMatchObject({ IdentityType: 'RAMUser', AccountId: '1000000000000042', Arn: 'acs:ram::1000000000000042:user/responder' });
    expect(headers['x-acs-request-id']).toBe(body['RequestId']);
    expect(headers['content-type']).toBe('application/json;charset=utf-8');
  });
  it('accepts GET and POST, query and form, and every character', async () => {
    const params = { UserName: "a b+c~*'()!/?&=%中文" };
    for (const options of [{}, { method: 'GET' as const }]) expect((await send(range.url, 'ram:GetUser', params, options)).body['Code']).toBe('EntityNotExist.User');
    expect((await send(range.url, 'ram:GetUser', {}, { form: params })).body['Code']).toBe('EntityNotExist.User');
    expect((await send(range.url, 'ram:GetUser', {}, { form: { UserName: 'nobody' } })).body).toMatchObject({ User: { UserName: 'nobody' } });
  });
  it.each([
    ['the query', (signed: Signed) => (signed.path = '/?A=2')],
    ['an added parameter', (signed: Signed) => (signed.path += '&UserName=nobody')],
    ['the method', (signed: Signed) => (signed.method = 'GET')],
    ['the host', (signed: Signed) => (signed.headers['host'] = '127.0.0.1:1')],
    ['the date', (signed: Signed) => (signed.headers['x-acs-date'] = new Date(Date.now() + 60_000).toISOString().slice(0, 19) + 'Z')],
    ['the action', (signed: Signed) => (signed.headers['x-acs-action'] = 'AssumeRole')],
    ['the signature', (signed: Signed) => (signed.headers['authorization'] = String(signed.headers['authorization']).replace(/.$/, (last) => (last === '0' ? '1' : '0')))],
  ])('rejects a request whose %s was altered', async (_, alter) => {
    expect(await refused({ alter })).toBe('SignatureDoesNotMatch');
  });
  it('rejects an altered body', async () => {
    const { body } = await send(range.url, 'ram:GetUser', {}, { form: { UserName: 'nobody' }, alter: (signed) => (signed.body = 'UserName=reader') });
    expect(body['Code']).toBe('InvalidContentSha256');
  });
  it('rejects an injected header that was not signed', async () => {
    expect(await refused({ alter: (signed) => (signed.headers['x-acs-security-token'] = 'stolen') })).toBe('IncompleteSignature');
  });
  it('rejects a wrong secret, an unknown key and a malformed header', async () => {
    expect(await refused({ secret: 'wrong-secret' })).toBe('SignatureDoesNotMatch');
    const unknown = await send(range.url, who, {}, { key: 'LTAI5tEXAMPLEghost000' });
    expect([unknown.status, unknown.body['Code']]).toEqual([404, 'InvalidAccessKeyId.NotFound']);
    expect(await refused({ alter: (signed) => (signed.headers['authorization'] = 'Basic eA==') })).toBe('IncompleteSignature');
    expect(await refused({ alter: (signed) => delete signed.headers['authorization'] })).toBe('MissingAccessKeyId');
  });
  it('keeps the clock window of 15 minutes by host time, whatever the scenario time is', async () => {
    expect(await refused({ date: new Date(Date.now() - 16 * 60_000) })).toBe('InvalidTimeStamp.Expired');
    expect(await refused({ date: new Date(Date.now() + 16 * 60_000) })).toBe('InvalidTimeStamp.Expired');
    expect((await send(range.url, who, {}, { date: new Date(Date.now() - 14 * 60_000) })).status).toBe(200);
  });
  it('takes a nonce once', async () => {
    expect((await send(range.url, who, {}, { nonce: 'once' })).status).toBe(200);
    expect((await send(range.url, who, {}, { nonce: 'once' })).body['Code']).toBe('SignatureNonceUsed');
    expect((await send(range.url, who, {}, { nonce: 'once', key: nobody })).status).toBe(200);
  });
});

describe('RPC HMAC-SHA1', () => {
  it('knows who signed', async () => {
    expect((await sendRpc(range.url, who)).body['PrincipalId']).toMatch(/^2\d{17}$/);
    expect((await sendRpc(range.url, 'ram:GetUser', { UserName: "a b~*'()" })).body['Code']).toBe('EntityNotExist.User');
  });
  it('rejects altered parameters', async () => {
    expect((await sendRpc(range.url, 'ram:GetUser', { UserName: 'nobody' }, (all) => (all['UserName'] = 'reader'))).body['Code']).toBe('SignatureDoesNotMatch');
    expect((await sendRpc(range.url, who, {}, (all) => delete all['Signature'])).body['Code']).toBe('IncompleteSignature');
  });
});

describe('sessions', () => {
  it('need their token, and end', async () => {
    const { body } = await send(range.url, 'sts:AssumeRole', { RoleArn: 'acs:ram::1000000000000042:role/Deploy', RoleSessionName: 'one' });
    const [key, secret, token] = ['AccessKeyId', 'AccessKeySecret', 'SecurityToken'].map((name) => String(lookUp(body, `Credentials.${name}`))) as [string, string, string];
    expect((await send(range.url, who, {}, { key, secret, token })).body).toMatchObject({
      IdentityType: 'AssumedRoleUser',
      Arn: 'acs:ram::1000000000000042:assumed-role/Deploy/one',
    });
    expect((await send(range.url, who, {}, { key, secret })).body['Code']).toBe('MissingSecurityToken');
    expect((await send(range.url, who, {}, { key, secret, token: 'another' })).body['Code']).toBe('InvalidSecurityToken.Malformed');
    await range.clock.jumpTo(new Date(range.clock.now().getTime() + 3_601_000));
    expect((await send(range.url, who, {}, { key, secret, token })).body['Code']).toBe('InvalidSecurityToken.Expired');
  });
});

it('answers an unknown API or version with InvalidAction.NotFound', async () => {
  for (const call of ['ram:Nonsense', 'ram:toString', 'nothing:GetCallerIdentity'])
    expect(await send(range.url, call)).toMatchObject({ status: 404, body: { Code: 'InvalidAction.NotFound' } });
});
