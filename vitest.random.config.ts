import { defineConfig } from 'vitest/config';

// A thousand random cases in memory and twenty over HTTP: minutes, not seconds. `npm test` plays sixty and four.
export default defineConfig({
  test: {
    include: ['test/drill/random.sweep.ts', 'test/drill/random.test.ts'],
    env: { FIREBREAK_SEEDS: '20' },
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: 'forks',
    reporters: ['verbose'],
    deps: { interopDefault: false },
  },
});
