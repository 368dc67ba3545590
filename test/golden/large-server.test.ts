/** The tree of the large server is made, not recorded: here it is kept as its maker has it. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { largeServerFiles } from '../support/large-server.ts';

const TREE = join(import.meta.dirname, '../fixtures/machines/server-128-cpus');

it('is the tree that its maker makes', async () => {
  for (const [path, text] of largeServerFiles()) {
    await expect(text).toMatchFileSnapshot(join(TREE, path));
  }
});
