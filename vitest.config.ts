/**
 * How the tests run: `npm test` and `npm run test:long` start them, `npm run bench` benchmarks.
 * `npm run test:vm` has its own settings in test/vm.
 */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const isLong = process.env['INNKEEPER_LONG'] !== undefined;

export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'apps/**/*.test.ts', 'test/**/*.test.ts'],
    // What takes minutes and hours has a command of its own.
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      'test/vm/**',
      ...(isLong ? [] : ['test/long/**']),
    ],
    setupFiles: ['test/support/leaks.ts'],
    globalSetup: ['test/support/postgres-run.ts'],
    // A process per file: tests start servers, children and signals, which threads would share.
    pool: 'forks',
    // Tests mostly wait, for a child or for a timer, so four at a time also fit a small machine.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    // Long enough for a child process on a busy machine of two cores, short enough to notice a hang.
    testTimeout: 15_000,
    hookTimeout: 15_000,
    teardownTimeout: 5_000,
    // Where processes, sockets and a busy machine meet, one race in a thousand tests would fail the
    // whole run. What needs the second attempt is named at the end of it, and is to be mended.
    retry: 1,
    passWithNoTests: false,
    allowOnly: false,
    dangerouslyIgnoreUnhandledErrors: false,
    // What a test has replaced is put back after it, so that the order of tests never counts.
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    env: { TZ: 'UTC' },
  },
});
