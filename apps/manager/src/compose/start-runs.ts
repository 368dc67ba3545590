/** Runs: the writer, what is under way, the files, and what routes and sockets ask. */
import type { KeyObject } from 'node:crypto';
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { makeBoundTokenMinter } from '../keys/bound-token.ts';
import type { MintToken } from '../keys/token-minter.ts';
import type { Log } from '../log.ts';
import type { ConnectGate } from '../pull/connect-gate.ts';
import { makeDeadlines } from '../pull/deadlines.ts';
import type { Readings } from '../readings/readings.ts';
import { makeLogFiles } from '../runs/files/log-files.ts';
import { RUN_LIMITS } from '../runs/limits.ts';
import { makeRunAccess } from '../runs/run-access.ts';
import { makeRunQuestions } from '../runs/run-questions.ts';
import { makeRunSource, type RunSource } from '../runs/run-source.ts';
import type { RunParts } from '../runs/run-parts.ts';
import { makeRunUpkeep } from '../runs/run-upkeep.ts';
import { makeRunWriter, type RunWriter } from '../runs/run-writer.ts';
import { makeRuns, type Runs } from '../runs/runs.ts';
import type { Vms } from '../vms/vm-record.ts';
import type { Releasers } from './releasers.ts';

export interface RunsOptions {
  readonly settings: Pick<Settings, 'logDir' | 'keepRunsMs' | 'maxRuns'>;
  readonly database: Database;
  readonly vms: Vms;
  readonly readings: Pick<Readings, 'onReading'>;
  readonly signingKey: () => KeyObject;
  readonly mintToken: MintToken;
  readonly gate: ConnectGate;
  readonly random: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly releasers: Releasers;
}

export interface StartedRuns extends RunParts {
  readonly runs: Runs;
  readonly writer: Pick<RunWriter, 'written' | 'onWritten'>;
  readonly source: RunSource;
  /** Takes up what an earlier manager has left. */
  start(): Promise<void>;
}

/** Of the ten seconds that stopping may take. */
const LAST_WRITE_MS = 2_000;
const LAST_FILES_MS = 1_000;

export const startRuns = (options: RunsOptions): StartedRuns => {
  const { settings, database, vms, readings, signingKey, mintToken, releasers } = options;
  const { gate, random, clock, log } = options;
  const limits = RUN_LIMITS;
  const now = (): number => clock.now();
  const deadlines = makeDeadlines({ monotonicMs: () => clock.monotonicMs() });
  const access = makeRunAccess(vms);
  const questions = makeRunQuestions(database, access);
  const writer = makeRunWriter({ database, limits, log });
  const mintBoundToken = makeBoundTokenMinter(signingKey);
  const files =
    settings.logDir === undefined
      ? undefined
      : makeLogFiles({ database, root: settings.logDir, filesPerVm: limits.filesPerVm, log });
  const runs = makeRuns({
    agents: { mintToken, mintBoundToken, gate, deadlines, clock, limits },
    vms,
    writer,
    database,
    clock,
    limits,
    random,
    log,
    onBegun: (run, executions) => files?.follow(run, executions),
  });
  const upkeep = makeRunUpkeep({
    database,
    keepMs: settings.keepRunsMs,
    maxRuns: settings.maxRuns,
    now,
    log,
  });
  const stopListening = [
    writer.onWritten((events) => files?.written(events)),
    readings.onReading(({ id }, { reason }) => {
      if (reason === null) runs.agentAnswers(id);
    }),
  ];
  const stop = async (): Promise<void> => {
    await Promise.all([runs.close(), upkeep.stop()]);
    await writer.stop(LAST_WRITE_MS);
    await files?.stop(LAST_FILES_MS);
    for (const stopOne of stopListening) stopOne();
    deadlines.stop();
  };
  releasers.add('runs', stop, LAST_WRITE_MS + LAST_FILES_MS + 500);
  return {
    runs,
    writer,
    access,
    questions,
    limits,
    source: makeRunSource({ database, questions, access, writer }),
    stats: () => ({
      runs: runs.stats(),
      writer: writer.stats(),
      files: files?.stats(),
      deleted: upkeep.deleted(),
    }),
    start: async () => {
      await runs.load();
      upkeep.start();
    },
  };
};
