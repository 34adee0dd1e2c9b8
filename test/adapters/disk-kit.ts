// Cases in a folder of their own that goes away with the test, and processes that work on them.
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { openDisk } from '../../src/adapters/disk.ts';
import type { CreateCase, Disk, OpenCase } from '../../src/adapters/disk.ts';
import type { Files } from '../../src/adapters/disk/files.ts';
import { format } from '../../src/casefile/format.ts';
import { opened, runbookText } from '../casefile/kit.ts';

type Created = Awaited<ReturnType<Disk['createCase']>>;

/** A vault with one way in. */
export type Bench = {
  readonly root: string;
  readonly vault: string;
  readonly stateDir: string;
  readonly disk: Disk;
  /** The folder of case INC-7. */
  readonly dir: string;
  create(change?: Partial<CreateCase>): Promise<Created>;
  open(change?: Partial<OpenCase>): Promise<Created>;
  trail(): Buffer;
};

export function aBench(files?: Files, root: string = mkdtempSync(join(tmpdir(), 'firebreak-disk-'))): Bench {
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const disk = openDisk(format, files);
  const { type: _, case: id, key: __, by, ...fields } = opened();
  let seconds = 0;
  const now = (): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, (seconds += 1)));
  const [vault, stateDir] = [join(root, 'vault'), join(root, 'state')];
  const common = { vault, stateDir, id, by, now };
  return {
    root,
    vault,
    stateDir,
    disk,
    dir: join(vault, id),
    create: (change) => disk.createCase({ ...common, opened: fields, texts: [runbookText], ...change }),
    open: (change) => disk.openCase({ ...common, ...change }),
    trail: () => readFileSync(join(vault, id, 'trail.jsonl')),
  };
}

export type Child = { readonly process: ChildProcessWithoutNullStreams; said(): Promise<string>; readonly lines: readonly string[]; ended(): Promise<void> };

/** A process of its own that works on case INC-7; see disk-child.ts for its words. */
export function aChild(bench: Bench, ...words: readonly string[]): Child {
  const child = spawn(process.execPath, [fileURLToPath(new URL('disk-child.ts', import.meta.url)), bench.vault, bench.stateDir, ...words]);
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stderr.pipe(process.stderr);
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let told = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    const next = waiting.shift();
    if (next === undefined) return;
    told = lines.length;
    next(line);
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const said = (): Promise<string> => {
    const line = lines[told];
    if (line === undefined) return new Promise((resolve) => waiting.push(resolve));
    told += 1;
    return Promise.resolve(line);
  };
  return { process: child, said, lines, ended: () => closed };
}
