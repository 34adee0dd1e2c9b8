// A thousand random cases in memory, by seed. npm run test:random
import { expect, it } from 'vitest';
import { playInMemory } from '../support/random-case.ts';

const chunk = 100;

it.each(Array.from({ length: 10 }, (_, index) => index * chunk))('seeds from %i on: every case ends, verifies, breaks no law and forgets no debt', async (first) => {
  let ended = 0;
  for (let seed = first + 1; seed <= first + chunk; seed += 1) {
    await playInMemory(seed);
    ended += 1;
  }
  expect(ended).toBe(chunk);
});
