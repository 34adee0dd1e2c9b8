import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { genesis, link, readTrail } from '../../src/casefile/chain.ts';
import type { Draft } from '../../src/casefile/entry.ts';
import { aTrail, answered, caseKey, linesOf, opened, sha256, text, wholeCase } from './kit.ts';

const at = '2026-01-01T00:00:00.000Z';

describe('linking', () => {
  it('names the line before by the hash of its raw bytes', () => {
    const first = link(undefined, opened(), at, caseKey.sign);
    const second = link(first.tip, answered('x'), at, caseKey.sign);
    expect(first.entry).toMatchObject({ seq: 0, prev: genesis });
    expect(second.entry).toMatchObject({ seq: 1, prev: sha256(first.line.subarray(0, -1)) });
  });

  it('gives the entry that its own line holds', () => {
    fc.assert(
      fc.property(text, fc.dictionary(text, text, { maxKeys: 4 }), (value, facts) => {
        const draft: Draft = { type: 'step.finished', step: 's', visit: 1, outcome: value, facts };
        const { entry, line } = link(undefined, draft, at, caseKey.sign);
        expect(JSON.parse(line.toString())).toEqual(entry);
        expect(line.indexOf(0x0a)).toBe(line.length - 1);
      }),
    );
  });

  it('lets no name stop a run: what UTF-8 can not carry is replaced', () => {
    const { entry, line } = link(undefined, answered('evil\ud800name'), at, caseKey.sign);
    expect(entry).toMatchObject({ value: 'evil\ufffdname' });
    expect(JSON.parse(line.toString())).toEqual(entry);
  });

  it('refuses a draft that JSON can not carry', () => {
    expect(() => link(undefined, { ...answered('x'), facts: { at: undefined } } as unknown as Draft, at, caseKey.sign)).toThrow(expect.objectContaining({ code: 'E_BUG' }));
  });
});

describe('reading a trail', () => {
  const trail = aTrail(...wholeCase);

  it('gives every entry and where its line ends', () => {
    const read = readTrail(trail);
    expect(read.entries.map(({ seq }) => seq)).toEqual(wholeCase.map((_, index) => index));
    expect(read.ends.at(-1)).toBe(trail.length);
    expect(read).toMatchObject({ bytes: trail.length, tip: { seq: wholeCase.length - 1 } });
  });

  it('goes on where it left off: in two parts it reads what it reads at once', () => {
    fc.assert(
      fc.property(fc.nat(trail.length), (cut) => {
        const head = readTrail(trail.subarray(0, cut));
        const rest = readTrail(trail.subarray(head.bytes), head.tip);
        expect([...head.entries, ...rest.entries]).toEqual(readTrail(trail).entries);
        expect(head.bytes + rest.bytes).toBe(trail.length);
      }),
    );
  });

  it('calls a last line without newline torn, and a tail of zeros too', () => {
    const half = trail.subarray(0, trail.length - 5);
    expect(readTrail(half).torn?.length).toBeGreaterThan(0);
    expect(readTrail(half).entries).toHaveLength(wholeCase.length - 1);
    expect(readTrail(Buffer.concat([trail, Buffer.alloc(4096)]))).toMatchObject({ bytes: trail.length, torn: Buffer.alloc(4096) });
  });

  it('stops at the first line that does not follow', () => {
    const lines = linesOf(trail);
    const without = Buffer.from(`${lines.toSpliced(4, 1).join('\n')}\n`);
    expect(readTrail(without).broken).toEqual({ seq: 4, why: 'wrong number' });
    const changed = Buffer.from(`${lines.with(3, (lines[3] as string).replace('quoted', 'Quoted')).join('\n')}\n`);
    expect(readTrail(changed).broken).toEqual({ seq: 4, why: 'wrong link' });
    expect(readTrail(Buffer.from(`${lines.with(2, '[]').join('\n')}\n`)).broken).toEqual({ seq: 2, why: 'not an entry' });
  });
});
