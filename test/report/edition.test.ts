// The redacted edition: nothing of the original in its bytes, in any format; and only the full one can say what a label stands for.
import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { fullEdition, redactedEdition } from '../../src/report/edition.ts';
import { formats } from '../../src/report/formats.ts';
import { redactEntries } from '../../src/report/redact.ts';
import type { ReportModel } from '../../src/report/shape.ts';
import { escapeTerminal, languages, type JsonObject } from '../../src/text.ts';
import { aFinding, aHandledCase, aKey } from '../support/cases.ts';
import { hostile } from '../support/hostile.ts';
import { aStory, both, library, witnessOf } from '../support/story.ts';

const sources = (entries: readonly Entry[]): Parameters<typeof fullEdition>[1] => ({ library, witness: witnessOf(entries) });
const redacted = (entries: readonly Entry[]): ReportModel => redactedEdition(entries, sources(entries));
const full = (entries: readonly Entry[]): ReportModel => fullEdition(entries, sources(entries));
const written = (model: ReportModel): readonly string[] => languages.flatMap((lang) => Object.values(formats).map(({ render }) => render(model, lang)));
/** Whatever stood behind a label. */
const originals = (entries: readonly Entry[]): readonly string[] =>
  redactEntries(entries, library)
    .labels.all()
    .map(({ value }) => value);

const entries = aHandledCase({ name: 'Zq-Sentinel-77', by: 'Ophelia Operator' });

describe('the redacted edition', () => {
  it('shows no identity, address, id, name or free text, in any format and language', () => {
    const secret = [
      '1000000000000042',
      'LTAI5t',
      'ci-deploy',
      'backup-svc',
      'ir-oncall',
      '203.0.113',
      'i-miner',
      'i-ours',
      'Sentinel',
      'Zq-',
      'Ophelia',
      'STS.EXAMPLE',
      'AppRuntime',
    ];
    const text = ['public repository', 'duty manager, by phone', 'The key was in a script', 'platform team', 'it takes until morning', 'it burns money', 'profile:ir', '000042'];
    for (const bytes of written(redacted(entries))) for (const part of [...secret, ...text]) expect(bytes).not.toContain(part);
    // They are there to be taken out.
    for (const part of secret.filter((each) => each !== 'i-ours')) expect(formats.md.render(full(entries), 'en')).toContain(part);
  });

  it.each(hostile)('does not show %s that somebody chose as a name', (_, name) => {
    const mine = aHandledCase({ name, by: name.slice(0, 40) || 'x' });
    const values = originals(mine).filter((value) => value.length >= 6 && /\w{3}/.test(value) && !/^[\w ]{1,12}$/.test(value));
    expect(values.length).toBeGreaterThan(20);
    for (const bytes of written(redacted(mine)))
      for (const value of [...values, name])
        for (const form of [value, escapeTerminal(value).slice(0, 60)]) if (form.length >= 6) expect(bytes.includes(form), form.slice(0, 80)).toBe(false);
  });

  it('tells a finding without what its event named, though no other entry names it', () => {
    const story = aStory().begin('quick-look');
    const grant = aFinding('e9', '2026-03-14T16:20:00Z', 'Granted AdministratorAccess to the user only-here-7', { eventName: 'AttachPolicyToUser' });
    const refused = aFinding('refused RunInstances LTAI5tEXAMPLEhere0007', '2026-03-14T16:21:00Z', 'Tried and was refused (X): Started 4 instances', {
      eventName: 'RunInstances',
      severity: 'low',
    });
    const other = aFinding('e10', '2026-03-14T16:22:00Z', 'Whatever to only-here-8', {
      eventName: 'NobodyKnows',
      answer: { by: both('delete only-here-9'), on: ['only-here-10'] },
    });
    const bare = aFinding('e11', '2026-03-14T16:23:00Z', 'Made a security group', { eventName: 'CreateSecurityGroup' });
    story.finish('quick-look', 'some', { findings: [grant, refused, other, bare] });
    const model = redacted(story.entries());
    expect(model.findings.map(({ what }) => what.en)).toEqual(['Granted … to the user …', 'Tried and was refused: Started … instances of …', 'A finding', 'Made a security group']);
    for (const bytes of written(model)) expect(bytes).not.toMatch(/only-here|LTAI/);
  });

  it('replaces what recorded sentences name: quoted, by form, and as the cloud wrote it', () => {
    const story = aStory().begin('cut');
    story.settle('cut', 'LTAI5tEXAMPLEnote0001', 'failed', { note: both('Refused (InvalidParameter): the user wily-coyote is unknown') });
    const held = { id: 'LTAI5tEXAMPLEheld0001', why: both('Made by "Quoted Person" from 198.51.100.7 as acs:ram::1000000000000042:role/hidden, mail hidden@example.invalid') };
    story.approve('approve-cut', 'cut', [aKey('LTAI5tEXAMPLEgone0001', 'someone-odd')], [held]);
    const model = redacted(story.entries());
    for (const bytes of written(model)) expect(bytes).not.toMatch(/wily|Quoted|198\.51|hidden|someone-odd|LTAI/);
    expect(model.held[0]?.why.en).toMatch(/^Made by "name-\d+" from ip-\d+ as arn-\d+, mail mail-\d+$/);
  });

  it('keeps the clocks of the organisation running, and none of its people', () => {
    const story = aStory().answer('input.detectedAt', '2026-03-14T19:02:00Z');
    const contacts = { legal: [{ name: 'Portia Advocate', phone: '+00 000 0000 001', email: 'portia@example.invalid' }] };
    const clocks = [{ id: 'a', name: { en: 'Report', zh: '报告' }, from: 'detectedAt', hours: 72 }];
    story.tell({ type: 'organisation.recorded', sha256: 'c'.repeat(64), organisation: { contacts, clocks, messages: { 'a/b': { en: 'Ring Portia', zh: '致电 Portia' } } } });
    story.tell({
      type: 'approval.seconded',
      step: 'approve-cut',
      visit: 1,
      sha256: 'd'.repeat(64),
      how: 'signed',
      second: 'Portia Advocate',
      by: 'x',
      key: 'ssh-ed25519 AAAA portia',
    });
    story.tell({ type: 'key.added', key: 'AAAA', by: 'x', to: 'Portia Two', reason: 'Portia goes home' });
    const model = redacted(story.entries());
    expect(model.deadlines).toMatchObject([{ what: { en: 'Report' }, dueAt: '2026-03-17T19:02:00.000Z' }]);
    for (const bytes of written(model)) expect(bytes).not.toMatch(/portia|000 0000/i);
  });

  it('keeps what a reader needs: times, steps, calls, regions, results, hashes, request ids and figures', () => {
    const [bare, whole] = [redacted(entries), full(entries)];
    const bones = ({ actions, decisions, metrics, evidence, integrity, coverage }: ReportModel): unknown => [
      actions.map(({ at, step, action, region, result, requestId, class: risk }) => [at, step, action, region, result, requestId, risk]),
      decisions.map(({ at, step, kind, declined }) => [at, step, kind, declined]),
      metrics,
      evidence.map(({ sha256, bytes, kind }) => [sha256, bytes, kind]),
      [integrity.head, integrity.closing, integrity.witnesses],
      coverage.map(({ step, outcome, regionsDone }) => [step, outcome, regionsDone]),
    ];
    expect(bones(bare)).toEqual(bones(whole));
    expect(bare.decision.containment).toMatchObject({ state: whole.decision.containment.state, rung: 'disabled' });
    expect(bare.decision.open).toHaveLength(whole.decision.open.length);
    expect(bare.actionItems.map(({ due }) => due)).toEqual(whole.actionItems.map(({ due }) => due));
  });
});

describe('the labels', () => {
  it('are the same in both editions, and only the salt of the full one opens them', () => {
    const [bare, whole] = [redacted(entries), full(entries)];
    expect(bare.edition?.labels).toEqual(whole.edition?.labels);
    expect(bare.edition?.salt).toBeUndefined();
    const { salt = '' } = whole.edition ?? {};
    expect(salt).toMatch(/^[0-9a-f]{64}$/);
    for (const bytes of written(bare)) expect(bytes).not.toContain(salt);
    const known = redactEntries(entries, library).labels.all();
    expect(known.length).toBeGreaterThan(30);
    for (const { label, value } of known) expect(whole.edition?.labels.find((each) => each.label === label)?.sha256).toBe(hash('sha256', `${salt}${value}`, 'hex'));
    const text = formats.md.render(whole, 'en');
    for (const { label, sha256 } of whole.edition?.labels ?? []) expect(text).toContain(`| ${label} | ${sha256} |`);
  });

  it('stand for one value each, and stay when the trail grows', () => {
    const known = redactEntries(entries, library).labels.all();
    expect(new Set(known.map(({ label }) => label)).size).toBe(known.length);
    expect(new Set(known.map(({ value }) => value)).size).toBe(known.length);
    const earlier = redactEntries(entries.slice(0, 60), library).labels.all();
    expect(known.slice(0, earlier.length)).toEqual(earlier);
  });

  it('of an empty trail are few, and the edition is whole', () => {
    const model = redacted(aStory().entries());
    expect(model.edition?.labels.length).toBeLessThan(5);
    expect(formats.md.render(model, 'en')).toContain('Nothing was cut.');
  });
});

describe('both editions', () => {
  it.each([
    ['full', full, 'TLP:AMBER+STRICT'],
    ['redacted', redacted, 'TLP:GREEN'],
  ] as const)('%s: carries its mark in every format', (kind, edition, mark) => {
    const model = edition(entries);
    expect(model.edition).toMatchObject({ kind, tlp: mark.slice(4) });
    for (const lang of languages) {
      for (const name of ['md', 'html', 'csv'] as const) expect(formats[name].render(model, lang)).toContain(mark);
      expect(formats.html.render(model, lang)).toContain(`@top-right { content: "${mark}"`);
    }
    expect((JSON.parse(formats.json.render(model)) as { edition: JsonObject }).edition).toMatchObject({ kind, tlp: mark.slice(4) });
  });
});
