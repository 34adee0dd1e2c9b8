import { expect, it } from 'vitest';
import { drive } from '../../src/engine/drive.ts';
import { answered, cutBook } from '../support/screens.ts';
import { aBreaker, aRun, aToy, aWorld, Crash } from '../support/world.ts';

it('waits once for a whole batch of calls without an outcome, not once for each', async () => {
  const world = aWorld(cutBook(), aToy('a', 'b', 'c', 'd'));
  const breaker = aBreaker();
  const first = aRun(world, breaker);
  await answered(first, 'hi');
  const { append } = first.ports.store;
  // Every intent is on disk, no call has come back: the process is gone.
  let intended = 0;
  first.ports.store.append = async (...drafts) => {
    const entries = await append.apply(first.ports.store, [...drafts]);
    intended += drafts.filter(({ type }) => type === 'call.intended').length;
    if (intended > 0 && drafts.some(({ type }) => type === 'call.intended')) {
      if (intended < 4) await new Promise(() => undefined);
      throw new Crash('gone');
    }
    return entries;
  };
  await expect(Promise.race([answered(first, 'approve'), new Promise((_, reject) => setTimeout(() => reject(new Crash('gone')), 50))])).rejects.toThrow(Crash);

  const resumed = aRun(world);
  expect(Object.keys(resumed.state.openCalls)).toHaveLength(4);
  let waiting = 0;
  let most = 0;
  const { hostSleep } = resumed.ports.clock;
  resumed.ports.clock.hostSleep = async (ms, signal) => {
    waiting += 1;
    most = Math.max(most, waiting);
    await new Promise((resolve) => setImmediate(resolve));
    waiting -= 1;
    await hostSleep(ms, signal);
  };
  await drive(resumed, { budget: () => true });
  expect(most).toBe(4);
  expect(world.toy.flips.toSorted()).toEqual(['a=false', 'b=false', 'c=false', 'd=false']);
});
