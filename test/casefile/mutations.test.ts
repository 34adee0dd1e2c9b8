// Thousands of changes to a closed case: each must be found. What a change of one bit, one line or one object could be, it is here.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verify } from '../../src/casefile/verify.ts';
import { aTrail, answered, closed, evidence, finished, intended, linesOf, objectsOf, opened, runbookText, sealed, sha256, wholeCase, wholeObjects, witnessed } from './kit.ts';

const whole = aTrail(...wholeCase);
const lines = linesOf(whole);
// Small enough for every byte of it to be tried.
const small = aTrail(opened(), answered('\u{1f525} "sig"'), sealed(evidence), witnessed, closed);
const fails = (trail: Buffer, objects = wholeObjects): boolean => verify(trail, objects).exit === 1;
const joined = (changed: readonly string[]): Buffer => Buffer.from(changed.map((line) => `${line}\n`).join(''));

/** The names of changed trails that verification takes for the case itself. */
const missed = (changes: Iterable<readonly [name: string, trail: Buffer]>): string[] => Array.from(changes).flatMap(([name, trail]) => (fails(trail) ? [] : [name]));

describe('the trail of a closed case', () => {
  it('is accepted as it is', () => {
    expect(fails(whole)).toBe(false);
    expect(fails(small)).toBe(false);
  });

  it('shows every flip of one bit of every byte', () => {
    expect(missed(flips())).toEqual([]);
  });

  it('shows every byte put in the place of another, taken out or put in', () => {
    const tries = fc.sample(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { numRuns: 300, seed: 1 });
    const changes = tries.flatMap(([at, byte]): [string, Buffer][] => [
      [`byte ${at} is ${byte}`, Buffer.from(small.with(at, byte === small[at] ? byte ^ 1 : byte))],
      [`byte ${at} is out`, Buffer.concat([small.subarray(0, at), small.subarray(at + 1)])],
      [`${byte} is before byte ${at}`, Buffer.concat([small.subarray(0, at), Buffer.of(byte), small.subarray(at)])],
    ]);
    expect(missed(changes)).toEqual([]);
  });

  it('shows every cut', () => {
    const anywhere = fc.sample(fc.nat(small.length - 1), { numRuns: 300, seed: 2 }).map((length): [string, Buffer] => [`cut at ${length}`, small.subarray(0, length)]);
    expect(missed(anywhere)).toEqual([]);
    expect(missed(lines.map((_, kept) => [`cut after ${kept} lines`, joined(lines.slice(0, kept))]))).toEqual([]);
  });

  it('shows every line deleted, doubled, swapped with another, or put in from elsewhere', () => {
    expect(missed(lineChanges())).toEqual([]);
  });

  it('shows every entry backdated with all links after it made anew, for nobody can sign them', () => {
    const backdated = lines.map((_, at): [string, Buffer] => {
      const rewritten = lines.slice(0, at);
      for (const line of lines.slice(at)) {
        const entry = JSON.parse(line) as Record<string, unknown>;
        const change = rewritten.length === at ? { at: '2025-12-31T23:59:59.000Z' } : { prev: sha256(Buffer.from(rewritten.at(-1) ?? '')) };
        rewritten.push(JSON.stringify({ ...entry, ...change }));
      }
      return [`entry ${at}`, joined(rewritten)];
    });
    expect(missed(backdated)).toEqual([]);
  });
});

function* flips(): Generator<[string, Buffer]> {
  for (let at = 0; at < small.length; at += 1) yield [`byte ${at}`, Buffer.from(small.with(at, (small[at] ?? 0) ^ (1 << (at % 8))))];
}

function* lineChanges(): Generator<[string, Buffer]> {
  const foreign = linesOf(aTrail(opened({ case: 'INC-8' }), answered('other'), closed));
  for (const [at, line] of lines.entries()) {
    yield [`line ${at} is out`, joined(lines.toSpliced(at, 1))];
    for (const [to, other] of lines.entries()) {
      yield [`line ${at} is there again before ${to}`, joined(lines.toSpliced(to, 0, line))];
      if (to !== at) yield [`lines ${at} and ${to} changed places`, joined(lines.with(at, other).with(to, line))];
      if (to !== at) yield [`line ${at} overwrites ${to}`, joined(lines.with(to, line))];
    }
    yield [`line ${at} is there again at the end`, joined([...lines, line])];
    for (const [number, strange] of foreign.entries()) yield [`line ${number} of another case before ${at}`, joined(lines.toSpliced(at, 0, strange))];
  }
}

describe('trails of any shape', () => {
  it('are accepted as written and refused with any one byte changed', () => {
    const body = fc.array(
      fc.oneof(
        fc.string().map(answered),
        fc.constant(sealed(evidence)),
        fc.constant(witnessed),
        fc.nat(9).map((call) => finished(`read-${call}`, 'read')),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(body, fc.nat(), fc.integer({ min: 1, max: 255 }), (scripts, place, mask) => {
        const trail = aTrail(opened(), intended('call-1'), ...scripts, finished('call-1'), closed);
        const at = place % trail.length;
        expect(fails(trail)).toBe(false);
        expect(fails(Buffer.from(trail.with(at, (trail[at] ?? 0) ^ mask)))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the objects of a closed case', () => {
  it.each([
    ['missing', () => undefined],
    ['altered', (bytes: Buffer) => Buffer.from(bytes.with(0, (bytes[0] ?? 0) ^ 1))],
    ['cut', (bytes: Buffer) => bytes.subarray(1)],
    ['lengthened', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)])],
    ['emptied', () => Buffer.alloc(0)],
  ])('show each one %s', (_, change: (bytes: Buffer) => Buffer | undefined) => {
    for (const bytes of [runbookText, evidence]) {
      const found = new Map(wholeObjects);
      const changed = change(bytes);
      if (changed === undefined) found.delete(sha256(bytes));
      else found.set(sha256(bytes), { sha256: sha256(changed), bytes: changed.length });
      expect(fails(whole, found)).toBe(true);
    }
  });

  it('show two that changed places', () => {
    const [a, b] = [sha256(runbookText), sha256(evidence)];
    const swapped = new Map([
      [a, { sha256: b, bytes: evidence.length }],
      [b, { sha256: a, bytes: runbookText.length }],
    ]);
    expect(fails(whole, swapped)).toBe(true);
    expect(fails(whole, objectsOf())).toBe(true);
  });
});
