import { describe, expect, it } from 'vitest';
import { aliyunCommand } from '../../src/actions/by-hand.ts';
import type { Finding } from '../../src/actions/define.ts';
import { parseEvent } from '../../src/actions/event.ts';
import { countedAs, findingOf } from '../../src/actions/threats.ts';
import { findingRow } from '../../src/cli/screen-findings.ts';
import { wordsOf } from '../../src/cli/words.ts';
import type { JsonObject } from '../../src/text.ts';
import { anEvent } from '../support/account.ts';
import { hostile } from '../support/hostile.ts';
import { child, leaked } from '../support/night.ts';

const at = '2026-03-01T02:00:00Z';
const found = (service: string, name: string, over: JsonObject = {}): Finding | undefined => findingOf(parseEvent(anEvent(name, at, { serviceName: service, ...over })));
const asked = (requestParameters: JsonObject): JsonObject => ({ requestParameters });

describe('what an event means', () => {
  it('depends on the product: one name is a machine here and an order there', () => {
    expect(found('Ecs', 'CreateInstance', { responseElements: { InstanceId: 'i-1' } })).toMatchObject({
      severity: 'critical',
      answer: { kind: 'action', action: 'ecs.stopInstances', targets: ['i-1'] },
    });
    expect(found('BssOpenApi', 'CreateInstance', asked({ ProductCode: 'ecs' }))).toMatchObject({ what: { en: 'Bought a subscription: ecs' }, answer: { kind: 'manual' } });
    expect(found('Ram', 'CreateUser', asked({ UserName: 'eve' }))?.answer).toEqual({ kind: 'action', action: 'ram.denyUsers', targets: ['eve'] });
    expect(found('CloudSSO', 'CreateUser')?.answer.kind).toBe('manual');
    expect(found('ResourceManager', 'CreateRole', asked({ RoleName: 'r' }))?.answer).toEqual({ kind: 'case', runbook: 'taken-role', targets: ['r'] });
    expect(found('EHPC', 'CreateCluster')?.attack).not.toEqual(found('Cs', 'CreateCluster')?.attack);
  });

  it('is the same for RAM and IMS, whatever the letters, and nothing in a product nobody described', () => {
    const name = asked({ UserPrincipalName: 'eve@example.onaliyun.com', UserName: '' });
    expect(found('Ims', 'UpdateLoginProfile', name)?.answer).toEqual({ kind: 'action', action: 'ims.disableLogins', targets: ['eve'] });
    expect(found('ECS', 'StopInstances')).toBeUndefined();
    expect(found('ram', 'UpdateLoginProfile', name)?.what).toEqual(found('Ims', 'UpdateLoginProfile', name)?.what);
    expect(found('Slb', 'CreateInstance')).toBeUndefined();
  });

  it('depends on the parameters where they turn it around', () => {
    const update = (Status: string) => found('Ram', 'UpdateAccessKey', asked({ UserAccessKeyId: child, UserName: 'eve', Status }))?.answer;
    expect(update('Active')).toEqual({ kind: 'case', runbook: 'leaked-access-key', targets: [child] });
    expect(update('Inactive')).toMatchObject({ kind: 'manual', call: { action: 'UpdateAccessKey', params: { UserAccessKeyId: child, Status: 'Active' } } });
    const signIn = (type: string) => found('AasSub', 'ConsoleSignin', { userIdentity: { type, userName: 'alice' } })?.answer;
    expect(signIn('ram-user')).toEqual({ kind: 'action', action: 'ims.disableLogins', targets: ['alice'] });
    expect(signIn('root-account')?.kind).toBe('manual');
  });

  it('names its targets as our actions do', () => {
    expect(found('Ram', 'CreateAccessKey', { responseElements: { AccessKey: { AccessKeyId: child } } })?.answer).toMatchObject({ targets: [child] });
    expect(found('Sts', 'AssumeRole', asked({ RoleArn: 'acs:ram::1:role/admin' }))?.answer).toMatchObject({ targets: ['admin'] });
    expect(found('Ecs', 'AttachInstanceRamRole', asked({ InstanceIds: '["i-1","i-2"]' }))?.answer).toMatchObject({ action: 'ecs.detachRole', targets: ['i-1', 'i-2'] });
    expect(found('Ecs', 'AttachInstanceRamRole', asked({ InstanceIds: '[broken' }))?.answer).toMatchObject({ targets: [] });
    expect(found('Ecs', 'StartInstances', asked({ 'InstanceId.1': 'i-1', 'InstanceId.2': 'i-2' }))?.answer).toMatchObject({ targets: ['i-1', 'i-2'] });
    expect(found('Dysmsapi', 'SendSms')?.answer).toMatchObject({ action: 'ram.disableAccessKeys', targets: [leaked] });
  });
});

describe('what was refused, and what fills pages', () => {
  it('a refused attempt is low, told once a product, name and principal, with nothing to answer', () => {
    const refused = found('Ecs', 'RunInstances', { errorCode: 'Forbidden.RAM', nonce: '1' });
    expect(refused).toMatchObject({ severity: 'low', answer: { kind: 'watch' }, what: { en: expect.stringMatching(/^Tried and was refused \(Forbidden\.RAM\)/) as string } });
    expect(found('Ecs', 'RunInstances', { errorCode: 'Forbidden.RAM', nonce: '2' })?.id).toBe(refused?.id);
    expect(found('Ecs', 'RunInstances', { errorCode: 'Forbidden.RAM', userIdentity: { accessKeyId: child } })?.id).not.toBe(refused?.id);
  });

  it('a look around is left to the record, done or refused, and counted', () => {
    for (const over of [{}, { errorCode: 'NoPermission' }]) expect(found('Ram', 'ListUsers', over)).toBeUndefined();
    expect(countedAs(parseEvent(anEvent('ListUsers', at)))).toBe('ListUsers');
    expect(countedAs(parseEvent(anEvent('CreateUser', at)))).toBeUndefined();
  });

  it('what a program does thousands of times is one finding for each principal, at its own severity', () => {
    const [first, second] = ['1', '2'].map((nonce) => found('Oss', 'DeleteObject', { nonce }));
    expect(first).toMatchObject({ severity: 'critical', id: second?.id });
    expect(countedAs(parseEvent(anEvent('DeleteObject', at, { serviceName: 'Oss' })))).toBe('DeleteObject');
  });
});

describe('names the attacker chose', () => {
  it.each(hostile)('%s stays one word of a command and one line of a screen', (_, name) => {
    const finding = found('Ram', 'AttachPolicyToGroup', asked({ PolicyName: name, PolicyType: 'Custom', GroupName: name }));
    if (finding?.answer.kind !== 'manual' || finding.answer.call === undefined) throw new Error('no command');
    const command = aliyunCommand(finding.answer.call);
    expect(
      command
        .split("'\\''")
        .join('')
        .replaceAll(/'[^']*'/g, 'W'),
    ).toMatch(/^aliyun ram DetachPolicyFromGroup --region cn-hangzhou(?: --\w+ [A-Za-z0-9_@%+=:,./-]+)+$/);
    expect(finding.answer.text.en).not.toContain(name);
    for (const lang of ['en', 'zh'] as const) expect(findingRow(finding, lang, wordsOf(lang))).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('a region that is no region is not passed on', () => {
    expect(found('Ecs', 'StartTerminalSession', { acsRegion: '; reboot', ...asked({}) })?.answer).toMatchObject({
      call: { region: 'cn-hangzhou', params: { SessionId: 'SESSIONID' } },
    });
  });
});
