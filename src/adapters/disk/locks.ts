// A lock is one file that always exists and whose name tells who holds it; taking, giving back and stealing are one rename each.
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import { errorCode, makeFolder, syncFolder, writeNew } from './files.ts';
import { isGone, parseHolder, renderHolder } from './holder.ts';
import type { Holder } from './holder.ts';

export type LockName = 'append' | 'drive';

/** A lock held. `takenFrom` is the holder it was taken from, who did not give it back. `release` tells whether it was ours to the end. */
export type Lock = { readonly takenFrom?: Holder; isHeld(): boolean; release(): boolean };

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
 * Takes a lock. One whose holder is gone changes hands at once; a living holder is waited for, up to `waitMs`, and after that
 * loses it if `mayTake` says so.
 *
 * @throws Fault E_BUSY when it is still held then.
 */
export async function acquire(dir: string, name: LockName, self: Holder, { waitMs, mayTake = () => false }: { waitMs: number; mayTake?: (other: Holder) => boolean }): Promise<Lock> {
  const free = join(dir, folder, `${name}.free`);
  const mine = fileOf(dir, name, self);
  const startedAt = performance.now();
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 20)) {
    if (tryRename(free, mine)) return lockAt(mine, free);
    const late = performance.now() - startedAt >= waitMs;
    const other = holderOf(dir, name);
    if (other !== undefined && other.token !== self.token && (isGone(other, self) || (late && mayTake(other)))) {
      // Of several who try, the rename lets one through: for the others the name is gone.
      if (tryRename(fileOf(dir, name, other), mine)) return lockAt(mine, free, other);
    } else if (late && other !== undefined) {
      throw new Fault('E_BUSY', `The case is held by process ${other.pid} on ${other.host}.`);
    }
    await sleep(pauseMs);
  }
}

function lockAt(mine: string, free: string, takenFrom?: Holder): Lock {
  let released: boolean | undefined;
  // Whoever took it over meanwhile keeps it.
  return { ...(takenFrom === undefined ? {} : { takenFrom }), isHeld: () => existsSync(mine), release: () => (released ??= tryRename(mine, free)) };
}

function fileOf(dir: string, name: LockName, holder: Holder): string {
  return join(dir, folder, `${name}.${renderHolder(holder)}`);
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
