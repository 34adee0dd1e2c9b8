// What a full or failing disk, a torn line and a changed trail do to an open case.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nodeFiles } from '../../src/adapters/disk/files.ts';
import type { Files } from '../../src/adapters/disk/files.ts';
import { answered, closed, evidence, linesOf, runbookText, sealed, sha256 } from '../casefile/kit.ts';
import type { Draft } from '../../src/casefile/entry.ts';
import { aBench } from './disk-kit.ts';

const code = (expected: string): unknown => expect.objectContaining({ code: expected });
const { type: _, sha256: __, bytes: ___, ...custody } = sealed(evidence) as Extract<Draft, { type: 'evidence.sealed' }>;
const shell = (command: string): number | null => spawnSync('sh', ['-c', command]).status;
const failure = (name: string): Error => Object.assign(new Error(name), { code: name });

/** The real disk, until `break` is called: from then on what it names fails. */
function breakable(faulty: Partial<Files>): Files & { break(): void } {
  let broken = false;
  const now = (): Files => (broken ? { ...nodeFiles, ...faulty } : nodeFiles);
  return {
    write: (...args) => now().write(...args),
    datasync: (...args) => now().datasync(...args),
    truncate: (...args) => now().truncate(...args),
    break: () => void (broken = true),
  };
}

/** Writes half of what is asked, then nothing: what ENOSPC looks like. */
function full(): Partial<Files> {
  let left = 40;
  return {
    write: (fd, bytes, position) => {
      if (left === 0) throw failure('ENOSPC');
      const written = nodeFiles.write(fd, bytes.subarray(0, left), position);
      left -= written;
      return written;
    },
  };
}

/** Fails one flush: the kernel tells a write error once and then forgets it. */
function failsOnce(): Partial<Files> {
  let told = false;
  return { datasync: (...args) => (told ? nodeFiles.datasync(...args) : ((told = true), Promise.reject(failure('EIO')))) };
}

describe('a disk that fails', () => {
  it.each([
    ['is full after half a line', full()],
    ['writes nothing more', { write: () => 0 }],
    ['fails to flush', failsOnce()],
  ])('and %s: the trail ends at its last durable entry, and the case says what is recorded', async (____, faulty) => {
    const files = breakable(faulty);
    const bench = aBench(files);
    const store = await bench.create();
    await store.append(answered('kept'));
    const [before, witness] = [bench.trail(), store.witness()];
    files.break();
    const [one, two] = await Promise.allSettled([store.append(answered('lost')), store.append({ type: 'case.paused', why: 'x', by: 'y' })]);
    expect(one).toMatchObject({
      status: 'rejected',
      reason: { code: 'E_VAULT_WRITE', message: expect.stringContaining('Recorded and safe: entries 0 to 1. Not recorded: answer.given, case.paused.') },
    });
    expect(two).toMatchObject({ status: 'rejected', reason: { code: 'E_VAULT_WRITE' } });
    expect(bench.trail()).toEqual(before);
    expect(store.witness()).toBe(witness);
    await expect(store.append(answered('later'))).rejects.toThrow(code('E_VAULT_WRITE'));
    const again = await bench.disk.readCase(bench.vault, 'INC-7');
    expect(again.entries()).toHaveLength(2);
  });

  it('and fails to flush for good: what it wrote is told as perhaps recorded', async () => {
    const files = breakable({ datasync: () => Promise.reject(failure('EIO')) });
    const store = await aBench(files).create();
    files.break();
    await expect(store.append(answered('lost'))).rejects.toThrow('Recorded and safe: entries 0 to 0. Perhaps recorded, to be seen when the case is opened again: answer.given.');
  });

  it('and can not even be cut back: what is left is set aside when the case is opened again', async () => {
    const files = breakable({ ...full(), truncate: () => { throw failure('EIO'); } }); // prettier-ignore
    const bench = aBench(files);
    const store = await bench.create();
    files.break();
    await expect(store.append(answered('lost'))).rejects.toThrow(/Perhaps recorded, to be seen when the case is opened again: answer.given/);
    const repaired = aBench(undefined, bench.root);
    const reopened = await repaired.open();
    await reopened.append(answered('new'));
    expect(reopened.entries().map(({ type }) => type)).toEqual(['case.opened', 'recovered', 'answer.given']);
    expect((await repaired.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
  });

  it('and is really full: nothing half-written, nothing acknowledged is lost', async (context) => {
    const mount = mkdtempSync(join(tmpdir(), 'firebreak-full-'));
    onTestFinished(() => void shell(`umount -l ${mount} 2>/dev/null; rmdir ${mount}`));
    if (shell(`mount -t tmpfs -o size=160k tmpfs ${mount} 2>/dev/null`) !== 0) context.skip('no right to mount a small disk here');
    const bench = aBench(undefined, join(mount, 'case'));
    mkdirSync(bench.root);
    const store = await bench.create();
    const acknowledged: number[] = [];
    const failed = await (async (): Promise<unknown> => {
      for (;;) {
        try {
          for (const { seq } of await store.append(answered('x'.repeat(700)))) acknowledged.push(seq);
        } catch (error) {
          return error;
        }
      }
    })();
    expect(failed).toMatchObject({ code: 'E_VAULT_WRITE', message: expect.stringContaining('ENOSPC') });
    await expect(store.put([Buffer.alloc(64 << 10)])).rejects.toThrow(code('E_VAULT_WRITE'));
    expect(readdirSync(join(bench.dir, 'tmp'))).toEqual([]);
    expect(linesOf(bench.trail())).toHaveLength(acknowledged.length + 1);
    expect(acknowledged.length).toBeGreaterThan(20);
    expect((await bench.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
    await expect(bench.create({ id: 'next' })).rejects.toThrow(code('E_VAULT_WRITE'));
    expect(readdirSync(bench.vault)).toEqual(['INC-7']);
  });
});

describe('a torn last line', () => {
  it.each([
    ['half an entry', Buffer.from('{"at":"2026-01-01T00:00')],
    ['a tail of zeros', Buffer.alloc(4096)],
    ['one byte', Buffer.from('{')],
  ])('is set aside and quoted by its hash: %s', async (____, torn) => {
    const bench = aBench();
    await (await bench.create()).close();
    writeFileSync(join(bench.dir, 'trail.jsonl'), torn, { flag: 'a' });
    const store = await bench.open();
    expect(store.entries()[1]).toMatchObject({ type: 'recovered', sha256: sha256(torn), bytes: torn.length });
    const kept = join(bench.dir, 'tmp', `torn-${sha256(torn)}`);
    expect(readFileSync(kept).equals(torn)).toBe(true);
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    await store.close();
    expect((await bench.open()).entries()).toHaveLength(2);
    expect((await bench.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
  });

  it('cut at any byte of the last entry is repaired', async () => {
    const bench = aBench();
    const store = await bench.create();
    await store.append(answered('the last'));
    await store.close();
    const whole = bench.trail();
    const start = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    for (let length = start + 1; length < whole.length; length += 37) {
      writeFileSync(join(bench.dir, 'trail.jsonl'), whole.subarray(0, length));
      const reopened = await bench.open();
      expect(reopened.entries().map(({ type }) => type)).toEqual(expect.arrayContaining(['case.opened', 'recovered']));
      expect((await bench.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
      await reopened.close();
    }
  });

  it('behind the close of a case is cut off, and nothing is added', async () => {
    const bench = aBench();
    await (await bench.create()).append(closed);
    const before = bench.trail();
    writeFileSync(join(bench.dir, 'trail.jsonl'), 'x', { flag: 'a' });
    await bench.open();
    expect(bench.trail()).toEqual(before);
    expect((await bench.disk.verifyCase(bench.dir)).exit).toBe(0);
  });
});

describe('a trail that was changed', () => {
  const changes: readonly [string, (lines: string[]) => readonly string[]][] = [
    ['a flipped byte', (lines) => lines.with(1, (lines[1] ?? '').replace('"a"', '"b"'))],
    ['a missing entry', (lines) => lines.toSpliced(1, 1)],
    ['a line of another kind', (lines) => lines.with(1, 'x')],
    ['a changed last entry', (lines) => lines.with(2, (lines[2] ?? '').replace('"b"', '"c"'))],
    ['no entry at all', () => []],
  ];
  it.each(changes)('is not gone on with, and kept as it is: %s', async (____, change) => {
    const bench = aBench();
    const store = await bench.create();
    await store.append(answered('a'), answered('b'));
    await store.close();
    const changed = change(linesOf(bench.trail()))
      .map((line) => `${line}\n`)
      .join('');
    writeFileSync(join(bench.dir, 'trail.jsonl'), changed);
    await expect(bench.open()).rejects.toThrow(code('E_TRAIL_BROKEN'));
    expect(bench.trail().toString()).toBe(changed);
  });

  it('while it is open here stops this process too', async () => {
    const bench = aBench();
    const store = await bench.create();
    await store.append(answered('a'));
    await sleep(1);
    truncateSync(join(bench.dir, 'trail.jsonl'), 100);
    await expect(store.append(answered('b'))).rejects.toThrow(code('E_TRAIL_BROKEN'));
    await expect(store.append(answered('b'))).rejects.toThrow(code('E_TRAIL_BROKEN'));
  });

  it('is read again from the start when its file was replaced, and must begin as before', async () => {
    const bench = aBench();
    const store = await bench.create();
    await store.append(answered('a'));
    const copy = bench.trail();
    const path = join(bench.dir, 'trail.jsonl');
    spawnSync('sh', ['-c', `cp "${path}" "${path}.new" && mv "${path}.new" "${path}"`]);
    await store.append(answered('b'));
    expect(bench.trail().subarray(0, copy.length).equals(copy)).toBe(true);
    expect((await bench.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
    writeFileSync(`${path}.new`, bench.trail().toString().replace('"a"', '"x"'));
    spawnSync('mv', [`${path}.new`, path]);
    await expect(store.append(answered('c'))).rejects.toThrow(code('E_TRAIL_BROKEN'));
  });
});

describe('a folder that can not be worked on', () => {
  it('is told as such: locks that are missing, a vault that is a file', async () => {
    const bench = aBench();
    const store = await bench.create();
    await sleep(5);
    spawnSync('rm', [join(bench.dir, 'locks', 'append.free')]);
    await expect(store.append(answered('x'))).rejects.toThrow(code('E_VAULT_READ'));
    spawnSync('rm', ['-r', bench.dir]);
    await expect(store.append(answered('x'))).rejects.toThrow(code('E_VAULT_WRITE'));
    writeFileSync(join(bench.root, 'file'), '');
    expect(() => bench.disk.listCases(join(bench.root, 'file'))).toThrow(code('E_VAULT_READ'));
  });
});

describe('evidence on a disk that fails', () => {
  it('is not recorded when it could not be kept', async () => {
    const bench = aBench();
    const store = await bench.create();
    spawnSync('rm', ['-r', join(bench.dir, 'objects')]);
    await expect(store.seal(evidence, custody)).rejects.toThrow(code('E_VAULT_WRITE'));
    expect(store.entries()).toHaveLength(1);
    expect(readdirSync(join(bench.dir, 'tmp'))).toEqual([]);
    expect(runbookText.length).toBeGreaterThan(0);
  });
});
