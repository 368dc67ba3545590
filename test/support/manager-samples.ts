/** What a manager has stored, read from its tables, and a fleet that gives it something to store. */
import { join } from 'node:path';
import { z } from 'zod';
import { openDatabase } from '../../apps/manager/src/database/pool.ts';
import type { DatabaseAddress } from '../../apps/manager/src/database/connection.ts';
import { DATABASE_USER } from '../../apps/manager/src/postgres/cluster.ts';
import { readPostmasterFile } from '../../apps/manager/src/postgres/postmaster-file.ts';
import { bundleOn, startAgent, type AgentProcess } from './agent-process.ts';
import type { ManagerProcess } from './manager-process.ts';
import { createVm } from './manager-questions.ts';
import { keepLog } from './postgres-log.ts';
import { waitUntil } from './wait-until.ts';

/** Moments in unix milliseconds, in order, by the key of the VM. */
export type StoredSamples = ReadonlyMap<number, readonly number[]>;

const rowsSchema = z.array(z.object({ vm_key: z.int(), at: z.array(z.coerce.number()) }));

/** Of a manager with a Postgres of its own, which runs. */
export const ownDatabase = async (dataDir: string): Promise<DatabaseAddress> => {
  const note = await readPostmasterFile(join(dataDir, 'postgres', 'cluster'));
  if (note?.socketDir === undefined) throw new Error(`no Postgres runs in ${dataDir}`);
  const { socketDir: host, port = 5432 } = note;
  return { connection: { host, port, database: 'innkeeper', user: DATABASE_USER } };
};

export const readSamples = async (address: DatabaseAddress): Promise<StoredSamples> => {
  const database = openDatabase({ address, log: keepLog() });
  try {
    const { rows } = await database.query({
      text:
        'SELECT vm_key, array_agg((extract(epoch FROM ts) * 1000)::bigint ORDER BY ts) AS at ' +
        'FROM sample GROUP BY vm_key',
    });
    return new Map(rowsSchema.parse(rows).map(({ vm_key: key, at }) => [key, at]));
  } finally {
    await database.close();
  }
};

/** The longest time between two samples of one VM: a gap in its history. */
export const longestGapMs = (samples: StoredSamples): number => {
  const gaps = [...samples.values()].flatMap((moments) =>
    moments.slice(1).map((at, index) => at - (moments[index] ?? 0)),
  );
  return Math.max(0, ...gaps);
};

/** By how much the newest samples of VMs differ: with whole batches, by an interval at most. */
export const raggedMs = (samples: StoredSamples, beforeMs: number): number => {
  const last = [...samples.values()].map((moments) =>
    Math.max(...moments.filter((at) => at < beforeMs)),
  );
  return Math.max(...last) - Math.min(...last);
};

export const newestOf = (samples: StoredSamples): number =>
  Math.max(0, ...[...samples.values()].map((moments) => moments.at(-1) ?? 0));

export interface TestFleet {
  readonly agent: AgentProcess;
  readonly vmIds: readonly string[];
}

/** One agent, which answers for all of the VMs, each under an address of its own. */
export const makeFleet = async (
  manager: Pick<ManagerProcess, 'ask'>,
  count: number,
): Promise<TestFleet> => {
  const agent = await startAgent({
    build: bundleOn(process.execPath),
    args: ['--listen', '0.0.0.0:0'],
  });
  const vmIds: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const place = { guest_ip: `127.0.61.${number}`, agent_port: agent.port };
    vmIds.push((await createVm(manager, { name: `vm-${number}`, ...place })).id);
  }
  return { agent, vmIds };
};

/** Waits until each VM has this many samples, and returns them. */
export const untilStored = async (
  address: DatabaseAddress,
  vms: number,
  each: number,
  timeoutMs = 25_000,
): Promise<StoredSamples> => {
  let samples: StoredSamples = new Map();
  await waitUntil(
    `${vms} VMs have ${each} samples each`,
    async () => {
      samples = await readSamples(address);
      return samples.size >= vms && [...samples.values()].every((at) => at.length >= each);
    },
    timeoutMs,
  );
  return samples;
};
