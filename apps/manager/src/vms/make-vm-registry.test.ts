import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { makeActor, makeHost } from '../../../../test/support/registry-fixtures.ts';
import {
  makeRegistryHarness,
  type RegistryHarness,
} from '../../../../test/support/registry-harness.ts';
import type { VmChange } from './vm-record.ts';

const operator = { actor: makeActor('operator'), request: undefined };
const manager = { actor: undefined, request: undefined };
const ofTeam = (team: string) => ({
  actor: makeActor('operator', `team=${team}`),
  request: undefined,
});

const code = (outcome: { ok: true } | { ok: false; problem: { code: string } }): string =>
  outcome.ok ? 'ok' : outcome.problem.code;

describe('the registry of VMs', () => {
  let postgres: TestDatabase;
  let harness: RegistryHarness;
  let vms: RegistryHarness['vms'];
  let changes: VmChange[];

  const create = async (
    name: string,
    fields: { guestIp?: string; labels?: Record<string, string> } = {},
  ) => {
    const created = await vms.create(manager, () => ({
      ok: true,
      value: {
        name,
        guestIp: fields.guestIp,
        agentPort: 8080,
        hostId: undefined,
        vmm: undefined,
        labels: fields.labels ?? {},
      },
    }));
    if (!created.ok) throw new Error(created.problem.message);
    return created.value;
  };
  const rowSchema = z.object({ kind: z.string() });
  const events = async (key: number): Promise<string[]> => {
    const text = 'SELECT kind FROM vm_event WHERE vm_key = $1::integer ORDER BY id';
    const { rows } = await harness.database.query({ text, values: [key] });
    return rows.map((row) => rowSchema.parse(row).kind);
  };
  const audits = async (id: string): Promise<string[]> => {
    const text = 'SELECT action AS kind FROM audit WHERE target_id = $1::text ORDER BY id';
    const { rows } = await harness.database.query({ text, values: [id] });
    return rows.map((row) => rowSchema.parse(row).kind);
  };
  /** What memory says is what Postgres says. */
  const expectAgreement = async (): Promise<void> => {
    const before = [...vms.all()].toSorted((one, other) => one.key - other.key);
    const other = await harness.anotherManager();
    expect([...other.vms.all()]).toEqual(before);
  };

  beforeAll(async () => {
    postgres = await createTestDatabase();
  }, 60_000);
  afterAll(async () => {
    await postgres.drop();
  });
  beforeEach(async () => {
    harness = await makeRegistryHarness(postgres.database);
    ({ vms } = harness);
    changes = [];
    vms.onChange((change) => changes.push(change));
  });
  afterEach(async () => {
    await harness.stop();
  });

  it('keeps what it was told over a restart', async () => {
    const host = await harness.hosts.create(manager, {
      name: 'h1',
      address: '10.9.0.1',
      agent_port: 8080,
      labels: {},
    });
    const hostId = host.ok ? host.value.id : 'none';
    const vmm = {
      kind: 'qemu',
      uuid: 'U-1',
      pid: 7,
      start_ticks: 2 ** 40,
      taps: ['tap0'],
    } as const;
    const created = await vms.create(manager, () => ({
      ok: true,
      value: {
        name: 'wéb "1"',
        guestIp: 'FD00::5',
        agentPort: 9000,
        hostId: hostId.toUpperCase(),
        vmm: { ...vmm, taps: [...vmm.taps] },
        labels: { env: 'prod' },
      },
    }));
    expect(created).toMatchObject({ ok: true, value: { guestIp: 'fd00::5', hostId, vmm } });
    await expectAgreement();
  });

  it('gives a name to one of two who want it at once', async () => {
    const results = await Promise.allSettled([create('web'), create('web'), create('web')]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expectAgreement();
  });

  it('refuses in the same words what only Postgres knows', async () => {
    await harness.database.query({
      text: `INSERT INTO vm (name, guest_ip) VALUES ('hidden', '10.0.0.9')`,
    });
    await expect(create('hidden')).rejects.toThrow('another VM is called "hidden"');
    // From then on memory knows it too.
    const web = await create('web');
    expect(vms.byName('hidden')?.guestIp).toBe('10.0.0.9');
    await harness.database.query({ text: `DELETE FROM vm WHERE name = 'web'` });
    expect(code(await vms.patch(manager, web.id, { labels: { a: 'b' } }))).toBe('vm_not_found');
    await create('db');
    expect(vms.get(web.id)).toBeUndefined();
    await expectAgreement();
  });

  describe('and an address', () => {
    const at = (guestIp: string, takeOver = false) => ({ guestIp, takeOver });

    it('is registered in its canonical form, with an audit row and an event', async () => {
      const vm = await create('web');
      const set = await vms.setGuestIp(operator, vm.id, at('::ffff:10.0.0.5'));
      expect(set).toMatchObject({ ok: true, value: { guestIp: '10.0.0.5' } });
      expect(await events(vm.key)).toEqual(['registered', 'address_changed']);
      expect(await audits(vm.id)).toEqual(['vm.create', 'vm.set_guest_ip']);
    });

    it('that it has already changes nothing: no row, no event, no time', async () => {
      const vm = await create('web', { guestIp: '10.0.0.5' });
      changes.length = 0;
      const again = await vms.setGuestIp(operator, vm.id, at('10.0.0.5'));
      expect(again).toEqual({ ok: true, value: vm });
      expect(await events(vm.key)).toEqual(['registered']);
      expect(await audits(vm.id)).toEqual(['vm.create']);
      expect(changes).toEqual([]);
    });

    it('that another VM has is refused, and named only to those who may see that VM', async () => {
      await create('secret', { guestIp: '10.0.0.5', labels: { team: 'a' } });
      const vm = await create('web', { labels: { team: 'b' } });
      const byAll = await vms.setGuestIp(operator, vm.id, at('10.0.0.5'));
      expect(byAll.ok ? '' : byAll.problem.message).toContain('"secret"');
      const byTeam = await vms.setGuestIp(ofTeam('b'), vm.id, at('10.0.0.5'));
      expect(byTeam.ok ? '' : byTeam.problem).toMatchObject({
        status: 409,
        code: 'guest_ip_taken',
      });
      expect(byTeam.ok ? '' : byTeam.problem.message).not.toContain('secret');
    });

    it('is taken over on purpose, and both VMs tell of it', async () => {
      const loser = await create('old', { guestIp: '10.0.0.5' });
      const winner = await create('new', { guestIp: '10.0.0.6' });
      changes.length = 0;
      const taken = await vms.setGuestIp(operator, winner.id, at('10.0.0.5', true));
      expect(taken).toMatchObject({ ok: true, value: { guestIp: '10.0.0.5' } });
      expect(vms.get(loser.id)?.guestIp).toBeUndefined();
      expect(vms.byName('new')?.guestIp).toBe('10.0.0.5');
      expect(await events(loser.key)).toEqual(['registered', 'address_changed']);
      expect(await audits(loser.id)).toEqual(['vm.create', 'vm.clear_guest_ip']);
      expect(changes.map(({ kind, vm }) => `${kind} ${vm.name}`)).toEqual([
        'changed old',
        'changed new',
      ]);
      await expectAgreement();
    });

    it('is not taken over from a VM that the actor may not change', async () => {
      const other = await create('other', { guestIp: '10.0.0.5', labels: { team: 'a' } });
      const vm = await create('web', { labels: { team: 'b' } });
      expect(code(await vms.setGuestIp(ofTeam('b'), vm.id, at('10.0.0.5', true)))).toBe(
        'forbidden',
      );
      expect(vms.get(other.id)?.guestIp).toBe('10.0.0.5');
    });

    it('changes hands both ways at once without a deadlock', async () => {
      const one = await create('one', { guestIp: '10.0.0.1' });
      const other = await create('other', { guestIp: '10.0.0.2' });
      const turns = Array.from({ length: 10 }, () => [
        vms.setGuestIp(operator, one.id, at('10.0.0.2', true)),
        vms.setGuestIp(operator, other.id, at('10.0.0.1', true)),
        vms.setGuestIp(operator, one.id, at('10.0.0.1', true)),
        vms.setGuestIp(operator, other.id, at('10.0.0.2', true)),
      ]);
      const outcomes = await Promise.all(turns.flat());
      expect(new Set(outcomes.map(code))).toEqual(new Set(['ok']));
      await expectAgreement();
    });

    it('of a VM that is being deleted is gone with it', async () => {
      const vm = await create('web');
      const [removed, set] = await Promise.all([
        vms.remove(manager, vm.id),
        vms.setGuestIp(operator, vm.id, at('10.0.0.5')),
      ]);
      expect([code(removed), code(set)]).toEqual(['ok', 'vm_not_found']);
      await create('db', { guestIp: '10.0.0.5' });
      await expectAgreement();
    });

    it('is freed before the deletion when it was set first', async () => {
      const vm = await create('web');
      const [set, removed] = await Promise.all([
        vms.setGuestIp(operator, vm.id, at('10.0.0.5')),
        vms.remove(manager, vm.id),
      ]);
      expect([code(removed), code(set)]).toEqual(['ok', 'ok']);
      await create('db', { guestIp: '10.0.0.5' });
      await expectAgreement();
    });

    it('is cleared once, and again without a word', async () => {
      const vm = await create('web', { guestIp: '10.0.0.5' });
      await vms.clearGuestIp(operator, vm.id);
      const again = await vms.clearGuestIp(operator, vm.id);
      expect(again).toMatchObject({ ok: true, value: { guestIp: undefined } });
      expect(await audits(vm.id)).toEqual(['vm.create', 'vm.clear_guest_ip']);
    });

    it('with another port is checked like any other', async () => {
      const vm = await create('web', { guestIp: '10.0.0.5' });
      const other = await create('other');
      await vms.setGuestIp(operator, other.id, { ...at('10.0.0.5'), agentPort: 9000 });
      expect(code(await vms.patch(operator, vm.id, { agent_port: 9000 }))).toBe('guest_ip_taken');
      expect(code(await vms.patch(operator, vm.id, { agent_port: 9001 }))).toBe('ok');
      expect(await events(vm.key)).toEqual(['registered', 'address_changed']);
    });
  });

  describe('and a scope', () => {
    it('lets nobody create, move out or move in what it does not hold', async () => {
      const mine = await create('mine', { labels: { team: 'a' } });
      const foreign = await create('foreign', { labels: { team: 'b' } });
      const by = ofTeam('a');
      const value = {
        name: 'new',
        guestIp: undefined,
        agentPort: 8080,
        hostId: undefined,
        vmm: undefined,
      };
      const createAs = (labels: Record<string, string>) =>
        vms.create(by, () => ({ ok: true, value: { ...value, labels } }));
      expect(code(await createAs({ team: 'b' }))).toBe('forbidden');
      expect(code(await createAs({}))).toBe('forbidden');
      expect(code(await createAs({ team: 'a' }))).toBe('ok');
      expect(code(await vms.patch(by, mine.id, { labels: { team: 'b' } }))).toBe('forbidden');
      expect(code(await vms.patch(by, mine.id, { labels: { team: 'a', x: '1' } }))).toBe('ok');
      expect(code(await vms.patch(by, foreign.id, { labels: { team: 'a' } }))).toBe('forbidden');
    });

    it('lets nobody say which process of a host a VM is', async () => {
      const mine = await create('mine', { labels: { team: 'a' } });
      const patch = { vmm: { kind: 'qemu' as const, pid: 7 } };
      expect(code(await vms.patch(ofTeam('a'), mine.id, patch))).toBe('forbidden');
      expect(code(await vms.patch(operator, mine.id, patch))).toBe('ok');
    });

    it('lets nobody say at which socket of this machine an agent is', async () => {
      const mine = await create('mine', { labels: { team: 'a' } });
      const agentSocket = { kind: 'unix', path: '/run/mine.sock' } as const;
      const patch = { agent_socket: agentSocket };
      const by = ofTeam('a');
      expect(code(await vms.patch(by, mine.id, patch))).toBe('forbidden');
      const value = {
        name: 'new',
        guestIp: undefined,
        agentPort: 8080,
        agentSocket,
        hostId: undefined,
        vmm: undefined,
        labels: { team: 'a' },
      };
      expect(code(await vms.create(by, () => ({ ok: true, value })))).toBe('forbidden');
      expect(code(await vms.patch(operator, mine.id, patch))).toBe('ok');
      expect(code(await vms.patch(by, mine.id, { agent_socket: null }))).toBe('forbidden');
    });

    it('lets nobody give a VM of a host the name of another process', async () => {
      const made = await harness.hosts.create(manager, {
        name: 'h1',
        address: '10.9.0.1',
        agent_port: 8080,
        labels: {},
      });
      const hostId = made.ok ? made.value.id : '';
      const mine = await create('mine', { labels: { team: 'a' } });
      await vms.patch(operator, mine.id, { host_id: hostId });
      const rename = { name: 'db-of-somebody' };
      expect(code(await vms.patch(ofTeam('a'), mine.id, rename))).toBe('forbidden');
      await vms.patch(operator, mine.id, { vmm: { kind: 'qemu', name: 'mine' } });
      expect(code(await vms.patch(ofTeam('a'), mine.id, rename))).toBe('ok');
    });

    it('counts as it is when the change has its turn', async () => {
      const vm = await create('web', { labels: { team: 'a' } });
      const [moved, changed] = await Promise.all([
        vms.patch(operator, vm.id, { labels: { team: 'b' } }),
        vms.patch(ofTeam('a'), vm.id, { name: 'mine' }),
      ]);
      expect([code(moved), code(changed)]).toEqual(['ok', 'forbidden']);
    });
  });

  describe('and the machine of the manager', () => {
    const local = {
      name: 'this-machine',
      guestIp: '127.0.0.1',
      agentPort: 4001,
      hostId: undefined,
    };

    it('is registered once, and says where its agent listens at each start', async () => {
      await create('this-machine');
      const first = await vms.ensureLocal(local);
      expect(first).toMatchObject({ name: 'this-machine-2', isLocal: true, agentPort: 4001 });
      expect(first.enrolledAt).toEqual(expect.any(Number));
      expect(await vms.ensureLocal(local)).toEqual(first);
      const again = await (
        await harness.anotherManager()
      ).vms.ensureLocal({ ...local, agentPort: 4002 });
      expect(again).toMatchObject({ id: first.id, agentPort: 4002 });
      expect(await events(first.key)).toEqual(['registered']);
    });

    it('takes its port from a VM that was registered there', async () => {
      const other = await create('other');
      await vms.setGuestIp(manager, other.id, {
        guestIp: '127.0.0.1',
        agentPort: 4001,
        takeOver: false,
      });
      expect(await vms.ensureLocal(local)).toMatchObject({ guestIp: '127.0.0.1', agentPort: 4001 });
      expect(vms.get(other.id)?.guestIp).toBeUndefined();
      await expectAgreement();
    });

    it('cannot be deleted, re-addressed or robbed of its address, but renamed', async () => {
      const vm = await vms.ensureLocal(local);
      const other = await create('other');
      const wanted = { guestIp: '127.0.0.1', agentPort: 4001, takeOver: true };
      const outcomes = [
        await vms.remove(manager, vm.id),
        await vms.clearGuestIp(manager, vm.id),
        await vms.setGuestIp(manager, vm.id, { guestIp: '10.0.0.5', takeOver: false }),
        await vms.setGuestIp(manager, other.id, wanted),
        await vms.patch(manager, vm.id, { agent_port: 9 }),
        await vms.patch(manager, vm.id, { vmm: { kind: 'qemu' } }),
      ];
      expect(outcomes.map(code)).toEqual(Array.from({ length: 6 }, () => 'local_vm'));
      expect(code(await vms.patch(manager, vm.id, { name: 'laptop', labels: { a: 'b' } }))).toBe(
        'ok',
      );
    });
  });

  it('takes the VMs off a host that is removed', async () => {
    const made = await harness.hosts.create(manager, {
      name: makeHost(1).name,
      address: '10.9.0.1',
      agent_port: 8080,
      labels: {},
    });
    const host = made.ok ? made.value : makeHost(1);
    const vm = await create('web');
    await vms.patch(operator, vm.id, { host_id: host.id });
    changes.length = 0;
    expect(code(await harness.hosts.remove(manager, host.id))).toBe('ok');
    expect(changes.map(({ kind, vm: { hostId } }) => [kind, hostId])).toEqual([
      ['changed', undefined],
    ]);
    expect(await events(vm.key)).toEqual(['registered', 'host_changed', 'host_changed']);
    expect(code(await vms.patch(operator, vm.id, { host_id: host.id }))).toBe('host_not_found');
    await expectAgreement();
  });

  it('goes on when one who listens has a bug', async () => {
    vms.onChange(() => {
      throw new Error('a bug');
    });
    const after: string[] = [];
    const stop = vms.onChange(({ vm }) => after.push(vm.name));
    await create('web');
    stop();
    await create('db');
    expect(after).toEqual(['web']);
  });

  it('writes down nothing of a change whose audit failed', async () => {
    harness.failAudit(true);
    await expect(create('web')).rejects.toThrow('no audit');
    harness.failAudit(false);
    expect(vms.byName('web')).toBeUndefined();
    await create('web');
    await expectAgreement();
  });

  it('counts an enrolment', async () => {
    const vm = await create('web');
    const enrolled = await vms.markEnrolled(manager, vm.id, undefined);
    expect(enrolled.ok && enrolled.value.enrolledAt).toEqual(expect.any(Number));
    expect(await audits(vm.id)).toEqual(['vm.create', 'vm.enroll']);
  });

  it('knows by which key the agent encrypts, and since when it does not any more', async () => {
    const vm = await create('web');
    const [first, second] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64url'));
    await vms.markEnrolled(manager, vm.id, first);
    expect(vms.get(vm.id)?.tlsPin).toBe(first);
    for (const pin of [first, second, undefined, undefined]) {
      const changed = await vms.setTlsPin(manager, vm.id, pin);
      expect(changed.ok && [changed.value.tlsPin]).toEqual([pin]);
    }
    expect(await audits(vm.id)).toEqual(['vm.create', 'vm.enroll', 'vm.tls', 'vm.tls']);
    await expectAgreement();
  });
});
