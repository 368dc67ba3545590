/** Agents of both builds enrol with a running manager: from the token to the first reading. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { enrollmentCreatedSchema, enrollmentSchema, hostSchema } from '@innkeeper/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AGENT_BUILDS, type AgentProcess } from '../support/agent-process.ts';
import {
  configOf,
  enrollmentOf,
  makeGuest,
  makeRegisteredGuest,
  makeToken,
  startEnrolling,
  untilStatus,
  type Guest,
} from '../support/enrolment.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import { expectStatus, listHosts, untilReading } from '../support/manager-questions.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { freePort } from '../support/service-process.ts';
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
const newGuest = async (host: string): Promise<Guest> => {
  const guest = await makeRegisteredGuest(manager, host);
  guests.push(guest);
  return guest;
};

describe.each(AGENT_BUILDS)('$name', (build) => {
  const start = async (guest: Guest, config: Readonly<Record<string, unknown>>) => {
    const agent = await guest.start(build, config);
    agents.push(agent);
    return agent;
  };

  test('enrols itself with a token, and is pulled at once', async () => {
    const guest = await newGuest('127.0.0.61');
    const created = await makeToken(manager, guest.vmId);
    expect((await enrollmentOf(manager, guest.vmId)).state).toBe('waiting');
    const agent = await start(guest, configOf(created));
    await untilStatus(guest, { state: 'enrolled', code: null });
    const reading = await untilReading(
      manager,
      guest.vmId,
      'it is pulled',
      ({ origin }) => origin === 'guest',
    );
    expect(reading.identity).toBe('verified');
    await waitUntil('all steps are noted', async () => {
      const { events } = await enrollmentOf(manager, guest.vmId);
      return events.length === 4;
    });
    const told = await enrollmentOf(manager, guest.vmId);
    expect(told.state).toBe('enrolled');
    expect(told.events.map(({ kind }) => kind)).toEqual([
      'token_made',
      'token_used',
      'enrolled',
      'first_reading',
    ]);
    expect(told.agent).toMatchObject({
      hostname: 'guest',
      addresses: ['127.0.0.61'],
      agent_port: guest.port,
      boot_id: guest.machine.bootId(),
      build: build.name.includes('native') ? 'native' : 'node',
    });
    const state = join(guest.stateDir, 'state.json');
    expect(statSync(state).mode & 0o777).toBe(0o600);
    expect(statSync(guest.stateDir).mode & 0o777).toBe(0o700);
    // The secret is nowhere but in the config: not in the state, the log, or the manager's.
    const secret = created.token.slice(-43);
    expect(readFileSync(state, 'utf8')).not.toContain(secret);
    expect(agent.stderr()).not.toContain(secret);
    expect(manager.stderr()).not.toContain(secret);
  });

  test('is the same agent after a restart, and needs no token for it', async () => {
    const guest = await newGuest('127.0.0.62');
    const created = configOf(await makeToken(manager, guest.vmId));
    // By its name: the native agent looks names up by itself.
    const config = { ...created, manager_url: `http://localhost:${manager.port}/` };
    const first = await start(guest, config);
    await untilStatus(guest, { state: 'enrolled' });
    await first.stop();
    const before = await enrollmentOf(manager, guest.vmId);
    guest.machine.reboot();
    const without = { ...config, enrollment_token: undefined };
    await start(guest, without);
    await waitUntil('it has told its new boot', async () => {
      const { agent } = await enrollmentOf(manager, guest.vmId);
      return agent?.boot_id === guest.machine.bootId();
    });
    const after = await enrollmentOf(manager, guest.vmId);
    expect(after.agent?.fingerprint).toBe(before.agent?.fingerprint);
    expect(after.agent?.enrolled_at).toBe(before.agent?.enrolled_at);
    expect(after.clone).toBeNull();
  });

  test('enrols as the agent of a hypervisor, and its first answer is noted', async () => {
    const json = {
      name: `host of ${build.name}`,
      address: '127.0.0.64',
      agent_port: await freePort(),
    };
    const path = expectStatus(await manager.ask('/v1/hosts', { method: 'POST', json }), 201);
    const { id, agent_id: agentId, agent } = hostSchema.parse(path.json());
    expect(agent).toBeNull();
    const place = `/v1/hosts/${id}/enrollment`;
    const made = expectStatus(await manager.ask(place, { method: 'POST' }), 201);
    const created = enrollmentCreatedSchema.parse(made.json());
    const guest = await makeGuest({ vmId: agentId, host: json.address, port: json.agent_port });
    guests.push(guest);
    await start(guest, { ...configOf(created), role: ['host'] });
    await untilStatus(guest, { state: 'enrolled', code: null });
    const steps = async () =>
      enrollmentSchema
        .parse(expectStatus(await manager.ask(place), 200).json())
        .events.map(({ kind }) => kind);
    await waitUntil('it is asked', async () => (await steps()).includes('first_reading'), 20_000);
    const host = (await listHosts(manager)).find((one) => one.id === id);
    expect(host?.agent?.build).toBe(build.name.includes('native') ? 'native' : 'node');
    expect(host?.status.state).toBe('up');
    // Of the two builds here only the bundle encrypts.
    expect(host?.tls_pin === null).toBe(build.name.includes('native'));
  }, 60_000);

  test('waits for a manager that is not there yet, and says why', async () => {
    const guest = await newGuest('127.0.0.63');
    const created = await makeToken(manager, guest.vmId);
    const address = ['--listen', `${manager.host}:${manager.port}`, '--public-url', manager.url];
    await manager.stop();
    const agent = await start(guest, configOf(created));
    await untilStatus(guest, { state: 'waiting', code: 'unreachable' });
    await waitUntil('it says why', () => agent.stderr().includes('not enrolled yet'));
    manager = await startManager({
      databaseUrl: db.url,
      args: address,
      variables: { INNKEEPER_ADMIN_TOKEN: manager.adminToken },
    });
    await untilStatus(guest, { state: 'enrolled' });
    expect((await enrollmentOf(manager, guest.vmId)).state).toBe('enrolled');
  }, 60_000);
});
