// The cases of a vault at a glance: the first and the last line of each trail, however long it is. Changes nothing.
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../errors.ts';
import type { Entry } from '../../casefile/entry.ts';
import type { Format } from '../../casefile/format.ts';
import { errorCode, unreadable } from './files.ts';
import { trailName } from './trail.ts';

/** A case as a list shows it. When its trail can not be read, `unreadable` says why and the entries may be absent. */
export type ListedCase = { readonly id: string; readonly dir: string; readonly first?: Entry; readonly last?: Entry; readonly unreadable?: string };

const newline = 0x0a;
const windowBytes = 64 * 1024;
const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * The folder of a case.
 *
 * @throws Fault E_CASE_NAME for a name that could be a path.
 */
export function folderOf(vault: string, id: string): string {
  if (!name.test(id)) throw new Fault('E_CASE_NAME', 'This can not be the name of a case.');
  return join(vault, id);
}

/**
 * Every case of a vault, sorted by name. A vault that is not there has none.
 *
 * @throws Fault E_VAULT_READ if the vault itself can not be read; a bad case only marks itself.
 */
export function listCases(vault: string, format: Format): readonly ListedCase[] {
  let names: readonly string[];
  try {
    names = readdirSync(vault);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw unreadable(vault, error);
  }
  return names
    .filter((id) => name.test(id) && existsSync(join(vault, id, trailName)))
    .toSorted()
    .map((id) => listCase(join(vault, id), id, format));
}

function listCase(dir: string, id: string, format: Format): ListedCase {
  try {
    const fd = openSync(join(dir, trailName), 'r');
    try {
      const { size } = fstatSync(fd);
      const first = format.readLine(firstLine(fd, size))?.entry;
      const last = format.readLine(lastLine(fd, size))?.entry;
      const known = { id, dir, ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) };
      return first === undefined || last === undefined ? { ...known, unreadable: 'the trail is damaged' } : known;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return { id, dir, unreadable: errorCode(error) ?? 'unknown error' };
  }
}

function firstLine(fd: number, size: number): Buffer {
  for (let length = windowBytes; ; length *= 2) {
    const head = readAt(fd, 0, Math.min(length, size));
    const end = head.indexOf(newline);
    if (end !== -1 || length >= size) return head.subarray(0, Math.max(end, 0));
  }
}

// The last finished line: an unfinished one behind it is left out.
function lastLine(fd: number, size: number): Buffer {
  for (let length = windowBytes; ; length *= 2) {
    const from = Math.max(size - length, 0);
    const tail = readAt(fd, from, size - from);
    const end = tail.lastIndexOf(newline);
    const start = end <= 0 ? -1 : tail.lastIndexOf(newline, end - 1);
    if (start !== -1 || from === 0) return tail.subarray(start + 1, Math.max(end, 0));
  }
}

function readAt(fd: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, from));
}
