import { defineConfig } from 'vitest/config';

// The whole sweep: every boundary of the whole drill. Minutes, not seconds: `npm test` covers every kind of boundary instead.
export default defineConfig({
  test: {
    include: ['test/crash/*.sweep.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
    pool: 'forks',
    reporters: ['verbose'],
    deps: { interopDefault: false },
  },
});
