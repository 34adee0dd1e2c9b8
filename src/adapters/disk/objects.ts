// Sealed evidence as files named by their bytes. Streams; knows nothing of entries.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../errors.ts';
import type { Sealed } from '../../engine/ports.ts';
import { errorCode, flushFolder } from './files.ts';

/** Larger ones are slower to write: measured on ext4, 1 MB at a time takes twice as long as 256 kB. */
const chunkBytes = 256 * 1024;
/** What is written so far is flushed on the side, so that the last flush has little left to do. */
const flushBytes = 128 * 1024 * 1024;

/**
 * Streams bytes into `objects/`, hashing while the disk writes. The object is durable when this resolves.
 *
 * @throws Fault E_VAULT_WRITE if the bytes can not be kept; nothing of them remains.
 */
export async function putObject(dir: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Sealed> {
  const unfinished = join(dir, 'tmp', `object-${randomBytes(8).toString('hex')}`);
  try {
    const sealed = await writeHashed(unfinished, source);
    // Over one of the same name, if there is one: it should be the same, and if it was damaged it is whole again.
    await rename(unfinished, join(dir, 'objects', sealed.sha256));
    await flushFolder(join(dir, 'objects'));
    return sealed;
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    const code = errorCode(cause);
    // What the source itself threw is the caller's own affair.
    if (code === undefined || cause instanceof Fault) throw cause;
    throw new Fault('E_VAULT_WRITE', `The evidence could not be kept (${code}). Nothing of it is recorded; what was sealed before is unharmed.`, { where: dir, cause });
  }
}

async function writeHashed(path: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Sealed> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.chmod(0o600);
    const hash = createHash('sha256');
    let bytes = 0;
    let flushed: Promise<void> | undefined;
    for await (const chunk of inChunks(source)) {
      const written = file.writev([chunk]);
      hash.update(chunk);
      bytes += chunk.length;
      const { bytesWritten } = await written;
      if (bytesWritten < chunk.length) await file.writeFile(chunk.subarray(bytesWritten));
      if (bytes % flushBytes >= chunk.length) continue;
      await flushed;
      flushed = file.datasync();
      // It is awaited later: here its failure is only kept from being told as nobody's.
      flushed.catch(() => undefined);
    }
    await flushed;
    await file.sync();
    return { sha256: hash.digest('hex'), bytes };
  } finally {
    await file.close();
  }
}

// Many small chunks become few large ones: what costs is the number of writes. A yielded chunk is done with when the next is asked for.
async function* inChunks(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let buffer: Buffer | undefined;
  let used = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      if (used === 0 && piece.length - at >= chunkBytes) {
        yield piece.subarray(at, at + chunkBytes);
        at += chunkBytes;
        continue;
      }
      buffer ??= Buffer.allocUnsafe(chunkBytes);
      const part = piece.subarray(at, at + chunkBytes - used);
      buffer.set(part, used);
      used += part.length;
      at += part.length;
      if (used === chunkBytes) {
        yield buffer;
        used = 0;
      }
    }
  }
  if (buffer !== undefined && used > 0) yield buffer.subarray(0, used);
}

/**
 * The bytes of one object.
 *
 * @throws Fault E_VAULT_READ if it is not there, E_TRAIL_BROKEN if it is not what its name says.
 */
export async function readObject(dir: string, sha256: string): Promise<Uint8Array> {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Fault('E_BUG', 'An object was asked for by something that is not a SHA-256.');
  let bytes: Buffer;
  try {
    bytes = await readFile(join(dir, 'objects', sha256));
  } catch (cause) {
    throw new Fault('E_VAULT_READ', `Evidence ${sha256} can not be read.`, { where: dir, cause });
  }
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new Fault('E_TRAIL_BROKEN', `Evidence ${sha256} was altered.`, { where: dir });
  return bytes;
}

/** What every file in `objects/` really holds, by its name, hashed by streaming. */
export async function hashObjects(dir: string): Promise<ReadonlyMap<string, Sealed>> {
  const found = new Map<string, Sealed>();
  const names = await readdir(join(dir, 'objects'), { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const file of names) {
    if (!file.isFile()) {
      found.set(file.name, { sha256: '', bytes: 0 });
      continue;
    }
    const running = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(join(dir, 'objects', file.name), { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
      running.update(chunk);
      bytes += chunk.length;
    }
    found.set(file.name, { sha256: running.digest('hex'), bytes });
  }
  return found;
}
