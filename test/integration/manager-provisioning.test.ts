/** Provisioning through the built manager in the built agents: boots, failures, and managers that are killed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  pageOf,
  provisioningRoundSchema,
  provisioningSchema,
  provisionStateSchema,
  type ProvisioningRound,
} from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { AGENT_BUILDS } from '../support/agent-process.ts';
import {
  makeDataDir,
  removeDataDir,
  startManager,
  type ManagerProcess,
} from '../support/manager-process.ts';
import { createToken, createVm, expectStatus } from '../support/manager-questions.ts';
import { openSocket } from '../support/manager-socket.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { startRebootingGuest, type RebootingGuest } from '../support/rebooting-guest.ts';
import { waitUntil } from '../support/wait-until.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const LONG_MS = 30_000;

let testDatabase: TestDatabase;
let manager: ManagerProcess;
let dataDir = '';
let keys: readonly string[] = [];

const start = async (): Promise<ManagerProcess> =>
  startManager({ databaseUrl: testDatabase.url, dataDir, args: ['--log-dir', 'off'] });

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  dataDir = makeDataDir();
  manager = await start();
  const keysSchema = z.looseObject({ public_keys: z.array(z.string()) });
  keys = keysSchema.parse((await manager.ask('/v1/manager')).json()).public_keys;
});
afterAll(async () => {
  await manager.stop();
  await testDatabase.drop();
  removeDataDir(dataDir);
});

const addScript = async (json: Readonly<Record<string, unknown>>) => {
  const reply = await manager.ask('/v1/provisioning', { method: 'POST', json });
  return provisioningSchema.strict().parse(expectStatus(reply, 201).json());
};
const roundsOf = async (vmId: string, token?: string): Promise<readonly ProvisioningRound[]> => {
  const asked = await manager.ask(
    `/v1/vms/${vmId}/provisioning`,
    token === undefined ? {} : { token },
  );
  return pageOf(provisioningRoundSchema.strict()).parse(expectStatus(asked, 200).json()).items;
};
const newest = async (vmId: string): Promise<ProvisioningRound | undefined> =>
  (await roundsOf(vmId))[0];
const control = async (vmId: string, what: string, json?: Readonly<Record<string, unknown>>) =>
  manager.ask(`/v1/vms/${vmId}/provisioning/${what}`, {
    method: 'POST',
    ...(json !== undefined && { json }),
  });
const untilRound = async (
  vmId: string,
  what: string,
  isSo: (round: ProvisioningRound) => boolean,
): Promise<ProvisioningRound> => {
  let round: ProvisioningRound | undefined;
  await waitUntil(
    what,
    async () => {
      round = await newest(vmId);
      return round !== undefined && isSo(round);
    },
    LONG_MS,
  );
  if (round === undefined) throw new Error('no round');
  return round;
};
const untilState = async (vmId: string, state: ProvisioningRound['state'], after = '') =>
  untilRound(vmId, `a round is ${state}`, (round) => round.state === state && round.id !== after);
const statesOf = ({ steps }: ProvisioningRound) =>
  steps.map(({ name, state }) => `${name}: ${state}`);

let vms = 0;
const withGuest = async (
  build: (typeof AGENT_BUILDS)[number],
  work: (vmId: string, guest: RebootingGuest, enrol: () => Promise<void>) => Promise<void>,
): Promise<void> => {
  vms += 1;
  const host = `127.0.1.${vms}`;
  const vm = await createVm(manager, { name: `guest ${vms}`, labels: { guest: String(vms) } });
  const guest = await startRebootingGuest({ build, host, vmId: vm.id, managerKeys: keys });
  const enrol = async (): Promise<void> => {
    const json = { agent_port: guest.port() };
    expectStatus(await manager.ask(`/v1/vms/${vm.id}`, { method: 'PATCH', json }), 200);
    const place = { method: 'POST', json: { guest_ip: host } } as const;
    expectStatus(await manager.ask(`/v1/vms/${vm.id}/guest-ip`, place), 200);
  };
  try {
    await work(vm.id, guest, enrol);
  } finally {
    await manager.ask(`/v1/vms/${vm.id}`, { method: 'DELETE' });
    await guest.stop();
  }
};
const ran = (guest: RebootingGuest): string => {
  const path = join(guest.folder, 'ran');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};
const note = (guest: RebootingGuest, word: string): string => `echo ${word} >>${guest.folder}/ran`;

describe.each(AGENT_BUILDS)('$name', (build) => {
  test('scripts run in order when a VM enrols, and at each boot those that are for each', async () => {
    await withGuest(build, async (vmId, guest, enrol) => {
      const selector = `guest=${vms}`;
      const put = (name: string, word: string): void =>
        writeFileSync(join(guest.folder, 'provision.d', name), note(guest, word), { mode: 0o644 });
      put('10-own', 'own');
      put('20-own.every-boot', 'own-each');
      await addScript({
        name: `b ${vmId}`,
        order: 2,
        when: 'every_boot',
        script: note(guest, 'each'),
        selector,
      });
      const script = `${note(guest, 'first')}; echo '##progress 1/2 Half'; exit 0`;
      await addScript({ name: `a ${vmId}`, order: 1, when: 'first_boot', script, vm_id: vmId });
      const off = { name: `off ${vmId}`, when: 'every_boot', script: 'exit 1', selector };
      await addScript({ ...off, enabled: false });
      await enrol();

      const round = await untilState(vmId, 'finished');
      expect(ran(guest)).toBe('own\nown-each\nfirst\neach\n');
      expect(round).toMatchObject({ cause: 'boot', requested_by: null });
      expect(round.steps).toMatchObject([
        { source: 'guest', name: '10-own', when: 'first_boot', exit_code: 0, attempts: 1 },
        { source: 'guest', name: '20-own.every-boot', when: 'every_boot' },
        { source: 'manager', name: `a ${vmId}`, progress: { phase: 'Half', done: 1, total: 2 } },
        { source: 'manager', name: `b ${vmId}`, state: 'succeeded', last_lines: null },
      ]);
      const [first] = round.steps;
      const log = await manager.ask(
        `/v1/runs/${first?.run_id}/executions/${first?.execution_id}/log`,
      );
      expect(expectStatus(log, 200).text).toContain('# Command: 10-own');

      // Neither the agent nor the manager that starts again is a boot.
      await guest.restart();
      await manager.stop();
      manager = await start();
      await guest.restart({ boot: 'new' });
      await untilRound(
        vmId,
        'the second boot',
        ({ id, state }) => id !== round.id && state === 'finished',
      );
      expect(ran(guest)).toBe('own\nown-each\nfirst\neach\nown-each\neach\n');
      expect(await roundsOf(vmId)).toHaveLength(2);
    });
  });

  test('a failure is named with its last lines, and goes on from there when somebody says so', async () => {
    await withGuest(build, async (vmId, guest, enrol) => {
      const add = async (name: string, order: number, script: string) =>
        addScript({ name: `${name} ${vmId}`, order, when: 'first_boot', script, vm_id: vmId });
      await add('one', 1, note(guest, 'one'));
      const broken = await add(
        'two',
        2,
        `${note(guest, 'two')}; echo out; echo 'it broke' >&2; exit 3`,
      );
      const hopeless = await add('three', 3, 'exit 4');
      await add('four', 4, note(guest, 'four'));
      await enrol();

      const failed = await untilState(vmId, 'failed');
      expect(failed.steps).toMatchObject([
        { state: 'succeeded' },
        { state: 'failed', exit_code: 3, last_lines: ['out', 'it broke'] },
        { state: 'waiting', run_id: null },
        { state: 'waiting' },
      ]);
      const token = await createToken(manager, { role: 'viewer', scope: null });
      const [seen] = await roundsOf(vmId, token);
      expect(seen?.steps[1]).toMatchObject({ state: 'failed', exit_code: 3, last_lines: null });

      const json = { script: note(guest, 'mended') };
      const path = `/v1/provisioning/${broken.id}`;
      expectStatus(await manager.ask(path, { method: 'PATCH', json }), 200);
      expectStatus(await control(vmId, 'retry'), 202);
      const next = await untilRound(
        vmId,
        'the third fails',
        ({ steps }) => steps[2]?.state === 'failed',
      );
      expect(next.id).toBe(failed.id);
      expect(next.steps[1]).toMatchObject({ state: 'succeeded', attempts: 2, last_lines: null });
      expect(next.steps[2]?.script_id).toBe(hopeless.id);
      expectStatus(await control(vmId, 'run', {}), 202);
      const again = await untilState(vmId, 'failed', failed.id);
      // What has failed on this machine does not begin a second time by itself.
      expect(again.steps[0]).toMatchObject({
        script_id: hopeless.id,
        problem: { code: 'already_begun' },
        exit_code: null,
      });
      expectStatus(await control(vmId, 'skip'), 202);
      expect(statesOf(await untilState(vmId, 'finished'))).toEqual([
        `three ${vmId}: skipped`,
        `four ${vmId}: succeeded`,
      ]);
      expect(ran(guest)).toBe('one\ntwo\nmended\nfour\n');
      expectStatus(await control(vmId, 'retry'), 409);
      expectStatus(await control(vmId, 'run', {}), 409);
      expectStatus(await control(vmId, 'run', { script_ids: [broken.id] }), 202);
      const asked = await untilRound(
        vmId,
        'it ran',
        ({ id, state }) => id !== again.id && state === 'finished',
      );
      expect(asked).toMatchObject({ cause: 'request', steps: [{ state: 'succeeded' }] });
      expect(ran(guest)).toBe('one\ntwo\nmended\nfour\nmended\n');
    });
  });

  test('a manager that is killed in the middle of a step goes on, and begins nothing twice', async () => {
    await withGuest(build, async (vmId, guest, enrol) => {
      const long = `${note(guest, 'long')}; echo begun; while [ ! -e ${guest.folder}/go ]; do sleep 0.1; done; exit 0`;
      const add = async (name: string, order: number, script: string) =>
        addScript({ name: `${name} ${vmId}`, order, when: 'first_boot', script, vm_id: vmId });
      await add('long', 1, long);
      await add('after', 2, note(guest, 'after'));
      await enrol();
      await waitUntil('it has begun', () => ran(guest) === 'long\n', LONG_MS);
      await manager.kill();
      writeFileSync(join(guest.folder, 'go'), '');
      manager = await start();
      const round = await untilState(vmId, 'finished');
      expect(round.steps).toMatchObject([{ attempts: 1, exit_code: 0 }, { attempts: 1 }]);
      expect(ran(guest)).toBe('long\nafter\n');
    });
  });

  test('a machine that starts anew in the middle of a step ends the round, and the script is not run again', async () => {
    await withGuest(build, async (vmId, guest, enrol) => {
      const script = `${note(guest, 'long')}; echo $$ >${guest.folder}/pid; exec sleep 300`;
      await addScript({ name: `cut ${vmId}`, when: 'first_boot', script, vm_id: vmId });
      await enrol();
      await waitUntil('it has begun', () => existsSync(join(guest.folder, 'pid')), LONG_MS);
      await guest.crash();
      process.kill(Number(readFileSync(join(guest.folder, 'pid'), 'utf8')), 'SIGKILL');
      await untilRound(
        vmId,
        'the guest says no',
        ({ state, steps }) => state === 'failed' && steps[0]?.problem?.code === 'already_begun',
      );
      // Whatever is seen first: that the agent is another, or that the machine is.
      const [, before] = await roundsOf(vmId);
      expect(before?.steps[0]?.problem?.code).toMatch(/^(?:agent|machine)_restarted$/u);
      expect(ran(guest)).toBe('long\n');
    });
  });

  test('what a manager has forgotten that was restored from a backup, the guest has not', async () => {
    await withGuest(build, async (vmId, guest, enrol) => {
      const script = note(guest, 'once');
      await addScript({ name: `once ${vmId}`, when: 'first_boot', script, vm_id: vmId });
      await enrol();
      const before = await untilState(vmId, 'finished');
      await manager.stop();
      for (const table of ['provisioning_done', 'provisioning_round']) {
        const text = `DELETE FROM ${table} WHERE vm_id = $1::uuid`;
        await testDatabase.database.query({ text, values: [vmId] });
      }
      manager = await start();
      await guest.restart({ boot: 'new' });
      const round = await untilState(vmId, 'finished', before.id);
      expect(round.steps).toMatchObject([
        { state: 'succeeded', exit_code: null, problem: { code: 'already_done' } },
      ]);
      expect(ran(guest)).toBe('once\n');
    });
  });

  test('a script that is made later is not for VMs that were there, and one that others may write runs nowhere', async () => {
    await withGuest(build, async (vmId, guest, enrol) => {
      const selector = `guest=${vms}`;
      const each = {
        name: `each ${vmId}`,
        when: 'every_boot',
        script: note(guest, 'each'),
        selector,
      };
      await addScript(each);
      await enrol();
      const before = await untilState(vmId, 'finished');
      const late = {
        name: `late ${vmId}`,
        when: 'first_boot',
        script: note(guest, 'late'),
        selector,
      };
      const { id } = await addScript(late);
      await guest.restart({ boot: 'new' });
      const round = await untilState(vmId, 'finished', before.id);
      expect(statesOf(round)).toEqual([`each ${vmId}: succeeded`]);
      expect(ran(guest)).toBe('each\neach\n');
      expectStatus(await manager.ask(`/v1/provisioning/${id}`, { method: 'DELETE' }), 204);
    });
  });
});

test('pages hear of it as it goes on, and viewers without the output', async () => {
  const [build] = AGENT_BUILDS;
  if (build === undefined) throw new Error('no build');
  await withGuest(build, async (vmId, guest, enrol) => {
    const script = `echo '##progress 1/9 Counting'; while [ ! -e ${guest.folder}/go ]; do sleep 0.1; done; echo secret; exit 1`;
    await addScript({ name: `live ${vmId}`, when: 'first_boot', script, vm_id: vmId });
    const token = await createToken(manager, { role: 'viewer', scope: null });
    const [admin, viewer] = [await openSocket(manager), await openSocket(manager, { token })];
    const seen = (socket: typeof admin) =>
      socket.others
        .filter(({ name }) => name === 'provision:state')
        .map(({ payload }) => provisionStateSchema.parse(payload).round?.steps[0]);
    for (const socket of [admin, viewer]) {
      expect(await socket.emit('provision:subscribe', { vm_id: vmId })).toStrictEqual({ ok: true });
    }
    await waitUntil('the first state comes', () => admin.others.length > 0);
    expect(seen(admin)[0]).toBeUndefined();
    await enrol();
    await waitUntil('progress comes', () => seen(admin).at(-1)?.progress?.done === 1, LONG_MS);
    writeFileSync(join(guest.folder, 'go'), '');
    for (const socket of [admin, viewer]) {
      await waitUntil('the end comes', () => seen(socket).at(-1)?.state === 'failed', LONG_MS);
    }
    expect(seen(admin).at(-1)?.last_lines).toContain('secret');
    expect(seen(viewer).at(-1)?.last_lines).toBeNull();
    for (const socket of [admin, viewer]) socket.close();
  });
});
