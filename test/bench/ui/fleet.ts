/** A manager with a fleet: hosts that have VMs, and VMs whose agents are the farm. */
import { z } from 'zod';
import { ask } from '../../support/http-client.ts';
import { startFarm } from '../../fakes/guest-farm/farm.ts';
import { freePort } from '../../support/service-process.ts';
import type { LoadTools } from '../pull/measure-load.ts';
import { prepareData, startManager } from '../pull/our-manager.ts';
import { makeFleet } from '../pull/plan.ts';
import { withBenchDatabase } from '../store/database.ts';
import type { Plan } from './plan.ts';

export interface RunningFleet {
  readonly url: string;
  readonly token: string;
  readonly vmId: string;
  /** Since the manager was ready. */
  ageMs(): number;
  assertAlive(): void;
  stop(): Promise<void>;
}

const INTERVAL_MS = 1_000;

/** Nobody answers for the hosts: what they would tell is not measured. */
const INSERT_HOSTS = `
  INSERT INTO host (name, address, agent_port, agent_id)
  SELECT 'kvm-' || number, ('127.78.0.' || number)::inet, 1, 'kvm-' || number
  FROM generate_series(1, $1::int4) AS number`;

const PLACE_VMS = `
  UPDATE vm SET
    host_id = host.id,
    labels = jsonb_build_object(
      'env', (ARRAY['prod', 'prod', 'staging', 'ci'])[1 + vm.key % 4],
      'role', (ARRAY['web', 'db', 'cache', 'queue', 'build'])[1 + vm.key % 5])
  FROM host
  WHERE host.name = 'kvm-' || (1 + vm.key % $1::int4)`;

const vmsSchema = z.object({ items: z.array(z.object({ id: z.string() })).min(1) });

export const startFleet = async (plan: Plan, tools: LoadTools): Promise<RunningFleet> => {
  const { signal } = tools;
  const fleet = makeFleet(plan.vms, INTERVAL_MS);
  const farmPort = await freePort();
  const data = await prepareData(tools, fleet, farmPort);
  await withBenchDatabase(data, signal, async ({ database }) => {
    await database.query({ text: INSERT_HOSTS, values: [plan.hosts] });
    await database.query({ text: PLACE_VMS, values: [plan.hosts] });
  });
  const farm = await startFarm({ path: tools.farmPath, guests: plan.vms, port: farmPort });
  try {
    const manager = await startManager(tools, data, INTERVAL_MS);
    const startedAt = performance.now();
    try {
      const address = { host: '127.0.0.1', port: manager.port };
      const headers = { authorization: `Bearer ${manager.token}` };
      const answer = await ask(address, '/v1/vms?limit=1', { headers });
      const [vm] = vmsSchema.parse(answer.json()).items;
      return {
        url: `http://127.0.0.1:${manager.port}`,
        token: manager.token,
        vmId: vm?.id ?? '',
        ageMs: () => performance.now() - startedAt,
        assertAlive: () => manager.assertAlive(),
        stop: async () => {
          try {
            await manager.stop();
          } finally {
            await farm.stop();
          }
        },
      };
    } catch (error) {
      await manager.stop();
      throw error;
    }
  } catch (error) {
    await farm.stop();
    throw error;
  }
};
