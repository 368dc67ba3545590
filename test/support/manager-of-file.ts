/** One manager with a database of its own for all tests of a file. */
import { afterAll, beforeAll } from 'vitest';
import { startManager, type ManagerProcess } from './manager-process.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';

const START_MS = 60_000;

export interface ManagerOfFile {
  readonly manager: () => ManagerProcess;
  /** In its place from now on: one that a test has started anew on the same database. */
  readonly replace: (manager: ManagerProcess) => void;
  readonly databaseUrl: () => string;
}

export const managerOfFile = (args: readonly string[] = []): ManagerOfFile => {
  let database: TestDatabase | undefined;
  let running: ManagerProcess | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
    running = await startManager({ databaseUrl: database.url, args });
  }, START_MS);
  afterAll(async () => {
    await running?.stop();
    await database?.drop();
  }, START_MS);
  return {
    manager: () => {
      if (running === undefined) throw new Error('the manager has not been started');
      return running;
    },
    replace: (manager) => {
      running = manager;
    },
    databaseUrl: () => {
      if (database === undefined) throw new Error('there is no database yet');
      return database.url;
    },
  };
};
