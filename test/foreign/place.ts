// Where a foreign case lies, and the program as a process of its own. Knows nothing of what a case is about.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command, Status } from './player.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type Place = { readonly folder: string; readonly vault: string; text(): Promise<string>; end(): Promise<void> };

/** A fresh vault and state folder; `text` is every byte in them. */
export async function aPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-foreign-'));
  return {
    folder,
    vault: join(folder, 'vault'),
    text: async () => {
      const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
      return (await Promise.all(files.map(async (each) => readFile(join(each.parentPath, each.name), 'latin1')))).join('\n');
    },
    end: () => rm(folder, { recursive: true, force: true }),
  };
}

/** `kill` starts a command and ends it with SIGKILL so many milliseconds later. */
export type Program = { readonly command: Command; readonly output: readonly string[]; kill(afterMs: number, ...words: readonly string[]): Promise<void> };

/** The real program, one process a command; `output` is every byte it printed. */
export function spawned(place: Place, env: Readonly<Record<string, string>>): Program {
  const output: string[] = [];
  const start = (words: readonly string[]): ReturnType<typeof spawn> =>
    spawn(process.execPath, [join(root, 'src/bin.js'), ...words, '--vault', place.vault, '--json'], {
      env: { PATH: process.env['PATH'], HOME: place.folder, XDG_STATE_HOME: join(place.folder, 'state'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const finish = async (words: readonly string[]): Promise<{ readonly exit: number; readonly out: string; readonly err: string }> =>
    new Promise((resolve, reject) => {
      const child = start(words);
      let [out, err] = ['', ''];
      child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
      child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
      child.on('error', reject);
      child.on('close', (exit) => resolve({ exit: exit ?? -1, out, err }));
    });
  return {
    output,
    async command(...words) {
      const began = performance.now();
      const { exit, out, err } = await finish(words);
      output.push(out, err);
      if (!out.startsWith('{')) throw new Error(`${words.join(' ')} printed no JSON document: ${out}${err}`);
      return { exit, document: JSON.parse(out) as Status, ms: performance.now() - began };
    },
    kill: async (afterMs, ...words) =>
      new Promise((resolve) => {
        const child = start(words);
        child.on('close', () => resolve());
        setTimeout(() => child.kill('SIGKILL'), afterMs);
      }),
  };
}
