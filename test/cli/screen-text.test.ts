import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, ends, fitting, joined, pad, table, width, wrap } from '../../src/cli/screen-text.ts';

const mixed = fc.string({ unit: fc.constantFrom('a', 'Z', ' ', '.', '-', '中', '文', '，', '。', '…', '👨‍👩‍👧', 'é', '🇨🇳'), maxLength: 120 });

describe('text in columns', () => {
  it('counts Chinese and emoji as two columns, an accent as none', () => {
    expect([width('abc'), width('中文'), width('👨‍👩‍👧'), width('e\u0301')]).toEqual([3, 4, 2, 1]);
  });

  it('never cuts a character in half and never takes more columns than it may', () => {
    fc.assert(
      fc.property(mixed, fc.integer({ min: 0, max: 60 }), (text, columns) => {
        expect(width(clip(text, columns))).toBeLessThanOrEqual(columns);
        expect(text.slice(0, fitting(text, columns)).isWellFormed()).toBe(true);
      }),
    );
  });

  it('pads to exactly the width asked, at either side', () => {
    fc.assert(
      fc.property(mixed, fc.integer({ min: 1, max: 60 }), (text, columns) => {
        expect(width(pad(text, columns))).toBe(columns);
      }),
    );
    expect(pad('7', 3, 'right')).toBe('  7');
  });

  it('wraps without losing or inventing a character', () => {
    fc.assert(
      fc.property(mixed, fc.integer({ min: 2, max: 60 }), (text, columns) => {
        const rows = wrap(text, columns);
        for (const row of rows) expect(width(row)).toBeLessThanOrEqual(columns);
        expect(rows.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });

  it('breaks at spaces, between Chinese characters, and before no closing mark', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('读取投递情况，并查找。', 12)).toEqual(['读取投递情', '况，并查找。']);
    expect(wrap('LTAI5tEXAMPLEci00001', 8)).toEqual(['LTAI5tEX', 'AMPLEci0', '0001']);
  });

  it('keeps the line breaks of the text and indents what follows', () => {
    expect(wrap('a\nbb cc dd', 6, 2)).toEqual(['a', 'bb cc', '  dd']);
  });

  it('drops the parts of a row that do not fit, from the end', () => {
    expect(joined(['LIVE', '', 'acme', 'a very long part'], ' | ', 14)).toBe('LIVE | acme');
    expect(ends('left', 'right', 12)).toBe('left   right');
    expect(ends('a long left side', 'tag', 12)).toBe('a long … tag');
  });

  it('keeps the parts that matter most when not all fit, in their own order', () => {
    const parts = [
      { text: 'found 5 s ago', rank: 2 },
      { text: 'STILL ACTIVE', rank: 1 },
      { text: 'quiet', rank: 3 },
    ];
    expect(joined(parts, ' | ', 80)).toBe('found 5 s ago | STILL ACTIVE | quiet');
    expect(joined(parts, ' | ', 29)).toBe('found 5 s ago | STILL ACTIVE');
    expect(joined(parts, ' | ', 20)).toBe('STILL ACTIVE');
    expect(joined(parts, ' | ', 6)).toBe('STILL…');
  });

  it('makes a table fit by narrowing its widest column first, then by leaving out the last', () => {
    const wide = [
      { head: 'id', least: 6 },
      { head: 'n', align: 'right' as const },
    ];
    expect(table(wide, [['a-very-long-identifier', '12']], 16)).toEqual(['id             n', 'a-very-long…  12']);
    expect(table(wide, [['a-very-long-identifier', '12']], 9)).toEqual(['id', 'a-very-l…']);
    for (const row of table([{ head: '地域' }, { head: '规格' }], [['cn-hangzhou', '中文中文中文']], 14)) expect(width(row)).toBeLessThanOrEqual(14);
  });
});
