// Every event of one principal, out of what a case has sealed: pages of the log and files somebody attached.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCli, leaked, type Cli } from '../support/cli.ts';

let cli: Cli;
type Row = { readonly entry: number; readonly id: string; readonly at: string; readonly accessKeyId: string; readonly name: string };
type Listed = { readonly events: readonly Row[]; readonly coverage: { readonly logs: number; readonly notRead: readonly { readonly why: string; readonly entry: number }[] } };

const bare = { ALIBABA_CLOUD_ACCESS_KEY_ID: undefined, FIREBREAK_ENDPOINT: undefined };
const listed = async (by: string): Promise<Listed & { readonly status: number | null }> => {
  const { status, document } = await cli.json(['events', 'EX', '--by', by], bare);
  return { status, ...(document as unknown as Listed) };
};
const line = (id: string, name: string, by: string): string =>
  JSON.stringify({ eventId: id, eventName: name, eventTime: '2026-03-14T17:00:00Z', serviceName: 'Oss', sourceIpAddress: '203.0.113.9', userIdentity: { accessKeyId: by } });

beforeAll(async () => {
  cli = await aCli();
  await writeFile(join(cli.folder, 'cut.yaml'), `input.accessKeyId: ${leaked}\nconfirm-account: '000042'\n`);
  await cli.call(['drill', 'leaked-access-key/first-night', '--case', 'EX', '--answers', join(cli.folder, 'cut.yaml')]);
});
afterAll(async () => cli.end());

describe('events', () => {
  it('lists each sealed event of the key once, in order, with the entry that sealed it', async () => {
    const { status, events, coverage } = await listed(leaked);
    expect(status).toBe(0);
    expect(events.length).toBeGreaterThan(3);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted());
    expect(events.every(({ accessKeyId }) => accessKeyId === leaked)).toBe(true);
    expect(coverage).toMatchObject({ notRead: [] });
    const entries = await cli.entries('EX');
    const pages = entries.filter((entry) => entry.type === 'evidence.sealed' && (entry['source'] as { action?: string }).action === 'LookupEvents');
    expect(coverage.logs).toBe(new Set(pages.map((page) => page['sha256'])).size);
    const raws = await Promise.all(
      pages.map(async (page) => JSON.parse(await readFile(join(cli.vault, 'EX', 'objects', String(page['sha256'])), 'utf8')) as { Events?: object[] }),
    );
    const all = raws.flatMap(({ Events = [] }) => Events) as { eventId: string; userIdentity: { accessKeyId?: string } }[];
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(all.filter(({ userIdentity }) => userIdentity.accessKeyId === leaked).map(({ eventId }) => eventId)));
  });

  it('finds them in attached logs too: lines, a document over many lines; shows hostile names as text', async () => {
    const by = 'LTAI5tEXAMPLEat00007';
    const evil = line('e2', '\u001b[2J\u202eGetObject', by);
    await writeFile(join(cli.folder, 'oss.jsonl'), `${line('e1', 'GetObject', by)}\n${line('x', 'GetObject', leaked)}\n${evil}\n`);
    await writeFile(join(cli.folder, 'pretty.json'), JSON.stringify([JSON.parse(line('e3', 'PutObject', by))], null, 2));
    for (const name of ['oss.jsonl', 'pretty.json']) await cli.call(['attach', 'EX', join(cli.folder, name)]);
    const { status, events } = await listed(by);
    expect(status).toBe(0);
    expect(events.map(({ id }) => id)).toEqual(['e1', 'e2', 'e3']);
    const { out } = await cli.call(['events', 'EX', '--by', by], bare);
    expect(out).toContain('3 events in ');
    expect(out).toContain(String.raw`\u{1b}[2J\u{202e}GetObject`);
    expect(out).not.toMatch(/[\u001b\u202e]/);
    expect((await cli.call(['events', 'EX', '--by', 'nobody', '--lang', 'zh'], bare)).out).toContain('没有找到不等于没有发生');
  });

  it('says what it could not count: compressed, altered, missing', async () => {
    await writeFile(join(cli.folder, 'log.gz'), gzipSync(line('z', 'GetObject', leaked)));
    await cli.call(['attach', 'EX', join(cli.folder, 'log.gz')]);
    const sealed = (await cli.entries('EX'))
      .filter(({ type, kind }) => type === 'evidence.sealed' && kind === 'attached')
      .map((entry) => join(cli.vault, 'EX', 'objects', String(entry['sha256'])));
    await writeFile(sealed[0] as string, line('forged', 'GetObject', leaked));
    await rm(sealed[1] as string);
    await writeFile(join(cli.folder, 'torn.jsonl'), `${line('whole', 'GetObject', leaked)}\n${line('torn', 'GetObject', leaked).slice(0, -1)}\n`);
    await cli.call(['attach', 'EX', join(cli.folder, 'torn.jsonl')]);
    const { status, events, coverage } = await listed(leaked);
    expect(status).toBe(1);
    expect(coverage.notRead.map(({ why }) => why).toSorted()).toEqual(['altered', 'compressed', 'missing', 'not-read']);
    expect(events.map(({ id }) => id)).toContain('whole');
    expect(events.map(({ id }) => id)).not.toContain('forged');
    expect((await cli.call(['events', 'EX', '--by', leaked], bare)).out).toMatch(/NOT COUNTED: #\d+ [0-9a-f]{12} was altered/);
  });

  it('needs to know whose', async () => {
    expect(await cli.json(['events', 'EX'])).toMatchObject({ status: 2, document: { error: { code: 'E_USAGE' } } });
    expect(await cli.json(['events', 'NOPE', '--by', 'x'])).toMatchObject({ status: 65, document: { error: { code: 'E_CASE_UNKNOWN' } } });
  });
});
