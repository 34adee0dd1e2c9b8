// The vault format, frozen: cases written by earlier versions must verify for ever, and today's writer must still write their bytes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/casefile/signing.ts';
import { verify } from '../../src/casefile/verify.ts';
import { aTrail, caseKey, objectsOf, wholeCase } from './kit.ts';

const golden = join(import.meta.dirname, '../../evidence/golden');

const formats = readdirSync(golden).filter((name) => name.startsWith('format-'));

describe.each(formats)('the golden case %s', (name) => {
  const trail = readFileSync(join(golden, name, 'trail.jsonl'));
  const objects = readdirSync(join(golden, name, 'objects')).map((file) => readFileSync(join(golden, name, 'objects', file)));

  it('is intact and complete, signed by the key of the tests', () => {
    expect(verify(trail, objectsOf(...objects), { key: fingerprint(caseKey.key) })).toMatchObject({ exit: 0, problems: [], coverage: { entries: 10, objects: 2 } });
  });
});

describe('today’s writer', () => {
  it('writes the newest golden case byte for byte', () => {
    const newest = formats.toSorted().at(-1) ?? '';
    expect(aTrail(...wholeCase).toString()).toBe(readFileSync(join(golden, newest, 'trail.jsonl'), 'utf8'));
  });
});
