import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/casefile/entry.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { reportOf } from '../../src/report/model.ts';
import type { ReportModel } from '../../src/report/shape.ts';
import { languages } from '../../src/text.ts';
import { aHandledCase } from '../support/cases.ts';
import { hostile } from '../support/hostile.ts';
import { aStory, library, witnessOf } from '../support/story.ts';

const fold = (entries: readonly Entry[]): ReportModel => reportOf(entries, { library, witness: witnessOf(entries) });
const headings = (text: string): readonly string[] => prose(text).filter((line) => line.startsWith('#'));

/** Everything outside fenced blocks. */
function prose(text: string): readonly string[] {
  let fence = '';
  return text.split('\n').filter((line) => {
    const mark = /^`{3,}/.exec(line)?.[0] ?? '';
    if (fence === '' && mark !== '') fence = mark;
    else if (fence !== '' && line === fence) fence = '';
    else return fence === '';
    return false;
  });
}

/** Rows that do not have as many cells as the head of their table. */
function ragged(lines: readonly string[]): readonly string[] {
  const cells = (line: string): number => line.split(/(?<!\\)\|/).length;
  return lines.filter((line, index) => {
    const head = lines.findLastIndex((each, at) => at <= index && !each.startsWith('|')) + 1;
    return line.startsWith('|') && cells(line) !== cells(lines[head] ?? '');
  });
}

describe('a report in Markdown', () => {
  it.each(languages)('shows every action, skip, waiver, held target, denied region and undo card (%s)', (lang) => {
    const model = fold(aHandledCase());
    const text = renderMarkdown(model, lang);
    for (const { requestId, seq } of model.actions) expect(text).toMatch(new RegExp(String.raw`^\| #${seq} \|.*\| ${requestId} \|`, 'm'));
    for (const { reason } of [...model.skips, ...model.waivers]) expect(text).toContain(reason);
    for (const { target } of model.held) expect(text).toContain(target);
    for (const { sha256 } of model.evidence) expect(text).toContain(sha256);
    for (const { region } of model.coverage.flatMap(({ regionsMissed }) => regionsMissed)) expect(text).toContain(`**${region}**`);
    for (const { command } of model.actions) expect(text).toContain(command);
    for (const { what } of model.findings) expect(text).toContain(what[lang]);
    for (const { label } of model.inputs) expect(text).toContain(label[lang]);
    expect(text).toContain('--Status Active');
    expect(text).toContain(model.integrity.closing.line);
    expect(text).toContain(`head -c ${model.integrity.closing.bytes} trail.jsonl | sha256sum`);
    expect(text).toContain(model.integrity.fingerprint);
  });

  it('has the same structure in both languages', () => {
    const shape = (lang: 'en' | 'zh'): readonly string[] =>
      renderMarkdown(fold(aHandledCase()), lang)
        .split('\n')
        .map((line) => (/^(#+|\||-|\d+\.|>|`)/.exec(line)?.[0] ?? '') + (line.startsWith('|') ? line.split(/(?<!\\)\|/).length : ''));
    expect(shape('zh')).toEqual(shape('en'));
    expect(headings(renderMarkdown(fold(aHandledCase()), 'zh'))).toHaveLength(headings(renderMarkdown(fold(aHandledCase()), 'en')).length);
  });

  it('begins with one page: what, since when, contained or not, cost, what is open', () => {
    const page = renderMarkdown(fold(aHandledCase()), 'en').split('\n## For the lawyer')[0] ?? '';
    for (const part of ['What happened', 'What they did', 'Since', 'Contained?', '**Yes**: keys disabled', '30 → unknown CNY/h', 'Not looked at', 'What is open'])
      expect(page).toContain(part);
    // Sixty lines of a hundred characters is what a printed page holds.
    expect(page.split('\n').reduce((lines, line) => lines + Math.max(1, Math.ceil(line.length / 100)), 0)).toBeLessThanOrEqual(60);
  });

  it('prints reversible changes before the full record as normal', () => {
    expect(renderMarkdown(fold(aHandledCase()), 'en')).toContain('That is normal: cutting never waits for investigating.');
    expect(renderMarkdown(fold(aStory().entries()), 'en')).not.toContain('That is normal');
  });

  it('never says "contained" of what was not proven', () => {
    const text = renderMarkdown(fold(aHandledCase({ quiet: 'unverified' })), 'en');
    expect(text).toContain('**Not verified.**');
    expect(text).not.toContain('**Yes**');
  });

  it('says of an open case that it is interim', () => {
    expect(renderMarkdown(fold(aHandledCase({ close: false })), 'en')).toContain('> Interim: the case is still open.');
    expect(renderMarkdown(fold(aHandledCase()), 'en')).not.toContain('Interim');
  });

  it('of an empty trail is whole and claims nothing', () => {
    const text = renderMarkdown(fold(aStory().entries()), 'en');
    expect(text).toContain('Nothing was cut.');
    expect(text).toContain('No harmful event was found; see what was not looked at.');
    expect(text).toContain('**Quiet window**: Never begun.');
  });
});

describe('an exercise', () => {
  it.each(languages)('says EXERCISE on top and in every heading (%s)', (lang) => {
    const text = renderMarkdown(fold(aHandledCase({ exercise: true })), lang);
    expect(text.split('\n')[2]).toContain('EXERCISE');
    expect(headings(text).length).toBeGreaterThan(15);
    for (const heading of headings(text)) expect(heading).toMatch(/^#+ EXERCISE · /);
  });

  it('is never said of a real case', () => {
    expect(renderMarkdown(fold(aHandledCase()), 'en')).not.toContain('EXERCISE');
  });
});

describe('names the attacker chose', () => {
  it.each(hostile)('%s, is harmless', (_, name) => {
    const calm = fold(aHandledCase());
    const model = fold(aHandledCase({ name, by: name.slice(0, 40) || 'x' }));
    for (const lang of languages) {
      const text = renderMarkdown(model, lang);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(headings(text)).toEqual(headings(renderMarkdown(calm, lang)));
      for (const line of prose(text)) {
        expect(line).not.toMatch(/<|(?<!\\)\]\(|(?<!\\)!\[|(?<![\\`])`{3}|(?<!\\)~~|(?<!\\)\$\$|https?:\/\/|www\.|[^\\]@/);
        expect(line.length).toBeLessThan(6_000);
      }
      expect(ragged(prose(text))).toEqual([]);
    }
  });
});

describe('ten thousand entries', () => {
  it('are folded and rendered in under a second', () => {
    const story = aStory();
    const ids = Array.from({ length: 400 }, (_, nth) => `i-${nth}`);
    story.begin('volatile');
    for (const id of ids) story.seal('volatile', 'volatile', id).settle('volatile', id, 'sealed');
    story.finish('volatile', 'all').begin('stop-rogue');
    for (const id of ids) story.write('stop-rogue', { product: 'ecs', action: 'StopInstances', targets: [id], class: 'R2' }).settle('stop-rogue', id, 'done');
    for (let nth = 0; story.entries().length < 10_000; nth += 1) story.read('key-record', 'actiontrail', 'LookupEvents', `region-${nth % 30}`).seal('events', 'key-record');
    const entries = story.entries();
    const witness = witnessOf(entries);
    const times = Array.from({ length: 3 }, () => {
      const startedAt = performance.now();
      renderMarkdown(reportOf(entries, { library, witness }), 'en');
      return performance.now() - startedAt;
    });
    // The best of three: the machine may be busy with something else.
    expect(Math.min(...times)).toBeLessThan(1_000);
  });
});
