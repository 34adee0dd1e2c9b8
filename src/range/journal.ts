// world.jsonl: what happened to the account, one line each, on disk. Touches files; knows no call's meaning.
import { randomUUID } from 'node:crypto';
import { close, closeSync, fdatasync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../errors.ts';
import type { Incoming, Twist } from './call.ts';

/** The first line. A journal belongs to one seed; `start` is when its scenario began. */
export type Header = { readonly range: 1; readonly seed: string; readonly start: string };
/** A call that was let in, or a move of the clock. `at`: scenario time, ISO 8601 with milliseconds. */
export type Line =
  | {
      readonly at: string;
      readonly call: Incoming;
      readonly requestId: string;
      readonly effect?: true;
      readonly error?: { readonly code: string; readonly message: string };
      readonly twist?: Twist;
    }
  | { readonly at: string; readonly clock: string };

type Numbered<T> = T & { readonly n: number; readonly w: string };

const newline = 0x0a;

/**
 * An append-only file that several processes may write. Each line carries its number; of two lines with the same number
 * the first in the file counts, the other's writer is told. So no lock can be left behind by a killed process.
 */
export class Journal {
  readonly #path: string;
  readonly #fd: number;
  readonly #writer = randomUUID();
  /** Bytes read and understood; what follows is unread, or torn. */
  #offset = 0;
  #next = 0;
  /** Torn bytes after `#offset` seen at the last look. */
  #torn = false;
  #mark = 0;
  #flushed = 0;
  #flushing: Promise<void> | undefined;
  #failed: Fault | undefined;
  #closed = false;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /**
   * Opens or creates the journal of a seed; `still`: reads one that is there, whatever the medium, and writes nothing to it.
   * @throws Fault E_TRAIL_BROKEN when it belongs to another seed, E_VAULT_WRITE when it can not be made.
   */
  static open(path: string, fresh: Header, still = false): { readonly journal: Journal; readonly header: Header; readonly lines: readonly Line[] } {
    let fd: number;
    try {
      if (!still) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      fd = openSync(path, still ? 'r' : 'a+', 0o600);
    } catch (cause) {
      throw new Fault('E_VAULT_WRITE', `The simulated account's journal ${path} can not be opened.`, { cause });
    }
    const journal = new Journal(path, fd);
    try {
      if (!still && (fstatSync(fd).size === 0 || !journal.#hasLine())) {
        journal.#write(fresh);
        fsyncSync(fd);
        syncFolder(dirname(path));
      }
      const [header, ...lines] = journal.#read() as readonly unknown[] as readonly [Numbered<Header>, ...Line[]];
      if (header?.range !== 1) throw new Fault('E_TRAIL_BROKEN', `${path} is not a journal of a simulated account.`);
      if (header.seed !== fresh.seed)
        throw new Fault('E_TRAIL_BROKEN', `${path} belongs to another simulated account: its seed is not this one.`, {
          hint: 'Go on with the drill file this case was opened with, or start a new case.',
        });
      return { journal, header, lines };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Lines another process appended since the last look. @throws Fault E_TRAIL_BROKEN when a line is missing. */
  news(): readonly Line[] {
    // A closed file's descriptor may be another file's by now.
    if (this.#closed) throw new Fault('E_INTERRUPTED', 'The simulated account was closed.');
    return fstatSync(this.#fd).size > this.#offset ? this.#read() : [];
  }

  /** Every accepted line from the beginning, for building the account anew. */
  all(): readonly Line[] {
    this.#offset = 0;
    this.#next = 0;
    return this.#read().slice(1);
  }

  /**
   * Appends a line; `must`: it has to be flushed before anyone is told (see `settled`). Look for news first.
   * `won` is false when another process's line came first: then nothing happened.
   * @throws Fault E_VAULT_WRITE when the bytes can not be written.
   */
  append(line: Line, must: boolean): { readonly won: boolean; readonly others: readonly Line[] } {
    if (this.#failed) throw this.#failed;
    const [before, number] = [this.#offset, this.#next];
    const bytes = this.#write(line);
    if (fstatSync(this.#fd).size === before + bytes && !this.#torn) {
      this.#offset += bytes;
      this.#next += 1;
      if (must) this.#mark = this.#offset;
      return { won: true, others: [] };
    }
    const lines = this.#read() as readonly Numbered<Line>[];
    const [first, ...others] = lines;
    const won = first?.n === number && first.w === this.#writer;
    if (won && must) this.#mark = this.#offset;
    return { won, others: won ? others : lines };
  }

  /** Resolves when every line that must be is on the disk. @throws Fault E_VAULT_WRITE, from then on always, when the disk refuses. */
  async settled(): Promise<void> {
    const mark = this.#mark;
    while (this.#flushed < mark) {
      if (this.#failed) throw this.#failed;
      this.#flushing ??= this.#flush();
      await this.#flushing;
    }
  }

  async close(): Promise<void> {
    this.#mark = this.#offset;
    this.#closed = true;
    try {
      await this.settled();
    } finally {
      await promisify(close)(this.#fd);
    }
  }

  async #flush(): Promise<void> {
    const upTo = this.#offset;
    try {
      await promisify(fdatasync)(this.#fd);
      this.#flushed = upTo;
    } catch (cause) {
      this.#failed = new Fault('E_VAULT_WRITE', `The simulated account's journal ${this.#path} can not be flushed.`, { cause });
      throw this.#failed;
    } finally {
      this.#flushing = undefined;
    }
  }

  #hasLine(): boolean {
    const bytes = Buffer.alloc(fstatSync(this.#fd).size);
    readSync(this.#fd, bytes, 0, bytes.length, 0);
    return bytes.includes(newline);
  }

  #write(line: Line | Header): number {
    this.#torn = fstatSync(this.#fd).size > this.#offset;
    // A torn line of a killed process is closed off, so that ours stands alone.
    const bytes = Buffer.from(`${this.#torn ? '\n' : ''}${JSON.stringify({ n: this.#next, w: this.#writer, ...line })}\n`);
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (cause) {
      throw new Fault('E_VAULT_WRITE', `The simulated account's journal ${this.#path} can not be written.`, { cause });
    }
    return bytes.length;
  }

  #read(): readonly Line[] {
    const bytes = Buffer.alloc(fstatSync(this.#fd).size - this.#offset);
    for (let read = 0; read < bytes.length;) {
      const got = readSync(this.#fd, bytes, read, bytes.length - read, this.#offset + read);
      if (got === 0) break;
      read += got;
    }
    const end = bytes.lastIndexOf(newline) + 1;
    const accepted: Numbered<Line>[] = [];
    for (const text of bytes.subarray(0, end).toString('utf8').split('\n')) {
      const line = parse(text);
      // Not JSON: the torn line of a killed process. A number already taken: it lost the race.
      if (line === undefined || line.n < this.#next) continue;
      if (line.n > this.#next) throw new Fault('E_TRAIL_BROKEN', `A line is missing from ${this.#path} before number ${line.n}.`);
      this.#next += 1;
      accepted.push(line);
    }
    this.#offset += end;
    return accepted;
  }
}

/** As much of a journal as an account needs. */
export type Memory = Pick<Journal, 'news' | 'all' | 'append' | 'settled' | 'close'>;

/** Goes on from the lines of a journal without a trace: what is added is forgotten at the end. */
export function forgetful(journal: Journal, lines: readonly Line[]): Memory {
  const known = [...lines];
  return {
    news: () => [],
    all: () => known,
    append(line) {
      known.push(line);
      return { won: true, others: [] };
    },
    settled: async () => Promise.resolve(),
    close: () => journal.close(),
  };
}

function parse(text: string): Numbered<Line> | undefined {
  try {
    const line = JSON.parse(text) as Numbered<Line> | null;
    return typeof line?.n === 'number' ? line : undefined;
  } catch {
    return undefined;
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
