// The few file operations whose failure decides what is recorded, and the modes everything in a vault has. Knows no trail.
import { chmodSync, closeSync, fdatasync, fdatasyncSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { access, constants, open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../../errors.ts';

/** How the trail's bytes reach the disk. A port of its own, because disks fill up and fail. */
export type Files = {
  /** Writes at `position`; returns how many bytes were written, which a full disk makes fewer. */
  write(fd: number, bytes: Uint8Array, position: number): number;
  /** Flushes what was written; `inPlace` on this thread, which is quicker on a quick disk and blocks on a slow one. */
  datasync(fd: number, inPlace: boolean): Promise<void>;
  truncate(fd: number, length: number): void;
};

const flushInThread = promisify(fdatasync);

export const nodeFiles: Files = {
  write: (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  datasync: async (fd, inPlace) => (inPlace ? fdatasyncSync(fd) : flushInThread(fd)),
  truncate: ftruncateSync,
};

/** Makes a folder only its owner can enter, whatever the umask. Throws if it exists. */
export function makeFolder(path: string): void {
  mkdirSync(path, { mode: 0o700 });
  chmodSync(path, 0o700);
}

/** Makes a folder and those above it unless they are there, as `makeFolder` does. */
export function ensureFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (errorCode(error) !== 'ENOENT') throw error;
    ensureFolder(dirname(path));
    makeFolder(path);
  }
  syncFolder(dirname(path));
}

/** Writes a new file only its owner can read, flushed. Throws if it exists. */
export function writeNew(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    chmodSync(path, 0o600);
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Flushes a folder's own entries, so that a name made or moved in it survives a power cut. */
export function syncFolder(path: string): void {
  // Windows has no handle of a folder to flush.
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** `syncFolder` in a thread, for what happens while a person types. */
export async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** May something be written at this folder, and how much fits? One that is not there yet is judged by the nearest above it. */
export async function roomAt(path: string): Promise<{ readonly writable: boolean; readonly freeBytes: number }> {
  try {
    const { bavail, bsize } = await statfs(path);
    const writable = await access(path, constants.W_OK).then(
      () => true,
      () => false,
    );
    return { writable, freeBytes: bavail * bsize };
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) return { writable: false, freeBytes: 0 };
    return roomAt(dirname(path));
  }
}

/** The text of a file, or undefined when it can not be read. */
export function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The error code of the operating system (`ENOENT`), if that is what was thrown. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Why the vault can not be read, as a fault. */
export function unreadable(path: string, cause: unknown): Fault {
  return new Fault('E_VAULT_READ', `The vault can not be read (${errorCode(cause) ?? 'unknown error'}).`, { where: path, cause });
}

/** What the operating system refused, as a fault; whatever else was thrown, as it is. */
export function storageFault(path: string, error: unknown): unknown {
  if (error instanceof Fault || errorCode(error) === undefined) return error;
  return new Fault('E_VAULT_WRITE', `The case can not be worked on (${errorCode(error)}). Nothing more is recorded from here.`, { where: path, cause: error });
}
