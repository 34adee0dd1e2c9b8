// The program as a user meets it: a child process of src/bin.js, or its command line in this process, on throw-away folders.
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firebreak } from '../../src/main.ts';
import { openRange, type Range, type RangeFault } from '../../src/range/server.ts';
import { firstNight } from './shell.ts';

export const bin = fileURLToPath(new URL('../../src/bin.js', import.meta.url));
export const leaked = 'LTAI5tEXAMPLEci00001';

export type Ended = { readonly status: number | null; readonly out: string; readonly err: string };
export type Running = { readonly child: ChildProcess; readonly ended: Promise<Ended> };
export type Env = Readonly<Record<string, string | undefined>>;

export type Cli = {
  readonly folder: string;
  readonly vault: string;
  /** Added to what every child sees. */
  readonly env: Record<string, string | undefined>;
  /** Runs `firebreak …` in a process of its own to its end, on this vault unless the words name another. */
  run(words: readonly string[], env?: Env): Promise<Ended>;
  /** The same without the process: everything between its words and its exit status. */
  call(words: readonly string[], env?: Env): Promise<Ended>;
  /** `run` while it runs. */
  start(words: readonly string[], env?: Env): Running;
  /** The one document a `--json` command prints. */
  json(words: readonly string[], env?: Env): Promise<{ readonly status: number | null; readonly document: Document }>;
  trail(id: string): Promise<Buffer>;
  entries(id: string): Promise<readonly Line[]>;
  /** The cases of the vault. */
  cases(): Promise<readonly string[]>;
  end(): Promise<void>;
};

/** Whatever a command printed: tests name the fields they look at. */
export type Document = Readonly<Record<string, never>> & { readonly pending?: { readonly step: string; readonly expects?: { readonly text?: string } } | null };
export type Line = Readonly<Record<string, unknown>> & { readonly type: string };

/** A vault, a state folder, and nothing of this machine's own credentials. */
export async function aCli(): Promise<Cli> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-cli-'));
  const vault = join(folder, 'vault');
  const env: Record<string, string | undefined> = {};
  const running = new Set<ChildProcess>();

  const asked = (words: readonly string[]): readonly string[] => (words.includes('--vault') ? words : [...words, '--vault', vault]);
  const clean = (more: Env): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: folder, FIREBREAK_STATE: join(folder, 'state'), ...env, ...more });
  const start = (words: readonly string[], more: Env = {}): Running => {
    const child = spawn(process.execPath, [bin, ...asked(words)], { cwd: folder, env: clean(more), stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    const ended = new Promise<Ended>((resolve) => {
      const [out, err]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
      child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
      child.on('close', (status) => {
        running.delete(child);
        resolve({ status, out: Buffer.concat(out).toString('utf8'), err: Buffer.concat(err).toString('utf8') });
      });
    });
    return { child, ended };
  };
  const run = async (words: readonly string[], more?: Env): Promise<Ended> => start(words, more).ended;
  const call = async (words: readonly string[], more: Env = {}): Promise<Ended> => {
    const said = { out: '', err: '' };
    const io = { signal: new AbortController().signal, interactive: false, out: (text: string) => void (said.out += text), err: (text: string) => void (said.err += text) };
    const status = await firebreak('0.0.0', { argv: asked(words), env: clean(more), ...io });
    return { status, ...said };
  };
  const trail = async (id: string): Promise<Buffer> => readFile(join(vault, id, 'trail.jsonl')).catch(() => Buffer.alloc(0));

  return {
    folder,
    vault,
    env,
    run,
    call,
    start,
    async json(words, more) {
      const { status, out } = await call([...words, '--json'], more);
      return { status, document: JSON.parse(out) as Document };
    },
    trail,
    entries: async (id) =>
      (await trail(id))
        .toString('utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line),
    cases: async () => readdir(vault).catch(() => []),
    async end() {
      for (const child of running) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The shipped account on loopback; the children's environment leads there. */
export async function anAccount(cli: Cli, faults: readonly RangeFault[] = []): Promise<Range> {
  const world = await firstNight();
  const range = await openRange({ seed: world.seed, journal: join(cli.folder, 'range.jsonl'), time: { kind: 'host' }, faults });
  Object.assign(cli.env, {
    FIREBREAK_ENDPOINT: range.url,
    FIREBREAK_SETTLE_MS: '100',
    ALIBABA_CLOUD_ACCESS_KEY_ID: world.credential.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: world.credential.accessKeySecret,
  });
  return range;
}

/** Goes on until `ready`; tests give up by their own time-out. */
export async function until(ready: () => Promise<boolean>): Promise<void> {
  while (!(await ready())) await new Promise((resolve) => setTimeout(resolve, 15));
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Every `CASE bytes=N sha256=…` in a text. */
export function witnessesIn(text: string): readonly { readonly line: string; readonly bytes: number; readonly sha256: string }[] {
  return [...text.matchAll(/(\S+ bytes=(\d+) sha256=([0-9a-f]{64}))/g)].map(([, line = '', bytes, sha = '']) => ({ line, bytes: Number(bytes), sha256: sha }));
}

/** Every file of a folder: what it holds and when it changed. */
export async function filesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  await chmod(folder, 0o700);
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs } = await stat(path);
    found[path] = entry.isFile() ? `${mtimeMs} ${sha256(await readFile(path))}` : String(mtimeMs);
  }
  return found;
}
