import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stateDirectory } from '../../src/adapters/disk/keys.ts';
import { nodeFiles } from '../../src/adapters/disk/files.ts';
import type { Draft } from '../../src/casefile/entry.ts';
import { answered, closed, evidence, runbookText, sealed, sha256 } from '../casefile/kit.ts';
import { aBench } from './disk-kit.ts';

const code = (expected: string): unknown => expect.objectContaining({ code: expected });
const { type: _, sha256: __, bytes: ___, ...custody } = sealed(evidence) as Extract<Draft, { type: 'evidence.sealed' }>;

describe('a new case', () => {
  it('has its first entry, its runbook text and a witness line from the start', async () => {
    const bench = aBench();
    const store = await bench.create();
    expect(store.entries()).toHaveLength(1);
    expect(store.entries()[0]).toMatchObject({ type: 'case.opened', case: 'INC-7', seq: 0, by: 'tester', at: '2026-01-01T00:00:01.000Z' });
    expect(Buffer.from(await store.object(sha256(runbookText)))).toEqual(runbookText);
    expect(store.witness()).toBe(`INC-7 bytes=${bench.trail().length} sha256=${sha256(bench.trail())}`);
    expect(readdirSync(bench.dir).toSorted()).toEqual(['locks', 'objects', 'tmp', 'trail.jsonl']);
    expect((await bench.disk.verifyCase(bench.dir, { open: true, key: store.fingerprint })).exit).toBe(0);
  });

  it.each([0o000, 0o022, 0o277])('is readable by its owner only, whatever the umask (%o)', async (umask) => {
    const before = process.umask(umask);
    onTestFinished(() => void process.umask(before));
    const bench = aBench();
    const store = await bench.create();
    await store.seal(evidence, custody);
    await store.append(closed);
    const seen = [bench.vault, bench.stateDir].flatMap((top) => [top, ...readdirSync(top, { recursive: true, encoding: 'utf8' }).map((path) => join(top, path))]);
    const modes = seen.map((path) => ({ folder: statSync(path).isDirectory(), mode: statSync(path).mode & 0o777 }));
    expect(modes.filter(({ folder, mode }) => mode !== (folder ? 0o700 : 0o600))).toEqual([]);
    expect(modes.length).toBeGreaterThan(8);
  });

  it('keeps its private key outside the vault', async () => {
    const bench = aBench();
    const store = await bench.create();
    const [keyFile] = readdirSync(join(bench.stateDir, 'keys'));
    expect(keyFile).toBe(`${store.fingerprint.replaceAll(' ', '')}.pem`);
    const secret = readFileSync(join(bench.stateDir, 'keys', keyFile ?? ''), 'utf8').split('\n')[1] ?? '';
    const files = readdirSync(bench.vault, { recursive: true, encoding: 'utf8' }).map((path) => join(bench.vault, path));
    expect(files.filter((path) => statSync(path).isFile() && readFileSync(path).includes(secret))).toEqual([]);
  });

  it.each(['', '.', '..', '../x', 'a/b', '/etc', '-x', '.hidden', 'a b', 'a\\b', 'é', 'x'.repeat(65), 'a\n'])('can not be named %j', async (id) => {
    const bench = aBench();
    await expect(bench.create({ id })).rejects.toThrow(code('E_CASE_NAME'));
    await expect(bench.open({ id })).rejects.toThrow(code('E_CASE_NAME'));
    expect(existsSync(bench.vault)).toBe(false);
  });

  it('does not take the place of another', async () => {
    const bench = aBench();
    await bench.create();
    const before = bench.trail();
    await expect(bench.create()).rejects.toThrow(code('E_CASE_EXISTS'));
    expect(bench.trail()).toEqual(before);
    expect(readdirSync(join(bench.stateDir, 'keys'))).toHaveLength(1);
  });

  it('leaves nothing behind when it can not be made', async () => {
    const bench = aBench();
    writeFileSync(join(bench.root, 'file'), '');
    await expect(bench.create({ vault: join(bench.root, 'file', 'vault') })).rejects.toThrow(code('E_VAULT_WRITE'));
    expect(readdirSync(join(bench.stateDir, 'keys'))).toEqual([]);
    await expect(bench.create({ stateDir: join(bench.root, 'file', 'state') })).rejects.toThrow(code('E_VAULT_WRITE'));
    expect(existsSync(bench.vault)).toBe(false);
  });
});

describe('appending', () => {
  it('gives entries that are on disk when it resolves', async () => {
    const bench = aBench();
    const store = await bench.create();
    const entries = await store.append(answered('a'), answered('b'));
    expect(entries).toMatchObject([
      { seq: 1, value: 'a' },
      { seq: 2, value: 'b' },
    ]);
    expect(
      bench
        .trail()
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(store.entries());
  });

  it('flushes once for what is awaited together, and once each for what is not', async () => {
    let flushes = 0;
    const bench = aBench({ ...nodeFiles, datasync: (...args) => ((flushes += 1), nodeFiles.datasync(...args)) });
    const store = await bench.create();
    const before = flushes;
    const together = await Promise.all(Array.from({ length: 50 }, (___, index) => store.append(answered(String(index)))));
    expect(flushes - before).toBe(1);
    expect(together.map(([entry]) => entry?.seq)).toEqual(Array.from({ length: 50 }, (____, index) => index + 1));
    for (let index = 0; index < 3; index += 1) await store.append(answered('x'));
    expect(flushes - before).toBe(4);
  });

  it('keeps one who is awaited last from waiting for a thousand others in one flush', async () => {
    const bench = aBench();
    const store = await bench.create();
    await Promise.all(Array.from({ length: 300 }, () => store.append(answered('x'))));
    expect(store.entries()).toHaveLength(301);
    expect((await bench.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
  });

  it('refuses what can not be written without harm to those who share the flush', async () => {
    const store = await aBench().create();
    const bad = { ...answered('x'), value: undefined } as unknown as Draft;
    const results = await Promise.allSettled([store.append(answered('a')), store.append(answered('b'), bad), store.append(answered('c'))]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(store.entries().slice(1)).toMatchObject([
      { seq: 1, value: 'a' },
      { seq: 2, value: 'c' },
    ]);
  });

  it('ends with the close of the case', async () => {
    const bench = aBench();
    const store = await bench.create();
    const results = await Promise.allSettled([store.append(closed), store.append(answered('late'))]);
    expect(results[1]).toMatchObject({ status: 'rejected', reason: { code: 'E_CASE_CLOSED' } });
    await expect(store.append(answered('later'))).rejects.toThrow(code('E_CASE_CLOSED'));
    expect((await bench.disk.verifyCase(bench.dir)).exit).toBe(0);
  });

  it('is over when the store was closed here, whatever file its handle belongs to by then', async () => {
    const store = await aBench().create();
    await store.close();
    await expect(store.append(answered('x'))).rejects.toThrow(code('E_BUG'));
  });

  it('of another store is seen by refresh and before the next append', async () => {
    const bench = aBench();
    const [one, two] = [await bench.create(), await bench.open()];
    await one.append(answered('a'));
    expect(await two.refresh()).toMatchObject([{ value: 'a' }]);
    await one.append(answered('b'));
    await two.append(answered('c'));
    expect(two.entries().slice(1)).toMatchObject([{ value: 'a' }, { value: 'b' }, { value: 'c', seq: 3 }]);
    expect(await two.refresh()).toEqual([]);
    await one.refresh();
    expect(one.witness()).toBe(two.witness());
  });

  it('is witnessed so that head and sha256sum agree', async (context) => {
    const bench = aBench();
    const store = await bench.create();
    await store.append(answered('a'));
    const witness = store.witness();
    await store.append(answered('b'));
    const [, bytes, hash] = /^INC-7 bytes=(\d+) sha256=([0-9a-f]{64})$/.exec(witness) ?? [];
    if (process.platform !== 'linux') context.skip('no sha256sum here');
    expect(execFileSync('sh', ['-c', `head -c ${bytes} trail.jsonl | sha256sum`], { cwd: bench.dir, encoding: 'utf8' }).split(' ')[0]).toBe(hash);
    expect((await bench.disk.verifyCase(bench.dir, { open: true, witnesses: [witness] })).anchored).toEqual({ entry: 1, after: 1 });
  });
});

describe('evidence', () => {
  it('is named by its bytes, kept once, recorded each time', async () => {
    const bench = aBench();
    const store = await bench.create();
    expect(await store.seal(evidence, custody)).toEqual({ sha256: sha256(evidence), bytes: evidence.length });
    await store.seal(evidence, custody, 'again');
    expect(store.entries().slice(1)).toMatchObject([
      { type: 'evidence.sealed', kind: 'ram.users' },
      { type: 'evidence.sealed', frame: 'again' },
    ]);
    expect(readdirSync(join(bench.dir, 'objects')).toSorted()).toEqual([sha256(evidence), sha256(runbookText)].toSorted());
    expect(readdirSync(join(bench.dir, 'tmp'))).toEqual([]);
  });

  it.each([[[]], [[1, 2, 3]], [[1 << 20]], [[(1 << 20) - 1, 2, (3 << 20) + 5, 1]], [Array.from({ length: 400 }, () => 9000)]])(
    'is streamed whole from chunks of any size (%#)',
    async (sizes: number[]) => {
      const bench = aBench();
      const store = await bench.create();
      const chunks = sizes.map((size, index) => Buffer.alloc(size, index + 1));
      const whole = Buffer.concat(chunks);
      expect(await store.put(chunks)).toEqual({ sha256: sha256(whole), bytes: whole.length });
      expect(Buffer.from(await store.object(sha256(whole))).equals(whole)).toBe(true);
    },
  );

  it('that fails half-way leaves nothing', async () => {
    const bench = aBench();
    const store = await bench.create();
    const source = (async function* () {
      yield Buffer.alloc(2 << 20);
      throw new Error('the connection broke');
    })();
    await expect(store.put(source)).rejects.toThrow('the connection broke');
    expect([...readdirSync(join(bench.dir, 'tmp')), ...readdirSync(join(bench.dir, 'objects'))]).toEqual([sha256(runbookText)]);
  });

  it('is not given out when it was altered, nor by anything but its hash', async () => {
    const bench = aBench();
    const store = await bench.create();
    await store.seal(evidence, custody);
    writeFileSync(join(bench.dir, 'objects', sha256(evidence)), '{"Users":[1]}');
    await expect(store.object(sha256(evidence))).rejects.toThrow(code('E_TRAIL_BROKEN'));
    await expect(store.object('0'.repeat(64))).rejects.toThrow(code('E_VAULT_READ'));
    await expect(store.object('../trail.jsonl')).rejects.toThrow(code('E_BUG'));
    const found = (await bench.disk.verifyCase(bench.dir, { open: true })).problems.map(({ code: problem }) => problem);
    expect(found).toEqual(['object.size', 'object.altered']);
  });

  it('is checked file by file: folders and strangers in objects/ are named', async () => {
    const bench = aBench();
    await bench.create();
    mkdirSync(join(bench.dir, 'objects', 'folder'));
    writeFileSync(join(bench.dir, 'objects', 'note.txt'), 'x');
    writeFileSync(join(bench.dir, 'objects', sha256(Buffer.from('stray'))), 'stray');
    const { problems, coverage } = await bench.disk.verifyCase(bench.dir, { open: true });
    expect(problems.map(({ what }) => what ?? '').toSorted()).toEqual(['folder', 'note.txt']);
    expect(coverage.unsealed).toEqual([sha256(Buffer.from('stray'))]);
  });
});

describe('opening a case', () => {
  it('needs it to be there', async () => {
    const bench = aBench();
    await expect(bench.open()).rejects.toThrow(code('E_CASE_UNKNOWN'));
    mkdirSync(bench.dir, { recursive: true });
    await expect(bench.open()).rejects.toThrow(code('E_CASE_UNKNOWN'));
    await expect(bench.disk.readCase(bench.vault, 'INC-7')).rejects.toThrow(code('E_CASE_UNKNOWN'));
    await expect(bench.disk.verifyCase(bench.dir)).rejects.toThrow(code('E_CASE_UNKNOWN'));
    expect(readdirSync(bench.dir)).toEqual([]);
  });

  it('on another machine needs a reason, which goes on record and is reported as unendorsed', async () => {
    const bench = aBench();
    await (await bench.create()).close();
    const elsewhere = join(bench.root, 'elsewhere');
    await expect(bench.open({ stateDir: elsewhere })).rejects.toThrow(code('E_KEY_MISSING'));
    const store = await bench.open({ stateDir: elsewhere, adopt: 'laptop died' });
    await store.append(answered('x'));
    expect(store.entries()[1]).toMatchObject({ type: 'key.adopted', reason: 'laptop died', by: 'tester' });
    expect(await bench.disk.verifyCase(bench.dir, { open: true })).toMatchObject({ exit: 0, coverage: { unendorsedFrom: 1 } });
    const back = await bench.open({ stateDir: elsewhere });
    await back.append(answered('y'));
    expect((await bench.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
  });

  it('that is closed needs no key and takes no entry', async () => {
    const bench = aBench();
    await (await bench.create()).append(closed);
    const store = await bench.open({ stateDir: join(bench.root, 'elsewhere') });
    expect(store.isClosed).toBe(true);
    await expect(store.append(answered('x'))).rejects.toThrow(code('E_CASE_CLOSED'));
  });

  it('works on a copy that lost its empty folders', async () => {
    const bench = aBench();
    await (await bench.create()).close();
    execFileSync('rm', ['-r', join(bench.dir, 'tmp'), join(bench.dir, 'locks')]);
    await (await bench.open()).append(answered('x'));
    expect((await bench.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
  });
});

describe('reading a case', () => {
  it('changes nothing, not even a torn line', async () => {
    const bench = aBench();
    const store = await bench.create();
    await store.append(answered('a'));
    await store.close();
    writeFileSync(join(bench.dir, 'trail.jsonl'), '{"half', { flag: 'a' });
    const before = bench.trail();
    const reader = await bench.disk.readCase(bench.vault, 'INC-7');
    expect(reader.entries()).toHaveLength(2);
    expect(reader.witness()).toBe(store.witness());
    expect(reader.fingerprint).toBe(store.fingerprint);
    expect(bench.trail()).toEqual(before);
    expect(readdirSync(join(bench.dir, 'tmp'))).toEqual([]);
  });
});

describe('the list of cases', () => {
  it('tells each by its first and last entry, and is empty where there is no vault', async () => {
    const bench = aBench();
    expect(bench.disk.listCases(bench.vault)).toEqual([]);
    const store = await bench.create({ id: 'b' });
    await store.append(answered('x'.repeat(300_000)));
    await store.append(closed);
    await bench.create({ id: 'a' });
    writeFileSync(join(bench.vault, 'a', 'trail.jsonl'), '{"torn', { flag: 'a' });
    mkdirSync(join(bench.vault, 'golden'));
    writeFileSync(join(bench.vault, 'README.md'), '');
    const list = bench.disk.listCases(bench.vault);
    expect(list.map(({ id, first, last }) => [id, first?.type, last?.type])).toEqual([
      ['a', 'case.opened', 'case.opened'],
      ['b', 'case.opened', 'case.closed'],
    ]);
  });

  it('marks a damaged case instead of failing', async () => {
    const bench = aBench();
    await bench.create();
    writeFileSync(join(bench.dir, 'trail.jsonl'), 'garbage\n');
    mkdirSync(join(bench.vault, 'empty'));
    writeFileSync(join(bench.vault, 'empty', 'trail.jsonl'), '');
    expect(bench.disk.listCases(bench.vault)).toMatchObject([
      { id: 'INC-7', unreadable: expect.any(String) },
      { id: 'empty', unreadable: expect.any(String) },
    ]);
  });
});

describe('the state directory', () => {
  it('is the one named, else the one of the desktop, else the usual one', () => {
    expect(stateDirectory({ FIREBREAK_STATE: '/s', XDG_STATE_HOME: '/x' }, '/home/h')).toBe('/s');
    expect(stateDirectory({ XDG_STATE_HOME: '/x' }, '/home/h')).toBe('/x/firebreak');
    expect(stateDirectory({ XDG_STATE_HOME: '' }, '/home/h')).toBe('/home/h/.local/state/firebreak');
  });
});
