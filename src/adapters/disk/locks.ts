// A lock is one file that always exists and whose name tells who holds it; taking, giving back and stealing are one rename each.
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import { errorCode, makeFolder, syncFolder, writeNew } from './files.ts';
import { isGone, parseHolder, renderHolder } from './holder.ts';
import type { Holder } from './holder.ts';

export type LockName = 'append' | 'drive';

/**
 * A lock held. `takenFrom` is the holder it was taken from, who did not give it back.
 * `isHeld` is false once another one may have taken it over.
 */
export type Lock = { readonly takenFrom?: Holder; isHeld(): boolean; release(): void };

const folder = 'locks';
// Nobody takes a lock from a living holder sooner than this after having seen it taken; until half of it has passed, nobody need look.
const patienceMs = 1000;
let acquisitions = 0;

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
  return find(dir, name)?.holder;
}

/**
 * Takes a lock. One whose holder is gone changes hands at once; a living holder is waited for, up to `waitMs`. One for which
 * `mayTake` says so loses it after that, if it kept it all the while.
 *
 * @throws Fault E_BUSY when it is still held then.
 */
export async function acquire(
  dir: string,
  name: LockName,
  self: Holder,
  { waitMs, mayTake = () => false }: { waitMs: number; mayTake?: (other: Holder) => boolean },
): Promise<Lock> {
  const free = join(dir, folder, `${name}.free`);
  // A name of its own for each time, so that one who waits can tell a hung holder from a busy one.
  const mine = join(dir, folder, `${name}.${renderHolder(self)}~${(acquisitions += 1)}`);
  const startedAt = performance.now();
  let seen: { readonly path: string; readonly at: number } | undefined;
  let absent = 0;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 20)) {
    if (tryRename(free, mine)) return lockAt(mine, free);
    const now = performance.now();
    const other = find(dir, name);
    if (other === undefined) {
      // Between two looks a lock may have changed its name; one that has none again and again is not there.
      absent = existsSync(free) ? 0 : absent + 1;
      if (absent > 40) throw missing(dir, name);
    } else {
      absent = 0;
      if (seen?.path !== other.path) seen = { path: other.path, at: now };
      const late = now - startedAt >= waitMs;
      const hung = late && now - seen.at >= patienceMs && mayTake(other.holder);
      if (hung || isGone(other.holder, self)) {
        // Of several who try, the rename lets one through: for the others the name is gone.
        if (tryRename(other.path, mine)) return lockAt(mine, free, other.holder);
      } else if (late && !mayTake(other.holder)) {
        throw new Fault('E_BUSY', `The case is held by process ${other.holder.pid} on ${other.holder.host}.`);
      }
    }
    await sleep(pauseMs);
  }
}

function missing(dir: string, name: LockName): Fault {
  return new Fault('E_VAULT_READ', `The ${name} lock of this case is missing.`, {
    where: join(dir, folder),
    hint: 'The folder was copied in part. Remove its locks folder while no process works on the case, and try again.',
  });
}

function lockAt(mine: string, free: string, takenFrom?: Holder): Lock {
  const takenAt = performance.now();
  return {
    ...(takenFrom === undefined ? {} : { takenFrom }),
    isHeld: () => performance.now() - takenAt < patienceMs / 2 || existsSync(mine),
    // Whoever took it over meanwhile keeps it.
    release: () => void tryRename(mine, free),
  };
}

function find(dir: string, name: LockName): { readonly path: string; readonly holder: Holder } | undefined {
  for (const file of readdirSync(join(dir, folder))) {
    const holder = file.startsWith(`${name}.`) ? parseHolder(file.slice(name.length + 1)) : undefined;
    if (holder !== undefined) return { path: join(dir, folder, file), holder };
  }
  return undefined;
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
