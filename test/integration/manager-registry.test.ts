/** VMs and hosts over HTTP, as clients see them, on a real Postgres. */
import {
  errorBodySchema,
  foundVmmSchema,
  hostSchema,
  pageOf,
  processListSchema,
  readingSchema,
  vmSchema,
  type Vm,
} from '@innkeeper/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PullResult } from '../../apps/manager/src/pull/pull-result.ts';
import type { JsonQuestion } from '../support/http-served-app.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { serveRegistry, type RegistryApi } from '../support/registry-api.ts';
import { idOf, makeActor, makeStats, makeVmm } from '../support/registry-fixtures.ts';
import { makeRegistryHarness, type RegistryHarness } from '../support/registry-harness.ts';

const actors = {
  admin: makeActor('admin'),
  operator: makeActor('operator'),
  viewer: makeActor('viewer'),
  teamA: makeActor('operator', 'team=a'),
};
type Who = keyof typeof actors;

const pulled = (value: unknown): PullResult<unknown> => ({
  ok: true,
  value,
  seconds: 0.01,
  receivedAt: Date.now(),
  receivedMonotonicMs: performance.now(),
});

const processes = {
  taken_at: 1_700_000_000_000,
  window_seconds: null,
  total: 0,
  by_state: {},
  threads: 0,
  by: 'memory',
  processes: [],
};

describe('the API of VMs and hosts', () => {
  let postgres: TestDatabase;
  let harness: RegistryHarness;
  let api: RegistryApi;
  let asked: string[];

  beforeAll(async () => {
    postgres = await createTestDatabase();
  }, 60_000);
  afterAll(async () => {
    await postgres.drop();
  });
  beforeEach(async () => {
    asked = [];
    harness = await makeRegistryHarness(postgres.database);
    api = await serveRegistry({
      registries: harness,
      actors,
      askAgent: async (vm, path) => {
        asked.push(`${vm.name} ${path}`);
        return pulled(path.startsWith('/processes') ? processes : {});
      },
    });
    return async () => {
      await api.stop();
      await harness.stop();
    };
  });

  const send = async (who: Who, method: string, path: string, json?: unknown) => {
    const question: JsonQuestion = { method, token: who, ...(json !== undefined && { json }) };
    return api.app.ask(path, question);
  };
  /** `409 name_taken: another VM is called …` */
  const problem = async (who: Who, method: string, path: string, json?: unknown) => {
    const reply = await send(who, method, path, json);
    if (reply.status < 400) return `${reply.status}`;
    const { error } = errorBodySchema.parse(reply.json());
    return `${reply.status} ${error.code}: ${error.message}`;
  };
  const register = async (who: Who, body: object): Promise<Vm> => {
    const reply = await send(who, 'POST', '/v1/vms', body);
    expect(reply.text).toContain('"id"');
    expect(reply.status).toBe(201);
    const vm = vmSchema.parse(reply.json());
    expect(reply.headers.location).toBe(`/v1/vms/${vm.id}`);
    return vm;
  };
  const list = async (who: Who, query = '') =>
    pageOf(vmSchema).parse((await send(who, 'GET', `/v1/vms${query}`)).json());

  it('registers a VM, shows it, changes it and forgets it', async () => {
    const vm = await register('operator', {
      name: ' web ',
      guest_ip: '10.0.0.5',
      labels: { env: 'prod' },
    });
    expect(vm).toMatchObject({
      name: 'web',
      guest_ip: '10.0.0.5',
      agent_port: 8080,
      enrolled: false,
    });
    expect(vm.latest.state).toBe('unknown');
    const path = `/v1/vms/${vm.id}`;
    expect(
      (await send('viewer', 'GET', path.toUpperCase().replace('/V1/VMS', '/v1/vms'))).json(),
    ).toEqual(vm);
    const patched = await send('operator', 'PATCH', path, { name: 'web-2', labels: {} });
    expect(vmSchema.parse(patched.json())).toMatchObject({ name: 'web-2', labels: {} });
    expect((await send('admin', 'DELETE', path)).status).toBe(204);
    expect(await problem('viewer', 'GET', path)).toMatch(/^404 vm_not_found/u);
  });

  it("follows the guest-ip flow of the guest agent's guide", async () => {
    const { id } = await register('operator', { name: 'web' });
    const reply = await send('operator', 'POST', `/v1/vms/${id}/guest-ip`, {
      guest_ip: '192.168.1.100',
    });
    expect([reply.status, reply.json()]).toEqual([200, { vm_id: id, guest_ip: '192.168.1.100' }]);
    const text = `SELECT id, name, guest_ip FROM vm WHERE id = '${id}'`;
    expect((await harness.database.query({ text })).rows).toMatchObject([
      { guest_ip: '192.168.1.100' },
    ]);
    expect((await send('operator', 'DELETE', `/v1/vms/${id}/guest-ip`)).status).toBe(204);
    expect((await list('viewer')).items[0]?.guest_ip).toBeNull();
    expect(
      await problem('operator', 'POST', `/v1/vms/${idOf(77)}/guest-ip`, { guest_ip: '10.0.0.1' }),
    ).toMatch(/^404 vm_not_found/u);
  });

  it.each([
    ['8.8.8.8', /^422 guest_ip_not_allowed: .*10\.0\.0\.0\/8.*INNKEEPER_GUEST_CIDRS/u],
    ['169.254.169.254', /^422 guest_ip_not_allowed/u],
    ['::ffff:169.254.169.254', /^422 guest_ip_not_allowed/u],
    ['127.0.0.1', /^422 guest_ip_not_allowed: .*this manager itself/u],
    ['010.0.0.5', /^422 invalid: guest_ip/u],
    ['fe80::1%eth0', /^422 (?:invalid|guest_ip_not_allowed)/u],
    ['evil.example.org/x?', /^422 invalid: guest_ip/u],
    [167_772_165, /^422 invalid: guest_ip/u],
  ])('does not ask a guest at %s', async (guestIp, expected) => {
    const { id } = await register('operator', { name: 'web' });
    expect(
      await problem('operator', 'POST', `/v1/vms/${id}/guest-ip`, { guest_ip: guestIp }),
    ).toMatch(expected);
    expect(await problem('operator', 'POST', '/v1/vms', { name: 'b', guest_ip: guestIp })).toMatch(
      expected,
    );
  });

  it.each([
    [{}, /^422 invalid: .*name/u],
    [{ name: '' }, /^422 invalid: name/u],
    [{ name: 'a\u0000b' }, /^422 invalid: name/u],
    [{ name: 'a', host_id: idOf(5) }, /^422 host_not_found/u],
    [{ name: 'a', vmm: { kind: 'qemu', uuid: 'a\u0000' } }, /^422 invalid: "?vmm\.uuid/u],
    [{ name: 'a\ud800' }, /^422 invalid: name/u],
    [{ name: 'a', labels: { 'a b': 'c' } }, /^422 invalid/u],
    [{ name: 'a', guest_ipp: '10.0.0.1' }, /^422 invalid: guest_ipp/u],
  ])('does not register %j', async (body, expected) => {
    expect(await problem('operator', 'POST', '/v1/vms', body)).toMatch(expected);
  });

  it('says what is wrong with a change', async () => {
    const { id } = await register('operator', { name: 'web' });
    await register('operator', { name: 'db' });
    const patch = (body: unknown) => problem('operator', 'PATCH', `/v1/vms/${id}`, body);
    expect(await patch({})).toMatch(/^422 invalid: .*nothing to change/u);
    expect(await patch({ name: 'db' })).toMatch(/^409 name_taken/u);
    expect(await patch({ guest_ip: '10.0.0.1' })).toMatch(/^422 invalid: guest_ip/u);
    expect(await patch({ name: 'web' })).toBe('200');
  });

  it('pages through the fleet, filtered and sorted', async () => {
    for (let number = 1; number <= 5; number += 1) {
      await register('operator', { name: `vm-${number}`, labels: { odd: `${number % 2}` } });
    }
    const names = (page: { items: Vm[] }) => page.items.map(({ name }) => name);
    const first = await list('viewer', '?limit=2&order=desc');
    expect(names(first)).toEqual(['vm-5', 'vm-4']);
    const second = await list('viewer', `?limit=2&order=desc&cursor=${first.next_cursor}`);
    expect(names(second)).toEqual(['vm-3', 'vm-2']);
    expect(names(await list('viewer', '?labels=odd%3D1&search=VM-'))).toEqual([
      'vm-1',
      'vm-3',
      'vm-5',
    ]);
    const path = `/v1/vms?cursor=${first.next_cursor}`;
    expect(await problem('viewer', 'GET', path)).toMatch(/^422 invalid: cursor/u);
    expect(await problem('viewer', 'GET', '/v1/vms?labels=a%20b')).toMatch(/^422 invalid: labels/u);
  });

  it('shows whoever has a scope nothing else', async () => {
    const mine = await register('teamA', { name: 'mine', labels: { team: 'a' } });
    const foreign = await register('operator', { name: 'foreign', labels: { team: 'b' } });
    expect((await list('teamA')).items.map(({ id }) => id)).toEqual([mine.id]);
    const path = `/v1/vms/${foreign.id}`;
    expect(await problem('teamA', 'GET', path)).toMatch(/^404/u);
    expect(await problem('teamA', 'PATCH', path, { labels: { team: 'a' } })).toMatch(/^404/u);
    expect(await problem('teamA', 'GET', `${path}/metrics`)).toMatch(/^404/u);
    expect(await problem('teamA', 'PATCH', `/v1/vms/${mine.id}`, { labels: {} })).toMatch(/^403/u);
    expect(await problem('teamA', 'POST', '/v1/vms', { name: 'x', labels: {} })).toMatch(/^403/u);
    expect(await problem('teamA', 'GET', '/v1/hosts')).toMatch(/^403/u);
    expect(await problem('viewer', 'POST', '/v1/vms', { name: 'x' })).toMatch(/^403/u);
    expect(await problem('operator', 'DELETE', path)).toMatch(/^403/u);
  });

  it('tells the latest reading', async () => {
    const { id } = await register('operator', { name: 'web' });
    api.readings.set(id, { state: 'up', cpu_usage_percent: 12.5 });
    const reply = await send('viewer', 'GET', `/v1/vms/${id}/metrics`);
    expect(readingSchema.parse(reply.json())).toMatchObject({ vm_id: id, cpu_usage_percent: 12.5 });
    expect((await list('viewer', '?state=up')).items[0]?.latest.cpu_usage_percent).toBe(12.5);
    expect((await list('viewer', '?state=down')).items).toEqual([]);
  });

  it('passes questions on to the agent', async () => {
    const { id } = await register('operator', { name: 'web', guest_ip: '10.0.0.5' });
    const path = `/v1/vms/${id}/processes`;
    const reply = await send('viewer', 'GET', `${path}?top=5&by=memory`);
    expect(processListSchema.parse(reply.json())).toEqual(processes);
    expect(asked).toEqual(['web /processes?top=5&by=memory']);
    expect(await problem('viewer', 'GET', `${path}?top=0`)).toMatch(/^422 invalid: top/u);
    expect(await problem('viewer', 'GET', `/v1/vms/${id}/info`)).toMatch(/^502 agent_malformed/u);
  });

  describe('of hosts', () => {
    const makeOne = async (name: string, address = '10.9.0.1') => {
      const reply = await send('operator', 'POST', '/v1/hosts', { name, address });
      expect(reply.status).toBe(201);
      const host = hostSchema.parse(reply.json());
      expect(reply.headers.location).toBe(`/v1/hosts/${host.id}`);
      return host;
    };
    const answer = (hostId: string, stats: ReturnType<typeof makeStats>): void => {
      const host = harness.hosts.get(hostId);
      if (host === undefined) throw new Error('no such host');
      api.watch.answered(host, {
        ok: true,
        value: { stats },
        seconds: 0.02,
        receivedAt: Date.now(),
        receivedMonotonicMs: performance.now(),
      });
    };

    it('registers, lists, changes and forgets them', async () => {
      const host = await makeOne('h10');
      expect(host).toMatchObject({
        agent_id: host.id,
        agent_port: 8080,
        status: { state: 'unknown' },
      });
      await makeOne('h2', '10.9.0.2');
      const page = pageOf(hostSchema).parse((await send('viewer', 'GET', '/v1/hosts')).json());
      expect(page.items.map(({ name }) => name)).toEqual(['h2', 'h10']);
      const path = `/v1/hosts/${host.id}`;
      expect(
        await problem('operator', 'POST', '/v1/hosts', { name: 'h2', address: '10.9.0.3' }),
      ).toMatch(/^409 name_taken/u);
      expect(await problem('operator', 'PATCH', path, { address: '10.9.0.2' })).toMatch(
        /^409 address_taken/u,
      );
      expect(await problem('operator', 'PATCH', path, { address: '169.254.169.254' })).toMatch(
        /^422 address_not_allowed/u,
      );
      expect(await problem('operator', 'PATCH', path, {})).toMatch(/^422 invalid/u);
      expect(
        await problem('operator', 'PATCH', path, { agent_port: 9000, labels: { a: 'b' } }),
      ).toBe('200');
      expect(await problem('operator', 'DELETE', path)).toMatch(/^403/u);
      expect(await problem('admin', 'DELETE', path)).toBe('204');
      expect(await problem('viewer', 'GET', path)).toMatch(/^404 host_not_found/u);
    });

    it('keeps this machine as it is', async () => {
      const by = { name: 'this-machine', address: '127.0.0.1', agentPort: 4001, agentId: idOf(3) };
      const local = await harness.hosts.ensureLocal(by);
      expect(await harness.hosts.ensureLocal({ ...by, agentPort: 4002 })).toMatchObject({
        id: local.id,
        agentPort: 4002,
      });
      const path = `/v1/hosts/${local.id}`;
      expect(await problem('admin', 'DELETE', path)).toMatch(/^409 local_host/u);
      expect(await problem('admin', 'PATCH', path, { agent_port: 9 })).toMatch(/^409 local_host/u);
      expect(await problem('admin', 'PATCH', path, { name: 'laptop' })).toBe('200');
    });

    it('shows what was found there, and makes VMs of it', async () => {
      const host = await makeOne('h1');
      const path = `/v1/hosts/${host.id}/found`;
      expect(await problem('viewer', 'GET', path)).toMatch(/^502 host_unreachable/u);
      const uuid = '11111111-2222-3333-4444-555555555555';
      const taps = { ok: true as const, taps: [{ ...tap, tap: 'vnet0' }] };
      answer(
        host.id,
        makeStats([
          makeVmm(7, { uuid, name: 'web', network: taps }),
          makeVmm(8),
          makeVmm(9, { name: 'web' }),
        ]),
      );
      const page = pageOf(foundVmmSchema).parse((await send('viewer', 'GET', '/v1/found')).json());
      expect(page.items.map(({ id }) => id)).toEqual(['7-107', '8-108', '9-109']);

      const adopted = await send('operator', 'POST', `${path}/7-107/adopt`, {
        guest_ip: '10.0.0.7',
      });
      expect(adopted.status).toBe(201);
      expect(vmSchema.parse(adopted.json())).toMatchObject({
        name: 'web',
        host_id: host.id,
        guest_ip: '10.0.0.7',
        vmm: { kind: 'qemu', uuid, taps: ['vnet0'] },
      });
      expect(await problem('operator', 'POST', `${path}/7-107/adopt`, {})).toMatch(
        /^404 vmm_not_found/u,
      );
      expect(await problem('operator', 'POST', `${path}/8-108/adopt`, { name: 'web' })).toMatch(
        /^409 name_taken/u,
      );
      const named = vmSchema.parse(
        (await send('operator', 'POST', `${path}/9-109/adopt`, {})).json(),
      );
      expect(named).toMatchObject({ name: 'web-2', vmm: { pid: 9, start_ticks: 109 } });
      const seen = harness.vms.get(named.id);
      expect(seen && api.watch.observe(seen)).toMatchObject({ kind: 'seen', vmm: { pid: 9 } });

      answer(host.id, makeStats([]));
      expect(await problem('operator', 'POST', `${path}/8-108/adopt`, {})).toMatch(
        /^404 vmm_not_found/u,
      );
      expect(await problem('viewer', 'POST', `${path}/8-108/adopt`, {})).toMatch(/^403/u);
    });

    it('gives a VMM to one of two who adopt it at once', async () => {
      const host = await makeOne('h1');
      answer(host.id, makeStats([makeVmm(7)]));
      const adopt = (name: string) =>
        problem('operator', 'POST', `/v1/hosts/${host.id}/found/7-107/adopt`, { name });
      const outcomes = await Promise.all([adopt('one'), adopt('other')]);
      expect(outcomes.map((one) => one.slice(0, 3)).toSorted()).toEqual(['201', '404']);
    });
  });
});

const tap = {
  receive_bytes_total: 1,
  receive_packets_total: 1,
  receive_errs_total: 0,
  receive_drop_total: 0,
  transmit_bytes_total: 1,
  transmit_packets_total: 1,
  transmit_errs_total: 0,
  transmit_drop_total: 0,
};
