/** What happens to a VM shows in the next call: killed, stopped, paused, restarted, a zombie. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { TestContext } from 'vitest';
import {
  obtainFirecracker,
  startFirecracker,
  type FirecrackerOptions,
} from '../fakes/firecracker/stand-in.ts';
import { copyIdleVmm, obtainIdleVmm } from '../fakes/idle-vmm/idle-vmm.ts';
import { AGENT_BUILDS } from '../support/agent-process.ts';
import { hasTotals, truthTotals } from '../support/firecracker-totals.ts';
import {
  startFiveMachines,
  type FiveMachines,
  type StartedMachines,
} from '../support/five-machines.ts';
import { valuesOf, vmOf } from '../support/host-agent.ts';
import { makeLineReader } from '../support/line-reader.ts';
import { orSkip } from '../support/obtained.ts';
import { obtainQemu, startQemu } from '../support/qemu.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Of the agent, for an answer on a QMP socket. What does not answer costs none any more. */
const DEADLINE_MS = 300;
/** Of the agent, for all QMP sockets together. */
const ALL_DEADLINE_MS = 3_000;

const stateLetter = (pid: number): string | undefined =>
  /\) (.) /u.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];

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

  test('a guest that QMP has paused is a running process with a paused guest', async (context) => {
    const { host, web } = ready(context);
    await host.until(web.pid, 'QMP answers', ({ qmp }) => qmp.ok);
    await web.qmp.execute('stop');
    const paused = vmOf(await host.stats(), web.pid);
    expect(paused.state).toBe('running');
    expect(valuesOf(paused.qmp)).toMatchObject({ status: 'paused', running: false });
    const later = vmOf(await host.stats(), web.pid);
    expect(valuesOf(later.vcpus).cpu_seconds_total).toBeCloseTo(
      valuesOf(paused.vcpus).cpu_seconds_total,
      1,
    );
    await web.qmp.execute('cont');
    expect(valuesOf(vmOf(await host.stats(), web.pid).qmp).running).toBe(true);
  });

  test('a VMM under SIGSTOP is stopped, and costs one deadline at most', async (context) => {
    const { host, web, db } = ready(context);
    await host.until(web.pid, 'QMP answers', ({ qmp }) => qmp.ok);
    web.signal('SIGSTOP');
    onTestFinished(() => web.signal('SIGCONT'));
    await waitUntil('it has stopped', () => stateLetter(web.pid) === 'T');
    const first = await host.timed();
    expect(vmOf(first.stats, web.pid).state).toBe('stopped');
    expect(first.ms).toBeLessThan(ALL_DEADLINE_MS);
    expect(valuesOf(vmOf(first.stats, web.pid).process).threads).toBeGreaterThan(2);
    const fastest: number[] = [];
    for (let calls = 0; calls < 8; calls += 1) {
      const { ms, stats } = await host.timed();
      fastest.push(ms);
      expect(vmOf(stats, web.pid).state).toBe('stopped');
      expect(vmOf(stats, web.pid).qmp).toMatchObject({ ok: false, reason: 'timeout' });
      expect(valuesOf(vmOf(stats, db.pid).qmp).running).toBe(true);
    }
    expect(Math.min(...fastest)).toBeLessThan(DEADLINE_MS);
    web.signal('SIGCONT');
    await host.until(web.pid, 'it goes on', ({ state }) => state === 'running');
    await host.until(web.pid, 'QMP answers again', ({ qmp }) => qmp.ok);
  });

  test('a restarted QEMU is another VM with the same UUID', async (context) => {
    const { host, db, network } = ready(context);
    const before = vmOf(await host.stats(), db.pid);
    await db.kill();
    const between = await host.stats();
    expect(between.vms.map(({ pid }) => pid)).not.toContain(db.pid);
    const { path } = orSkip(context, 'QEMU', await obtainQemu());
    const { folder } = host;
    const { name, uuid } = db;
    const { launcher } = network;
    const again = await startQemu({ path, folder, launcher, name, uuid, pace: 'paced' });
    onTestFinished(async () => again.kill());
    const after = vmOf(await host.stats(), again.pid);
    expect(after).toMatchObject({ uuid, name, state: 'running' });
    expect([after.pid, after.start_ticks]).not.toStrictEqual([before.pid, before.start_ticks]);
    await host.until(again.pid, 'QMP answers', ({ qmp }) => qmp.ok && qmp.running);
  });

  test('a restarted Firecracker is found at once, and its counters start anew', async (context) => {
    const { host, build: old } = ready(context);
    await host.until(old.pid, 'its metrics are read', (vm) => vm.firecracker.ok);
    await old.order('add block_rootfs.read_bytes 1000000');
    const first = truthTotals(await old.truth());
    await host.until(old.pid, 'it has counted', (vm) => hasTotals(vm.firecracker, first));
    await old.kill();
    expect((await host.stats()).vms.map(({ pid }) => pid)).not.toContain(old.pid);

    const options: FirecrackerOptions = {
      path: orSkip(context, 'Firecracker', await obtainFirecracker()).path,
      folder: host.folder,
      id: old.id,
      interfaces: {},
    };
    const again = await startFirecracker(options);
    onTestFinished(async () => again.kill());
    expect(vmOf(await host.stats(), again.pid)).toMatchObject({ id: old.id, state: 'running' });
    await host.until(again.pid, 'its metrics are read', (vm) => vm.firecracker.ok);
    await again.order('add block_rootfs.read_bytes 4096');
    const wanted = truthTotals(await again.truth());
    await host.until(again.pid, 'it has counted', (vm) => hasTotals(vm.firecracker, wanted));
  });

  test('a VMM that nobody waits for is shown as a zombie', async (context) => {
    const { host } = ready(context);
    const idle = orSkip(context, 'the idle VMM', await obtainIdleVmm());
    const path = copyIdleVmm(idle.path, host.folder, 'cloud-hypervisor');
    // A parent that has become a program which waits for nobody.
    const parent = spawn(
      'sh',
      ['-c', '"$0" "$@" & echo $!; exec sleep 60', path, '--cpus', 'boot=2'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const ended = once(parent, 'close');
    const nextLine = makeLineReader(parent.stdout);
    onTestFinished(async () => {
      parent.kill('SIGKILL');
      await ended;
    });
    // Two programs write, in whatever order.
    const lines = [await nextLine(), await nextLine()];
    expect(lines).toContain('ready');
    const pid = Number(lines.find((line) => line !== 'ready'));
    const alive = vmOf(await host.stats(), pid);
    expect(alive).toMatchObject({ kind: 'cloud-hypervisor', state: 'running' });
    expect(valuesOf(alive.vcpus).count).toBe(2);
    process.kill(pid, 'SIGKILL');
    const dead = await host.until(pid, 'it is a zombie', ({ state }) => state === 'zombie');
    expect(dead).toMatchObject({ kind: 'cloud-hypervisor', start_ticks: alive.start_ticks });
    expect(dead.memory.ok && dead.memory.rss_bytes === 0).toBe(false);
  });
});
