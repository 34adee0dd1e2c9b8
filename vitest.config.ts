import { defineConfig } from 'vitest/config';

// `interopDefault: false`: without it the CommonJS SDKs' default export differs between vitest and Node.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    deps: { interopDefault: false },
  },
});
