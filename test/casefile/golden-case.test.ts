// A whole case as version 0.1.0 left it, kept in git: later versions must verify it, read it and report it for ever.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formats } from '../../src/report/formats.ts';
import { aCli, type Cli } from '../support/cli.ts';

const vault = join(import.meta.dirname, '../../evidence/golden');
const kept = {
  case: 'GOLDEN-1',
  fingerprint: '13d7 29d7 467b f42e 3450 7979 2b16 a8e4',
  entries: 30,
  bytes: 11638,
  sha256: '0706f5d86bebbf47eb4063d957889c689afbb766f93c43ddf2580083ec4b6916',
};
let cli: Cli;
beforeAll(async () => {
  cli = await aCli();
});
afterAll(async () => cli.end());

describe('the golden case', () => {
  it('verifies: intact, complete, anchored by a witness line, signed by its key', async () => {
    const witness = `${kept.case} bytes=${kept.bytes} sha256=${kept.sha256}`;
    const { status, document } = await cli.json(['verify', kept.case, '--vault', vault, '--key', kept.fingerprint, '--witness', witness]);
    expect(status).toBe(0);
    expect(document).toMatchObject({
      intact: true,
      complete: true,
      problems: [],
      anchored: { after: 0 },
      case: { origin: 'exercise' },
      coverage: { entries: kept.entries, state: 'closed' },
    });
  });

  it('no longer verifies when one byte of it changes', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'firebreak-golden-'));
    try {
      cpSync(join(vault, kept.case), join(copy, kept.case), { recursive: true });
      const [object = ''] = readdirSync(join(copy, kept.case, 'objects'));
      cpSync(join(copy, kept.case, 'trail.jsonl'), join(copy, kept.case, 'objects', object));
      expect((await cli.json(['verify', kept.case, '--vault', copy])).status).toBe(1);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it.each(Object.keys(formats))('gives its report as %s', async (format) => {
    const { status, out } = await cli.call(['report', kept.case, '--vault', vault, '--format', format]);
    expect(status).toBe(0);
    expect(out).toContain('false');
    if (format === 'md') expect(out).toMatch(/EXERCISE[\s\S]*GOLDEN-1[\s\S]*documentation example/);
  });

  it('is read back as it stands, note and attachment with it', async () => {
    expect((await cli.json(['status', kept.case, '--vault', vault])).document).toMatchObject({ case: kept.case, state: 'closed', outcome: 'closed' });
    expect((await cli.json(['undo', kept.case, '--vault', vault])).document).toEqual({ case: kept.case, cards: [] });
    const trail = readFileSync(join(vault, kept.case, 'trail.jsonl'), 'utf8');
    for (const type of ['note.added', 'evidence.sealed', 'case.closed']) expect(trail).toContain(`"type":"${type}"`);
  });

  it('is small and holds nothing but the trail and what it seals', () => {
    const files = readdirSync(join(vault, kept.case), { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => !/^(trail\.jsonl|objects(\/[0-9a-f]{64})?)$/.test(name))).toEqual([]);
    expect(files.reduce((sum, name) => sum + statSync(join(vault, kept.case, name)).size, 0)).toBeLessThan(200_000);
  });
});
