// The trail file of an open case: what is durable, what others added, one write and one flush for what is new. Callers hold the append lock.
import { createHash, hash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readFileSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../errors.ts';
import type { Link, Tip } from '../../casefile/chain.ts';
import type { Entry } from '../../casefile/entry.ts';
import type { Format } from '../../casefile/format.ts';
import { errorCode, syncFolder, unreadable, writeNew } from './files.ts';
import type { Files } from './files.ts';

export const trailName = 'trail.jsonl';
const quickMs = 4;
const mostUnhashed = 500;

export class TrailFile {
  readonly entries: Entry[] = [];
  readonly #dir: string;
  readonly #path: string;
  readonly #format: Format;
  readonly #files: Files;
  #fd: number;
  #inode: number;
  #tip: Tip | undefined;
  #bytes = 0;
  readonly #hash = createHash('sha256');
  /** Durable bytes to be hashed when a witness asks: not while a caller waits for its append. */
  readonly #unhashed: Buffer[] = [];
  /** How long the last flush took. */
  #flushMs = Infinity;
  #broken: Fault | undefined;

  /** @throws Fault E_VAULT_READ if the file can not be opened. Nothing is read yet. */
  constructor(dir: string, format: Format, files: Files) {
    this.#dir = dir;
    this.#path = join(dir, trailName);
    this.#format = format;
    this.#files = files;
    [this.#fd, this.#inode] = this.#open();
  }

  get tip(): Tip | undefined {
    return this.#tip;
  }

  /** Everything durable, as a witness sees it. */
  get prefix(): { readonly bytes: number; readonly sha256: string } {
    this.#hashPending();
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }

  /**
   * Reads what others appended since; returns the new entries.
   *
   * A torn last line is kept in `tmp/torn-<sha256>` and cut off.
   *
   * @throws Fault E_TRAIL_BROKEN if what is there does not follow from what was read before.
   */
  catchUp(): readonly Entry[] {
    if (this.#broken !== undefined) throw this.#broken;
    let { ino, size } = statSync(this.#path);
    if (ino !== this.#inode) {
      // A take-over put a copy in place of the file, out of reach of whoever held it before.
      closeSync(this.#fd);
      [this.#fd, this.#inode] = this.#open();
      ({ size } = statSync(this.#path));
      const before = this.#read(0, Math.min(this.#bytes, size));
      if (hash('sha256', before, 'hex') !== this.prefix.sha256) throw this.#breaks(`no longer begins with the ${this.#bytes} bytes read before`);
    }
    if (size === this.#bytes) return [];
    if (size < this.#bytes) throw this.#breaks(`is shorter than the ${this.#bytes} bytes already recorded`);
    const added = this.#read(this.#bytes, size - this.#bytes);
    const read = this.#format.readTrail(added, this.#tip);
    if (read.broken !== undefined) throw this.#breaks(`is broken at entry ${read.broken.seq}: ${read.broken.why}`);
    // A case is made whole: no crash leaves its first line unfinished.
    if (read.torn !== undefined && this.#bytes + read.bytes === 0) throw this.#breaks('has no whole first line');
    if (read.torn !== undefined) this.#setAside(read.torn, this.#bytes + read.bytes);
    this.#accept(added.subarray(0, read.bytes), read.entries, read.tip);
    return read.entries;
  }

  /** Torn lines kept in `tmp/` that no entry quotes yet. */
  unquoted(): readonly { readonly sha256: string; readonly bytes: number }[] {
    const quoted = new Set(this.entries.flatMap((entry) => (entry.type === 'recovered' ? [entry.sha256] : [])));
    return readdirSync(join(this.#dir, 'tmp')).flatMap((name) => {
      const sha256 = /^torn-([0-9a-f]{64})$/.exec(name)?.[1];
      return sha256 === undefined || quoted.has(sha256) ? [] : [{ sha256, bytes: statSync(join(this.#dir, 'tmp', name)).size }];
    });
  }

  /** Flushes what another process wrote and may not have flushed. */
  async settle(): Promise<void> {
    await this.#files.datasync(this.#fd, false);
  }

  /**
   * Writes linked entries with one write and one flush. They count once the function it gives is called.
   * `inRow`: another write came just before, so nobody is typing; then a quick disk is flushed in place, without the way to a thread and back.
   *
   * @throws Fault E_VAULT_WRITE if they are not durable: the trail is cut back to where it was, and takes nothing more until reopened.
   */
  async write(links: readonly Link[], inRow: boolean): Promise<() => void> {
    const [only] = links;
    const bytes = only !== undefined && links.length === 1 ? only.line : Buffer.concat(links.map(({ line }) => line));
    try {
      for (let done = 0; done < bytes.length;) {
        const written = this.#files.write(this.#fd, bytes.subarray(done), this.#bytes + done);
        if (written === 0) throw new Error('nothing was written');
        done += written;
      }
      const startedAt = performance.now();
      await this.#files.datasync(this.#fd, inRow && this.#flushMs < quickMs);
      this.#flushMs = performance.now() - startedAt;
    } catch (cause) {
      throw await this.#failed(links, cause);
    }
    return () =>
      this.#accept(
        bytes,
        links.map(({ entry }) => entry),
        links.at(-1)?.tip,
      );
  }

  /**
   * Puts a flushed copy in place of the file, so that a process that lost its lock in the middle of a write can not reach the trail any more.
   */
  replace(stillOurs: () => boolean): void {
    const copy = join(this.#dir, 'tmp', `trail-${randomBytes(8).toString('hex')}`);
    // By its name: an earlier take-over may already have left our handle behind.
    writeNew(copy, readFileSync(this.#path));
    if (!stillOurs()) {
      rmSync(copy);
      throw fenced();
    }
    renameSync(copy, this.#path);
    syncFolder(this.#dir);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #open(): [fd: number, inode: number] {
    try {
      const fd = openSync(this.#path, 'r+');
      return [fd, statSync(this.#path).ino];
    } catch (cause) {
      throw unreadable(this.#path, cause);
    }
  }

  #read(from: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const read = readSync(this.#fd, bytes, done, length - done, from + done);
      if (read === 0) break;
      done += read;
    }
    return bytes.subarray(0, done);
  }

  #accept(bytes: Buffer, entries: readonly Entry[], tip: Tip | undefined): void {
    this.#unhashed.push(bytes);
    if (this.#unhashed.length > mostUnhashed) this.#hashPending();
    this.#bytes += bytes.length;
    for (const entry of entries) this.entries.push(entry);
    this.#tip = tip;
  }

  #hashPending(): void {
    for (const bytes of this.#unhashed.splice(0)) this.#hash.update(bytes);
  }

  #setAside(torn: Buffer, length: number): void {
    const kept = join(this.#dir, 'tmp', `torn-${hash('sha256', torn, 'hex')}`);
    if (!existsSync(kept)) writeNew(kept, torn);
    syncFolder(join(this.#dir, 'tmp'));
    this.#files.truncate(this.#fd, length);
    fsyncSync(this.#fd);
  }

  async #failed(links: readonly Link[], cause: unknown): Promise<Fault> {
    let cut = true;
    try {
      this.#files.truncate(this.#fd, this.#bytes);
      await this.#files.datasync(this.#fd, false);
    } catch {
      cut = false;
    }
    const what = links.map(({ entry }) => entry.type).join(', ');
    const upTo = this.#tip === undefined ? 'Nothing is recorded yet' : `Recorded and safe: entries 0 to ${this.#tip.seq}`;
    const rest = cut ? `Not recorded: ${what}` : `Perhaps recorded, to be seen when the case is opened again: ${what}`;
    this.#broken = new Fault('E_VAULT_WRITE', `The trail could not be written (${errorCode(cause) ?? 'short write'}). ${upTo}. ${rest}.`, { where: this.#path, cause });
    return this.#broken;
  }

  #breaks(how: string): Fault {
    this.#broken = new Fault('E_TRAIL_BROKEN', `The trail ${how}.`, { where: this.#path });
    return this.#broken;
  }
}

/** Another process has this case now; what this one wanted to record is not in the trail. */
export function fenced(why?: string): Fault {
  return new Fault('E_BUSY', `Another process took this case over${why === undefined ? '' : ` (${why})`}. Nothing more is recorded from here.`, {
    hint: 'Close this one and go on in the other, or run "firebreak resume" again.',
  });
}
