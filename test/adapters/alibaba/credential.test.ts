import { describe, expect, it } from 'vitest';
import { readCredential, type CredentialSources } from '../../../src/adapters/alibaba/credential.ts';
import { Fault } from '../../../src/errors.ts';

const secret = 'EXAMPLEsecretOfTheProfile00001';

function aConfig(...profiles: readonly object[]): string {
  return JSON.stringify({ current: 'default', profiles });
}

function sources(given: { readonly profile?: string; readonly env?: CredentialSources['env']; readonly file?: string }): CredentialSources {
  return {
    ...(given.profile === undefined ? {} : { profile: given.profile }),
    env: given.env ?? {},
    home: '/home/example',
    readFile: async (file) => {
      if (file !== '/home/example/.aliyun/config.json' || given.file === undefined) throw new Error('ENOENT');
      return given.file;
    },
  };
}

async function refusal(given: Parameters<typeof sources>[0]): Promise<Fault> {
  const error: unknown = await readCredential(sources(given)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Fault);
  expect(error).toMatchObject({ code: 'E_CREDENTIAL', exit: 77 });
  return error as Fault;
}

const ak = { name: 'night', mode: 'AK', access_key_id: 'LTAI5tEXAMPLEnight00001', access_key_secret: secret };
const sts = { name: 'sso', mode: 'StsToken', access_key_id: 'STS.EXAMPLE', access_key_secret: secret, sts_token: 'EXAMPLEtoken' };

describe('a named profile', () => {
  it.each(['AK', 'ak', 'Ak'])('of mode %s gives its key', async (mode) => {
    expect(await readCredential(sources({ profile: 'night', file: aConfig(sts, { ...ak, mode }) }))).toEqual({
      accessKeyId: 'LTAI5tEXAMPLEnight00001',
      accessKeySecret: secret,
      source: 'profile:night',
    });
  });
  it.each(['StsToken', 'ststoken'])('of mode %s gives its token too', async (mode) => {
    expect(await readCredential(sources({ profile: 'sso', file: aConfig({ ...sts, mode }) }))).toMatchObject({ securityToken: 'EXAMPLEtoken', source: 'profile:sso' });
  });
  it('wins over the environment', async () => {
    const env = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI5tEXAMPLEother', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'EXAMPLEother' };
    expect(await readCredential(sources({ profile: 'night', env, file: aConfig(ak) }))).toMatchObject({ source: 'profile:night' });
  });
  it('of another mode is refused with the way to temporary keys', async () => {
    const fault = await refusal({ profile: 'sso', file: aConfig({ ...sts, mode: 'CloudSSO' }) });
    expect(fault.hint).toMatch(/AK and StsToken.*ALIBABA_CLOUD_ACCESS_KEY_ID/);
  });
  it('that is unknown is refused with the names there are, and no more', async () => {
    const fault = await refusal({ profile: 'nihgt', file: aConfig(ak, sts) });
    expect(fault.hint).toBe('It holds: night, sso.');
    expect(`${fault.message}${fault.hint}`).not.toMatch(/LTAI|EXAMPLE/);
  });
  it.each(['access_key_id', 'access_key_secret', 'sts_token'])('that lacks its %s is refused', async (gap) => {
    expect((await refusal({ profile: 'sso', file: aConfig({ ...sts, [gap]: '' }) })).message).toContain('incomplete');
  });
  it('without a file is refused', async () => {
    expect((await refusal({ profile: 'night' })).hint).toContain('aliyun configure');
  });
});

describe('a malformed configuration', () => {
  const broken = [
    `{"profiles":[{"name":"night","mode":"AK","access_key_secret":"${secret}",}]}`,
    `{"profiles":[{"name":"night","access_key_secret":"${secret}"`,
    `access_key_secret=${secret}`,
    `"${secret}"`,
    `["${secret}"]`,
    `{"profiles":{"night":"${secret}"}}`,
    `{"profiles":["${secret}"]}`,
    'null',
    '',
  ];
  it.each(broken)('leaks no byte of itself (%#)', async (file) => {
    const fault = await refusal({ profile: 'night', file });
    expect(`${fault.message} ${fault.hint} ${fault.stack} ${String(fault.cause)} ${JSON.stringify(fault)}`).not.toContain('EXAMPLE');
    expect(fault.cause).toBeUndefined();
  });
});

describe('the environment', () => {
  const env = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI5tEXAMPLEenv', ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret };
  it('gives a key, with a token where there is one', async () => {
    expect(await readCredential(sources({ env }))).toEqual({ accessKeyId: 'LTAI5tEXAMPLEenv', accessKeySecret: secret, source: 'environment' });
    expect(await readCredential(sources({ env: { ...env, ALIBABA_CLOUD_SECURITY_TOKEN: 'EXAMPLEtoken' } }))).toMatchObject({ securityToken: 'EXAMPLEtoken' });
  });
  it('with half a key is refused by the name of the other half', async () => {
    expect((await refusal({ env: { ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI5tEXAMPLEenv' } })).message).toContain('_SECRET');
    expect((await refusal({ env: { ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret } })).message).toContain('_ID');
  });
  it('with nothing is refused, though a profile lies about: none is picked up silently', async () => {
    expect((await refusal({ file: aConfig(ak) })).hint).toContain('--profile');
  });
});
