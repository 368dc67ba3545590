/** Runs as somebody may have made them, for pictures: on this machine, and on guests that are gone since. */
import { runCreatedSchema, runSchema } from '@innkeeper/protocol';
import { startFakeExecAgent } from '../../apps/manager/src/runs/testing/fake-exec-agent.ts';
import { registerVm } from './manager-api.ts';
import type { ManagerProcess } from './manager-process.ts';
import { waitUntil } from './wait-until.ts';

export interface DemoRuns {
  /** On one VM, with output of all kinds. */
  readonly single: string;
  /** On many, of which some ended otherwise. */
  readonly many: string;
}

const GUESTS = 12;
const FAILING = new Set([4, 9]);
const END_MS = 30_000;

const SCRIPT = `for name in base-files libssl3 openssh-server postgresql-15; do
  echo "Get: http://mirror.example.org/debian bookworm/main amd64 $name"
done
echo "W: Some index files failed to download" >&2
printf '\\033[32mUnpacking\\033[0m libssl3 (3.0.15-1) over (3.0.14-1)\\n'
printf 'Progress: [ 50%%]\\rProgress: [100%%]\\n'
printf '\\033[1mdone\\033[0m\\n'
`;

const begin = async (manager: ManagerProcess, path: string, json: object): Promise<string> => {
  const reply = await manager.ask(path, { method: 'POST', json: { ...json } });
  const { run_id: id } = runCreatedSchema.parse(reply.json());
  await waitUntil(
    'the run ends',
    async () => {
      const run = runSchema.parse((await manager.ask(`/v1/runs/${id}`)).json());
      return run.ended_at !== null;
    },
    END_MS,
  );
  return id;
};

export const makeDemoRuns = async (manager: ManagerProcess, vmId: string): Promise<DemoRuns> => {
  const guests: { readonly id: string; readonly stop: () => Promise<void> }[] = [];
  for (let index = 1; index <= GUESTS; index += 1) {
    const agent = await startFakeExecAgent(`127.62.0.${index}`);
    agent.onBegin((command) => {
      command.output('Reading package lists\nCalculating upgrade\n');
      if (FAILING.has(index)) {
        command.output('E: Could not get lock /var/lib/dpkg/lock-frontend\n', 'stderr');
      } else command.output('3 upgraded, 0 newly installed, 0 to remove\n');
      command.exit(FAILING.has(index) ? 100 : 0);
    });
    const { id } = await registerVm(manager, {
      name: `shop-${String(index).padStart(2, '0')}`,
      guest_ip: agent.host,
      agent_port: agent.port,
      labels: { wave: 'first' },
    });
    guests.push({ id, stop: async () => agent.stop() });
  }
  const many = await begin(manager, '/v1/runs', {
    argv: ['apt-get', '-y', 'upgrade'],
    targets: { selector: 'wave=first' },
    concurrency: 4,
    canary: 1,
  });
  for (const { id, stop } of guests) {
    await manager.ask(`/v1/vms/${id}`, { method: 'DELETE' });
    await stop();
  }
  await manager.ask('/v1/commands', {
    method: 'POST',
    json: {
      name: 'switch release',
      description: 'Switches the app to a release and restarts it.',
      script: 'set -e\n/srv/app/switch --to {{release}}',
      parameters: [{ name: 'release', description: 'such as 2026.11' }],
      timeout_seconds: 300,
      only_on: 'role=web',
    },
  });
  const single = await begin(manager, `/v1/vms/${vmId}/exec`, {
    script: SCRIPT,
    name: 'apt-get upgrade',
  });
  return { single, many };
};
