// Who holds a lock: this process and others, told apart even when a pid is used again. Knows processes, not locks.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { tryRead } from './files.ts';

/** `token` is drawn for each opening of a case: it is what a take-over fences. `space` is the boot and the pid namespace. */
export type Holder = { readonly pid: number; readonly started: string; readonly space: string; readonly host: string; readonly token: string };

/** This process, with a token of its own. */
export function holder(): Holder {
  return {
    pid: process.pid,
    started: startOf(process.pid) ?? '0',
    space: space(),
    host: hostname()
      .replace(/[^A-Za-z0-9.-]/g, '_')
      .slice(0, 64),
    token: randomBytes(8).toString('hex'),
  };
}

/** A holder as part of a file name. */
export function renderHolder({ pid, started, space: where, host, token }: Holder): string {
  return [pid, started, where, token, host].join('~');
}

/** The holder a file name tells of, or undefined. */
export function parseHolder(text: string): Holder | undefined {
  const [pid, started, where, token, host] = text.split('~');
  if (pid === undefined || started === undefined || where === undefined || token === undefined || host === undefined) return undefined;
  return { pid: Number(pid), started, space: where, token, host };
}

/**
 * Is this holder certainly gone?
 *
 * False also means "can not tell": a process of another machine or another pid namespace may well be alive.
 */
export function isGone(other: Holder, self: Holder): boolean {
  if (other.host !== self.host) return false;
  const [boot, names] = other.space.split('.');
  const [ownBoot, ownNames] = self.space.split('.');
  if (boot !== ownBoot) return true;
  if (names !== ownNames) return false;
  return startOf(other.pid) !== other.started;
}

// When a process started, in a form that differs for the next process with the same pid; undefined if there is none.
function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = tryRead(`/proc/${pid}/stat`);
    // The name, in parentheses, may hold spaces: fields are counted from the last parenthesis. Z and X are dead already.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  }
  if (process.platform !== 'win32') {
    try {
      const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      return started.replace(/\W+/g, '') || undefined;
    } catch {
      return undefined;
    }
  }
  try {
    process.kill(pid, 0);
    return '0';
  } catch {
    return undefined;
  }
}

function space(): string {
  const boot = tryRead('/proc/sys/kernel/random/boot_id')?.slice(0, 8) ?? '0';
  try {
    return `${boot}.${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
  } catch {
    return `${boot}.0`;
  }
}
