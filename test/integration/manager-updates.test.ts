/** A manager that updates agents under a restart loop: in stages, and over its own end. */
import { pageOf, updateSchema, updateSummarySchema, type Update } from '@innkeeper/protocol';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ALL_KINDS, type BuildKind } from '../support/agent-versions.ts';
import { makeManagerOfVersion } from '../support/manager-of-version.ts';
import { startManager, type ManagerProcess } from '../support/manager-process.ts';
import { expectStatus } from '../support/manager-questions.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { freePort } from '../support/service-process.ts';
import { installGuest, type UpdatableGuest } from '../support/updatable-guest.ts';
import { waitUntil } from '../support/wait-until.ts';

const OLD = '1.4.0';
const NEW = '1.5.0';
const LONG_MS = 60_000;

let db: TestDatabase;
let manager: ManagerProcess;
let port: number;
const installed = makeManagerOfVersion();
const start = async (): Promise<void> => {
  const listen = ['--listen', `127.0.0.1:${port}`, '--public-url', `http://127.0.0.1:${port}`];
  manager = await startManager({
    databaseUrl: db.url,
    program: installed.program,
    args: listen,
    variables: { INNKEEPER_ADMIN_TOKEN: `ik_${'a'.repeat(43)}` },
  });
};
beforeAll(async () => {
  db = await createTestDatabase();
  port = await freePort();
}, 60_000);
afterAll(async () => {
  await db.drop();
  installed.remove();
});

const guests: UpdatableGuest[] = [];
afterEach(async () => {
  for (const guest of guests.splice(0)) await guest.stop();
  await manager.stop();
});

const install = async (kind: BuildKind, labels: Readonly<Record<string, string>> = {}) => {
  const guest = await installGuest(manager, { kind, version: OLD, labels });
  guests.push(guest);
  return guest;
};

const begin = async (body: Readonly<Record<string, unknown>>): Promise<string> => {
  const reply = await manager.ask('/v1/updates', { method: 'POST', json: body });
  const schema = z.object({ update_id: z.uuid() });
  return schema.parse(expectStatus(reply, 202).json()).update_id;
};

const look = async (id: string): Promise<Update> =>
  updateSchema.parse(expectStatus(await manager.ask(`/v1/updates/${id}`), 200).json());

const until = async (id: string, what: string, isSo: (update: Update) => boolean) => {
  let last: Update | undefined;
  try {
    await waitUntil(
      what,
      async () => {
        last = await look(id);
        return isSo(last);
      },
      LONG_MS,
    );
  } catch (error) {
    const said = guests.map(({ agent }) => agent.stderr()).join('\n');
    throw new Error(`${JSON.stringify(last)}; agents said: ${said}`, { cause: error });
  }
  return look(id);
};

const ids = (...some: readonly UpdatableGuest[]) => ({ vm_ids: some.map(({ vmId }) => vmId) });
const statesOf = ({ steps }: Update): readonly string[] => steps.map(({ state }) => state);

const [NODE] = ALL_KINDS;
if (NODE === undefined) throw new Error('there is always the bundle');
/** Of each kind. */
const artefactsOf = async (version: string, fault: 'none' | 'crashes' = 'none') =>
  Object.fromEntries(
    await Promise.all(
      ALL_KINDS.map(async (kind) => [kind.artefact, await kind.make(version, fault)] as const),
    ),
  );

test('agents of all builds get what the manager serves, canaries first', async () => {
  installed.serve(NEW, await artefactsOf(NEW));
  await start();
  const others: UpdatableGuest[] = [];
  for (const kind of ALL_KINDS) others.push(await install(kind));
  const canary = await install(NODE, { canary: 'yes' });
  const targets = ids(...others, canary);
  const id = await begin({ targets, canary: { selector: 'canary=yes' } });
  const again = await manager.ask('/v1/updates', { method: 'POST', json: { targets } });
  expect([again.status, again.text]).toEqual([409, expect.stringContaining('update_under_way')]);
  const done = await until(id, 'it is finished', ({ state }) => state === 'finished');
  expect(done).toMatchObject({
    version: NEW,
    canary: 1,
    counts: { total: targets.vm_ids.length, done: targets.vm_ids.length },
  });
  expect(done.steps[0]).toMatchObject({
    vm_id: canary.vmId,
    state: 'done',
    from_version: OLD,
    artefact: NODE.artefact,
    problem: null,
  });
  // Each stays the kind that it was.
  const kinds = new Set(done.steps.map(({ artefact }) => artefact));
  expect(kinds).toEqual(new Set(ALL_KINDS.map(({ artefact }) => artefact)));
  const [first, ...rest] = done.steps;
  for (const step of rest) {
    expect(step.started_at ?? 0).toBeGreaterThanOrEqual(first?.ended_at ?? Infinity);
  }
  for (const { agent } of guests) expect(agent.ends).toEqual([75]);
  // The agents that have it are left alone.
  const second = await until(
    await begin({ targets }),
    'it is finished',
    ({ state }) => state === 'finished',
  );
  expect(new Set(statesOf(second))).toEqual(new Set(['done']));
  for (const { agent } of guests) expect(agent.ends).toEqual([75]);
  const list = pageOf(updateSummarySchema)
    .extend({ offer: z.object({ version: z.string() }) })
    .parse((await manager.ask('/v1/updates')).json());
  expect(list.offer.version).toBe(NEW);
  expect(list.items.map(({ state }) => state)).toEqual(['finished', 'finished']);
}, 240_000);

test('a version that does not stay is taken back, and stops at the canaries', async () => {
  installed.serve('1.6.0', await artefactsOf('1.6.0', 'crashes'));
  await start();
  const first = await install(NODE);
  const second = await install(NODE);
  const id = await begin({ targets: ids(first, second), canary: 1 });
  const paused = await until(id, 'it is paused', ({ state }) => state === 'paused');
  expect(paused.reason).toBe('canary_failed');
  expect(statesOf(paused)).toEqual(['rolled_back', 'waiting']);
  expect(paused.steps[0]?.problem).toMatchObject({ code: 'did_not_stay' });
  expect(Buffer.compare(first.agent.installed(), await NODE.make(OLD))).toBe(0);
  expect(second.agent.ends).toEqual([]);
  expectStatus(await manager.ask(`/v1/updates/${id}`, { method: 'DELETE' }), 202);
  const stopped = await until(id, 'it is stopped', ({ state }) => state === 'stopped');
  expect(statesOf(stopped)).toEqual(['rolled_back', 'cancelled']);
}, 240_000);

test('a manager that was killed goes on where its agents are', async () => {
  installed.serve(NEW, await artefactsOf(NEW));
  await start();
  const first = await install(NODE);
  const second = await install(NODE);
  const id = await begin({ targets: ids(first, second), concurrency: 1 });
  await until(id, 'it has begun', ({ steps }) => steps[0]?.state !== 'waiting');
  await manager.kill();
  await waitUntil('the first one has ended', () => first.agent.ends.length === 1, LONG_MS);
  await start();
  const done = await until(id, 'it is finished', ({ state }) => state === 'finished');
  expect(statesOf(done)).toEqual(['done', 'done']);
  expect([first.agent.ends, second.agent.ends]).toEqual([[75], [75]]);
}, 240_000);

test('an agent that may not be updated says why, and nothing is done to it', async () => {
  installed.serve(NEW, await artefactsOf(NEW));
  await start();
  const guest = await install(NODE);
  const older = await until(
    await begin({ targets: ids(guest) }),
    'it is finished',
    ({ state }) => state === 'finished',
  );
  expect(statesOf(older)).toEqual(['done']);
  await manager.stop();
  installed.serve('1.3.0', await artefactsOf('1.3.0'));
  await start();
  const refused = await until(
    await begin({ targets: ids(guest) }),
    'it is finished',
    ({ state }) => state === 'finished',
  );
  expect(refused.steps[0]).toMatchObject({ state: 'failed', problem: { code: 'downgrade' } });
  const down = await until(
    await begin({ targets: ids(guest), allow_downgrade: true }),
    'it is finished',
    ({ state }) => state === 'finished',
  );
  expect(statesOf(down)).toEqual(['done']);
}, 240_000);
