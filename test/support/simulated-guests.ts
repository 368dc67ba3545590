/**
 * Guests without machines: one server that answers as another agent on each loopback address, with
 * counters that move as a load says. For pages about many VMs.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { z } from 'zod';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleSchema, type Sample } from '@innkeeper/protocol';
import { root } from '../../scripts/root.ts';

/** Shares of the whole, from 0 to 1, and bytes in a second. */
export interface Load {
  readonly cpu: number;
  readonly memory: number;
  readonly network: number;
  readonly disk: number;
}

export type LoadOf = (address: string, at: number) => Load;

export interface SimulatedGuests {
  readonly port: number;
  /** From now on nothing answers at this address, or something does again. */
  setSilent(address: string, silent: boolean): void;
  close(): Promise<void>;
}

interface Guest {
  readonly startedAt: number;
  askedAt: number;
  busySeconds: number;
  idleSeconds: number;
  received: number;
  written: number;
}

const CPUS = 4;
const MEMORY_BYTES = 8 * 1024 ** 3;
/** How long ago they were booted, at most. */
const MAX_UPTIME_MS = 90 * 86_400_000;

type Known<Part extends keyof Sample> = NonNullable<Sample[Part]>;

interface Template {
  readonly sample: Sample;
  readonly cpu: Known<'cpu'>;
  readonly memory: Known<'memory'>;
  readonly disk: Known<'disks'>[number];
  readonly network: Known<'networks'>[number];
}

const readTemplate = (): Template => {
  const path = join(root, 'test/golden/debian-12-vm/sample.json');
  const sample = sampleSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const { cpu, memory, disks, networks } = sample;
  const [disk] = disks ?? [];
  const [network] = networks ?? [];
  if (cpu === null || memory === null || disk === undefined || network === undefined) {
    throw new Error(`${path} does not have everything that a guest tells`);
  }
  return { sample, cpu, memory, disk, network };
};

/** The same for an address in each run, so that pictures look alike. */
const hashOf = (text: string): number =>
  createHash('sha1').update(text).digest().readUInt32BE(0) / 2 ** 32;

const bootIdOf = (address: string): string =>
  `00000000-0000-4000-8000-${address.replace(/\D/gu, '').padStart(12, '0').slice(-12)}`;

const advance = (guest: Guest, load: Load, at: number): void => {
  const seconds = Math.max(0, at - guest.askedAt) / 1000;
  guest.askedAt = at;
  guest.busySeconds += seconds * CPUS * load.cpu;
  guest.idleSeconds += seconds * CPUS * (1 - load.cpu);
  guest.received += seconds * load.network;
  guest.written += seconds * load.disk;
};

const sampleOf = (base: Template, address: string, guest: Guest, load: Load): Sample => {
  const used = Math.round(MEMORY_BYTES * load.memory);
  return {
    ...base.sample,
    boot_id: bootIdOf(address),
    taken_at: guest.askedAt,
    uptime_seconds: (guest.askedAt - guest.startedAt) / 1000,
    memory_used_kb: used / 1024,
    memory_total_kb: MEMORY_BYTES / 1024,
    memory_available_kb: (MEMORY_BYTES - used) / 1024,
    load_average: load.cpu * CPUS,
    load: { load1: load.cpu * CPUS, load5: load.cpu * CPUS, load15: load.cpu * CPUS },
    cpu: {
      ...base.cpu,
      count: CPUS,
      seconds: {
        ...base.cpu.seconds,
        user: guest.busySeconds * 0.7,
        system: guest.busySeconds * 0.3,
        idle: guest.idleSeconds,
      },
    },
    memory: {
      ...base.memory,
      total_bytes: MEMORY_BYTES,
      used_bytes: used,
      available_bytes: MEMORY_BYTES - used,
    },
    disks: [{ ...base.disk, written_bytes_total: Math.round(guest.written) }],
    networks: [
      {
        ...base.network,
        device: 'eth0',
        receive_bytes_total: Math.round(guest.received),
        transmit_bytes_total: Math.round(guest.received / 3),
      },
    ],
  };
};

export const startSimulatedGuests = async (loadOf: LoadOf): Promise<SimulatedGuests> => {
  const base = readTemplate();
  const guests = new Map<string, Guest>();
  const silent = new Set<string>();
  const guestAt = (address: string, now: number): Guest => {
    const known = guests.get(address);
    if (known !== undefined) return known;
    const uptimeMs = Math.round(hashOf(`${address}/uptime`) * MAX_UPTIME_MS);
    const guest: Guest = {
      startedAt: now - uptimeMs,
      askedAt: now,
      busySeconds: 0,
      idleSeconds: (uptimeMs / 1000) * CPUS,
      received: 0,
      written: 0,
    };
    guests.set(address, guest);
    return guest;
  };
  const server = createServer((request, response) => {
    const address = (request.socket.localAddress ?? '').replace('::ffff:', '');
    if (silent.has(address)) {
      request.socket.destroy();
      return;
    }
    const now = Date.now();
    const guest = guestAt(address, now);
    const load = loadOf(address, now);
    advance(guest, load, now);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(sampleOf(base, address, guest, load)));
  });
  await new Promise<void>((settle, fail) => {
    server.once('error', fail);
    server.listen(0, '0.0.0.0', settle);
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    port,
    setSilent: (address, isSilent) => {
      if (isSilent) silent.add(address);
      else silent.delete(address);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((settle) => {
        server.close(settle);
      });
    },
  };
};

/** A load that wanders around a middle of its own, as machines do. */
export const wanderingLoad: LoadOf = (address, at) => {
  const own = hashOf(address);
  const other = hashOf(`${address}/memory`);
  const slow = Math.sin(at / 40_000 + own * 60);
  const quick = Math.sin(at / 3_700 + other * 90) * Math.sin(at / 1_900 + own * 40);
  const middle = own > 0.97 ? 0.97 : 0.06 + 0.55 * own ** 2;
  const cpu = Math.min(1, Math.max(0.005, middle + 0.07 * slow + 0.05 * quick));
  return {
    cpu,
    memory: Math.min(0.97, 0.3 + 0.6 * other + 0.01 * slow),
    network: 40_000 + 4_000_000 * own * cpu + 300_000 * Math.abs(quick),
    disk: 20_000 + 2_000_000 * other * cpu,
  };
};
