import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
    environment: 'node',
    // Worlds share nothing, so files may share their modules: loading them is half the time otherwise.
    isolate: false,
    // The default leaves one core of two idle.
    maxWorkers: '100%',
    testTimeout: 30_000,
    reporters: ['default'],
  },
});
