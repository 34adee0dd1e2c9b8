// firebreak.yaml over the whole command line: found, refused with its place, sealed into a case, and the case's own from then on.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aCli, sha256, type Cli } from '../support/cli.ts';

let cli: Cli;
beforeEach(async () => {
  cli = await aCli();
});
afterEach(async () => {
  await cli.end();
});

const text = "contacts: { lead: [{ name: Example Lead, phone: '+86 10 0000 0001' }] }\nclocks: [{ id: insurer, name: { en: Insurer, zh: 保险 }, hours: 48, from: opened }]\n";

async function inState(content: string): Promise<string> {
  const file = join(cli.folder, 'state', 'firebreak.yaml');
  await mkdir(join(cli.folder, 'state'), { recursive: true });
  await writeFile(file, content);
  return file;
}

describe('the settings', () => {
  it('are found in the state directory, or where --config says; a missing one is only missed when it was named', async () => {
    expect((await cli.json(['config', 'check'])).document).toMatchObject({ found: false });
    const file = await inState(text);
    expect((await cli.json(['config', 'check'])).document).toMatchObject({ file, found: true, organisation: { contacts: { lead: [{ name: 'Example Lead' }] } } });
    const { status, err } = await cli.call(['config', 'check', '--config', join(cli.folder, 'nowhere.yaml')]);
    expect({ status, said: err.startsWith('E_CONFIG: ') }).toEqual({ status: 65, said: true });
    expect((await cli.json(['config', 'check', '--config', 'none'])).document).toMatchObject({ file: 'none', found: false });
  });

  it('come with a sample that checks clean and a schema', async () => {
    const { out } = await cli.call(['config', 'sample']);
    expect((await cli.call(['config', 'check', '--config', await inState(out)])).status).toBe(0);
    expect((await cli.json(['config', 'schema'])).document['title']).toBe('firebreak.yaml');
  });

  it('that do not read are refused with their place before any case is made', async () => {
    await inState(`${text}roste: []\n`);
    const { status, err } = await cli.call(['drill', '--answers', '/dev/null']);
    expect(status).toBe(65);
    const drill = await cli.call(['drill']);
    expect(drill.status).toBe(65);
    expect(`${err}${drill.err}`).toContain('firebreak.yaml:3:1: E_CONFIG The file has an unknown field "roste". Did you mean "roster"?');
    expect(await cli.cases()).toEqual([]);
  });
});

describe('a case', () => {
  it('seals the file it was opened with, and goes by its own when the file changes', async () => {
    const answers = join(cli.folder, 'none.yaml');
    await writeFile(answers, '{}\n');
    await inState(text);
    await cli.call(['drill', '--case', 'EX-1', '--answers', answers]);
    const entries = await cli.entries('EX-1');
    const recorded = entries.find(({ type }) => type === 'organisation.recorded');
    expect(recorded).toMatchObject({ sha256: sha256(Buffer.from(text)), organisation: { contacts: { lead: [{ phone: '+86 10 0000 0001' }] } } });
    expect(await readFile(join(cli.vault, 'EX-1', 'objects', String(recorded?.['sha256'])), 'utf8')).toBe(text);
    await inState('clocks: []\n');
    expect((await cli.call(['note', 'EX-1', 'told the insurer', '--told', 'insurer'])).status).toBe(0);
    const refused = await cli.call(['note', 'EX-1', 'told the regulator', '--told', 'regulator']);
    expect({ status: refused.status, said: refused.err }).toMatchObject({ status: 65, said: expect.stringContaining('--told takes status, insurer in this case') as string });
    expect((await cli.entries('EX-1')).filter(({ type }) => type === 'note.added')).toHaveLength(1);
    expect((await cli.call(['verify', 'EX-1', '--open'])).status).toBe(0);
  }, 60_000);
});
