import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/actions/define.ts';
import { parseEvent } from '../../src/actions/event.ts';
import { actions } from '../../src/actions/index.ts';
import { countedAs, findingOf, threatOf } from '../../src/actions/threats.ts';
import { anEvent } from '../support/account.ts';

// Every event an attacker is known by, against what we say it means and what answers it. The list is not ours to keep: read where it lies.
const reference = join(process.env['FIREBREAK_SHARED'] ?? join(import.meta.dirname, '../../../shared'), 'reference');
const list = join(reference, 'attacker-events.json');
const present = existsSync(list);
if (!present) console.warn(`skipped: no list of attacker events at ${list}`);

type Row = { readonly serviceName: string; readonly eventName: string; readonly attack: readonly string[]; readonly severity: string };
type Meta = Readonly<Record<string, { readonly openapi_meta_en_US_2026_04?: { readonly parameters?: readonly { readonly name: string }[] } }>>;
const rows = present ? (JSON.parse(readFileSync(list, 'utf8')) as readonly Row[]) : [];
const each = rows.flatMap(({ serviceName, eventName, attack, severity }) => serviceName.split('|').map((service) => ({ service, name: eventName, attack, severity })));

/** Actions that answers name and that are still being built: empty this as they are registered. */
const expected: readonly string[] = [];

/** Where we deliberately say otherwise than the list, and why. */
const own: readonly { readonly of: RegExp; readonly severity?: string; readonly attack?: string; readonly why: string }[] = [
  { of: /^AasSub ConsoleSignout$/, severity: 'low', attack: '', why: 'a sign-out opens nothing' },
  { of: /^Ecs (?:RunInstances|CreateInstance|CreateAutoProvisioningGroup)$/, severity: 'critical', why: 'the bill runs from here on' },
  { of: /^Ecs (?:CreateSnapshot|CreateImage)$/, severity: 'medium', attack: 'T1578.001', why: 'backup jobs do it daily; sharing and exporting, which take data out, stay high' },
  { of: /^Ecs (?:CopySnapshot|CopyImage)$/, severity: 'medium', why: 'as CreateSnapshot' },
  { of: /^Ecs (?:ModifyImageSharePermission|ExportImage)$/, attack: 'T1537', why: 'it takes data out, it makes no copy to work on' },
  { of: /^Vpc DeleteFlowLog$/, attack: 'T1562.008', why: 'the list names one set for the group: this one is the log' },
  { of: /^Vpc /, attack: 'T1133', why: 'the list names one set for the group: these are the ways in and out' },
  { of: /^Oss PutBucketReplication$/, attack: 'T1537 T1530', why: 'the list names one set for the group: this one takes data out' },
  { of: /^Oss GetObject$/, severity: 'medium', attack: 'T1530', why: 'rightful users read all day; the owner of the data judges' },
  { of: /^Oss (?:ListBuckets|GetBucketAcl)$/, severity: 'low', attack: 'T1619', why: 'the list names one set for the group: these only look' },
  { of: /^Oss (?:Put|Delete)BucketLogging$/, attack: 'T1562.008', why: 'the list names one set for the group: these are the log' },
  { of: /^Oss Delete(?:Bucket|Object|MultipleObjects)$/, attack: 'T1485', why: 'a deletion encrypts nothing' },
  { of: /^Oss PutBucketEncryption$/, attack: 'T1486', why: 'it deletes nothing' },
  { of: /^Kms (?:ScheduleKeyDeletion|DisableKey)$/, attack: 'T1485 T1486', why: 'it reads no secret' },
  { of: /^Kms CreateSecret$/, attack: 'T1098', why: 'something of theirs that stays; it reads and destroys nothing' },
  { of: /^Kms (?:Get|Put)SecretValue$/, attack: 'T1555.006', why: 'it destroys no key' },
  { of: /^Rds CreateBackup$/, attack: 'T1530', why: 'it makes no account' },
  { of: /^Rds DescribeBackups$/, severity: 'low', attack: 'T1530', why: 'it only looks' },
  { of: /^BssOpenApi QueryAccountBalance$/, severity: 'low', attack: 'T1580', why: 'it only looks' },
  { of: /^BssOpenApi RefundInstance$/, attack: 'T1657', why: 'it uses no machine' },
];

function answerOf(service: string, name: string): Answer | undefined {
  const event = anEvent(name, '2026-03-01T02:00:00Z', { serviceName: service, requestParameters: { UserAccessKeyId: 'LTAI5tEXAMPLEsecond00001', Status: 'Active' } });
  return findingOf(parseEvent(event))?.answer;
}

const answers = each.flatMap(({ service, name }) => answerOf(service, name) ?? []);

describe.skipIf(!present)('the catalogue of an attacker’s events', () => {
  it('knows every event of the list, with exactly one answer', () => {
    expect(rows).toHaveLength(184);
    expect(each.filter((row) => threatOf(row) === undefined).map(({ service, name }) => `${service} ${name}`)).toEqual([]);
    const counted = each.filter(({ service, name }) => answerOf(service, name) === undefined);
    expect(counted.every(({ service, name }) => countedAs(parseEvent(anEvent(name, '', { serviceName: service }))) === name)).toBe(true);
  });

  it('agrees with the list on severity and technique, or says why not', () => {
    const differing = each.flatMap(({ service, name, attack, severity }) => {
      const known = threatOf({ service, name });
      const said = own.find(({ of }) => of.test(`${service} ${name}`));
      const wanted = { severity: said?.severity ?? severity, attack: (said?.attack?.split(' ') ?? [...attack]).filter((id) => id !== '').toSorted() };
      const found = { severity: known?.severity, attack: [...(known?.attack ?? [])].toSorted() };
      return JSON.stringify(wanted) === JSON.stringify(found) ? [] : [`${service} ${name}: list ${severity} ${attack.join(' ')}, ours ${found.severity} ${found.attack.join(' ')}`];
    });
    expect(differing).toEqual([]);
    expect(own.filter(({ of, why }) => why === '' || !each.some(({ service, name }) => of.test(`${service} ${name}`)))).toEqual([]);
  });

  it('answers with operations and runbooks that exist, or that are named here as still to come', () => {
    const runbooks = readdirSync(new URL('../../runbooks/', import.meta.url));
    const named = answers.flatMap((answer) => (answer.kind === 'action' ? [answer.action] : []));
    expect([...new Set(named)].filter((name) => actions[name]?.kind !== 'action' && !expected.includes(name))).toEqual([]);
    expect(expected.filter((name) => !named.includes(name))).toEqual([]);
    const children = answers.flatMap((answer) => (answer.kind === 'case' ? [answer.runbook] : []));
    expect(children.filter((runbook) => !runbooks.includes(runbook))).toEqual([]);
    expect(new Set(children)).toEqual(new Set(['leaked-access-key', 'taken-role']));
  });

  it('says a step by hand in both languages, short', () => {
    const texts = answers.flatMap((answer) => (answer.kind === 'manual' ? [answer.text] : answer.kind === 'watch' ? [answer.why] : []));
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter(({ en, zh }) => en === '' || en === zh || !/\p{Script=Han}/u.test(zh) || /\p{Script=Han}/u.test(en))).toEqual([]);
    expect(texts.filter(({ en, zh }) => en.split(/[.!?](?:\s|$)/).filter((part) => part !== '').length > 4 || en.length > 260 || zh.length > 120)).toEqual([]);
  });

  it('gives only commands whose parameters the official metadata knows', () => {
    const commands = answers.flatMap((answer) => (answer.kind === 'manual' && answer.call !== undefined ? [answer.call] : []));
    const unknown = commands.flatMap(({ product, action, params }) => {
      const meta = JSON.parse(readFileSync(join(reference, 'meta', `${product}.json`), 'utf8')) as Meta;
      const names = meta[action]?.openapi_meta_en_US_2026_04?.parameters?.map(({ name }) => name);
      if (names === undefined) return [`${product}:${action}`];
      return Object.keys(params).flatMap((name) => (names.includes(name.split('.')[0] ?? '') ? [] : [`${product}:${action} ${name}`]));
    });
    expect(unknown).toEqual([]);
    expect(commands.length).toBeGreaterThan(40);
  });
});
