// Processes the benches start: the built command, bare Node, the simulated account.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const bin = fileURLToPath(new URL('../src/bin.js', import.meta.url));
type Env = Readonly<Record<string, string>>;

export function node(args: readonly string[], env: Env = {}): { readonly status: number | null; readonly out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1 << 28 });
  return { status, out: stdout + stderr };
}

export function firebreak(args: readonly string[], env: Env = {}): { readonly status: number | null; readonly out: string } {
  return node([bin, ...args], env);
}

/** A folder that is gone when `work` ends. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Serves the simulated account while `work` runs; hands over the environment that leads to it. */
export async function withRange<T>(folder: string, latencyMs: number, work: (env: Env) => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, [bin, 'range', '--json', '--vault', folder, '--latency', String(latencyMs)], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const line = await firstLine(child.stdout);
    const { url, accessKeyId, accessKeySecret } = JSON.parse(line) as Record<'url' | 'accessKeyId' | 'accessKeySecret', string>;
    return await work({ FIREBREAK_ENDPOINT: url, ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret });
  } finally {
    child.kill('SIGINT');
  }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stream })) return line;
  throw new Error('the process ended without a line');
}
