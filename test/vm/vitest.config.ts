/** How the tests in real guests run: one file after the other, each with a guest for itself. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

export default defineConfig({
  test: {
    ...base.test,
    include: ['test/vm/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    fileParallelism: false,
    // A guest runs ten times slower than its host, and starts once for each file.
    testTimeout: 180_000,
    hookTimeout: 420_000,
  },
});
