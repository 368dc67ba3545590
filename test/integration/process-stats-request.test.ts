/** What the manager may ask, and what the agent may open for it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorBodySchema, type Locator } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { AGENT_BUILDS } from '../support/agent-process.ts';
import { hasTotals, truthTotals } from '../support/firecracker-totals.ts';
import {
  PROCESS_STATS,
  startHostAgent,
  valuesOf,
  vmOf,
  type HostAgent,
} from '../support/host-agent.ts';
import { ask } from '../support/http-client.ts';
import { bearer, makeManagerKey, secondsFromNow } from '../support/manager-key.ts';
import { useFirecracker, useIdleVmm } from '../support/vmms-of-test.ts';

const VM_ID = '018f3a52-0c39-7d6e-b2c4-6b1f5a0e9d11';

/** Puts the pid of a VMM somewhere, and says how a locator would name that place. */
type Place = readonly [what: string, put: (allowedFolder: string, pid: number) => string];

describe.each(AGENT_BUILDS)('$name', (build) => {
  let shared: HostAgent | undefined;
  beforeAll(async () => {
    shared = await startHostAgent({ build });
  });
  afterAll(async () => shared?.close());
  const ready = (): HostAgent => {
    if (shared === undefined) throw new Error('the agent did not start');
    return shared;
  };

  describe('locators', () => {
    const outside = mkdtempSync(join(tmpdir(), 'outside-'));
    afterAll(() => rmSync(outside, { recursive: true, force: true }));

    test('name the process by its pid file, and add what its command line does not tell', async (context) => {
      const host = ready();
      const { folder } = host;
      const vm = await useFirecracker(context, { folder, id: 'located', metrics: false });
      expect(vmOf(await host.stats(), vm.pid).firecracker).toMatchObject({
        ok: false,
        reason: 'absent',
      });
      const pidfile = join(host.folder, 'located.pid');
      writeFileSync(pidfile, `${vm.pid}\n`);
      const body = JSON.stringify({ metrics_path: vm.fifo });
      const options = { method: 'PUT', headers: { 'content-type': 'application/json' }, body };
      expect((await ask({ socketPath: vm.apiSocket }, '/metrics', options)).status).toBe(204);
      const locator: Locator = {
        vm_id: VM_ID,
        pidfile,
        api_socket: vm.apiSocket,
        metrics_fifo: vm.fifo,
      };
      const request = { vms: [locator] };
      await host.until(vm.pid, 'its metrics are read', (one) => one.firecracker.ok, request);
      await vm.order('add net_eth0.rx_bytes_count 99');
      const wanted = truthTotals(await vm.truth());
      const found = await host.until(
        vm.pid,
        'it has counted',
        (one) => hasTotals(one.firecracker, wanted),
        request,
      );
      expect(found.vm_id).toBe(VM_ID);
    });

    test('are asked for where the config file may not be read, which is said', async (context) => {
      const vm = await useFirecracker(context, { folder: outside, id: 'elsewhere' });
      const { firecracker } = vmOf(await ready().stats(), vm.pid);
      expect(firecracker).toMatchObject({ ok: false, reason: 'forbidden' });
      expect(firecracker.ok || firecracker.message).toContain('host_paths');
    });

    test('name the process by its pid', async (context) => {
      const host = ready();
      const vmm = await useIdleVmm(context, 'firecracker', { args: ['--id', 'by-pid'] });
      const stats = await host.stats({ vms: [{ vm_id: VM_ID, pid: vmm.pid }] });
      expect(vmOf(stats, vmm.pid)).toMatchObject({ vm_id: VM_ID, id: 'by-pid' });
    });

    test('that lead nowhere, or to a process that is no VMM, are told as unmatched', async () => {
      const host = ready();
      const pidfile = join(host.folder, 'wrong.pid');
      writeFileSync(pidfile, `${process.pid}\n`);
      const vms = [
        { vm_id: 'gone', pidfile: join(host.folder, 'no-such.pid') },
        { vm_id: 'no-vmm', pidfile },
        { vm_id: 'no-vmm-either', pid: process.pid },
      ];
      const stats = await host.stats({ vms });
      expect(stats.vms.map(({ pid }) => pid)).not.toContain(process.pid);
      expect(stats.unmatched.map(({ vm_id: id }) => id ?? '').sort()).toStrictEqual([
        'gone',
        'no-vmm',
        'no-vmm-either',
      ]);
    });

    const writePid = (folder: string, pid: number): string => {
      mkdirSync(folder, { recursive: true });
      const path = join(folder, 'vm.pid');
      writeFileSync(path, String(pid));
      return path;
    };

    const places: readonly Place[] = [
      ['outside of all prefixes', (_: string, pid: number) => writePid(outside, pid)],
      [
        'in a folder that only begins like a prefix',
        (own: string, pid: number) => {
          onTestFinished(() => rmSync(`${own}foo`, { recursive: true, force: true }));
          return writePid(`${own}foo`, pid);
        },
      ],
      [
        'out of the prefix by ..',
        (own: string, pid: number) => {
          writePid(outside, pid);
          return `${own}/../${outside.slice(outside.lastIndexOf('/') + 1)}/vm.pid`;
        },
      ],
      [
        'out of the prefix by a link to a file',
        (own: string, pid: number) => {
          const link = join(own, 'link.pid');
          rmSync(link, { force: true });
          symlinkSync(writePid(outside, pid), link);
          return link;
        },
      ],
      [
        'out of the prefix by a link to a folder',
        (own: string, pid: number) => {
          writePid(outside, pid);
          rmSync(join(own, 'linked'), { force: true });
          symlinkSync(outside, join(own, 'linked'));
          return join(own, 'linked', 'vm.pid');
        },
      ],
      [
        'relative',
        (_: string, pid: number) => {
          writePid(outside, pid);
          return 'vm.pid';
        },
      ],
    ];
    test.for(places)('%s are forbidden', async ([, place], context) => {
      const host = ready();
      const vmm = await useIdleVmm(context, 'firecracker', { args: ['--id', 'outside'] });
      const pidfile = place(host.folder, vmm.pid);
      const stats = await host.stats({ vms: [{ vm_id: VM_ID, pidfile }] });
      expect(stats.unmatched).toMatchObject([{ vm_id: VM_ID, reason: 'forbidden' }]);
      expect(stats.unmatched[0]?.message).toMatch(/host_paths|a path must be absolute/u);
      expect(vmOf(stats, vmm.pid).vm_id).toBeNull();
    });

    test('to a QMP socket outside are told as such, and the rest is there', async (context) => {
      const host = ready();
      const vmm = await useIdleVmm(context, 'qemu-system-x86_64', {
        args: ['-name', 'guest=fenced'],
      });
      const socket = join(outside, 'vm.qmp');
      const locator: Locator = { vm_id: VM_ID, pid: vmm.pid, qmp_socket: socket };
      const stats = await host.stats({ vms: [locator] });
      expect(stats.unmatched).toMatchObject([{ vm_id: VM_ID, reason: 'forbidden' }]);
      const vm = vmOf(stats, vmm.pid);
      expect(vm).toMatchObject({ vm_id: VM_ID, qmp: { ok: false } });
      expect(valuesOf(vm.vcpus).count).toBe(2);
    });
  });

  describe('a request', () => {
    test.for([
      ['that is not JSON', '{"vms":', 400],
      ['that is empty', '', 400],
      ['that is a list', '[]', 422],
      ['without vms', '{}', 422],
      ['with a vm_id of another kind', '{"vms":[{"vm_id":7}]}', 422],
      ['with a vm_id of wrong characters', '{"vms":[{"vm_id":"a/b"}]}', 422],
      ['with a pid below one', '{"vms":[{"vm_id":"a","pid":0}]}', 422],
      [
        'with a path that is too long',
        JSON.stringify({ vms: [{ vm_id: 'a', pidfile: `/${'a'.repeat(5_000)}` }] }),
        422,
      ],
      ['with a tap that is too long', '{"vms":[{"vm_id":"a","taps":["sixteen-letters-"]}]}', 422],
      ['with pss that is no boolean', '{"vms":[],"pss":"yes"}', 422],
    ] as const)('%s is refused', async ([, body, status]) => {
      const reply = await ready().post(body);
      expect(reply.status, reply.text).toBe(status);
      errorBodySchema.parse(reply.json());
    });

    test('names the field that is wrong', async () => {
      const body = JSON.stringify({ vms: [{ vm_id: 'a' }, { vm_id: 'b', pid: -1 }] });
      const { error } = errorBodySchema.parse((await ready().post(body)).json());
      expect(error.message).toMatch(/vms.*1.*pid/u);
    });

    test('needs a token of the scope host once the agent is enrolled', async () => {
      const key = makeManagerKey();
      const config = { vm_id: VM_ID, manager_keys: [key.publicKey] };
      const host = await startHostAgent({ build, config });
      onTestFinished(async () => host.close());
      const sign = (scope: string): Readonly<Record<string, string>> =>
        bearer(key.sign({ aud: VM_ID, scope, exp: secondsFromNow(60) }));
      const statuses = async (
        headers: Readonly<Record<string, string>>,
      ): Promise<readonly number[]> => [
        (await ask(host.agent.address, PROCESS_STATS, { headers })).status,
        (await host.post('{"vms":[]}', headers)).status,
      ];
      expect(await statuses({})).toStrictEqual([401, 401]);
      expect(await statuses(sign('metrics'))).toStrictEqual([403, 403]);
      expect(await statuses(sign('host'))).toStrictEqual([200, 200]);
    });
  });
});
