// A lock is one file that always exists and whose name tells who holds it; taking, giving back and stealing are one rename each.
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import { errorCode, makeFolder, syncFolder, writeNew } from './files.ts';
import { isGone, parseHolder, renderHolder } from './holder.ts';
import type { Holder } from './holder.ts';

export type LockName = 'append' | 'drive';

/** A lock held. `takenFrom` is the holder it was taken from, who did not give it back. */
export type Lock = { readonly takenFrom?: Holder; isHeld(): boolean; release(): void };

const folder = 'locks';

/** Makes the lock files of a case that has none. Two processes may do it at once: one wins, whole. */
export function prepareLocks(dir: string, self: Holder): void {
  if (existsSync(join(dir, folder, '.')) && readdirSync(join(dir, folder)).length > 0) return;
  const staged = join(dir, `.${folder}-${self.token}`);
  makeFolder(staged);
  for (const name of ['append', 'drive']) writeNew(join(staged, `${name}.free`), new Uint8Array());
  try {
    renameSync(staged, join(dir, folder));
  } catch (error) {
    if (!['EEXIST', 'ENOTEMPTY', 'EPERM'].includes(errorCode(error) ?? '')) throw error;
  }
  syncFolder(dir);
}

/** Who holds the lock now, or undefined. */
export function holderOf(dir: string, name: LockName): Holder | undefined {
  const held = readdirSync(join(dir, folder)).find((file) => file.startsWith(`${name}.`) && file !== `${name}.free`);
  return held === undefined ? undefined : parseHolder(held.slice(name.length + 1));
}

/**
 * Takes a lock, waiting up to `waitMs` for a living holder; one that is gone loses it at once, with `force` a living one too, after the wait.
 *
 * @throws Fault E_BUSY when it is still held after that.
 */
export async function acquire(dir: string, name: LockName, self: Holder, { waitMs, force = false }: { waitMs: number; force?: boolean }): Promise<Lock> {
  const place = join(dir, folder);
  const free = join(place, `${name}.free`);
  const mine = join(place, `${name}.${renderHolder(self)}`);
  const lock = (takenFrom?: Holder): Lock => ({
    ...(takenFrom === undefined ? {} : { takenFrom }),
    isHeld: () => existsSync(mine),
    // Whoever took it over meanwhile keeps it.
    release: () => void tryRename(mine, free),
  });
  if (tryRename(free, mine)) return lock();
  const startedAt = performance.now();
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 20)) {
    const other = holderOf(dir, name);
    const late = performance.now() - startedAt >= waitMs;
    if (other !== undefined && other.token !== self.token && (isGone(other, self) || (force && late))) {
      // Of several who try, the rename lets one through: for the others the name is gone.
      if (tryRename(join(place, `${name}.${renderHolder(other)}`), mine)) return lock(other);
    }
    if (tryRename(free, mine)) return lock();
    if (late && !force) throw busy(other);
    await sleep(pauseMs);
  }
}

function busy(other: Holder | undefined): Fault {
  const who = other === undefined ? 'another process' : `process ${other.pid} on ${other.host}`;
  return new Fault('E_BUSY', `The case is held by ${who}.`);
}

function tryRename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
