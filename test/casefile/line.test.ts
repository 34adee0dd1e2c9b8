import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../src/casefile/canonical.ts';
import { link } from '../../src/casefile/chain.ts';
import { cutSignature, isCanonical, readLine, signedBytes } from '../../src/casefile/line.ts';
import type { Line } from '../../src/casefile/line.ts';
import { answered, caseKey, linesOf, opened, text } from './kit.ts';

const at = '2026-01-01T00:00:00.000Z';
// Whole-number keys are the ones an engine puts in another order than the RFC.
const key = fc.oneof(text, fc.nat(30).map(String));
const facts = fc.dictionary(
  key,
  fc.oneof(fc.double(), fc.boolean(), text, fc.dictionary(key, text, { maxKeys: 3 })).filter((value) => typeof value !== 'number' || Number.isFinite(value)),
);

function lineOf(content: Buffer): Line {
  const line = readLine(content);
  if (line === undefined) throw new Error('not an entry');
  return line;
}

describe('a raw line', () => {
  it('as we write it is canonical, and its signature is cut out to what was signed', () => {
    fc.assert(
      fc.property(facts, (value) => {
        const raw = link(undefined, { type: 'step.finished', step: 's', visit: 1, outcome: 'o', facts: value }, at, caseKey.sign).line.subarray(0, -1);
        const line = lineOf(raw);
        expect(isCanonical(raw, line)).toBe(true);
        expect(cutSignature(line).equals(signedBytes(line.entry))).toBe(true);
      }),
    );
  });

  it('is canonical exactly when it is what canonical JSON writes', () => {
    const entry = { prev: '', seq: 0, sig: '', at: '', type: '' };
    fc.assert(
      fc.property(facts, fc.boolean(), (value, reversed) => {
        const record = { ...entry, facts: value };
        const written = JSON.stringify(reversed ? Object.fromEntries(Object.entries(record).toReversed()) : record);
        const raw = Buffer.from(written);
        expect(isCanonical(raw, lineOf(raw))).toBe(written.isWellFormed() && !written.includes('\\ud') && canonical(JSON.parse(written)) === written);
      }),
    );
  });

  it('with bytes that are no UTF-8 is not canonical, though they read the same', () => {
    const raw = link(undefined, answered('\ufffd'), at, caseKey.sign).line.subarray(0, -1);
    const place = raw.indexOf(Buffer.from('\ufffd'));
    const broken = Buffer.concat([raw.subarray(0, place), Buffer.of(0xff), raw.subarray(place + 3)]);
    expect(lineOf(broken).text).toBe(lineOf(raw).text);
    expect(isCanonical(broken, lineOf(broken))).toBe(false);
  });

  it('without the fields of an entry is none', () => {
    const [whole] = linesOf(link(undefined, opened(), at, caseKey.sign).line);
    expect(readLine(Buffer.from(whole ?? ''))?.entry.type).toBe('case.opened');
    for (const field of ['seq', 'prev', 'at', 'type', 'sig']) {
      const rest = { ...(JSON.parse(whole ?? '') as Record<string, unknown>), [field]: null };
      expect(readLine(Buffer.from(JSON.stringify(rest)))).toBeUndefined();
    }
  });
});
