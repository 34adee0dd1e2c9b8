import { describe, expect, it } from 'vitest';
import { problemCodes, renderTrailProblem, renderVerdict } from '../../src/casefile/verdict.ts';
import type { ProblemCode } from '../../src/casefile/verdict.ts';
import { verify } from '../../src/casefile/verify.ts';
import { fingerprint } from '../../src/casefile/signing.ts';
import { renderWitness } from '../../src/casefile/witness.ts';
import { languages } from '../../src/text.ts';
import { aTrail, answered, caseKey, closed, intended, objectsOf, opened, otherKey, sha256, wholeCase, wholeObjects } from './kit.ts';

const whole = aTrail(...wholeCase);
const early = aTrail(...wholeCase.slice(0, 4));
const witness = renderWitness('INC-7', early.length, sha256(early));

describe('the verdict in words', () => {
  it('says what holds, what was looked at and what is not proven', () => {
    expect(renderVerdict(verify(whole, wholeObjects, { witnesses: [witness], key: fingerprint(caseKey.key) }), 'en')).toBe(
      `INC-7: verified
  intact    yes  10 entries, each linked to the one before and signed
  anchored  up to entry 3; entries after it: 6
  complete  yes  closed; 2 objects of evidence, 23 bytes
  covers    entry 0 (2026-01-01T00:00:00.000Z) to 9 (2026-01-01T00:00:09.000Z)
  key       ${fingerprint(caseKey.key)}  as given
  witness   bytes=${early.length}  holds, up to entry 3
Not proven by this:
  - entries 4 to 9 against a holder of the key
  - that the clock was right, or that what the cloud answered was true`,
    );
  });

  it('never lets a verified case without pin or witness pass for more', () => {
    const text = renderVerdict(verify(whole, wholeObjects), 'en');
    expect(text).toContain('no: no witness line was given; one up to entry 7 was shown');
    expect(text).toContain('whose key this is: compare it with the one shown at opening (--key)');
    expect(text).toContain('that nothing was cut off or rewritten by a holder of the key (--witness)');
  });

  it('says EXERCISE over an exercise', () => {
    const drill = aTrail(opened({ origin: 'exercise', mode: 'drill', endpoint: 'http://127.0.0.1:9' }), closed);
    for (const lang of languages) expect(renderVerdict(verify(drill, wholeObjects), lang).split('\n')[0]).toContain('EXERCISE');
    expect(renderVerdict(verify(whole, wholeObjects), 'en')).not.toContain('EXERCISE');
  });

  it('tells an adopted key and a broken witness', () => {
    const trail = aTrail(opened(), { draft: { type: 'key.adopted', key: otherKey.key, reason: 'r', by: 'b' }, by: otherKey }, { draft: closed, by: otherKey });
    const text = renderVerdict(verify(trail, wholeObjects, { witnesses: [witness] }), 'en');
    expect(text).toContain('NOT VERIFIED');
    expect(text).toContain('DOES NOT HOLD');
    expect(text).toContain('the key used from entry 1 on had the right to: unendorsed');
  });

  it('fits a screen however much is wrong, in both languages', () => {
    const intents = Array.from({ length: 30 }, (_, index) => intended(`call-${index}`));
    const trail = aTrail(opened(), ...intents, { draft: answered('x'), by: otherKey });
    const witnesses = Array.from({ length: 9 }, () => renderWitness('INC-8', 99, sha256(whole)));
    for (const lang of languages) {
      const lines = renderVerdict(verify(trail, objectsOf(), { witnesses, key: fingerprint(otherKey.key) }), lang).split('\n');
      expect(lines.length).toBeLessThanOrEqual(24);
      // A Chinese character takes two columns.
      const columns = lines.map((line) => line.length + line.replace(/[^\u2e80-\uffef]/g, '').length);
      expect(Math.max(...columns)).toBeLessThanOrEqual(80);
    }
  });

  it('shows foreign names harmlessly', () => {
    const text = renderVerdict(verify(whole, new Map(wholeObjects).set('\u001b[31m\u202ename', { sha256: '', bytes: 1 })), 'en');
    expect(text).toContain('\\u{1b}[31m\\u{202e}name');
    expect(text).not.toContain('\u001b');
  });

  it('has words for every problem in both languages', () => {
    for (const code of Object.keys(problemCodes) as ProblemCode[]) {
      for (const lang of languages) expect(renderTrailProblem({ code, entry: 3, what: 'W' }, lang)).not.toContain('{what}');
      expect(renderTrailProblem({ code, entry: 3 }, 'zh')).toMatch(/^第 3 条：.*\p{Script=Han}/u);
    }
  });
});
