/** What becomes of copied disks, restored snapshots, new installations and wrong configurations. */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { auditEntrySchema, pageOf } from '@innkeeper/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AGENT_BUILDS, type AgentProcess } from '../support/agent-process.ts';
import {
  configOf,
  enrolmentEventsOf,
  enrollmentOf,
  makeGuest,
  makeRegisteredGuest,
  makeToken,
  startEnrolling,
  untilStatus,
  type Guest,
} from '../support/enrolment.ts';
import { makeManagerKey } from '../support/manager-key.ts';
import type { ManagerProcess } from '../support/manager-process.ts';
import { createVm, expectStatus, untilReading } from '../support/manager-questions.ts';
import { makeOtherMachine, type OtherMachine } from '../support/other-machine.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

let db: TestDatabase;
let manager: ManagerProcess;
beforeAll(async () => {
  db = await createTestDatabase();
  manager = await startEnrolling({ databaseUrl: db.url });
}, 60_000);
afterAll(async () => {
  await manager.stop();
  await db.drop();
});

const agents: AgentProcess[] = [];
const guests: Guest[] = [];
afterEach(async () => {
  await Promise.all(agents.splice(0).map(async (agent) => agent.stop()));
  for (const guest of guests.splice(0)) guest.remove();
});

/** The native one where there is one: it is what guests have. */
const [build] = AGENT_BUILDS.toReversed();
if (build === undefined) throw new Error('there is no build of the agent');

type Config = Readonly<Record<string, unknown>>;
const start = async (guest: Guest, config: Config): Promise<AgentProcess> => {
  const agent = await guest.start(build, config);
  agents.push(agent);
  return agent;
};
const newGuest = async (host: string, machine?: OtherMachine): Promise<Guest> => {
  const guest = await makeRegisteredGuest(manager, host, machine);
  guests.push(guest);
  return guest;
};
/** A place for a copy of this guest. */
const otherPlace = async (
  guest: Guest,
  host: string,
  machine: OtherMachine = makeOtherMachine({ hostname: 'copy' }),
): Promise<Guest> => {
  const { vmId, port } = guest;
  const place = await makeGuest({ vmId, host, port, machine });
  guests.push(place);
  return place;
};
const copyDisk = (from: Guest, to: Guest): void =>
  cpSync(from.stateDir, to.stateDir, { recursive: true });

const counterIn = (guest: Guest): number =>
  z
    .looseObject({ counter: z.number() })
    .parse(JSON.parse(readFileSync(join(guest.stateDir, 'state.json'), 'utf8'))).counter;

const enrolledGuest = async (
  host: string,
  machine?: OtherMachine,
): Promise<{ guest: Guest; config: Config; agent: AgentProcess }> => {
  const guest = await newGuest(host, machine);
  const config = configOf(await makeToken(manager, guest.vmId));
  const agent = await start(guest, config);
  await untilStatus(guest, { state: 'enrolled', code: null });
  return { guest, config, agent };
};

describe('a copied disk', () => {
  test('is refused while the machine that was enrolled is there, and both are shown', async () => {
    const { guest, config } = await enrolledGuest('127.0.0.71');
    const copy = await otherPlace(guest, '127.0.0.72');
    copyDisk(guest, copy);
    const agent = await start(copy, config);
    await untilStatus(copy, { state: 'refused', code: 'cloned' });
    expect(agent.stderr()).toContain('two machines have the key of this agent');
    const told = await enrollmentOf(manager, guest.vmId);
    expect(told.agent).toMatchObject({ hostname: 'guest', addresses: ['127.0.0.71'] });
    expect(told.clone).toMatchObject({ hostname: 'copy', addresses: ['127.0.0.72'] });
    expect(told.refusal?.code).toBe('cloned');
    expect(await enrolmentEventsOf(manager, guest.vmId)).toMatchObject([
      { kind: 'enrolled', detail: { hostname: 'guest', from: null } },
      { kind: 'cloned', detail: { hostname: 'copy' } },
    ]);
    const before = await untilReading(
      manager,
      guest.vmId,
      'the first is read',
      (reading) => reading.origin === 'guest',
    );
    await untilReading(
      manager,
      guest.vmId,
      'it still is',
      (reading) => reading.taken_at > before.taken_at && reading.origin === 'guest',
    );
    // As a VM of its own it is welcome, and has another key then.
    const own = await createVm(manager, { name: 'the copy', agent_port: copy.port });
    await agents.pop()?.stop();
    await start(copy, configOf(await makeToken(manager, own.id)));
    await untilStatus(copy, { state: 'enrolled' });
    const keys = [await enrollmentOf(manager, own.id), await enrollmentOf(manager, guest.vmId)];
    expect(new Set(keys.map(({ agent: known }) => known?.fingerprint)).size).toBe(2);
  }, 60_000);

  test('is refused by its firmware also when the other machine is off', async () => {
    const first = makeOtherMachine({ firmwareId: '6d1b8c2e-1111-4c55-9a43-0d4d4f7d1a01' });
    const second = makeOtherMachine({ firmwareId: '6d1b8c2e-2222-4c55-9a43-0d4d4f7d1a02' });
    const { guest, config, agent } = await enrolledGuest('127.0.0.73', first);
    const copy = await otherPlace(guest, '127.0.0.74', second);
    await agent.stop();
    copyDisk(guest, copy);
    await start(copy, config);
    await untilStatus(copy, { state: 'refused', code: 'cloned' });
    // Whoever says that the copy is the one to keep makes a token for it.
    await agents.pop()?.stop();
    await start(copy, configOf(await makeToken(manager, guest.vmId)));
    await untilStatus(copy, { state: 'enrolled', code: null });
    expect((await enrollmentOf(manager, guest.vmId)).clone).toBeNull();
    const kinds = (await enrolmentEventsOf(manager, guest.vmId)).map(({ kind }) => kind);
    expect(kinds).toEqual(['enrolled', 'cloned', 're_enrolled']);
  }, 60_000);

  test('that has the same token is told that it was used', async () => {
    const { guest, config } = await enrolledGuest('127.0.0.75');
    const copy = await otherPlace(guest, '127.0.0.76');
    const agent = await start(copy, config);
    await untilStatus(copy, { state: 'refused', code: 'token_used' });
    expect(agent.stderr()).toContain('make a new token');
    expect((await enrollmentOf(manager, guest.vmId)).refusal?.code).toBe('token_used');
    const [, second] = await enrolmentEventsOf(manager, guest.vmId);
    expect(second).toMatchObject({ kind: 'enrollment_refused', detail: { reason: 'token_used' } });
  });
});

test('a restored snapshot answers the challenge and goes on', async () => {
  const { guest, config, agent } = await enrolledGuest('127.0.0.77');
  await agent.stop();
  const snapshot = await otherPlace(guest, '127.0.0.77', guest.machine);
  copyDisk(guest, snapshot);
  for (const boot of [1, 2]) {
    guest.machine.reboot();
    const next = await start(guest, config);
    await waitUntil('it has told its boot', async () => {
      const told = await enrollmentOf(manager, guest.vmId);
      return told.agent?.boot_id === guest.machine.bootId();
    });
    await next.stop();
    expect(counterIn(guest)).toBe(boot);
  }
  expect(counterIn(snapshot)).toBe(0);
  guest.machine.reboot();
  await start(snapshot, config);
  await waitUntil('the snapshot is heard', async () => {
    const told = await enrollmentOf(manager, guest.vmId);
    return told.agent?.boot_id === guest.machine.bootId();
  });
  expect(counterIn(snapshot)).toBe(3);
  expect((await enrollmentOf(manager, guest.vmId)).clone).toBeNull();
}, 60_000);

test('a machine that was installed anew needs a new token, and its key replaces the old one', async () => {
  const { guest, config, agent } = await enrolledGuest('127.0.0.78');
  const before = await enrollmentOf(manager, guest.vmId);
  await agent.stop();
  rmSync(guest.stateDir, { recursive: true });
  const anew = await start(guest, config);
  await untilStatus(guest, { state: 'refused', code: 'token_used' });
  await anew.stop();
  await start(guest, configOf(await makeToken(manager, guest.vmId)));
  await untilStatus(guest, { state: 'enrolled', code: null });
  const after = await enrollmentOf(manager, guest.vmId);
  expect(after.agent?.fingerprint).not.toBe(before.agent?.fingerprint);
  const audit = await manager.ask(`/v1/audit?action=agent.enroll&target_id=${guest.vmId}`);
  const [newest] = pageOf(auditEntrySchema).parse(expectStatus(audit, 200).json()).items;
  expect(newest?.detail['replaces_key']).toBe(before.agent?.fingerprint);
}, 60_000);

test('a changed address is reported, and pulled', async () => {
  const { guest, config, agent } = await enrolledGuest('127.0.0.79');
  await agent.stop();
  const moved = await otherPlace(guest, '127.0.0.80', guest.machine);
  copyDisk(guest, moved);
  await start(moved, config);
  await waitUntil('it is registered there', async () => {
    const vm = await manager.ask(`/v1/vms/${guest.vmId}`);
    return (
      z.looseObject({ guest_ip: z.string().nullable() }).parse(vm.json()).guest_ip === '127.0.0.80'
    );
  });
  const reading = await untilReading(
    manager,
    guest.vmId,
    'it is pulled',
    ({ origin, state }) => origin === 'guest' && state === 'up',
  );
  expect(reading.identity).toBe('verified');
}, 60_000);

describe('a manager that was restored from a backup', () => {
  test('of before the agent was enrolled takes its token again, if it has it', async () => {
    const { guest, config, agent } = await enrolledGuest('127.0.0.81');
    await agent.stop();
    await db.database.query({
      text: 'DELETE FROM agent_identity WHERE vm_id = $1::uuid',
      values: [guest.vmId],
    });
    await db.database.query({
      text: 'UPDATE enrollment_token SET used_at = NULL, used_by = NULL WHERE vm_id = $1::uuid',
      values: [guest.vmId],
    });
    await start(guest, config);
    await waitUntil('it is known again', async () => {
      const told = await enrollmentOf(manager, guest.vmId);
      return told.agent !== null;
    });
    const status = await untilStatus(guest, { state: 'enrolled', code: null });
    expect(status?.message).toBeNull();
  });

  test('and has no token says what to do', async () => {
    const { guest, config, agent } = await enrolledGuest('127.0.0.82');
    await agent.stop();
    await db.database.query({
      text: 'DELETE FROM agent_identity WHERE vm_id = $1::uuid',
      values: [guest.vmId],
    });
    await start(guest, config);
    const status = await untilStatus(guest, { state: 'refused', code: 'unknown_agent' });
    expect(status?.message).toContain('make a new token');
  });
});

describe('a token', () => {
  test('of another VM, revoked, or expired is refused with what to do', async () => {
    const [guest, other] = [await newGuest('127.0.0.83'), await newGuest('127.0.0.84')];
    const otherToken = await makeToken(manager, other.vmId);
    const mixed = await start(guest, { ...configOf(otherToken), vm_id: guest.vmId });
    await untilStatus(guest, { state: 'refused', code: 'other_machine' });
    await mixed.stop();

    const revoked = configOf(await makeToken(manager, guest.vmId));
    await manager.ask(`/v1/vms/${guest.vmId}/enrollment`, { method: 'DELETE' });
    const second = await start(guest, revoked);
    await untilStatus(guest, { state: 'refused', code: 'token_revoked' });
    await second.stop();

    const expired = configOf(await makeToken(manager, guest.vmId));
    await db.database.query({
      text: `UPDATE enrollment_token SET expires_at = now() - interval '1 second'
        WHERE vm_id = $1::uuid AND used_at IS NULL`,
      values: [guest.vmId],
    });
    await start(guest, expired);
    await untilStatus(guest, { state: 'refused', code: 'token_expired' });
    expect((await enrollmentOf(manager, guest.vmId)).state).toBe('none');
  }, 60_000);

  test('is safe from a manager that does not have the right key, and good afterwards', async () => {
    const guest = await newGuest('127.0.0.85');
    const config = configOf(await makeToken(manager, guest.vmId));
    const wrong = await start(guest, { ...config, manager_keys: [makeManagerKey().publicKey] });
    await untilStatus(guest, { state: 'refused', code: 'wrong_manager' });
    expect(wrong.stderr()).toContain('check manager_url and manager_keys');
    await wrong.stop();
    await start(guest, config);
    await untilStatus(guest, { state: 'enrolled', code: null });
  }, 60_000);
});

test('an https manager, and one that is none, are told apart', async () => {
  const guest = await newGuest('127.0.0.86');
  const config = configOf(await makeToken(manager, guest.vmId));
  const tls = await start(guest, { ...config, manager_url: 'https://127.0.0.1:9' });
  await untilStatus(guest, { state: 'refused', code: 'manager_url' });
  await tls.stop();
  const away = await start(guest, { ...config, manager_url: 'http://127.0.0.86:9' });
  await untilStatus(guest, { state: 'waiting', code: 'unreachable' });
  await away.stop();
  // The guest itself is a web server, and no manager.
  const none = { ...config, manager_url: `http://${guest.host}:${guest.port}` };
  await start(guest, none);
  await untilStatus(guest, { state: 'waiting', code: 'unreachable' });
  expect((await enrollmentOf(manager, guest.vmId)).state).toBe('waiting');
}, 60_000);
