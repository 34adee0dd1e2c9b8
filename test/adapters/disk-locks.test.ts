// Several processes on one case: real ones, killed, stopped, racing.
import { readdirSync, renameSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/adapters/disk/files.ts';
import { answered, linesOf } from '../casefile/kit.ts';
import { aBench, aChild } from './disk-kit.ts';

const code = (expected: string): unknown => expect.objectContaining({ code: expected });
/** The lock files, once whoever was just answered has let go. */
const locks = async (dir: string): Promise<string[]> => {
  await sleep(5);
  return readdirSync(join(dir, 'locks')).toSorted();
};

describe('two processes', () => {
  it('that append two hundred entries each make one valid chain', async () => {
    const bench = aBench();
    await (await bench.create()).close();
    const children = [aChild(bench, 'append', '200', 'left'), aChild(bench, 'append', '200', 'right')];
    await Promise.all(children.map((child) => child.ended()));
    expect(linesOf(bench.trail())).toHaveLength(401);
    expect((await bench.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
    const reader = await bench.disk.readCase(bench.vault, 'INC-7');
    const told = children.flatMap(({ lines }) => lines);
    expect(told).toHaveLength(400);
    expect(told.filter((line) => reader.entries()[Number.parseInt(line, 10)]?.type !== 'answer.given')).toEqual([]);
    expect(await locks(bench.dir)).toEqual(['append.free', 'drive.free']);
  });

  it('do not drive at the same time, and the lock is free after work that failed', async () => {
    const bench = aBench();
    const [one, two] = [await bench.create(), await bench.open()];
    const order: string[] = [];
    await Promise.all([
      one.drive(async () => {
        order.push('one begins');
        await sleep(40);
        order.push('one ends');
      }),
      two.drive(async () => void order.push('two')),
    ]);
    expect(order).toEqual(['one begins', 'one ends', 'two']);
    await expect(one.drive(() => Promise.reject(new Error('work failed')))).rejects.toThrow('work failed');
    await two.drive(async () => {
      await expect(one.drive(async () => order.push('never'), 30)).rejects.toThrow(code('E_BUSY'));
    });
    expect(order).not.toContain('never');
  });

  it('see what the other recorded before they begin to drive', async () => {
    const bench = aBench();
    const [one, two] = [await bench.create(), await bench.open()];
    await one.append(answered('a'));
    await two.drive(async () => expect(two.entries().at(-1)).toMatchObject({ value: 'a' }));
  });

  it('may answer and note while the other drives', async () => {
    const bench = aBench();
    const [one, two] = [await bench.create(), await bench.open()];
    await one.drive(async () => void (await two.append(answered('meanwhile'))));
    expect(two.entries()).toHaveLength(2);
  });
});

describe('a process that was killed', () => {
  it('in the middle of anything loses no acknowledged entry', async () => {
    const bench = aBench();
    await (await bench.create()).close();
    const acknowledged: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      const child = aChild(bench, 'forever', `round-${round}`);
      await child.said();
      await sleep(5 + round * 9);
      child.process.kill('SIGKILL');
      await child.ended();
      acknowledged.push(...child.lines);
      expect((await bench.disk.readCase(bench.vault, 'INC-7')).entries().length).toBeGreaterThan(acknowledged.length);
    }
    const store = await bench.open();
    const missing = acknowledged.filter((line) => {
      const entry = store.entries()[Number.parseInt(line, 10)];
      return entry?.type !== 'answer.given' || `${entry.seq} ${entry.value}` !== line;
    });
    expect(missing).toEqual([]);
    expect(acknowledged.length).toBeGreaterThanOrEqual(8);
    expect((await bench.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
    expect(await locks(bench.dir)).toEqual(['append.free', 'drive.free']);
  });

  it('while driving leaves a lock that the next one takes over, on record', async () => {
    const bench = aBench();
    const store = await bench.create();
    const child = aChild(bench, 'drive');
    await child.said();
    await expect(store.drive(async () => 'too early', 30)).rejects.toThrow(code('E_BUSY'));
    child.process.kill('SIGKILL');
    await child.ended();
    expect(await store.drive(async () => store.entries().at(-1))).toMatchObject({ type: 'lock.taken-over', lock: 'drive', from: { pid: child.process.pid }, by: 'tester' });
    expect(await locks(bench.dir)).toEqual(['append.free', 'drive.free']);
  });

  it('while appending leaves a lock that the next one takes over, on record', async () => {
    const bench = aBench();
    const store = await bench.create();
    const child = aChild(bench, 'drive');
    await child.said();
    child.process.kill('SIGKILL');
    await child.ended();
    const held = (await locks(bench.dir)).find((name) => name.startsWith('drive.')) ?? '';
    renameSync(join(bench.dir, 'locks', 'append.free'), join(bench.dir, 'locks', held.replace('drive', 'append')));
    await store.append(answered('x'));
    expect(store.entries().slice(1)).toMatchObject([{ type: 'lock.taken-over', lock: 'append', from: { pid: child.process.pid } }, { value: 'x' }]);
    expect((await bench.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
  });

  it('on a machine we can not ask about keeps its lock until a person takes over', async () => {
    const bench = aBench();
    await (await bench.create()).close();
    const [stranger] = ['append.1~1~0.0~0123456789abcdef~elsewhere~1'];
    renameSync(join(bench.dir, 'locks', 'append.free'), join(bench.dir, 'locks', stranger ?? ''));
    const store = await bench.open({ takeOver: 'that machine burnt down' });
    expect(store.entries()[1]).toMatchObject({ type: 'lock.taken-over', lock: 'append', from: { host: 'elsewhere' }, reason: 'that machine burnt down' });
  });
});

describe('taking over', () => {
  it('from a stopped process fences it: awake again it records nothing', async () => {
    const bench = aBench();
    await (await bench.create()).close();
    const child = aChild(bench, 'drive');
    await child.said();
    child.process.stdin.write('before\n');
    expect(await child.said()).toBe('1 before');
    await sleep(20);
    child.process.kill('SIGSTOP');
    const store = await bench.open({ takeOver: 'it hangs' });
    expect(store.entries().at(-1)).toMatchObject({ type: 'lock.taken-over', lock: 'drive', from: { pid: child.process.pid }, reason: 'it hangs' });
    await store.drive(async () => void (await store.append(answered('mine'))));
    child.process.stdin.write('zombie\n');
    child.process.kill('SIGCONT');
    expect(await child.said()).toMatch(/^E_BUSY Another process took this case over \(it hangs\)/);
    child.process.stdin.end();
    await child.ended();
    await store.append(answered('still mine'));
    expect(store.entries().map((entry) => (entry.type === 'answer.given' ? entry.value : entry.type))).toEqual(['case.opened', 'before', 'lock.taken-over', 'mine', 'still mine']);
    expect((await bench.disk.verifyCase(bench.dir, { open: true })).exit).toBe(0);
    expect(await locks(bench.dir)).toEqual(['append.free', 'drive.free']);
  });

  it('from one that hangs in the middle of a flush: what it wrote never counts', async () => {
    let hang = false;
    let wake = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (wake = resolve));
    const bench = aBench({ ...nodeFiles, datasync: async (...args) => (hang ? stuck : nodeFiles.datasync(...args)) });
    const hung = await bench.create();
    hang = true;
    const zombie = hung.append(answered('zombie'));
    await sleep(20);
    const other = aBench(undefined, bench.root);
    const store = await other.open({ takeOver: 'the disk hangs' });
    await store.append(answered('mine'));
    wake();
    await expect(zombie).rejects.toThrow(code('E_BUSY'));
    await expect(hung.append(answered('zombie again'))).rejects.toThrow(code('E_BUSY'));
    await store.append(answered('still mine'));
    expect(await other.disk.verifyCase(bench.dir, { open: true })).toMatchObject({ exit: 0, coverage: { bytes: other.trail().length } });
    expect(linesOf(other.trail()).at(-1)).toContain('still mine');
  });

  it('survives a second one: who was there from the start keeps what both recorded', async () => {
    const bench = aBench();
    const watching = await bench.create();
    await sleep(5);
    const free = join(bench.dir, 'locks', 'append.free');
    renameSync(free, free.replace('free', '1~1~0.0~0123456789abcdef~elsewhere~1'));
    const second = await bench.open({ takeOver: 'it hangs' });
    await second.append(answered('of the second'));
    await sleep(5);
    renameSync(free, free.replace('free', `${process.pid}~0~0.0~fedcba9876543210~${hostname()}~1`));
    await watching.append(answered('of the first'));
    expect(watching.entries().map((entry) => (entry.type === 'answer.given' ? entry.value : entry.type))).toEqual([
      'case.opened',
      'lock.taken-over',
      'of the second',
      'lock.taken-over',
      'of the first',
    ]);
    await second.append(answered('of both'));
    expect(await bench.disk.verifyCase(bench.dir, { open: true })).toMatchObject({ exit: 0, coverage: { entries: 6 } });
  });

  it('when nobody holds anything records nothing', async () => {
    const bench = aBench();
    await (await bench.create()).close();
    expect((await bench.open({ takeOver: 'to be sure' })).entries()).toHaveLength(1);
  });
});
