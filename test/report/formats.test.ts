import { describe, expect, it } from 'vitest';
import { formats, type ReportFormat } from '../../src/report/formats.ts';
import { reportOf } from '../../src/report/model.ts';
import { languages } from '../../src/text.ts';
import { aHandledCase } from '../support/cases.ts';
import { library, witnessOf } from '../support/story.ts';

const entries = aHandledCase({ exercise: true, name: '\u001B[31m<script>\u202E\u009B\u2028\u{E0041}' });
const model = reportOf(entries, { library, witness: witnessOf(entries) });

describe.each(Object.entries(formats) as readonly (readonly [string, ReportFormat])[])('the format %s', (name, format) => {
  it('has a media type and an extension that is its name', () => {
    expect(format.extension).toBe(name);
    expect(format.mediaType).toMatch(/^[a-z]+\/[a-z+]+/);
  });

  it.each(languages)('carries the case, the head, the closing witness and the mark of an exercise (%s)', (lang) => {
    const text = format.render(model, lang);
    for (const part of [model.header.case, model.integrity.head, model.integrity.closing.sha256, 'exercise']) expect(text.toLowerCase()).toContain(part.toLowerCase());
  });

  it('gives the same bytes for the same model, ends with a line feed and holds no raw control character', () => {
    const text = format.render(model, 'en');
    expect(format.render(model, 'en')).toBe(text);
    expect(text.endsWith('\n')).toBe(true);
    // The ends of its lines and the mark of its encoding are its own.
    expect(text.replace(/^\uFEFF/, '').replaceAll(/\r?\n/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});

describe('JSON', () => {
  it('gives the model back', () => {
    expect(JSON.parse(formats.json.render(model))).toEqual(model);
  });
});
