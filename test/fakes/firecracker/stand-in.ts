/**
 * The stand-in for Firecracker beside this file as a process of a test. It ends with the test's
 * own process at the latest, as it ends with its standard input.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { compiledProgram } from '../../support/compiled-program.ts';
import { makeLineReader } from '../../support/line-reader.ts';
import type { Obtained } from '../../support/obtained.ts';

export const obtainFirecracker = async (): Promise<Obtained> =>
  compiledProgram('firecracker', import.meta.dirname);

export const obtainJailer = async (): Promise<Obtained> =>
  compiledProgram('jailer', join(import.meta.dirname, '../jailer'));

export interface FirecrackerOptions {
  readonly path: string;
  /** For its socket, FIFO and config file. */
  readonly folder: string;
  readonly id: string;
  readonly vcpus?: number;
  readonly memoryMib?: number;
  /** Interface to tap; an empty name is an interface without one. */
  readonly interfaces?: Readonly<Record<string, string>>;
  readonly drives?: readonly string[];
  /** Put before the command: `nsenter --net=… --`. */
  readonly launcher?: readonly string[];
  /** Firecracker's own is a minute. */
  readonly flushMs?: number;
  /** The program of that name: the VM then has a root of its own, as with Firecracker's jailer. */
  readonly jailer?: string;
  /** Besides `--api-sock`, `--id` and `--config-file`. */
  readonly args?: readonly string[];
  /** False: the config says nothing about metrics. */
  readonly metrics?: boolean;
}

const fateSchema = z.strictObject({
  counted: z.number(),
  /** In a line of its own. */
  whole: z.number(),
  /** In a line that follows a fragment without a line break. */
  glued: z.number(),
  /** In a fragment. */
  lost: z.number(),
});

const truthSchema = z.strictObject({
  flushes: z.number(),
  failures: z.number(),
  counters: z.record(z.string(), fateSchema),
});

export type Truth = z.infer<typeof truthSchema>;

const doneSchema = z.strictObject({ ok: z.literal(true) });

export interface Firecracker {
  readonly pid: number;
  readonly id: string;
  readonly apiSocket: string;
  readonly fifo: string;
  /** A command of control.c. */
  order(command: string): Promise<void>;
  truth(): Promise<Truth>;
  kill(): Promise<void>;
}

const writeConfig = (path: string, options: FirecrackerOptions, fifo: string): void => {
  const { drives = ['rootfs'], interfaces = { eth0: '' }, metrics = true } = options;
  const config = {
    'boot-source': {
      kernel_image_path: 'vmlinux.bin',
      boot_args: 'console=ttyS0 reboot=k panic=1',
    },
    drives: drives.map((drive, index) => ({
      drive_id: drive,
      path_on_host: join(options.folder, `${drive}.ext4`),
      is_root_device: index === 0,
      is_read_only: false,
    })),
    'machine-config': {
      vcpu_count: options.vcpus ?? 1,
      mem_size_mib: options.memoryMib ?? 128,
    },
    'network-interfaces': Object.entries(interfaces).map(([name, tap]) => ({
      iface_id: name,
      guest_mac: '06:00:ac:10:00:02',
      host_dev_name: tap,
    })),
    ...(metrics && { metrics: { metrics_path: fifo } }),
  };
  writeFileSync(path, JSON.stringify(config));
};

export const makeFifo = (path: string): void => {
  if (existsSync(path)) return;
  const { status, stderr } = spawnSync('mkfifo', ['-m', '600', path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mkfifo: ${stderr}`);
};

interface Place {
  readonly apiSocket: string;
  readonly fifo: string;
  readonly configPath: string;
  readonly command: readonly string[];
}

const openPlace = ({ folder, id, path, args = [] }: FirecrackerOptions): Place => {
  const apiSocket = join(folder, `${id}.socket`);
  const configPath = join(folder, `${id}.json`);
  const own = ['--api-sock', apiSocket, '--id', id, '--config-file', configPath];
  return {
    apiSocket,
    configPath,
    fifo: join(folder, `${id}.metrics`),
    command: [path, ...own, ...args],
  };
};

const jailedPlace = (options: FirecrackerOptions, jailer: string): Place => {
  const { folder, id, path, args = [] } = options;
  const root = join(folder, 'firecracker', id, 'root');
  mkdirSync(root, { recursive: true });
  copyFileSync(path, join(root, 'firecracker'));
  const outside = ['--id', id, '--exec-file', path, '--chroot-base-dir', folder];
  const inside = ['--api-sock', '/api.socket', '--config-file', '/config.json'];
  return {
    apiSocket: join(root, 'api.socket'),
    configPath: join(root, 'config.json'),
    fifo: join(root, 'metrics'),
    command: [jailer, ...outside, '--', ...inside, ...args],
  };
};

/** Started anew with the same folder and id it takes the same FIFO and a new socket. */
export const startFirecracker = async (options: FirecrackerOptions): Promise<Firecracker> => {
  const { id, jailer } = options;
  const place = jailer === undefined ? openPlace(options) : jailedPlace(options, jailer);
  const { apiSocket, fifo } = place;
  makeFifo(fifo);
  writeConfig(place.configPath, options, jailer === undefined ? fifo : '/metrics');
  rmSync(apiSocket, { force: true });

  const [file = '', ...args] = [...(options.launcher ?? []), ...place.command];
  const variables =
    options.flushMs === undefined ? {} : { FAKE_FIRECRACKER_FLUSH_MS: String(options.flushMs) };
  const child = spawn(file, args, {
    env: { ...process.env, ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A command to one that was killed is answered by the end of its output.
  child.stdin.on('error', () => undefined);
  const exited = once(child, 'close');
  const readLine = makeLineReader(child.stdout);
  const nextLine = async (): Promise<unknown> => {
    const line = await readLine();
    if (line === undefined) throw new Error(`${id} has ended; it said: ${stderr}`);
    return JSON.parse(line);
  };
  z.strictObject({ ready: z.literal(true) }).parse(await nextLine());
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${file}`);

  const ask = async (command: string): Promise<unknown> => {
    child.stdin.write(`${command}\n`);
    return nextLine();
  };
  return {
    pid,
    id,
    apiSocket,
    fifo,
    order: async (command) => void doneSchema.parse(await ask(command)),
    truth: async () => truthSchema.parse(await ask('truth')),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
};
