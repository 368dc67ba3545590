/**
 * A network of the test's own, with taps: other processes enter it with the launcher. /sys is
 * mounted anew in it, as it shows the devices of the network in which it was mounted.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';

export interface NetworkNamespace {
  /** Put before a command, whose process it becomes. */
  readonly launcher: readonly string[];
  /** Throws where the command fails. */
  run(file: string, args: readonly string[]): string;
  addTap(name: string): void;
  close(): Promise<void>;
}

export type MadeNetworkNamespace =
  | { readonly ok: true; readonly namespace: NetworkNamespace }
  | { readonly ok: false; readonly reason: string };

const IS_ROOT = process.getuid?.() === 0;
const USER = IS_ROOT ? [] : ['--user', '--map-root-user'];
const UNSHARE = [...USER, '--net', '--mount', '--propagation', 'private'];
const PREPARE = 'ip link set lo up && mount -t sysfs -o ro sysfs /sys && echo ready && exec cat';
const COMMAND_MS = 10_000;

export const makeNetworkNamespace = async (): Promise<MadeNetworkNamespace> => {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return { ok: false, reason: 'this user may not open /dev/net/tun' };
  }
  const holder = spawn('unshare', [...UNSHARE, 'sh', '-c', PREPARE], {
    // It ends with its input, that is with the test's own process at the latest.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  holder.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = once(holder, 'close');
  const outcome: unknown = await Promise.race([
    once(holder.stdout, 'data').then(() => 'ready'),
    exited.then(() => 'ended'),
    once(holder, 'error').then(([error]) => String(error)),
  ]);
  if (outcome !== 'ready' || holder.pid === undefined) {
    holder.kill('SIGKILL');
    return { ok: false, reason: `this user may not make a network namespace: ${stderr.trim()}` };
  }
  const user = IS_ROOT ? [] : ['--user', '--preserve-credentials'];
  const launcher = ['nsenter', `--target=${holder.pid}`, ...user, '--net', '--mount', '--'];

  const run: NetworkNamespace['run'] = (file, args) => {
    const [enter = '', ...rest] = [...launcher, file, ...args];
    const result = spawnSync(enter, rest, { encoding: 'utf8', timeout: COMMAND_MS });
    if (result.status === 0) return result.stdout;
    throw new Error(`${file} ${args.join(' ')}: ${result.error?.message ?? result.stderr}`);
  };
  return {
    ok: true,
    namespace: {
      launcher,
      run,
      addTap: (name) => {
        run('ip', ['tuntap', 'add', 'dev', name, 'mode', 'tap', 'vnet_hdr']);
        // Without IPv6 the kernel sends nothing by itself, and counters stand still.
        run('sysctl', ['-qw', `net.ipv6.conf.${name}.disable_ipv6=1`]);
        run('ip', ['link', 'set', name, 'up']);
      },
      close: async () => {
        holder.kill('SIGKILL');
        await exited;
      },
    },
  };
};
