// A file a person names as evidence, as a stream. Regular files only: nothing else has an end one can rely on. Knows no case.
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Fault } from '../../errors.ts';
import { errorCode } from './files.ts';

const chunkBytes = 256 * 1024;
const hint = 'Name a regular file that you can read. A folder is packed first: tar cf FILE FOLDER';

/**
 * The bytes of a file, opened when the first are asked for; each chunk is valid until the next is. A link is followed to where it ends.
 *
 * @throws Fault E_INPUT for what is missing, can not be read or is no regular file; E_INTERRUPTED on `signal`.
 */
export async function* readSource(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    // Looked at before it is opened: opening alone can wake a device.
    if (!(await stat(path)).isFile()) throw irregular(path);
    // Should it be exchanged for a pipe by now, opening does not wait for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw irregular(path);
      const chunk = Buffer.allocUnsafe(chunkBytes);
      for (;;) {
        signal.throwIfAborted();
        const { bytesRead } = await file.read(chunk, 0, chunkBytes);
        if (bytesRead === 0) return;
        yield chunk.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    if (signal.aborted) throw new Fault('E_INTERRUPTED', 'Stopped. Nothing of the file was kept.', { cause });
    const code = errorCode(cause) ?? 'unknown error';
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'There is no such file' : `The file can not be read (${code})`;
    throw new Fault('E_INPUT', `${why}. Nothing was recorded.`, { where: path, hint, cause });
  }
}

function irregular(path: string): Fault {
  return new Fault('E_INPUT', 'This is not a regular file. Nothing was recorded.', { where: path, hint });
}
