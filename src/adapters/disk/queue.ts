// Appends waiting for their flush, taken in groups and answered one by one. Knows no file and no lock.
import type { Draft, Entry } from '../../casefile/entry.ts';

/** One append and its caller, to be answered once. */
export type Waiting = {
  readonly drafts: readonly Draft[];
  readonly resolve: (entries: readonly Entry[]) => void;
  readonly reject: (reason: unknown) => void;
};

// Signing blocks the event loop about 0.1 ms an entry: a group stays far below what a person feels.
const groupSize = 128;

export class AppendQueue {
  #waiting: Waiting[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(drafts: readonly Draft[]): Promise<readonly Entry[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ drafts, resolve, reject });
    });
  }

  /** The next appends in order, as many as fit into one flush; at least one. */
  takeGroup(): readonly Waiting[] {
    let drafts = 0;
    const end = this.#waiting.findIndex((waiting) => (drafts += waiting.drafts.length) > groupSize);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(end, 1));
  }

  rejectAll(reason: unknown): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(reason);
  }
}
