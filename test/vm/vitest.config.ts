/** How the tests in real guests run: one file after the other, each with a guest for itself. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

export default defineConfig({
  test: {
    ...base.test,
    include: ['test/vm/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    fileParallelism: false,
    // They follow one another: a second attempt would find another guest than the first.
    retry: 0,
    // A guest runs ten times slower than its host, and starts once for each file.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
