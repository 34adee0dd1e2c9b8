// evidence/README.md tells how to check a case without us: here its commands are run on a case.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answered, closed, evidence, sealed, sha256 } from '../casefile/kit.ts';
import type { Draft } from '../../src/casefile/entry.ts';
import { aBench } from './disk-kit.ts';
import type { Bench } from './disk-kit.ts';

const { type: _, sha256: __, bytes: ___, ...custody } = sealed(evidence) as Extract<Draft, { type: 'evidence.sealed' }>;
const page = readFileSync(join(import.meta.dirname, '../../evidence/README.md'), 'utf8');
const blocks = Array.from(page.matchAll(/```(sh|python)\n([\s\S]*?)```/g), ([, language = '', code = '']) => ({ language, code }));
const needed = ['python3', 'openssl', 'sha256sum', 'base64', 'sed'];
const missing = needed.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);

async function aCase(): Promise<Bench> {
  const bench = aBench();
  const store = await bench.create();
  await store.append(answered('a name with "quotes", \\ and \u{1f525}'));
  await store.seal(evidence, custody);
  await store.append(closed);
  await store.close();
  return bench;
}

function run(dir: string, number: number, change = (code: string): string => code): { readonly status: number | null; readonly out: string } {
  const { language, code } = blocks[number] ?? { language: '', code: '' };
  const { status, stdout, stderr } = spawnSync(language === 'python' ? 'python3' : 'sh', ['-c', change(code)], { cwd: dir, encoding: 'utf8' });
  return { status, out: stdout + stderr };
}

describe.skipIf(missing.length > 0)(`the commands of evidence/README.md${missing.length > 0 ? ` (not on this machine: ${missing.join(', ')})` : ''}`, () => {
  it('accept a case as it is', async () => {
    const { dir, disk } = await aCase();
    const { coverage, keys } = await disk.verifyCase(dir);
    expect(run(dir, 0)).toEqual({ status: 0, out: `4 entries, head ${coverage.head}\n` });
    expect(run(dir, 1).out).toContain(/sha256=([0-9a-f]+)/.exec((await disk.readCase(join(dir, '..'), 'INC-7')).witness())?.[1]);
    expect(run(dir, 2)).toEqual({ status: 0, out: `${keys[0]?.fingerprint.replaceAll(' ', '')}\n` });
    for (let entry = 0; entry < 4; entry += 1)
      expect(run(dir, 3, (code) => code.replace('S=0', `S=${entry}`))).toMatchObject({ status: 0, out: 'Signature Verified Successfully\n' });
    expect(run(dir, 4)).toEqual({ status: 0, out: '' });
    expect(run(dir, 5)).toEqual({ status: 0, out: 'every object is there\n' });
    expect(blocks).toHaveLength(6);
  });

  it('refuse a changed entry, a forged signature, altered evidence', async () => {
    const { dir, trail } = await aCase();
    const object = sha256(evidence);
    run(dir, 2);
    writeFileSync(join(dir, 'trail.jsonl'), trail().toString().replace('quotes', 'Quotes'));
    writeFileSync(join(dir, 'objects', object), '{"Users":[1]}');
    expect(run(dir, 0).status).not.toBe(0);
    expect(run(dir, 3, (code) => code.replace('S=0', 'S=1')).status).not.toBe(0);
    expect(run(dir, 4)).toMatchObject({ status: 1, out: `altered: ${object}\n` });
    expect(run(dir, 5).status).not.toBe(0);
  });
});
