/**
 * Vitest's global setup: a folder for the Postgres that the test files of a run share. The first
 * file that needs it starts it (see postgres.ts); a run without such a file pays for a name.
 */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHARED_FOLDER_VARIABLE } from './postgres.ts';
import { removeFolder, stopServer } from './postgres-server.ts';

export const setup = (): (() => Promise<void>) => {
  const folder = join(tmpdir(), `innkeeper-pg-${randomBytes(8).toString('hex')}`);
  process.env[SHARED_FOLDER_VARIABLE] = folder;
  return async () => {
    await stopServer(folder, 'SIGQUIT');
    removeFolder(folder);
  };
};
