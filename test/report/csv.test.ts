import { describe, expect, it } from 'vitest';
import { columns, renderCsv } from '../../src/report/csv.ts';
import { reportOf } from '../../src/report/model.ts';
import type { ReportModel } from '../../src/report/shape.ts';
import { escapeTerminal, languages } from '../../src/text.ts';
import { aHandledCase, type Turns } from '../support/cases.ts';
import { hostile } from '../support/hostile.ts';
import { recordsOf } from '../support/markup.ts';
import { library, witnessOf } from '../support/story.ts';

const fold = (turns: Turns = {}): ReportModel => {
  const entries = aHandledCase(turns);
  return reportOf(entries, { library, witness: witnessOf(entries) });
};
const read = (model: ReportModel, lang: 'en' | 'zh' = 'en'): readonly (readonly string[])[] => recordsOf(renderCsv(model, lang).slice(1));

describe('the timeline as CSV', () => {
  it.each(languages)('gives every row of the timeline back (%s)', (lang) => {
    const model = fold();
    const [head, ...rows] = read(model, lang);
    expect(head).toEqual([...columns]);
    expect(rows.slice(0, -1)).toEqual(
      model.timeline.map(({ at, lane, what, by, region, requestId, seq }) => [at, lane, escapeTerminal(what[lang]), by ?? '', region ?? '', requestId ?? '', String(seq)]),
    );
  });

  it('begins with the mark by which spreadsheets know UTF-8, and ends every line with CR LF', () => {
    const text = renderCsv(fold(), 'zh');
    expect(text.startsWith('\uFEFFat_utc,')).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('names at its end the trail it was read from', () => {
    const model = fold();
    const last = read(model).at(-1);
    expect(last?.[1]).toBe('report');
    for (const part of [model.header.case, model.integrity.head, model.integrity.closing.line]) expect(last?.[2]).toContain(part);
  });

  it.each(languages)('says EXERCISE in every row of an exercise (%s)', (lang) => {
    const [, ...rows] = read(fold({ exercise: true }), lang);
    expect(rows.filter((row) => !row[2]?.startsWith('EXERCISE · '))).toEqual([]);
    expect(renderCsv(fold(), lang)).not.toContain('EXERCISE');
  });

  it.each(hostile)('%s, is harmless', (_, name) => {
    const model = fold({ name, by: name.slice(0, 40) });
    const rows = read(model);
    expect(rows.every((row) => row.length === columns.length)).toBe(true);
    expect(rows).toHaveLength(model.timeline.length + 2);
    for (const cell of rows.flat()) {
      expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
      expect(cell).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }
  });
});
