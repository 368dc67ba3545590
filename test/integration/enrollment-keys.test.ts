/** The manager's key is changed while agents are enrolled, and none is lost. */
import { managerKeyStateSchema, type ManagerKeyState } from '@innkeeper/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AGENT_BUILDS, type AgentProcess } from '../support/agent-process.ts';
import {
  configOf,
  enrolmentEventsOf,
  makeRegisteredGuest,
  makeToken,
  startEnrolling,
  untilStatus,
  type Guest,
} from '../support/enrolment.ts';
import type { ManagerProcess } from '../support/manager-process.ts';
import { expectStatus, listVms, untilReading } from '../support/manager-questions.ts';
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

const [build] = AGENT_BUILDS.toReversed();

/** It reports, waits a second, and reports again. */
const WAIT_MS = 20_000;

const keys = async (): Promise<ManagerKeyState> =>
  managerKeyStateSchema.parse(expectStatus(await manager.ask('/v1/keys'), 200).json());
const change = async (path: string, json?: unknown) =>
  manager.ask(`/v1/keys/${path}`, { method: 'POST', json });

test('a new key is told to all agents, takes over, and the old one opens nothing', async () => {
  if (build === undefined) throw new Error('there is no build of the agent');
  const guests: Guest[] = [];
  const agents = new Map<Guest, AgentProcess>();
  const configs = new Map<Guest, Readonly<Record<string, unknown>>>();
  const restart = async (guest: Guest): Promise<void> => {
    await agents.get(guest)?.stop();
    // Reports at its start; else it would within the hour.
    agents.set(guest, await guest.start(build, configs.get(guest) ?? {}));
  };
  try {
    for (const host of ['127.0.0.101', '127.0.0.102']) {
      const guest = await makeRegisteredGuest(manager, host);
      guests.push(guest);
      configs.set(guest, configOf(await makeToken(manager, guest.vmId)));
      await restart(guest);
      await untilStatus(guest, { state: 'enrolled', code: null });
    }
    const before = await keys();
    expect(before).toMatchObject({ announced: null, agents_behind: 0 });
    expectStatus(await change('rotate'), 201);
    expectStatus(await change('rotate'), 409);
    const announced = (await keys()).announced?.public_key;
    expect(await keys()).toMatchObject({ signing: before.signing, agents_behind: 2 });
    // Whoever enrols now is told both.
    const [first, second] = guests;
    if (first === undefined || second === undefined) throw new Error('there are two');
    const created = await makeToken(manager, first.vmId);
    expect(created.manager_keys).toEqual([before.signing.public_key, announced]);

    await restart(first);
    await waitUntil('the first knows it', async () => (await keys()).agents_behind === 1, WAIT_MS);
    expect((await keys()).behind.map(({ vm_id: id }) => id)).toEqual([second.vmId]);
    expectStatus(await change('complete', {}), 409);
    await restart(second);
    await waitUntil(
      'it takes over by itself',
      async () => (await keys()).announced === null,
      WAIT_MS,
    );
    expect((await keys()).signing.public_key).toBe(announced);
    const { fingerprint } = (await keys()).signing;
    expect(await enrolmentEventsOf(manager, first.vmId)).toMatchObject([
      { kind: 'enrolled' },
      { kind: 'key_rotated', detail: { to: fingerprint, reason: null } },
    ]);
    for (const guest of guests) {
      const from = Date.now();
      await untilReading(
        manager,
        guest.vmId,
        'it is pulled with the new key',
        ({ origin, taken_at: takenAt }) => origin === 'guest' && takenAt > from,
      );
    }
    // And after a restart of both, whatever is in the config.
    await restart(first);
    await untilStatus(first, { state: 'enrolled', code: null });
    const from = Date.now();
    const reading = await untilReading(
      manager,
      first.vmId,
      'it is pulled still',
      ({ origin, taken_at: takenAt }) => origin === 'guest' && takenAt > from,
    );
    expect(reading.identity).toBe('verified');
  } finally {
    await Promise.all([...agents.values()].map(async (agent) => agent.stop()));
    for (const guest of guests) guest.remove();
  }
}, 90_000);

test('a change that is forced leaves behind who does not know the key', async () => {
  expectStatus(await change('complete', {}), 409);
  expectStatus(await change('rotate'), 201);
  const { announced } = await keys();
  const forced = expectStatus(await change('complete', { force: true }), 200);
  const state = managerKeyStateSchema.parse(forced.json());
  expect(state.signing).toEqual(announced);
  expect(state.announced).toBeNull();
  const vm = (await listVms(manager, '?search=guest')).find(({ enrolled }) => enrolled);
  if (vm === undefined) throw new Error('no VM is enrolled');
  expect((await enrolmentEventsOf(manager, vm.id)).at(-1)).toMatchObject({
    kind: 'key_rotated',
    detail: { reason: 'agent_behind' },
  });
});
