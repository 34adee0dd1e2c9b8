// A drill's store: scenario time stands while it writes. Knows the ports, no account and no file.
import type { CaseStore } from '../engine/ports.ts';
import type { Range } from './world.ts';

/** The same store; a drill's time stands while it writes, so that two drills alike are alike to the millisecond. */
export function standingStill(store: CaseStore, { hold }: Range['clock']): CaseStore {
  const still = async <T>(work: () => Promise<T>): Promise<T> => {
    const release = hold();
    return work().finally(release);
  };
  return {
    id: store.id,
    dir: store.dir,
    append: (...drafts) => still(() => store.append(...drafts)),
    entries: () => store.entries(),
    refresh: () => still(() => store.refresh()),
    put: (bytes) => still(() => store.put(bytes)),
    seal: (...args) => still(() => store.seal(...args)),
    object: (sha256) => still(() => store.object(sha256)),
    witness: () => store.witness(),
    drive: (work, waitMs) => store.drive(work, waitMs),
    close: () => store.close(),
  };
}
