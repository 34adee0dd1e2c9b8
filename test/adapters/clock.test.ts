import { expect, it } from 'vitest';
import { hostClock } from '../../src/adapters/clock.ts';

const clock = hostClock();

it('tells one time, the host’s', () => {
  expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(1000);
  expect(Math.abs(clock.hostNow().getTime() - Date.now())).toBeLessThan(1000);
});

it('waits as long as asked, and not at all for a time gone by', async () => {
  const before = performance.now();
  await clock.sleep(-5);
  await clock.hostSleep(20);
  expect(performance.now() - before).toBeGreaterThanOrEqual(19);
});

it('ends a wait when aborted, however long it was', async () => {
  const abort = new AbortController();
  const sleeping = clock.sleep(2 ** 40, abort.signal);
  abort.abort();
  await expect(sleeping).rejects.toThrow(/abort/i);
  await expect(clock.hostSleep(1, abort.signal)).rejects.toThrow(/abort/i);
});
