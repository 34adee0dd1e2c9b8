// A file from anywhere becomes evidence: the bytes as they are, whatever their name; and what is no file is refused.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCli, sha256, until, witnessesIn, type Cli } from '../support/cli.ts';

let cli: Cli;
const at = (name: string): string => join(cli.folder, name);

beforeAll(async () => {
  cli = await aCli();
  await writeFile(at('nobody.yaml'), '{}');
  await cli.call(['drill', '--case', 'EX', '--answers', at('nobody.yaml')]);
});
afterAll(async () => cli.end());

describe('attach', () => {
  it('seals the bytes with their custody, and prints hash, size and witness', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 27]);
    await writeFile(at('mail.eml'), bytes);
    const { status, out, err } = await cli.call(['attach', 'EX', at('mail.eml'), '--what', 'the mail that named the key', '--as', 'Li Wei']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const entry = (await cli.entries('EX')).at(-1);
    expect(entry).toMatchObject({
      type: 'evidence.sealed',
      kind: 'attached',
      sha256: sha256(bytes),
      bytes: 5,
      source: { file: 'mail.eml', what: 'the mail that named the key' },
      collector: { tool: 'firebreak', by: 'Li Wei' },
      startedAt: expect.stringMatching(/Z$/),
      endedAt: expect.stringMatching(/Z$/),
      redactions: [],
    });
    expect(await readFile(join(cli.vault, 'EX', 'objects', sha256(bytes)))).toEqual(bytes);
    expect(out).toContain(`sealed: #${String(entry?.['seq'])}, 5 bytes\nsha256: ${sha256(bytes)}\n`);
    const [witness] = witnessesIn(out.slice(out.indexOf('witness:')));
    expect(sha256(await cli.trail('EX'))).toBe(witness?.sha256);
    expect((await cli.call(['verify', 'EX', '--open', '--witness', witness?.line as string])).status).toBe(0);
    expect(JSON.stringify(await cli.entries('EX'))).not.toContain(cli.folder);
  });

  it('prints the status document with what was sealed', async () => {
    await writeFile(at('empty'), '');
    const before = (await cli.json(['status', 'EX'])).document;
    const { status, document } = await cli.json(['attach', 'EX', at('empty')]);
    expect({ status, document }).toEqual({
      status: 0,
      document: { ...before, witness: expect.any(String), attached: { entry: expect.any(Number), sha256: sha256(Buffer.alloc(0)), bytes: 0 } },
    });
  });

  it('follows a link to a file, under the name it was given', async () => {
    await symlink('mail.eml', at('link'));
    expect((await cli.call(['attach', 'EX', at('link'), '--lang', 'zh'])).out).toContain('已封存: #');
    expect((await cli.entries('EX')).at(-1)).toMatchObject({ kind: 'attached', bytes: 5, source: { file: 'link' } });
  });

  it('streams what is larger than any buffer, unchanged', async () => {
    const bytes = Buffer.alloc(3 * 1024 * 1024 + 17, 'firebreak ');
    await writeFile(at('large.bin'), bytes);
    expect((await cli.call(['attach', 'EX', at('large.bin')])).out).toContain(`${bytes.length} bytes\nsha256: ${sha256(bytes)}`);
    expect((await cli.call(['verify', 'EX', '--open'])).status).toBe(0);
  });

  it('takes a hostile name as text, in the trail and in the report', async () => {
    const name = 'ev\u001b[2Jil\n\u202e<b>|.txt';
    await writeFile(at(name), 'x');
    await cli.call(['attach', 'EX', at(name), '--what', '\u202e`<i>`|']);
    expect((await cli.entries('EX')).at(-1)).toMatchObject({ source: { file: String.raw`ev\u{1b}[2Jil\n\u{202e}<b>|.txt` } });
    for (const [lang, word] of [
      ['en', 'Attached: ev'],
      ['zh', '附件：ev'],
    ] as const) {
      const { out } = await cli.call(['report', 'EX', '--lang', lang]);
      const rows = out.split('\n').filter((row) => row.includes('2Jil'));
      expect(rows.length).toBeGreaterThanOrEqual(2);
      expect(rows.join('\n')).toContain(word);
      expect(out).not.toMatch(/[\u001b\u202e]|<b>|<i>/);
    }
  });

  it('refuses what is not a regular file, and keeps nothing of it', async () => {
    await mkdir(at('folder'));
    await symlink('folder', at('to-folder'));
    await symlink('nowhere', at('dangling'));
    expect(spawnSync('sh', ['-c', 'mkfifo "$0"', at('pipe')]).status).toBe(0);
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    const [trail, objects] = [await cli.trail('EX'), await readdir(join(cli.vault, 'EX', 'objects'))];
    for (const name of ['folder', 'to-folder', 'dangling', 'pipe', 'socket', 'missing', 'mail.eml/x', '']) {
      const { status, out, err } = await cli.call(['attach', 'EX', name === '' ? '' : at(name)]);
      expect({ name, status, out }).toEqual({ name, status: 65, out: '' });
      expect(err).toMatch(/^E_INPUT: .*Nothing was recorded\..*\nName a regular file/);
    }
    expect((await cli.call(['attach', 'EX', '/dev/null'])).status).toBe(65);
    server.close();
    expect(await cli.trail('EX')).toEqual(trail);
    expect(await readdir(join(cli.vault, 'EX', 'objects'))).toEqual(objects);
    expect(await readdir(join(cli.vault, 'EX', 'tmp'))).toEqual([]);
  });

  it.each([
    ['x'.repeat(501), 'has 501 characters'],
    ['two\nlines', 'U+000A'],
    ['a\u001b', 'U+001B'],
    [' ', 'is empty'],
  ])('refuses the description %j', async (what, why) => {
    const before = await cli.trail('EX');
    const { status, err } = await cli.call(['attach', 'EX', at('mail.eml'), '--what', what]);
    expect(status).toBe(65);
    expect(err).toMatch(/^E_VALUE: /);
    expect(err).toContain(why);
    expect(await cli.trail('EX')).toEqual(before);
  });

  it.each([[['attach']], [['attach', 'EX']], [['attach', 'EX', 'a', 'b']], [['attach', 'EX', 'a', '--what=']], [['attach', 'EX', 'a', '--kind', 'x']]])(
    'refuses %j as usage',
    async (words) => {
      expect(await cli.json(words)).toMatchObject({ status: 2, document: { error: { code: 'E_USAGE' } } });
    },
  );

  it('stops on Ctrl-C, leaving nothing of a file that does not end', async () => {
    await writeFile(at('sparse'), '');
    await truncate(at('sparse'), 64 * 1024 ** 3);
    const before = await cli.trail('EX');
    const { child, ended } = cli.start(['attach', 'EX', at('sparse')]);
    await until(async () => (await readdir(join(cli.vault, 'EX', 'tmp'))).length > 0);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 130, out: '', err: expect.stringContaining('Nothing of the file was kept.') });
    expect(await readdir(join(cli.vault, 'EX', 'tmp'))).toEqual([]);
    expect(await cli.trail('EX')).toEqual(before);
  });

  it('is refused once the case is closed, before a byte is read', async () => {
    await cli.call(['abort', 'EX', 'enough']);
    const before = await cli.trail('EX');
    expect(await cli.json(['attach', 'EX', at('missing')])).toMatchObject({ status: 65, document: { error: { code: 'E_CASE_CLOSED' } } });
    expect(await cli.trail('EX')).toEqual(before);
    expect((await cli.call(['verify', 'EX'])).status).toBe(0);
  });
});
