/**
 * A guest of 128 MB whose memory is taken to the last page, and two agents in it that are asked from
 * outside meanwhile. Software emulation, as in the other tests with QEMU.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../http-client.ts';
import { qemuSurroundings } from '../qemu.ts';
import { freePort } from '../service-process.ts';
import { waitUntil } from '../wait-until.ts';
import { makeGuestDisk, type GuestParts } from './disk.ts';
import { readMarks, type AgentName } from './marks.ts';

const MEMORY_MIB = 128;
const BOOT_MS = 300_000;
/** Thrashing, a guest's clock goes on while nothing in it does. */
const RELEASE_MS = 600_000;
const AFTER_MS = 60_000;
const INTERVAL_MS = 1_000;
const MAX_SERIAL = 1_000_000;

export interface PressureOptions {
  readonly folder: string;
  readonly calmSeconds: number;
  readonly pressureSeconds: number;
  /** Of a scrape; the same for both. */
  readonly timeoutMs: number;
}

export interface Scrapes {
  /** Of those that were answered. */
  readonly answeredMs: readonly number[];
  readonly failures: number;
}

export interface AgentUnderPressure {
  readonly calm: Scrapes;
  readonly pressure: Scrapes;
  readonly calmKib: readonly number[];
  readonly pressureKib: readonly number[];
  /** At the limit. */
  readonly majorFaults: number | undefined;
  /** The kernel chose it when it had no memory left. */
  readonly wasKilled: boolean;
  /** The same process, after the memory was let go. */
  readonly answersAfter: boolean;
}

export interface UnderPressure {
  readonly agents: Readonly<Record<AgentName, AgentUnderPressure>>;
  /** How often the kernel has killed what takes the memory: how often there was none left. */
  readonly exhausted: number;
}

const commandOf = (
  { kernel, image }: { kernel: string; image: string },
  ports: Readonly<Record<AgentName, number>>,
  { calmSeconds, pressureSeconds }: PressureOptions,
): readonly string[] => {
  const forward = (port: number, inside: number): string =>
    `hostfwd=tcp:127.0.0.1:${port}-10.0.2.15:${inside}`;
  const network = `${forward(ports.agent, 9101)},${forward(ports.exporter, 9102)}`;
  const words =
    'console=ttyS0 root=/dev/nvme0n1 rw rootfstype=ext4 net.ifnames=0 panic=-1 mitigations=off ' +
    `quiet loglevel=4 init=/init calm_seconds=${calmSeconds} pressure_seconds=${pressureSeconds}`;
  const settings: readonly (readonly string[])[] = [
    ['-accel', 'tcg,thread=multi,tb-size=128', '-M', 'q35', '-cpu', 'Nehalem'],
    ['-smp', '1', '-m', String(MEMORY_MIB)],
    ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', 'stdio'],
    ['-drive', `file=${image},format=raw,if=none,id=root,cache=unsafe`],
    ['-device', 'nvme,serial=root,drive=root'],
    ['-netdev', `user,id=net0,${network}`, '-device', 'virtio-net-pci,netdev=net0,romfile='],
    ['-kernel', kernel, '-append', words],
  ];
  return settings.flat();
};

/** One at a time, a second from one to the next, until it is told to stop. */
const scrape = async (
  port: number,
  timeoutMs: number,
  mayGoOn: () => boolean,
): Promise<Scrapes> => {
  const answeredMs: number[] = [];
  let failures = 0;
  while (mayGoOn()) {
    const startedAt = performance.now();
    const reply = await ask({ host: '127.0.0.1', port }, '/metrics', { timeoutMs }).catch(
      () => undefined,
    );
    const tookMs = performance.now() - startedAt;
    if (reply?.status === 200) answeredMs.push(tookMs);
    else failures += 1;
    await sleep(Math.max(0, INTERVAL_MS - tookMs));
  }
  return { answeredMs, failures };
};

const answers = async (port: number, timeoutMs: number): Promise<boolean> => {
  const deadline = performance.now() + AFTER_MS;
  while (performance.now() < deadline) {
    const reply = await ask({ host: '127.0.0.1', port }, '/metrics', { timeoutMs }).catch(
      () => undefined,
    );
    if (reply?.status === 200) return true;
    await sleep(INTERVAL_MS);
  }
  return false;
};

const startGuest = (path: string, settings: readonly string[]) => {
  const { args, variables } = qemuSurroundings(path);
  const child = spawn(path, [...args, ...settings], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const exited = once(child, 'close').then(() => process.off('exit', end));
  let serial = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (serial.length < MAX_SERIAL) serial += text;
    });
  }
  return {
    serial: (): string => serial,
    until: async (what: string, timeoutMs: number): Promise<void> => {
      await waitUntil(
        `the guest says ${what}`,
        () => {
          if (child.exitCode !== null) throw new Error(`the guest has ended: ${serial}`);
          return serial.includes(`mark ${what}`);
        },
        timeoutMs,
      );
    },
    stop: async (): Promise<void> => {
      end();
      await exited;
    },
  };
};

export const measureUnderPressure = async (
  parts: GuestParts,
  options: PressureOptions,
): Promise<UnderPressure> => {
  const { folder, timeoutMs, pressureSeconds } = options;
  mkdirSync(folder, { recursive: true });
  const disk = await makeGuestDisk(parts, folder);
  const ports = { agent: await freePort(), exporter: await freePort() };
  const guest = startGuest(parts.qemu, commandOf(disk, ports, options));
  try {
    await guest.until('started', BOOT_MS);
    for (const port of [ports.agent, ports.exporter]) {
      if (!(await answers(port, timeoutMs))) throw new Error(`no answer: ${guest.serial()}`);
    }
    const both = async (mayGoOn: () => boolean) =>
      Promise.all([
        scrape(ports.agent, timeoutMs, mayGoOn),
        scrape(ports.exporter, timeoutMs, mayGoOn),
      ]);
    const calm = await both(() => !guest.serial().includes('mark pressure'));
    const stopAt = performance.now() + pressureSeconds * 1000;
    const pressure = await both(() => performance.now() < stopAt);
    await guest.until('released', RELEASE_MS);
    const after = [
      await answers(ports.agent, timeoutMs),
      await answers(ports.exporter, timeoutMs),
    ] as const;
    const marks = readMarks(guest.serial());
    const agentOf = (name: AgentName, index: 0 | 1): AgentUnderPressure => ({
      calm: calm[index],
      pressure: pressure[index],
      ...marks.agents[name],
      answersAfter: after[index],
    });
    return {
      agents: { agent: agentOf('agent', 0), exporter: agentOf('exporter', 1) },
      exhausted: marks.exhausted,
    };
  } finally {
    await guest.stop();
  }
};
