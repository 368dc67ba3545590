/** A guest that can be started anew: the built agent on this machine, with a boot id of its own. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAgent, type AgentBuild, type AgentProcess } from './agent-process.ts';

export interface RebootingGuest {
  /** For files of the test; scripts of the guest are in `provision.d` of it. */
  readonly folder: string;
  port(): number;
  /** The agent ends, and starts again. */
  restart(options?: { readonly boot: 'new' | 'same' }): Promise<void>;
  /** As if its power was lost: nobody is told anything. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export interface RebootingGuestOptions {
  readonly build: AgentBuild;
  readonly host: string;
  readonly vmId: string;
  readonly managerKeys: readonly string[];
}

/** The files of this machine, but for the id of the boot. */
const makeProc = (folder: string): string => {
  const root = join(folder, 'proc');
  mkdirSync(join(root, 'sys/kernel/random'), { recursive: true });
  for (const name of readdirSync('/proc')) {
    if (name !== 'sys') symlinkSync(join('/proc', name), join(root, name));
  }
  return root;
};

export const startRebootingGuest = async ({
  build,
  host,
  vmId,
  managerKeys,
}: RebootingGuestOptions): Promise<RebootingGuest> => {
  const folder = mkdtempSync(join(tmpdir(), 'rebooting-'));
  const procRoot = makeProc(folder);
  const newBoot = (): void => {
    writeFileSync(join(procRoot, 'sys/kernel/random/boot_id'), `${randomUUID()}\n`);
  };
  mkdirSync(join(folder, 'provision.d'), { mode: 0o755 });
  const start = async (port: number): Promise<AgentProcess> =>
    startAgent({
      build,
      args: ['--listen', `${host}:${port}`],
      config: {
        vm_id: vmId,
        manager_keys: managerKeys,
        proc_root: procRoot,
        provision_dir: join(folder, 'provision.d'),
        state_dir: join(folder, 'state'),
      },
    });
  newBoot();
  let agent = await start(0);
  const { port } = agent;
  return {
    folder,
    port: () => port,
    restart: async ({ boot } = { boot: 'same' }) => {
      await agent.stop();
      if (boot === 'new') newBoot();
      agent = await start(port);
    },
    crash: async () => {
      await agent.kill();
      newBoot();
      agent = await start(port);
    },
    stop: async () => {
      await agent.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
