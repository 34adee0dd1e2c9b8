// One open case: appends that share a flush, evidence, locks, fencing. Knows files and order; what an entry means it leaves to others.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Fault } from '../../errors.ts';
import type { Link } from '../../casefile/chain.ts';
import type { Custody, Draft, Entry } from '../../casefile/entry.ts';
import type { Format } from '../../casefile/format.ts';
import type { Signer } from '../../casefile/signing.ts';
import type { CaseStore, Sealed } from '../../engine/ports.ts';
import { storageFault } from './files.ts';
import type { Holder } from './holder.ts';
import { acquire } from './locks.ts';
import type { Lock, LockName } from './locks.ts';
import { putObject, readObject } from './objects.ts';
import { AppendQueue } from './queue.ts';
import type { Waiting } from './queue.ts';
import { fenced } from './trail.ts';
import type { TrailFile } from './trail.ts';

/** What an open case needs besides its folder. */
export type Opening = {
  readonly id: string;
  readonly dir: string;
  readonly by: string;
  /** Scenario time. */
  readonly now: (known: readonly Entry[]) => Date;
  readonly self: Holder;
  readonly format: Format;
  readonly trail: TrailFile;
};

// The append lock is held for a write, so a longer wait means that its holder hangs.
const appendWaitMs = 5000;
const driveWaitMs = 5000;
// How long appends that follow one another may keep the lock before others get a turn.
const turnMs = 20;
const gone = 'its process is gone';

export class DiskCase implements CaseStore {
  readonly id: string;
  readonly dir: string;
  readonly #opening: Opening;
  readonly #trail: TrailFile;
  readonly #queue = new AppendQueue();
  /** What this opening found and must record: written in front of the next append. */
  readonly #owed: Draft[] = [];
  #signer: Signer | undefined;
  #flushing: Promise<void> | undefined;
  /** Why nothing can be recorded from here any more. */
  #refusal: Fault | undefined;

  constructor(opening: Opening) {
    this.id = opening.id;
    this.dir = opening.dir;
    this.#opening = opening;
    this.#trail = opening.trail;
  }

  /** The fingerprint of the case's first key: what a person writes down at opening. */
  get fingerprint(): string {
    const [opened] = this.#trail.entries;
    return opened?.type === 'case.opened' ? this.#opening.format.fingerprint(opened.key) : '';
  }

  get isClosed(): boolean {
    return this.#trail.entries.at(-1)?.type === 'case.closed';
  }

  /** Gives the store the key it signs with. One that is new to the case comes with its reason, and its own entry goes first. */
  useKey(signer: Signer, adopted?: string): void {
    this.#signer = signer;
    if (adopted !== undefined) this.#owed.unshift({ type: 'key.adopted', key: signer.key, reason: adopted, by: this.#opening.by });
  }

  append(...drafts: readonly Draft[]): Promise<readonly Entry[]> {
    const answer = this.#queue.add(drafts);
    // Started a microtask later, so that appends made together are flushed together.
    this.#flushing ??= Promise.resolve().then(() => this.#flushAll());
    return answer;
  }

  /** The list itself: it grows with every append and refresh. */
  entries(): readonly Entry[] {
    return this.#trail.entries;
  }

  refresh(): Promise<readonly Entry[]> {
    return this.#locked(() => this.#catchUp());
  }

  put(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Sealed> {
    return putObject(this.dir, bytes);
  }

  async seal(bytes: Uint8Array, custody: Custody, frame?: string): Promise<Sealed> {
    const sealed = await this.put([bytes]);
    await this.append({ type: 'evidence.sealed', ...sealed, ...custody, ...(frame === undefined ? {} : { frame }) });
    return sealed;
  }

  object(sha256: string): Promise<Uint8Array> {
    return readObject(this.dir, sha256);
  }

  witness(): string {
    const { bytes, sha256 } = this.#trail.prefix;
    return this.#opening.format.renderWitness(this.id, bytes, sha256);
  }

  async drive<T>(work: () => Promise<T>, waitMs = driveWaitMs): Promise<T> {
    const lock = await this.#acquire('drive', { waitMs });
    try {
      await this.refresh();
      if (lock.takenFrom !== undefined && !this.isClosed) await this.append(this.#takenOver('drive', lock.takenFrom, gone));
      return await work();
    } finally {
      lock.release();
    }
  }

  /**
   * Reads the trail for the first time and repairs what a crash left: a torn line, a lock of a dead process.
   * What was found is recorded with the next append.
   */
  async recover(takeOver?: string): Promise<void> {
    const repair = async (): Promise<void> => {
      this.#catchUp();
      await this.#trail.settle();
      for (const torn of this.#trail.unquoted()) this.#owed.push({ type: 'recovered', ...torn });
    };
    await this.#locked(repair, takeOver);
  }

  /**
   * Takes the drive lock from a living but hung process: an entry names its token, and from there it can append nothing.
   *
   * @throws Fault E_BUSY if by now another one drives.
   */
  async fence(hung: Holder, reason: string): Promise<void> {
    // On record first: a lock taken from one that is not fenced yet would let it go on beside us.
    await this.append(this.#takenOver('drive', hung, reason));
    const lock = await this.#acquire('drive', { waitMs: 0, mayTake: (other) => other.token === hung.token });
    lock.release();
  }

  async close(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
    this.#refusal = new Fault('E_BUG', `Case ${this.id} was used after it was closed here.`);
    this.#trail.close();
  }

  async #flushAll(): Promise<void> {
    for (let inRow = false; !this.#queue.isEmpty; inRow = true) {
      try {
        await this.#locked((lock) => this.#flush(lock, inRow));
      } catch (reason) {
        this.#queue.rejectAll(reason);
      }
      // Other processes and the prompt get their turn, however long the row of appends.
      if (!this.#queue.isEmpty) await nextTurn();
    }
    this.#flushing = undefined;
  }

  // Writes group after group while more follows at once, so that a row of appends takes the lock once a turn.
  async #flush(lock: Lock, follows: boolean): Promise<void> {
    this.#catchUp();
    const startedAt = performance.now();
    let inRow = follows;
    do {
      const group = this.#queue.takeGroup();
      try {
        await this.#write(group, lock, inRow);
      } catch (reason) {
        for (const waiting of group) waiting.reject(reason);
        return;
      }
      inRow = true;
      // A caller that was just answered appends again within a few microtasks, or not soon.
      for (let tick = 0; tick < 8 && this.#queue.isEmpty; tick += 1) await Promise.resolve();
    } while (!this.#queue.isEmpty && performance.now() - startedAt < turnMs);
  }

  async #write(group: readonly Waiting[], lock: Lock, inRow: boolean): Promise<void> {
    const owed = this.isClosed ? [] : this.#owed.slice();
    const links = this.#linkAll(owed, undefined);
    const accepted: { readonly waiting: Waiting; readonly entries: readonly Entry[] }[] = [];
    for (const waiting of group) {
      try {
        const own = this.#linkAll(waiting.drafts, links.at(-1));
        links.push(...own);
        accepted.push({ waiting, entries: own.map(({ entry }) => entry) });
      } catch (reason) {
        // One bad draft is its author's fault, not that of those who share the flush.
        waiting.reject(reason);
      }
    }
    if (links.length > 0) {
      const confirm = await this.#trail.write(links, inRow);
      // Whoever took the lock meanwhile also took the trail out of our reach: what was written went nowhere.
      if (!lock.isHeld()) throw fenced();
      confirm();
      this.#owed.splice(0, owed.length);
    }
    for (const { waiting, entries } of accepted) waiting.resolve(entries);
  }

  #linkAll(drafts: readonly Draft[], before: Link | undefined): Link[] {
    const { format, now } = this.#opening;
    const links: Link[] = [];
    for (const draft of drafts) {
      const last = links.at(-1) ?? before;
      if (this.isClosed || last?.entry.type === 'case.closed') throw new Fault('E_CASE_CLOSED', `Case ${this.id} is closed: nothing can follow.`);
      if (this.#signer === undefined) throw new Fault('E_KEY_MISSING', `The key of case ${this.id} is not on this machine.`);
      links.push(format.link(last?.tip ?? this.#trail.tip, draft, now(this.#trail.entries).toISOString(), this.#signer.sign));
    }
    return links;
  }

  #catchUp(): readonly Entry[] {
    const added = this.#trail.catchUp();
    const fence = added.find((entry) => entry.type === 'lock.taken-over' && entry.from['token'] === this.#opening.self.token);
    if (fence?.type === 'lock.taken-over') this.#refusal = fenced(fence.reason);
    if (this.#refusal !== undefined) throw this.#refusal;
    return added;
  }

  // What the file system refuses on the way is told as a fault, not as our mistake.
  async #locked<T>(work: (lock: Lock) => T | Promise<T>, takeOver?: string): Promise<T> {
    const lock = await this.#acquire('append', takeOver === undefined ? { waitMs: appendWaitMs } : { waitMs: 0, mayTake: () => true });
    try {
      if (lock.takenFrom !== undefined) {
        this.#trail.replace(() => lock.isHeld());
        this.#owed.push(this.#takenOver('append', lock.takenFrom, takeOver ?? gone));
      }
    } catch (error) {
      // The lock stays ours: free, it would let the one it was taken from write beside others.
      throw storageFault(this.dir, error);
    }
    try {
      return await work(lock);
    } catch (error) {
      throw storageFault(this.dir, error);
    } finally {
      lock.release();
    }
  }

  async #acquire(name: LockName, options: Parameters<typeof acquire>[3]): Promise<Lock> {
    if (this.#refusal !== undefined) throw this.#refusal;
    try {
      return await acquire(this.dir, name, this.#opening.self, options);
    } catch (error) {
      throw storageFault(this.dir, error);
    }
  }

  #takenOver(lock: LockName, { token, pid, started, host }: Holder, reason: string): Draft {
    return { type: 'lock.taken-over', lock, from: { token, pid, started, host }, reason, by: this.#opening.by };
  }
}
