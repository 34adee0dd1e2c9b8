import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { reportOf } from '../../src/report/model.ts';
import type { ReportModel } from '../../src/report/shape.ts';
import { escapeTerminal, languages } from '../../src/text.ts';
import { aHandledCase } from '../support/cases.ts';
import { hostile } from '../support/hostile.ts';
import { elementsOf, type Element } from '../support/markup.ts';
import { aStory, library, witnessOf } from '../support/story.ts';

const fold = (entries: readonly Entry[]): ReportModel => reportOf(entries, { library, witness: witnessOf(entries) });
const elements = (model: ReportModel, lang: 'en' | 'zh' = 'en'): readonly Element[] => elementsOf(renderHtml(model, lang));
const named = (all: readonly Element[], ...names: readonly string[]): readonly Element[] => all.filter(({ name }) => names.includes(name));
const headings = (all: readonly Element[]): readonly string[] => named(all, 'h1', 'h2', 'h3').map(({ name, text }) => `${'#'.repeat(Number(name[1]))} ${text}`);

describe('a report in HTML', () => {
  const model = fold(aHandledCase());

  it.each(languages)('is well-formed and has the headings, tables, items and blocks of the Markdown (%s)', (lang) => {
    const all = elements(model, lang);
    const prose = renderMarkdown(model, lang).replaceAll(/^```text\n[^]*?^```$/gm, '```');
    const unescaped = (text: string): string => text.replaceAll(/\\(.)/g, '$1').replaceAll('&amp;', '&');
    expect(headings(all)).toEqual(
      prose
        .split('\n')
        .filter((line) => line.startsWith('#'))
        .map(unescaped),
    );
    const rows = prose.split('\n').filter((line) => line.startsWith('|') && !line.startsWith('| ---'));
    expect(named(all, 'tr')).toHaveLength(rows.length);
    expect(named(all, 'td', 'th')).toHaveLength(rows.reduce((sum, row) => sum + row.split(/(?<!\\)\|/).length - 2, 0));
    expect(named(all, 'pre')).toHaveLength(prose.split('\n').filter((line) => line === '```').length);
  });

  it.each(languages)('shows the same figures and names as the model (%s)', (lang) => {
    const text = elements(model, lang).find(({ name }) => name === 'body')?.text ?? '';
    for (const { requestId, command } of model.actions) for (const part of [requestId, command]) expect(text).toContain(part);
    for (const { reason } of [...model.skips, ...model.waivers]) expect(text).toContain(reason);
    for (const { target } of model.held) expect(text).toContain(target);
    for (const { sha256 } of model.evidence) expect(text).toContain(sha256);
    for (const { what } of model.findings) expect(text).toContain(what[lang]);
    for (const part of [model.integrity.closing.line, model.integrity.fingerprint, `head -c ${model.integrity.closing.bytes} trail.jsonl | sha256sum`])
      expect(text).toContain(part);
  });

  it('has the same structure in both languages, each named as what it is', () => {
    const shape = (lang: 'en' | 'zh'): readonly string[] => elements(model, lang).flatMap(({ name }) => (['path', 'text'].includes(name) ? [] : [name]));
    expect(shape('zh')).toEqual(shape('en'));
    expect(elements(model, 'en')[0]?.attributes.get('lang')).toBe('en');
    expect(elements(model, 'zh')[0]?.attributes.get('lang')).toBe('zh-CN');
  });

  it('allows its own style sheet by hash, and nothing else', () => {
    const all = elements(model);
    const policy = all.find(({ attributes }) => attributes.get('http-equiv') === 'Content-Security-Policy')?.attributes.get('content') ?? '';
    const [sheet, ...others] = named(all, 'style');
    expect(others).toEqual([]);
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash('sha256', sheet?.text ?? '', 'base64')}'`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(sheet?.text).not.toMatch(/url\(|@import|</);
  });

  it('draws every event of the timeline once', () => {
    const all = elements(model);
    const dots = all.filter(({ name, attributes }) => name === 'circle' && attributes.get('class') === 'dot').length;
    const counts = all.flatMap(({ name, attributes, text }) => (name === 'text' && attributes.get('class') === 'count' ? [Number(text)] : []));
    expect(dots - counts.length + counts.reduce((sum, count) => sum + count, 0)).toBe(model.timeline.length);
  });

  it('keeps every mark, tick and label inside the picture', () => {
    for (const { name, attributes } of elements(model)) {
      if (!['rect', 'text', 'circle'].includes(name)) continue;
      const x = Number(attributes.get('x') ?? attributes.get('cx'));
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + Number(attributes.get('width') ?? 0)).toBeLessThanOrEqual(960);
    }
  });

  it.each(['March 7', '"><script>', '', '2026-99-99T00:00:00Z'])('lists an event whose time is %j, and does not draw it', (at) => {
    const [first, ...others] = model.timeline;
    if (!first) throw new Error('The timeline is empty.');
    const all = elements({ ...model, timeline: [{ ...first, at }, ...others] });
    expect(named(all, 'tr')).toHaveLength(named(elements(model), 'tr').length);
    expect(named(all, 'desc')[0]?.text).toContain('suspect 0,');
    expect(named(elements({ ...model, timeline: [{ ...first, at }] }), 'svg')).toEqual([]);
  });

  it('of an empty trail is whole', () => {
    expect(headings(elements(fold(aStory().entries())))).toHaveLength(headings(elements(model)).length - 2);
  });

  it('names in each cell of a small screen the head of its column', () => {
    const cells = elements(model).filter(({ name, attributes }) => name === 'td' && attributes.has('data-head'));
    expect(cells.length).toBeGreaterThan(100);
    expect(cells.filter(({ attributes }) => attributes.get('data-head') === '')).toEqual([]);
  });
});

describe('an exercise in HTML', () => {
  it.each(languages)('says EXERCISE on top, in its title, its picture and every heading (%s)', (lang) => {
    const all = elements(fold(aHandledCase({ exercise: true })), lang);
    for (const heading of headings(all)) expect(heading).toMatch(/^#+ EXERCISE · /);
    for (const { text } of named(all, 'title').slice(0, 2)) expect(text).toMatch(/^EXERCISE · /);
    expect(named(all, 'p')[0]?.text).toBe('EXERCISE');
  });

  it('is never said of a real case', () => {
    const [, ...rest] = renderHtml(fold(aHandledCase()), 'en').split('</style>');
    expect(rest.join('')).not.toContain('EXERCISE');
  });
});

describe('names the attacker chose, in HTML', () => {
  const calm = elements(fold(aHandledCase()));
  const known = new Set(calm.map(({ name }) => name));

  it.each(hostile)('%s, is harmless', (_, name) => {
    const model = fold(aHandledCase({ name, by: name.slice(0, 40) || 'x' }));
    for (const lang of languages) {
      const html = renderHtml(model, lang);
      const all = elementsOf(html);
      expect(html.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(headings(all)).toEqual(headings(elements(fold(aHandledCase()), lang)));
      expect(all.filter((each) => !known.has(each.name) && each.name !== 'bdi')).toEqual([]);
      for (const { attributes } of all)
        for (const [key, value] of attributes) {
          expect(key).not.toMatch(/^on|^style$|^src/);
          if (key === 'href') expect(value).toMatch(/^(#s\d+|data:,)$/);
          else if (key !== 'xmlns') expect(value).not.toMatch(/https?:|javascript:/);
        }
      expect(named(all, 'td').some(({ text }) => text.includes(escapeTerminal(name.trim().toWellFormed()).slice(0, 40)))).toBe(true);
    }
  });
});
