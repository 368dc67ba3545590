/** Who is in the fleet and how it is, as browsers hear of it. */
import {
  decodeFleetFrame,
  fleetMembersSchema,
  type FleetFrame,
  type FleetMembers,
} from '@innkeeper/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeReading, makeVm, vmId } from './testing/fake-fleet.ts';
import { connected, subscribeFleet, unsubscribeFleet } from './testing/listen.ts';
import { startPushServer, type Client, type PushServerOfTest } from './testing/push-server.ts';

let server: PushServerOfTest | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

interface Heard {
  readonly members: FleetMembers[];
  readonly frames: FleetFrame[];
  /** Members and frames in the order in which they came. */
  readonly order: string[];
  /** What a browser would know by now. */
  readonly known: () => readonly string[];
}

const listen = (client: Client): Heard => {
  const members: FleetMembers[] = [];
  const frames: FleetFrame[] = [];
  const order: string[] = [];
  const known = new Map<number, string>();
  client.on('fleet:members', (message) => {
    const told = fleetMembersSchema.parse(message);
    members.push(told);
    order.push('members');
    if (told.all) known.clear();
    for (const key of told.removed) known.delete(key);
    for (const { key, name } of told.members) known.set(key, name);
  });
  client.on('fleet', (text) => {
    const decoded = decodeFleetFrame(Buffer.from(text, 'base64'));
    if (!decoded.ok) throw new Error(decoded.problem);
    frames.push(decoded.frame);
    order.push('frame');
  });
  return { members, frames, order, known: () => [...known.values()].toSorted() };
};

describe('a subscription to the fleet', () => {
  test('brings all members and a frame at once, and then a frame each second', async () => {
    server = await startPushServer();
    const client = server.connect();
    await connected(client);
    const heard = listen(client);
    expect(await subscribeFleet(client)).toStrictEqual({ ok: true });
    await waitUntil('three frames', () => heard.frames.length >= 3);
    expect(heard.order.slice(0, 2)).toStrictEqual(['members', 'frame']);
    expect(heard.members).toHaveLength(1);
    expect(heard.members[0]).toStrictEqual({
      all: true,
      removed: [],
      members: [1, 2].map((key) => ({
        key,
        id: vmId(key),
        name: `vm-${key}`,
        host_id: null,
        guest_ip: `10.0.0.${key}`,
        is_local: false,
        labels: key === 2 ? { app: 'web' } : {},
        agent_version: null,
        agent_update: null,
      })),
    });
    expect(heard.frames[0]?.rows.map(({ key }) => key)).toStrictEqual([1, 2]);
    expect(heard.frames[0]?.rows[0]).toMatchObject({ state: 'up', cpuUsagePercent: 12.5 });
  });

  test('shows only the VMs of the scope, and the same scope is built once', async () => {
    server = await startPushServer();
    server.authenticator.allow('web too', { scope: 'app=web', role: 'operator' });
    const clients = ['web', 'web too'].map((token) => server?.connect({ auth: { token } }));
    const heard = clients.flatMap((client) => (client === undefined ? [] : [listen(client)]));
    for (const client of clients) {
      if (client === undefined) throw new Error('no client');
      await connected(client);
      await subscribeFleet(client);
    }
    await waitUntil('each has frames', () => heard.every(({ frames }) => frames.length >= 3));
    for (const { frames, known } of heard) {
      expect(known()).toStrictEqual(['vm-2']);
      for (const { rows } of frames) expect(rows.map(({ key }) => key)).toStrictEqual([2]);
    }
    expect(server.push.stats().fleet).toMatchObject({ scopes: 1, watchers: 2 });
    const { framesBuilt, framesSent } = server.push.stats().fleet;
    expect(framesSent).toBeGreaterThan(framesBuilt);
  });

  test('tells who comes, changes, moves in or out of the scope, and goes', async () => {
    server = await startPushServer();
    const { vms } = server;
    const [all, web] = ['everything', 'web'].map((token) => server?.connect({ auth: { token } }));
    if (all === undefined || web === undefined) throw new Error('no clients');
    const heardAll = listen(all);
    const heardWeb = listen(web);
    for (const client of [all, web]) {
      await connected(client);
      await subscribeFleet(client);
    }
    await waitUntil(
      'both know',
      () => heardAll.known().length === 2 && heardWeb.known().length === 1,
    );

    vms.add(makeVm(3, { labels: { app: 'web' } }));
    await waitUntil('the new one is known', () => heardWeb.known().includes('vm-3'));
    vms.relabel(vmId(1), { app: 'web' });
    await waitUntil('it has moved in', () => heardWeb.known().includes('vm-1'));
    vms.relabel(vmId(2), { app: 'db' });
    await waitUntil('it has moved out', () => !heardWeb.known().includes('vm-2'));
    vms.change(vmId(1), { name: 'renamed' });
    await waitUntil('it is renamed', () => heardWeb.known().includes('renamed'));
    vms.remove(vmId(3));
    await waitUntil('it is gone', () => !heardWeb.known().includes('vm-3'));
    await waitUntil('all know all', () => heardAll.known().length === 2);
    expect(heardWeb.known()).toStrictEqual(['renamed']);
    expect(heardAll.known()).toStrictEqual(['renamed', 'vm-2']);
    await waitUntil('frames follow', () => heardWeb.frames.at(-1)?.rows.length === 1);
    expect(heardWeb.members.filter(({ all: whole }) => whole)).toHaveLength(1);
  });

  test('says nothing of changes that do not show, and gathers those of one second', async () => {
    const manyVms = Array.from({ length: 500 }, (_, index) => makeVm(index + 1));
    server = await startPushServer({ vms: manyVms });
    const client = server.connect();
    const heard = listen(client);
    await connected(client);
    await subscribeFleet(client);
    await waitUntil('it knows', () => heard.known().length === 500);
    for (const { id } of manyVms) server.vms.change(id, { updatedAt: 99, agentPort: 9 });
    const before = heard.frames.length;
    await waitUntil('two seconds of frames', () => heard.frames.length >= before + 2);
    expect(heard.members).toHaveLength(1);
    for (const { id, key } of manyVms) server.vms.change(id, { name: `other-${key}` });
    await waitUntil('all are renamed', () => heard.known().every((name) => name.startsWith('o')));
    expect(heard.members).toHaveLength(2);
  });

  test('comes in parts where the fleet is large, of which only the first says all', async () => {
    const manyVms = Array.from({ length: 4_500 }, (_, index) => makeVm(index + 1));
    server = await startPushServer({ vms: manyVms, limits: { frameIntervalMs: 1_000 } });
    const client = server.connect();
    const heard = listen(client);
    await connected(client);
    await subscribeFleet(client);
    await waitUntil('it knows all', () => heard.frames.length > 0);
    expect(heard.members.map(({ all, members }) => [all, members.length])).toStrictEqual([
      [true, 2_000],
      [false, 2_000],
      [false, 500],
    ]);
    expect(heard.frames[0]?.rows).toHaveLength(4_500);
  });

  test('ends with unsubscribe, and then nothing is built for nobody', async () => {
    server = await startPushServer();
    const { push, connect } = server;
    const client = connect();
    const heard = listen(client);
    await connected(client);
    await subscribeFleet(client);
    await waitUntil('a frame', () => heard.frames.length > 0);
    expect(await unsubscribeFleet(client)).toStrictEqual({ ok: true });
    expect(push.stats().fleet).toMatchObject({ scopes: 0, watchers: 0 });
    const { framesBuilt } = push.stats().fleet;
    // Another connection goes through all that would have sent a frame.
    const other = connect({ auth: { token: 'web' } });
    await connected(other);
    const heardOther = listen(other);
    await subscribeFleet(other);
    const before = heard.frames.length;
    await waitUntil('frames for the other', () => heardOther.frames.length >= 3);
    expect(heard.frames.length).toBe(before);
    expect(push.stats().fleet.framesBuilt).toBeGreaterThan(framesBuilt);
  });

  test('again, sends everything anew, and once', async () => {
    server = await startPushServer();
    const client = server.connect();
    const heard = listen(client);
    await connected(client);
    await subscribeFleet(client);
    await waitUntil('a frame', () => heard.frames.length > 0);
    await subscribeFleet(client);
    await subscribeFleet(client);
    await waitUntil('members again', () => heard.members.length >= 2);
    const before = heard.frames.length;
    await waitUntil('frames', () => heard.frames.length >= before + 2);
    expect(server.push.stats().fleet.watchers).toBe(1);
    client.disconnect();
    const { push } = server;
    await waitUntil('nobody watches', () => push.stats().fleet.scopes === 0);
  });

  test('is limited to so many different scopes', async () => {
    server = await startPushServer({ limits: { maxScopes: 1 } });
    const [all, web] = [server.connect(), server.connect({ auth: { token: 'web' } })];
    await Promise.all([connected(all), connected(web)]);
    expect(await subscribeFleet(all)).toStrictEqual({ ok: true });
    expect(await subscribeFleet(web)).toMatchObject({ error: { code: 'too_many_scopes' } });
  });

  test('of many at once shares one frame and one list of members', async () => {
    server = await startPushServer({ limits: { frameIntervalMs: 60_000 } });
    const { connect, push } = server;
    const clients = Array.from({ length: 40 }, () => connect());
    const heard = clients.map((client) => listen(client));
    await Promise.all(clients.map(async (client) => connected(client)));
    await Promise.all(clients.map(async (client) => subscribeFleet(client)));
    await waitUntil('all have a frame', () => heard.every(({ frames }) => frames.length === 1));
    expect(push.stats().fleet).toMatchObject({ framesBuilt: 1, framesSent: 40 });
  });

  test('reads the latest reading for each frame', async () => {
    server = await startPushServer({ vms: [makeVm(1)] });
    const client = server.connect();
    const heard = listen(client);
    await connected(client);
    await subscribeFleet(client);
    const vm = makeVm(1);
    server.readings.push(vm, makeReading(vm, { state: 'down', cpu_usage_percent: null }));
    await waitUntil('it is down', () => heard.frames.at(-1)?.rows[0]?.state === 'down');
    expect(heard.frames.at(-1)?.rows[0]?.cpuUsagePercent).toBeNull();
  });
});

test('a client cannot have everything sent again and again', async () => {
  server = await startPushServer({ limits: { fleetBurst: 2 } });
  const client = server.connect();
  await connected(client);
  expect(await subscribeFleet(client)).toStrictEqual({ ok: true });
  expect(await subscribeFleet(client)).toStrictEqual({ ok: true });
  expect(await subscribeFleet(client)).toMatchObject({
    ok: false,
    error: { code: 'too_many_events' },
  });
  // It goes on watching, and others have their own.
  expect(server.push.stats().fleet.watchers).toBe(1);
  const other = server.connect();
  await connected(other);
  expect(await subscribeFleet(other)).toStrictEqual({ ok: true });
});
