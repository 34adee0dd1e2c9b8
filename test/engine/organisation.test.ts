import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNetwork } from '../../src/actions/networks.ts';
import { contactLine, isWorkingTime, networksOf, organisationSchema, type Organisation } from '../../src/engine/organisation.ts';
import { parseOrganisation } from '../../src/engine/organisation-file.ts';
import { renderProblem } from '../../src/errors.ts';
import { anSshKey } from '../support/ssh.ts';

const sample = readFileSync(new URL('../../runbooks/firebreak.sample.yaml', import.meta.url), 'utf8');

function read(text: string): Organisation {
  const { organisation, problems } = parseOrganisation(text, 'firebreak.yaml');
  if (!organisation) throw new Error(problems.map(renderProblem).join('\n'));
  return organisation;
}

const problemsOf = (text: string): string => parseOrganisation(text, 'firebreak.yaml').problems.map(renderProblem).join('\n');

describe('firebreak.yaml', () => {
  it('comes with a sample that reads, and whose commented parts read too', () => {
    expect(Object.keys(read(sample).contacts)).toContain('duty-manager');
    const uncommented = sample
      .split('\n')
      .map((row) => row.replace(/^# (?=messages:|roster:|webhook:| {2})/, ''))
      .join('\n')
      .replace('ssh-ed25519 AAAA... example-lead', anSshKey().line);
    const { messages, roster, webhook } = read(uncommented);
    expect({ messages: Object.keys(messages), roster: roster.length, webhook: webhook?.kind }).toEqual({
      messages: ['leaked-access-key/notify-lead'],
      roster: 1,
      webhook: 'dingtalk',
    });
  });

  it('may be empty', () => {
    expect(read('')).toEqual(read('{}'));
    expect(networksOf(read(''))).toEqual([]);
  });

  it.for([
    ['a misspelt field', 'contcts: {}', '1:1: E_CONFIG The file has an unknown field "contcts". Did you mean "contacts"?'],
    ['a misspelt field further in', "contacts:\n  lead:\n    - { name: A, phon: '1' }", '3:18: E_CONFIG "contacts.lead.0" has an unknown field "phon". Did you mean "phone"?'],
    ['a contact nobody can reach', 'contacts: { lead: [{ name: A }] }', '"contacts.lead.0" does not fit: it must say how to reach them'],
    ['a contact by working hours that are not given', "contacts: { lead: [{ name: A, phone: '1', reachable: working }] }", 'it must be "always" while no workingHours are given'],
    ['a role that is no name', "contacts: { Team Lead: [{ name: A, phone: '1' }] }", 'can not be used as a name here: it must be lower-case letters'],
    ['control characters in a name', 'contacts: { lead: [{ name: "A\\e[2J", phone: "1" }] }', '"contacts.lead.0.name" does not fit'],
    ['a host address for a network', 'knownNetworks: [{ name: a, cidrs: [10.0.0.1/8] }]', '"knownNetworks.0.cidrs.0" does not fit: it must be a network'],
    ['a time zone that is none', "workingHours: { timeZone: Mars/Base, from: '09:00', to: '18:00' }", 'it must be a time zone'],
    ['hours that end before they begin', "workingHours: { timeZone: Asia/Shanghai, from: '18:00', to: '09:00' }", 'it must end later than it begins'],
    ['a missing translation', "messages: { a/b: { en: 'x' } }", '"messages.a/b" has no "zh"'],
    ['a clock without hours', 'clocks: [{ id: a, name: { en: A, zh: 甲 } }]', '"clocks.0" has no "hours"'],
    [
      'a clock twice',
      'clocks: [{ id: a, name: { en: A, zh: 甲 }, hours: 1 }, { id: a, name: { en: A, zh: 甲 }, hours: 2 }]',
      '"clocks.1.id" does not fit: it must not be used twice',
    ],
    ['another sort of key', "roster: [{ name: A, key: 'ssh-rsa AAAAB3NzaC1yc2E=' }]", 'it must be an ssh-ed25519 public key'],
    [
      'a secret in place of its name',
      'webhook: { kind: dingtalk, name: g, urlFrom: https://oapi.dingtalk.com/robot/send }',
      '"webhook.urlFrom" does not fit: it must name an environment variable',
    ],
    ['an alias', 'contacts: &a {}\nmessages: *a', 'refused'],
    ['broken YAML', 'contacts: [', 'E_CONFIG'],
  ] as const)('with %s is refused with its place', ([, text, told]) => {
    expect(problemsOf(text)).toContain(told);
    expect(problemsOf(text)).toMatch(/^firebreak\.yaml:\d+:\d+: /);
  });

  it('lists nobody twice in the roster, neither by name nor by key', () => {
    const [one, two] = [anSshKey().line, anSshKey().line];
    expect(problemsOf(`roster: [{ name: A, key: '${one}' }, { name: B, key: '${one} other-comment' }]`)).toContain('"roster.1.key" does not fit: it must not be listed twice');
    expect(problemsOf(`roster: [{ name: A, key: '${one}' }, { name: ' a', key: '${two}' }]`)).toContain('"roster.1.name"');
  });

  it('too large is refused', () => {
    expect(problemsOf(`# ${'x'.repeat(70_000)}`)).toContain('bytes');
  });

  it('has a JSON Schema that names every field', () => {
    const schema = JSON.stringify(organisationSchema());
    for (const field of ['contacts', 'messages', 'statusEveryMinutes', 'clocks', 'knownNetworks', 'workingHours', 'roster', 'webhook']) expect(schema).toContain(`"${field}"`);
  });
});

describe('working hours', () => {
  const { ...settled } = read("workingHours: { timeZone: Asia/Shanghai, days: [mon, tue, wed, thu, fri], from: '09:00', to: '18:00' }");

  it.for([
    ['2026-03-16T01:00:00Z', true],
    ['2026-03-16T09:59:00Z', true],
    ['2026-03-16T10:00:00Z', false],
    ['2026-03-16T00:59:00Z', false],
    ['2026-03-14T04:00:00Z', false],
  ] as const)('at %s are %s', ([at, open]) => {
    expect(isWorkingTime(settled, at)).toBe(open);
  });

  it('show at a contact who keeps them, outside of them', () => {
    const counsel = { name: 'Counsel', phone: '1', reachable: 'working' } as const;
    expect(contactLine(settled, 'legal', counsel, { at: '2026-03-14T19:00:00Z', lang: 'en' })).toBe('legal: Counsel, 1, outside working hours now');
    expect(contactLine(settled, 'legal', counsel, { at: '2026-03-16T02:00:00Z', lang: 'en' })).toBe('legal: Counsel, 1');
    expect(contactLine(settled, 'legal', { ...counsel, reachable: 'always' }, { at: '2026-03-14T19:00:00Z', lang: 'zh' })).toBe('legal: Counsel, 1');
  });
});

describe('a network', () => {
  it.for(['198.51.100.0/24', '192.0.2.10', '0.0.0.0/0', '2001:db8::/32', '::1', '::/0', '10.0.0.0/8', '2001:db8:0:0:0:0:0:1/128'])('%s is one', (text) => {
    expect(isNetwork(text)).toBe(true);
  });

  it.for(['', '10.0.0.0/33', '10.0.0', '10.0.0.256', '010.0.0.0/8', '10.0.0.1/24', '2001:db8::1/32', '::1::', '1:2:3:4:5:6:7:8:9', '10.0.0.0/8/8', 'ours', '10.0.0.0/-1'])(
    '%j is none',
    (text) => {
      expect(isNetwork(text)).toBe(false);
    },
  );

  it('never has bits of a host', () => {
    const sound = fc.property(fc.ipV4(), fc.integer({ min: 0, max: 31 }), (address, length) => {
      const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
      return isNetwork(`${address}/${length}`) === (number % 2 ** (32 - length) === 0);
    });
    expect(fc.check(sound)).toMatchObject({ failed: false });
  });
});
