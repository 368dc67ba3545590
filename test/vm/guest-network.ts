/**
 * The network of the guests: `npm run test:vm` has made a namespace for it, which nothing leaves.
 * Each guest has a tap with a /24 of its own, where busybox's udhcpd gives it the address `.2`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface GuestNetwork {
  readonly tap: string;
  readonly guestIp: string;
  close(): Promise<void>;
}

/** Of the manager, on all taps. */
export const MANAGER_IP = '10.77.0.1';

const COMMAND_MS = 10_000;

const ip = (...args: readonly string[]): void => {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8', timeout: COMMAND_MS });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
};

export const addManagerAddress = (): void =>
  ip('address', 'replace', `${MANAGER_IP}/32`, 'dev', 'lo');

export const makeGuestNetwork = async (options: {
  readonly busybox: string;
  readonly folder: string;
  /** 1 to 254, for the addresses. */
  readonly number: number;
}): Promise<GuestNetwork> => {
  const { busybox, folder, number } = options;
  const [tap, network] = [`guest${number}`, `10.77.${number}`];
  ip('tuntap', 'add', 'dev', tap, 'mode', 'tap', 'vnet_hdr');
  ip('address', 'add', `${network}.1/24`, 'dev', tap);
  ip('link', 'set', tap, 'up');
  const config = join(folder, `udhcpd.${tap}.conf`);
  const leases = join(folder, `udhcpd.${tap}.leases`);
  writeFileSync(leases, '');
  writeFileSync(
    config,
    [
      `interface ${tap}`,
      `start ${network}.2`,
      `end ${network}.2`,
      'max_leases 1',
      `lease_file ${leases}`,
      `pidfile ${join(folder, `udhcpd.${tap}.pid`)}`,
      'option subnet 255.255.255.0',
      `option router ${network}.1`,
      'option lease 3600',
      '',
    ].join('\n'),
  );
  const server = spawn(busybox, ['udhcpd', '-f', config], { stdio: 'ignore' });
  const exited = once(server, 'close');
  return {
    tap,
    guestIp: `${network}.2`,
    close: async () => {
      server.kill('SIGKILL');
      await exited;
      ip('link', 'delete', tap);
    },
  };
};
