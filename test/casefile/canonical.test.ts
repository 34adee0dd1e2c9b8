import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { around, canonical, wellFormed } from '../../src/casefile/canonical.ts';
import type { Fault } from '../../src/errors.ts';
import { text } from './kit.ts';

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => wellFormed(value));

/** RFC 8785 written a second time, from its text: sorted keys, the engine's own strings and numbers. */
function reference(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(reference).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const units = (text: string): string => Array.from({ length: text.length }, (_, index) => text.charCodeAt(index).toString(16).padStart(4, '0')).join('');
  const sorted = Object.entries(value).toSorted(([a], [b]) => (units(a) < units(b) ? -1 : 1));
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${reference(item)}`).join(',')}}`;
}

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, shuffled(item)]),
  );
}

describe('canonical JSON', () => {
  it('writes any JSON value as the RFC says', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonical(value)).toBe(reference(value));
      }),
    );
  });

  it('gives the same text whatever the order of keys', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonical(shuffled(value))).toBe(canonical(value));
      }),
    );
  });

  it('is read back as the value it was', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonical(JSON.parse(canonical(value)))).toBe(canonical(value));
      }),
    );
  });

  it('writes the examples of the RFC', () => {
    expect(canonical([JSON.parse('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0])).toBe('[333333333.3333333,1e+30,4.5,0.002,1e-27,0]');
    expect(canonical('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
    const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
    expect(canonical(keys)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}');
  });

  it('keeps a key named __proto__ a key', () => {
    expect(canonical(wellFormed(JSON.parse('{"__proto__":{"a":1}}')))).toBe('{"__proto__":{"a":1}}');
  });

  it.each([
    ['undefined', { a: undefined }],
    ['a number without end', [Infinity]],
    ['no number', NaN],
    ['a big integer', 1n],
    ['a function', { a: () => 1 }],
    ['a date', { at: new Date(0) }],
    ['a map', new Map()],
    ['half a surrogate pair', ['\ud800']],
    ['a key of half a pair', { '\udc00x': 1 }],
    ['a hole in a list', [1, , 2]], // eslint-disable-line no-sparse-arrays
  ])('refuses %s as our own mistake', (_, value) => {
    expect(() => canonical(value)).toThrow(expect.objectContaining({ code: 'E_BUG' } satisfies Partial<Fault>));
  });

  it('splits an object around one key, so that both parts and the key make the whole', () => {
    fc.assert(
      fc.property(fc.dictionary(text.map(wellFormed), json, { maxKeys: 5 }), json, (rest, value) => {
        const { before, after } = around({ ...rest, sig: value }, 'sig');
        const parts = [before, `"sig":${canonical(value)}`, after].filter((part) => part !== '');
        expect(`{${parts.join(',')}}`).toBe(canonical({ ...rest, sig: value }));
      }),
    );
  });

  it('replaces half surrogate pairs, and nothing else', () => {
    fc.assert(fc.property(fc.array(text), (value) => JSON.stringify(wellFormed(value)) === JSON.stringify(value.map((item) => item.toWellFormed()))));
    fc.assert(fc.property(fc.dictionary(text, fc.array(text)), (value) => canonical(wellFormed(value)).isWellFormed()));
    expect(wellFormed({ name: ['a\ud800b'] })).toEqual({ name: ['a\ufffdb'] });
  });
});
