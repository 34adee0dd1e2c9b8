// One open case: appends that share a flush, evidence, locks, fencing. Knows files and order; what an entry means it leaves to others.
import { Fault } from '../../errors.ts';
import type { Link } from '../../casefile/chain.ts';
import type { Custody, Draft, Entry } from '../../casefile/entry.ts';
import type { Format } from '../../casefile/format.ts';
import type { Signer } from '../../casefile/signing.ts';
import type { CaseStore, Sealed } from '../../engine/ports.ts';
import type { Holder } from './holder.ts';
import { acquire } from './locks.ts';
import type { Lock } from './locks.ts';
import { putObject, readObject } from './objects.ts';
import { fenced, TrailFile } from './trail.ts';

/** What an open case needs besides its folder. */
export type Opening = {
  readonly id: string;
  readonly dir: string;
  readonly by: string;
  /** Scenario time. */
  readonly now: () => Date;
  readonly self: Holder;
  readonly format: Format;
  readonly trail: TrailFile;
};

type Waiting = {
  readonly drafts: readonly Draft[];
  readonly resolve: (entries: readonly Entry[]) => void;
  readonly reject: (reason: unknown) => void;
};

// An append is held only for one write; a longer wait means that a process hangs.
const appendWaitMs = 5000;
// Signing blocks the event loop about 0.1 ms an entry: a group stays far below what a person feels.
const groupSize = 128;

export class DiskCase implements CaseStore {
  readonly id: string;
  readonly dir: string;
  readonly #opening: Opening;
  readonly #trail: TrailFile;
  #signer: Signer | undefined;
  #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #fenced: Fault | undefined;

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

  /** Gives the store the key it signs with from now on. */
  useKey(signer: Signer): void {
    this.#signer = signer;
  }

  append(...drafts: readonly Draft[]): Promise<readonly Entry[]> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ drafts, resolve, reject });
      // Started a microtask later, so that appends made together are flushed together.
      this.#flushing ??= Promise.resolve().then(() => this.#flushAll());
    });
  }

  entries(): readonly Entry[] {
    return this.#trail.entries;
  }

  async refresh(): Promise<readonly Entry[]> {
    return this.#locked(() => this.#catchUp(), appendWaitMs);
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

  async drive<T>(work: () => Promise<T>, waitMs = 5000): Promise<T> {
    if (this.#fenced !== undefined) throw this.#fenced;
    const lock = await acquire(this.dir, 'drive', this.#opening.self, { waitMs });
    try {
      await this.refresh();
      if (lock.takenFrom !== undefined && !this.isClosed) await this.append(this.#takenOver('drive', lock.takenFrom, 'its process is gone'));
      return await work();
    } finally {
      lock.release();
    }
  }

  /**
   * Reads the trail for the first time and repairs what a crash left: a torn line, the lock of a dead process.
   *
   * With `takeOver` a living holder of a lock is fenced: an entry names its token, and it can append no more.
   */
  async recover(takeOver: { readonly reason: string; readonly drivenBy: Holder | undefined } | undefined): Promise<readonly Draft[]> {
    const drafts: Draft[] = [];
    await this.#locked(
      async (lock) => {
        this.#catchUp();
        await this.#trail.settle();
        if (lock.takenFrom !== undefined) drafts.push(this.#takenOver('append', lock.takenFrom, takeOver?.reason ?? 'its process is gone'));
        if (takeOver?.drivenBy !== undefined) drafts.push(this.#takenOver('drive', takeOver.drivenBy, takeOver.reason));
        for (const torn of this.#trail.unquoted()) drafts.push({ type: 'recovered', ...torn });
      },
      takeOver === undefined ? appendWaitMs : 1000,
      takeOver !== undefined,
    );
    return this.isClosed ? [] : drafts;
  }

  async close(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
    this.#trail.close();
  }

  async #flushAll(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const group = this.#nextGroup();
        try {
          await this.#locked((lock) => this.#write(group, lock), appendWaitMs);
        } catch (reason) {
          for (const waiting of group) waiting.reject(reason);
        }
      }
    } finally {
      this.#flushing = undefined;
    }
  }

  #nextGroup(): Waiting[] {
    let drafts = 0;
    const end = this.#queue.findIndex((waiting) => (drafts += waiting.drafts.length) > groupSize);
    return this.#queue.splice(0, end === -1 ? this.#queue.length : Math.max(end, 1));
  }

  async #write(group: readonly Waiting[], lock: Lock): Promise<void> {
    this.#catchUp();
    const own: Waiting = { drafts: lock.takenFrom === undefined || this.isClosed ? [] : [this.#takenOver('append', lock.takenFrom, 'its process is gone')], resolve: () => undefined, reject: () => undefined };
    const accepted: { readonly waiting: Waiting; readonly links: readonly Link[] }[] = [];
    let tip = this.#trail.tip;
    let closed = this.isClosed;
    for (const waiting of [own, ...group]) {
      try {
        const links: Link[] = [];
        for (const draft of waiting.drafts) {
          if (closed) throw new Fault('E_CASE_CLOSED', `Case ${this.id} is closed: nothing can follow.`);
          const next = this.#link(links.at(-1)?.tip ?? tip, draft);
          links.push(next);
          closed = draft.type === 'case.closed';
        }
        tip = links.at(-1)?.tip ?? tip;
        accepted.push({ waiting, links });
      } catch (reason) {
        // One bad draft is its author's fault, not that of those who share the flush.
        closed = this.isClosed || accepted.some(({ links }) => links.at(-1)?.entry.type === 'case.closed');
        waiting.reject(reason);
      }
    }
    const links = accepted.flatMap((each) => each.links);
    if (links.length > 0) await this.#trail.write(links, () => lock.isHeld());
    for (const each of accepted) each.waiting.resolve(each.links.map(({ entry }) => entry));
  }

  #link(tip: Parameters<Format['link']>[0], draft: Draft): Link {
    if (this.#signer === undefined) throw new Fault('E_KEY_MISSING', `The key of case ${this.id} is not on this machine.`);
    return this.#opening.format.link(tip, draft, this.#opening.now().toISOString(), this.#signer.sign);
  }

  #catchUp(): readonly Entry[] {
    const added = this.#trail.catchUp();
    for (const entry of added) {
      if (entry.type === 'lock.taken-over' && entry.from['token'] === this.#opening.self.token) this.#fenced = fenced(entry.reason);
    }
    if (this.#fenced !== undefined) throw this.#fenced;
    return added;
  }

  async #locked<T>(work: (lock: Lock) => T | Promise<T>, waitMs: number, force = false): Promise<T> {
    if (this.#fenced !== undefined) throw this.#fenced;
    const lock = await acquire(this.dir, 'append', this.#opening.self, { waitMs, force });
    try {
      if (lock.takenFrom !== undefined) this.#trail.replace(() => lock.isHeld());
      return await work(lock);
    } finally {
      lock.release();
    }
  }

  #takenOver(lock: string, { token, pid, started, host }: Holder, reason: string): Draft {
    return { type: 'lock.taken-over', lock, from: { token, pid, started, host }, reason, by: this.#opening.by };
  }
}
