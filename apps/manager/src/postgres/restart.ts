/** Watches the server: restarts it when it ends by itself, and gives up when that does not help. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { takeLease, type Lease } from './manager-lease.ts';
import type { ServerRun, StartedRun } from './server-run.ts';

export interface RestartPolicy {
  readonly firstMs: number;
  readonly maxMs: number;
  /** In a row, before it is given up. */
  readonly attempts: number;
  /** A run as long as this begins the count anew. */
  readonly stableMs: number;
}

/** Gives up after about ten minutes. */
const DEFAULT_POLICY: RestartPolicy = {
  firstMs: 500,
  maxMs: 60_000,
  attempts: 15,
  stableMs: 60_000,
};

/** A pause before the lease is taken again, when only its connection was cut. */
const LEASE_PAUSE_MS = 1_000;

export interface SuperviseOptions {
  readonly first: ServerRun;
  readonly start: () => Promise<StartedRun>;
  /** Aborted by `stop`, which also gives up a start that is under way. */
  readonly stopping: AbortController;
  readonly socketDir: string;
  readonly log: Log;
  readonly monotonicMs: () => number;
  readonly policy?: RestartPolicy;
}

export interface SupervisedServer {
  /** Undefined: stopped as asked. Otherwise why it is down. Never rejects. */
  readonly ended: Promise<string | undefined>;
  stop(): Promise<void>;
}

export const superviseServer = (options: SuperviseOptions): SupervisedServer => {
  const { start, stopping, socketDir, log, monotonicMs, policy = DEFAULT_POLICY } = options;
  const { signal } = stopping;
  let run = options.first;

  const pause = async (ms: number): Promise<void> => {
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  };

  /** Takes the lease again whenever its connection breaks while the server goes on. */
  const keepLease = async (server: Promise<string>, first: Lease): Promise<Lease> => {
    let lease = first;
    for (;;) {
      const isEnded = await Promise.race([server.then(() => true), lease.lost.then(() => false)]);
      if (isEnded) return lease;
      if (signal.aborted) {
        // It is being stopped, and cuts its connections before it ends.
        await server;
        return lease;
      }
      await Promise.race([server, pause(LEASE_PAUSE_MS)]);
      const taken = await takeLease(socketDir);
      if (taken.kind === 'taken') lease = taken.lease;
    }
  };

  const restart = async (failures: number): Promise<{ run?: ServerRun; failures: number }> => {
    for (let failed = failures; failed < policy.attempts; failed += 1) {
      await pause(Math.min(policy.maxMs, policy.firstMs * 2 ** failed));
      if (signal.aborted) return { failures: failed };
      const started = await start();
      if (started.ok) return { run: started.run, failures: failed + 1 };
      if (signal.aborted) continue;
      log.error('Postgres could not be restarted', { problem: started.problem });
    }
    return { failures: policy.attempts };
  };

  const watch = async (): Promise<string | undefined> => {
    let failures = 0;
    for (;;) {
      const startedAt = monotonicMs();
      const lease = await keepLease(run.server.ended, run.lease);
      const how = await run.server.ended;
      await lease.release();
      if (signal.aborted) return undefined;
      log.error('Postgres ended unexpectedly', { how });
      if (monotonicMs() - startedAt >= policy.stableMs) failures = 0;
      const next = await restart(failures);
      if (signal.aborted) {
        await next.run?.server.stop();
        await next.run?.lease.release();
        return undefined;
      }
      if (next.run === undefined) {
        return `Postgres ended (${how}) and did not come back after ${policy.attempts} attempts`;
      }
      ({ run, failures } = { run: next.run, failures: next.failures });
      log.info('Postgres is running again', { pid: run.server.pid });
    }
  };

  const ended = watch().catch(
    (error: unknown) => `the supervisor of Postgres failed: ${String(error)}`,
  );
  return {
    ended,
    stop: async () => {
      stopping.abort();
      await run.lease.release();
      await run.server.stop();
      await ended;
    },
  };
};
