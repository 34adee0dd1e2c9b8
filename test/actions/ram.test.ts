import { expect, it } from 'vitest';
import type { Target } from '../../src/actions/define.ts';
import { disableAccessKeys, listAccessKeys, updateAccessKey } from '../../src/actions/ram.ts';
import { Fault } from '../../src/errors.ts';
import { anAccount } from '../support/account.ts';
import { aCloud, aContext, aReader } from '../support/cloud.ts';
import { leaked } from '../support/night.ts';

const aKey = (over: Partial<Target> = {}): Target => ({ id: leaked, kind: 'access-key', data: { userName: 'ci-deploy', accessKeyId: leaked }, ...over });

it('builds the call with the wire names and never without a user name', () => {
  expect(updateAccessKey('ci-deploy', leaked, 'Inactive')).toEqual({
    product: 'ram',
    version: '2015-05-01',
    action: 'UpdateAccessKey',
    region: 'cn-hangzhou',
    effect: 'write',
    params: { UserName: 'ci-deploy', UserAccessKeyId: leaked, Status: 'Inactive' },
  });
  expect(() => updateAccessKey('', leaked, 'Inactive')).toThrow(Fault);
  expect(() => listAccessKeys(' ')).toThrow(/empty or padded user name/);
});

it('refuses the key in use and a key whose owner is not known', () => {
  const context = aContext();
  expect(disableAccessKeys.guard?.(aKey({ id: 'LTAI5tEXAMPLEresponder01' }), context)?.en).toContain('you are using');
  expect(disableAccessKeys.guard?.(aKey({ data: { userName: '' } }), context)?.en).toContain('owner');
  expect(disableAccessKeys.guard?.(aKey(), context)).toBeUndefined();
});

it('warns about another key of the same user and repeats what was found to break and to stay', () => {
  const notes = disableAccessKeys.warn?.(aKey({ data: { userName: 'responder', breaks: { en: 'Oss stops', zh: 'Oss 停止' } } }), aContext());
  expect(notes?.map(({ en }) => en)).toEqual([expect.stringContaining('your own user'), 'Oss stops']);
});

it('takes an inactive key as done already and offers nothing to undo for it', async () => {
  const account = anAccount();
  const user = account.users[1];
  if (user?.keys[0]) user.keys[0].status = 'Inactive';
  const before = await disableAccessKeys.before(aReader(aCloud(account)), aKey(), aContext());
  expect(before.status).toBe('already');
  expect(disableAccessKeys.undo(aKey(), { status: 'Inactive' }, aContext())).toEqual([]);
  expect(disableAccessKeys.undo(aKey(), { status: 'Active' }, aContext())).toEqual([updateAccessKey('ci-deploy', leaked, 'Active')]);
});

it('takes a key or a user that is gone as gone, and a denied reading as unreadable', async () => {
  const reader = aReader(aCloud());
  expect((await disableAccessKeys.before(reader, aKey({ id: 'LTAI5tEXAMPLEunknown0001' }), aContext())).status).toBe('gone');
  expect((await disableAccessKeys.before(reader, aKey({ data: { userName: 'nobody' } }), aContext())).status).toBe('gone');
  const denied = aCloud();
  denied.refuse('ram:ListAccessKeys', 'denied', { code: 'NoPermission' });
  const before = await disableAccessKeys.before(aReader(denied), aKey(), aContext());
  expect(before).toMatchObject({ status: 'unreadable', note: { en: 'no permission (NoPermission)' } });
});
