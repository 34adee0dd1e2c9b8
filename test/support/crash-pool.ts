// Runs crashes in several processes at once, one core each. Knows nothing of what a crash is.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Planned } from './crash-plan.ts';
import type { Reference } from './crash-record.ts';
import type { Outcome } from './crash-resume.ts';

export type Result = { readonly planned: Planned; readonly outcome: Outcome };

/** A folder for thousands of flushed writes: in memory where the system offers that. */
export function aScratchFolder(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'firebreak-crash-'));
}

/** Tries them all; the results keep their order. `told` hears of each as it comes. */
export async function tryAll(reference: Reference, crashes: readonly Planned[], told: (result: Result, done: number) => void = () => undefined): Promise<readonly Result[]> {
  const root = aScratchFolder();
  const file = join(root, 'reference.json');
  writeFileSync(file, JSON.stringify(reference));
  const results: Result[] = [];
  const queue = crashes.entries();
  let done = 0;
  const lane = (name: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(join(import.meta.dirname, 'crash-worker.ts'), [file, join(root, String(name))], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      child.on('message', (said: { readonly index?: number; readonly outcome?: Outcome }) => {
        if (said.index !== undefined && said.outcome) {
          const result = { planned: crashes[said.index] as Planned, outcome: said.outcome };
          results[said.index] = result;
          done += 1;
          told(result, done);
        }
        const next = queue.next();
        if (next.done) child.kill();
        else child.send({ index: next.value[0], crash: next.value[1] });
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => (signal === 'SIGTERM' ? resolve() : reject(new Error(`a process of the sweep ended by itself: ${code ?? signal}`))));
    });
  try {
    await Promise.all(Array.from({ length: Math.min(availableParallelism(), crashes.length) }, (_, name) => lane(name)));
    return results;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What went wrong, a line each. */
export function failuresOf(results: readonly Result[]): readonly string[] {
  return results.flatMap(({ planned, outcome }) => (outcome.problems.length > 0 ? [`${planned.name}: ${outcome.problems.join('; ')}`] : []));
}
