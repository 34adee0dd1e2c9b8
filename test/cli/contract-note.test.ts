// What a second terminal puts on record: from anywhere, at any time, beside whoever walks; and what it refuses.
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Range } from '../../src/range/server.ts';
import { aCli, anAccount, leaked, sha256, until, witnessesIn, type Cli } from '../support/cli.ts';

let cli: Cli;
let account: Range;
/** Nothing to reach an account with. */
const bare = { ALIBABA_CLOUD_ACCESS_KEY_ID: undefined, ALIBABA_CLOUD_ACCESS_KEY_SECRET: undefined, FIREBREAK_ENDPOINT: undefined };

beforeAll(async () => {
  cli = await aCli();
  account = await anAccount(cli, [{ match: { action: 'UpdateAccessKey', nth: 1 }, do: 'hang-after-effect', delayMs: 4_000 }]);
  await cli.call(['run', 'leaked-access-key', '--case', 'C', '--input', `accessKeyId=${leaked}`]);
  await writeFile(join(cli.folder, 'nobody.yaml'), '{}');
  await cli.call(['drill', '--case', 'EX', '--answers', join(cli.folder, 'nobody.yaml')]);
});
afterAll(async () => {
  await account.close();
  await cli.end();
});

describe('note', () => {
  it('is signed into the trail without a credential, an account or a clock, and prints its witness line', async () => {
    const { status, out, err } = await cli.call(['note', 'C', '  the owner is on a plane\nuntil 06:00 ', '--as', 'Li Wei'], bare);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const entry = (await cli.entries('C')).at(-1);
    expect(entry).toMatchObject({ type: 'note.added', text: 'the owner is on a plane\nuntil 06:00', by: 'Li Wei', sig: expect.any(String) });
    const rows = out.trimEnd().split('\n');
    expect(rows.slice(0, 2)).toEqual(['case: C', `noted: #${String(entry?.['seq'])}`]);
    const [witness] = witnessesIn(rows[2] as string);
    expect(sha256(await cli.trail('C'))).toBe(witness?.sha256);
    expect((await cli.call(['verify', 'C', '--open', '--witness', witness?.line as string])).status).toBe(0);
  });

  it('bears the time the drill stood at, and leaves its account alone', async () => {
    const [before, last] = [await cli.entries('EX'), (await cli.entries('EX')).at(-1)];
    expect((await cli.call(['note', 'EX', '备注', '--lang', 'zh'], bare)).out).toContain('已记录: #');
    const entries = await cli.entries('EX');
    expect(entries).toHaveLength(before.length + 1);
    expect(entries.at(-1)).toMatchObject({ type: 'note.added', text: '备注', at: last?.['at'] });
  });

  it('moves nothing: the same question waits, and the status document says so', async () => {
    const before = (await cli.json(['status', 'C'])).document;
    const { status, document } = await cli.json(['note', 'C', 'still here'], bare);
    expect({ status, document }).toEqual({ status: 0, document: { ...before, witness: expect.stringMatching(/^C bytes=\d+ sha256=/) } });
    expect(document['witness']).not.toBe(before['witness']);
  });

  it('shows hostile text as text in the report', async () => {
    await cli.call(['note', 'EX', '\u202eabc <b>|`x`'], bare);
    for (const [lang, word] of [
      ['en', 'Note: '],
      ['zh', '备注：'],
    ] as const) {
      const { out } = await cli.call(['report', 'EX', '--lang', lang]);
      const row = out.split('\n').find((line) => line.includes(word) && line.includes('abc'));
      expect(row).toContain('&lt;b&gt;');
      expect(row).not.toMatch(/\u202e|<b>/);
    }
  });

  it.each([
    ['', 'is empty'],
    [' \n\t ', 'is empty'],
    ['x'.repeat(4001), 'has 4001 characters'],
    ['a\u001b[2J', 'control character (U+001B)'],
    ['a\u0085b', 'control character (U+0085)'],
    ['a\rb', 'control character (U+000D)'],
  ])('refuses %j and records nothing', async (text, why) => {
    const before = await cli.trail('C');
    const { status, out, err } = await cli.call(['note', 'C', text]);
    expect({ status, out }).toEqual({ status: 65, out: '' });
    expect(err).toMatch(/^E_VALUE: .*Nothing was recorded\.\n.+/);
    expect(err).toContain(why);
    expect(await cli.trail('C')).toEqual(before);
  });

  it('takes 4,000 characters, counted as people count', async () => {
    expect((await cli.call(['note', 'EX', '😀'.repeat(4_000)])).status).toBe(0);
  });

  it.each([[['note']], [['note', 'C']], [['note', 'C', 'a', 'b']], [['note', 'C', 'a', '--what', 'b']]])('refuses %j as usage', async (words) => {
    expect(await cli.json(words)).toMatchObject({ status: 2, document: { error: { code: 'E_USAGE' } } });
  });

  it('refuses a case that is not there, or a copy of one', async () => {
    expect(await cli.json(['note', 'NOPE', 'x'])).toMatchObject({ status: 65, document: { error: { code: 'E_CASE_UNKNOWN' } } });
    await cp(join(cli.vault, 'C'), join(cli.vault, 'COPY'), { recursive: true });
    expect(await cli.json(['note', 'COPY', 'x'])).toMatchObject({ status: 65, document: { error: { code: 'E_CASE_UNKNOWN', hint: expect.stringContaining('Go on with C') } } });
  });

  it('is taken at once while another process holds the drive lock in the middle of a call', async () => {
    const { document } = await cli.json(['answer', 'C', 'confirm-account', '000042']);
    const walking = cli.start(['answer', 'C', 'approve-cut', String(document.pending?.expects?.text)]);
    await until(async () => (await cli.entries('C')).some(({ type }) => type === 'call.intended'));
    expect(await cli.json(['note', 'C', 'while it cuts'], bare)).toMatchObject({ status: 0, document: { state: 'in-doubt' } });
    expect(walking.child.exitCode).toBeNull();
    const types = (await cli.entries('C')).map(({ type }) => type);
    expect(types.lastIndexOf('note.added')).toBeGreaterThan(types.lastIndexOf('call.intended'));
    expect(await walking.ended).toMatchObject({ status: 75, out: expect.stringContaining('waiting for an answer') });
    expect((await cli.call(['verify', 'C', '--open'])).status).toBe(0);
  });

  it('is refused once the case is closed', async () => {
    await cli.call(['abort', 'C', 'enough']);
    const before = await cli.trail('C');
    const { status, err } = await cli.call(['note', 'C', 'too late'], bare);
    expect(status).toBe(65);
    expect(err).toMatch(/^E_CASE_CLOSED: .*\n.*Open a new case for what follows\./);
    expect(await cli.trail('C')).toEqual(before);
  });
});
