// The pages for one reader each: what each must find on it, what it must not claim, and what is folded away.
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { reportOf } from '../../src/report/model.ts';
import type { ReportModel } from '../../src/report/shape.ts';
import { languages, type JsonObject, type Lang } from '../../src/text.ts';
import { aHandledCase } from '../support/cases.ts';
import { elementsOf } from '../support/markup.ts';
import { aStory, library, witnessOf } from '../support/story.ts';

const fold = (entries: readonly Entry[]): ReportModel => reportOf(entries, { library, witness: witnessOf(entries) });
const model = fold(aHandledCase());

/** One section of the Markdown, from its heading to the next of the same level. */
function page(of: ReportModel, title: string, lang: Lang = 'en'): string {
  const [, rest] = renderMarkdown(of, lang).split(`\n## ${title}\n`);
  if (rest === undefined) throw new Error(`There is no section ${title}.`);
  return rest.split('\n## ')[0] ?? '';
}

describe('the page for the lawyer', () => {
  it('says what is kept and how it is proven, and when each thing was known', () => {
    const text = page(model, 'For the lawyer');
    for (const part of ['`trail.jsonl`', model.integrity.head, '`objects/`', 'First key cut, read back', 'First harm known: Made the user backup-svc'])
      expect(text).toContain(part);
    expect(model.moments.map(({ at }) => at)).toEqual(model.moments.map(({ at }) => at).toSorted());
    expect(model.moments.find(({ id }) => id === 'harm')).toMatchObject({ eventAt: '2026-03-14T16:14:00Z' });
    expect(model.moments.find(({ id }) => id === 'contained')).toMatchObject({ eventAt: '2026-03-14T19:21:00Z' });
  });

  it('claims nothing about personal data that nobody wrote down', () => {
    expect(page(model, 'For the lawyer')).toContain('**Not known.**');
    const said = fold(
      aStory()
        .begin('x')
        .finish('x', 'done', { facts: { personalData: 'names and mail addresses of customers' } })
        .entries(),
    );
    expect(page(said, 'For the lawyer')).toContain('Written down: names and mail addresses of customers');
  });

  it("shows the organisation's clocks from the moment each runs, and one that can not run as such", () => {
    const clock = (id: string, from: string, hours: number): JsonObject => ({ id, name: { en: `Duty ${id}`, zh: `义务 ${id}` }, from, hours });
    const story = aStory();
    story.tell({
      type: 'organisation.recorded',
      sha256: 'c'.repeat(64),
      organisation: { clocks: [clock('a', 'detectedAt', 72), clock('b', 'dataReachedAt', 24), clock('c', 'opened', 1)] },
    } as never);
    const timed = fold(story.answer('input.detectedAt', '2026-03-14T19:02:00Z').entries());
    expect(timed.deadlines.map(({ dueAt }) => dueAt)).toEqual(['2026-03-17T19:02:00.000Z', undefined, new Date(Date.parse(timed.header.openedAt) + 3_600_000).toISOString()]);
    const text = page(timed, 'For the lawyer');
    expect(text).toContain('**2026-03-17 19:02:00Z**');
    expect(text).toContain('does not run');
    expect(page(model, 'For the lawyer')).toContain('The case carries none');
  });
});

describe('the page for the insurer', () => {
  it('adds up only what is known, and calls the rest unknown', () => {
    const text = page(model, 'For the insurer');
    const known = model.costs.filter(({ cny }) => cny !== null);
    expect(known.length).toBeGreaterThan(0);
    expect(known.every(({ basis }) => basis === 'estimated')).toBe(true);
    const sum = known.reduce((so, { cny }) => so + (cny ?? 0), 0);
    expect(Math.abs(sum - (model.decision.cost.spent ?? 0))).toBeLessThan(1);
    expect(text).toMatch(/\*\*at least \d/);
    // One machine was never stopped.
    expect(text).toMatch(/never read back as stopped: 1 of these machines.*\| unknown \| unknown \|/);
    expect(text).not.toMatch(/\| 0 \| unknown/);
  });

  it('says which controls nobody recorded', () => {
    expect(page(model, 'For the insurer')).toContain('**Not recorded:** ');
    const looked = fold(
      aStory()
        .begin('x')
        .finish('x', 'done', { facts: { trails: [{ id: 'audit', kind: 'trail', data: { trailRegion: 'All', eventRW: 'All', stoppedAt: '2026-03-14T18:24:00Z' } }] } })
        .entries(),
    );
    expect(page(looked, 'For the insurer')).toContain('Trail audit: regions All, events All, found stopped since 2026-03-14T18:24:00Z.');
  });
});

describe('the page for the engineers', () => {
  it('defangs what could be clicked, and leaves out what was held back', () => {
    const text = page(model, 'For the engineers');
    expect(text).toContain(String.raw`203\[.\]0\[.\]113\[.\]66`);
    expect(text).not.toContain('203.0.113.66');
    expect(model.indicators.map(({ value }) => value)).not.toContain('i-ours');
    expect(model.indicators.find(({ kind }) => kind === 'address')?.value).toBe('203.0.113.66');
  });

  it('names what they called themselves with every address it was seen from', () => {
    const source = (ip: string, ...agents: readonly string[]): JsonObject => ({ ip, count: 1, products: ['Ecs'], newest: '2026-03-14T16:00:00Z', agents });
    const story = aStory()
      .begin('quick-look')
      .finish('quick-look', 'all', { facts: { sources: [source('203.0.113.1', 'tool/1', 'tool/2'), source('203.0.113.2', 'tool/1')] } });
    const seen = fold(story.entries());
    expect(seen.indicators.filter(({ kind }) => kind === 'agent')).toMatchObject([
      { value: 'tool/1', note: { en: '203.0.113.1, 203.0.113.2' } },
      { value: 'tool/2', note: { en: '203.0.113.1' } },
    ]);
    expect(page(seen, 'For the engineers')).toContain(String.raw`| user agent | tool/1 | 203\[.\]0\[.\]113\[.\]1, 203\[.\]0\[.\]113\[.\]2 |`);
    expect(page(model, 'For the engineers')).toContain('User agents: not in the trail.');
  });

  it('brings nothing back before containment is proven, and never the leaked key', () => {
    expect(page(model, 'For the engineers')).toContain('1. Contained: what follows may begin');
    expect(page(model, 'For the engineers')).toMatch(/Never enable LTAI5tEXAMPLEci00001.* again \(cards 1\)/);
    expect(page(fold(aHandledCase({ quiet: 'unverified' })), 'For the engineers')).toContain('1. **NOT proven to be contained');
  });
});

describe('the page for the support of the cloud', () => {
  it('has a ticket, every request id and the price of each machine of theirs', () => {
    const text = page(model, 'For Alibaba Cloud support');
    for (const { requestId } of [...model.findings, ...model.actions]) if (requestId !== undefined) expect(text).toContain(requestId);
    for (const { id, held } of model.machines) expect(text.includes(`| ${id} |`)).toBe(!held);
    expect(text).toContain(`Subject: leaked AccessKey in account ${model.scope.account}`);
    expect(text).toContain('| unknown |');
    expect(text).toContain('Cut: LTAI5tEXAMPLEci00001, LTAI5tEXAMPLEbk00002.');
    expect(page(fold(aStory().entries()), 'For Alibaba Cloud support')).toContain('No key was cut.');
  });
});

describe('what few read', () => {
  it.each(languages)('is folded in HTML, counts its rows, and opens by its link (%s)', (lang) => {
    const all = elementsOf(renderHtml(model, lang));
    const folded = all.filter(({ name }) => name === 'details');
    expect(folded.length).toBeGreaterThan(5);
    expect(all.filter(({ name, attributes }) => name === 'details' && attributes.has('open'))).toEqual([]);
    for (const { text } of all.filter(({ attributes }) => attributes.get('class') === 'rows')) expect(text).toMatch(/^\d+ /);
    const ids = new Set(all.flatMap(({ attributes }) => attributes.get('id') ?? []));
    for (const { attributes } of all) if (attributes.get('href')?.startsWith('#') === true) expect(ids).toContain(attributes.get('href')?.slice(1));
    // The inventory holds every hash; none of it lies outside a fold.
    expect(folded.at(-1)?.text).toContain(model.evidence.at(-1)?.sha256);
  });
});
