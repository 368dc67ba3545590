/**
 * Three real QEMU processes and two stand-ins for Firecracker: one call shows all five, with the
 * identities, CPU times and memory that the kernel tells.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { AGENT_BUILDS } from '../support/agent-process.ts';
import {
  startFiveMachines,
  type FiveMachines,
  type StartedMachines,
} from '../support/five-machines.ts';
import { valuesOf, vmOf } from '../support/host-agent.ts';
import { processSeconds, threadSeconds } from '../support/thread-times.ts';
import { waitUntil } from '../support/wait-until.ts';

const MIB = 1024 * 1024;
const HALF_TICK_SECONDS = 0.005;

/** Of `/proc/PID/status` or `/proc/meminfo`, in bytes. */
const bytesIn = (path: string, name: string): number =>
  Number(
    new RegExp(String.raw`^${name}:\s+(\d+) kB$`, 'mu').exec(readFileSync(path, 'utf8'))?.[1],
  ) * 1024;

describe.each(AGENT_BUILDS)('$name', (build) => {
  let started: StartedMachines | undefined;
  beforeAll(async () => {
    started = await startFiveMachines(build);
  });
  afterAll(async () => {
    if (started?.ok === true) await started.machines.close();
  });
  const ready = (context: TestContext): FiveMachines => {
    if (started === undefined) throw new Error('the machines did not start');
    return started.ok ? started.machines : started.skip(context);
  };

  test('one call shows all five with their identities', async (context) => {
    const { host, web, db, mail, cache, build: second } = ready(context);
    const stats = await host.stats();
    for (const { pid, uuid, name } of [web, db, mail]) {
      const expected = { kind: 'qemu', uuid, name, id: null, vm_id: null, state: 'running' };
      expect(vmOf(stats, pid), name).toMatchObject(expected);
    }
    for (const { pid, id } of [cache, second]) {
      const expected = { kind: 'firecracker', id, uuid: null, vm_id: null, state: 'running' };
      expect(vmOf(stats, pid), id).toMatchObject(expected);
    }
    for (const { pid } of [web, db, mail, cache, second]) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
      const { start_ticks: startTicks, started_at: startedAt } = vmOf(stats, pid);
      expect(String(startTicks)).toBe(ticks);
      expect(Math.abs((startedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    }
    expect(stats.memory_total_bytes).toBe(bytesIn('/proc/meminfo', 'MemTotal'));
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    expect(stats.boot_id).toBe(bootId);
  });

  test('CPU times of vCPUs and of the whole process are those of the kernel', async (context) => {
    const { host, web, db, cache } = ready(context);
    await cache.order('busy 40');
    await waitUntil('the guests have worked', () => {
      return processSeconds(web.pid) > 0.3 && processSeconds(cache.pid) > 0.2;
    });
    for (const [pid, names] of [
      [web.pid, ['CPU 0/TCG', 'CPU 1/TCG']],
      [db.pid, ['CPU 0/TCG']],
      [cache.pid, ['fc_vcpu 0', 'fc_vcpu 1']],
    ] as const) {
      const measure = (): readonly number[] => {
        const threads = threadSeconds(pid, /^(?:CPU \d+\/TCG|fc_vcpu \d+)$/u);
        expect([...threads.keys()].sort()).toStrictEqual(names);
        return [processSeconds(pid), ...names.map((name) => threads.get(name) ?? Number.NaN)];
      };
      const before = measure();
      const vm = vmOf(await host.stats(), pid);
      const after = measure();
      const vcpus = valuesOf(vm.vcpus);
      expect(vcpus.count).toBe(names.length);
      expect(vcpus.vcpus.map(({ vcpu }) => vcpu)).toStrictEqual([...names.keys()]);
      const each = vcpus.vcpus.map(({ cpu_seconds_total: seconds }) => seconds);
      const told = [valuesOf(vm.process).cpu_seconds_total, ...each];
      for (const [index, seconds] of told.entries()) {
        expect(seconds).toBeGreaterThanOrEqual((before[index] ?? 0) - HALF_TICK_SECONDS);
        expect(seconds).toBeLessThanOrEqual((after[index] ?? 0) + HALF_TICK_SECONDS);
      }
      const sum = each.reduce((total, one) => total + one, 0);
      expect(vcpus.cpu_seconds_total).toBeCloseTo(sum, 6);
    }
    const [first, second] = valuesOf(vmOf(await host.stats(), web.pid).vcpus).vcpus;
    expect(first?.cpu_seconds_total).toBeGreaterThan(0.1);
    // The boot sector knows of one CPU.
    expect(second?.cpu_seconds_total).toBeLessThan(0.1);
    await cache.order('busy 0');
  });

  test('memory is what the kernel and the command line say', async (context) => {
    const { host, web, db, cache, build: second } = ready(context);
    const stats = await host.stats({ vms: [], pss: true });
    for (const [pid, mib] of [
      [web.pid, 64],
      [db.pid, 128],
      [cache.pid, 256],
      [second.pid, 128],
    ] as const) {
      const memory = valuesOf(vmOf(stats, pid).memory);
      expect(memory.configured_bytes).toBe(mib * MIB);
      // The kernel batches this counter per thread, 64 pages each.
      const resident = bytesIn(`/proc/${pid}/status`, 'VmRSS');
      expect(Math.abs(memory.rss_bytes - resident)).toBeLessThan(4 * MIB);
      expect(memory.pss_bytes).toBeGreaterThan(0);
      expect(memory.pss_bytes).toBeLessThanOrEqual(memory.rss_bytes + 4 * MIB);
      expect(Math.abs((memory.pss_at ?? 0) - stats.taken_at)).toBeLessThan(10_000);
      expect(memory.swap_bytes).toBe(bytesIn(`/proc/${pid}/status`, 'VmSwap'));
    }
  });

  test('io and threads are those of /proc', async (context) => {
    const { host, web } = ready(context);
    const readProc = (name: string): string => readFileSync(`/proc/${web.pid}/${name}`, 'utf8');
    const ownIo = (name: string): number =>
      Number(new RegExp(String.raw`^${name}: (\d+)$`, 'mu').exec(readProc('io'))?.[1]);
    // Stopped, or they would move on between the two readings.
    web.signal('SIGSTOP');
    try {
      const vm = await host.until(web.pid, 'it is stopped', ({ state }) => state === 'stopped');
      expect(valuesOf(vm.io)).toMatchObject({
        read_bytes_total: ownIo('read_bytes'),
        write_bytes_total: ownIo('write_bytes'),
      });
      const threads = /^Threads:\s+(\d+)$/mu.exec(readProc('status'))?.[1];
      expect(valuesOf(vm.process).threads).toBe(Number(threads));
    } finally {
      web.signal('SIGCONT');
    }
  });
});
