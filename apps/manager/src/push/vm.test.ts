/** Readings of single VMs, as fast as a client takes them. */
import type { Reading } from '@innkeeper/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeReading, makeVm, vmId } from './testing/fake-fleet.ts';
import { connected, disconnected, subscribeVm, unsubscribeVm } from './testing/listen.ts';
import { startPushServer, type Client, type PushServerOfTest } from './testing/push-server.ts';

let server: PushServerOfTest | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const vm = makeVm(1);
const at = (takenAt: number): Reading => makeReading(vm, { taken_at: takenAt });

interface Heard {
  readonly readings: Reading[];
  readonly gone: string[];
  acknowledge(): void;
}

const listen = (client: Client, isEager = true): Heard => {
  const readings: Reading[] = [];
  const gone: string[] = [];
  const owed: (() => void)[] = [];
  client.on('vm', (reading, received) => {
    readings.push(reading);
    if (isEager) received();
    else owed.push(received);
  });
  client.on('vm:gone', (told) => gone.push(told.vm_id));
  return {
    readings,
    gone,
    acknowledge: () => owed.shift()?.(),
  };
};

describe('a subscription to a VM', () => {
  test('brings the latest reading at once, and then each new one', async () => {
    server = await startPushServer();
    server.readings.push(vm, at(1));
    const client = server.connect();
    await connected(client);
    const heard = listen(client);
    expect(await subscribeVm(client, vm.id)).toStrictEqual({ ok: true });
    await waitUntil('the snapshot', () => heard.readings.length === 1);
    server.readings.push(vm, at(2));
    await waitUntil('the next', () => heard.readings.length === 2);
    server.readings.push(makeVm(2));
    server.readings.push(vm, at(3));
    await waitUntil('one more', () => heard.readings.length === 3);
    expect(heard.readings).toStrictEqual([at(1), at(2), at(3)]);
    expect(server.push.stats().vm).toStrictEqual({
      subscriptions: 1,
      readingsSent: 3,
      readingsReplaced: 0,
    });
  });

  test('is refused alike for a VM that is not there and for one outside the scope', async () => {
    server = await startPushServer();
    const client = server.connect({ auth: { token: 'web' } });
    await connected(client);
    const unreadable = await subscribeVm(client, vmId(1));
    const unknown = await subscribeVm(client, vmId(99));
    expect(unreadable).toStrictEqual({
      ok: false,
      error: { code: 'vm_not_found', message: 'there is no such VM' },
    });
    expect(unknown).toStrictEqual(unreadable);
    expect(await subscribeVm(client, vmId(2))).toStrictEqual({ ok: true });
  });

  test('sends two without an acknowledgement, then the newest in their place', async () => {
    server = await startPushServer();
    const client = server.connect();
    await connected(client);
    const heard = listen(client, false);
    server.readings.push(vm, at(1));
    await subscribeVm(client, vm.id);
    for (const takenAt of [2, 3, 4, 5]) server.readings.push(vm, at(takenAt));
    await waitUntil('two have come', () => heard.readings.length === 2);
    expect(server.push.stats().vm).toMatchObject({ readingsSent: 2, readingsReplaced: 2 });
    heard.acknowledge();
    await waitUntil('the newest comes', () => heard.readings.length === 3);
    expect(heard.readings.map(({ taken_at: takenAt }) => takenAt)).toStrictEqual([1, 2, 5]);
    heard.acknowledge();
    heard.acknowledge();
    await unsubscribeVm(client, vm.id);
    expect(server.push.stats().vm.readingsSent).toBe(3);
  });

  test('gives no more than two unacknowledged to a client that subscribes again and again', async () => {
    server = await startPushServer();
    const client = server.connect();
    await connected(client);
    const heard = listen(client, false);
    for (let round = 0; round < 10; round += 1) {
      await subscribeVm(client, vm.id);
      await unsubscribeVm(client, vm.id);
    }
    expect(heard.readings.length).toBe(2);
    await subscribeVm(client, vm.id);
    heard.acknowledge();
    heard.acknowledge();
    await waitUntil('it goes on', () => heard.readings.length === 3);
  });

  test('is what makes a VM a watched one, for as long as anybody has it', async () => {
    server = await startPushServer();
    const { push } = server;
    const [one, other] = [server.connect(), server.connect()];
    await Promise.all([connected(one), connected(other)]);
    await subscribeVm(one, vmId(1));
    await subscribeVm(other, vmId(1));
    await unsubscribeVm(one, vmId(1));
    expect([push.isWatched(vmId(1)), push.isWatched(vmId(2))]).toStrictEqual([true, false]);
    other.disconnect();
    await waitUntil('it has left', () => !push.isWatched(vmId(1)));
  });

  test('ends with unsubscribe', async () => {
    server = await startPushServer();
    const client = server.connect();
    await connected(client);
    const heard = listen(client);
    await subscribeVm(client, vm.id);
    expect(await unsubscribeVm(client, vm.id)).toStrictEqual({ ok: true });
    server.readings.push(vm, at(9));
    // What comes after it on the same connection has overtaken nothing.
    await unsubscribeVm(client, vm.id);
    expect(heard.readings).toHaveLength(1);
    expect(server.push.stats().vm.subscriptions).toBe(0);
  });

  test('is limited to so many VMs for each connection', async () => {
    server = await startPushServer({ limits: { maxVmSubscriptions: 1 } });
    const client = server.connect();
    await connected(client);
    listen(client);
    expect(await subscribeVm(client, vmId(1))).toStrictEqual({ ok: true });
    expect(await subscribeVm(client, vmId(1))).toStrictEqual({ ok: true });
    expect(await subscribeVm(client, vmId(2))).toMatchObject({
      error: { code: 'too_many_subscriptions' },
    });
  });

  test('ends when the VM is deleted, and when it leaves the scope', async () => {
    server = await startPushServer();
    const [all, web] = [server.connect(), server.connect({ auth: { token: 'web' } })];
    await Promise.all([connected(all), connected(web)]);
    const heardAll = listen(all);
    const heardWeb = listen(web);
    await subscribeVm(all, vmId(2));
    await subscribeVm(web, vmId(2));
    server.vms.relabel(vmId(2), { app: 'db' });
    await waitUntil('it has left the scope', () => heardWeb.gone.length === 1);
    expect(heardAll.gone).toStrictEqual([]);
    server.vms.remove(vmId(2));
    await waitUntil('it is deleted', () => heardAll.gone.length === 1);
    expect([heardAll.gone, heardWeb.gone]).toStrictEqual([[vmId(2)], [vmId(2)]]);
    expect(server.push.stats().vm.subscriptions).toBe(0);
  });

  test('of a client that never acknowledges ends with its connection', async () => {
    server = await startPushServer({ limits: { acknowledgeTimeoutMs: 200 } });
    const client = server.connect();
    await connected(client);
    listen(client, false);
    const gone = disconnected(client);
    await subscribeVm(client, vm.id);
    await gone;
    const { push } = server;
    await waitUntil('it is counted', () => push.stats().closed.no_acknowledgement === 1);
    expect(push.stats()).toMatchObject({ connections: 0, vm: { subscriptions: 0 } });
  });

  test('leaves nothing behind when the client leaves', async () => {
    server = await startPushServer();
    const client = server.connect();
    await connected(client);
    listen(client, false);
    await subscribeVm(client, vmId(1));
    await subscribeVm(client, vmId(2));
    client.disconnect();
    const { push } = server;
    await waitUntil('it has left', () => push.stats().connections === 0);
    expect(push.stats().vm.subscriptions).toBe(0);
    expect(push.stats().closed.client).toBe(1);
  });
});

test('whoever watches a VM hears that its enrolment has changed, and nobody else', async () => {
  server = await startPushServer();
  const [watcher, other] = [server.connect(), server.connect()];
  const heard: string[] = [];
  watcher.on('vm:enrollment', ({ vm_id: id }) => heard.push(`watcher ${id}`));
  other.on('vm:enrollment', ({ vm_id: id }) => heard.push(`other ${id}`));
  await Promise.all([connected(watcher), connected(other)]);
  await subscribeVm(watcher, vm.id);
  await subscribeVm(other, vmId(2));
  server.enrollmentChanged(vm.id);
  await waitUntil('it is told', () => heard.length > 0);
  await unsubscribeVm(watcher, vm.id);
  server.enrollmentChanged(vm.id);
  server.enrollmentChanged(vmId(2));
  await waitUntil('the other is told of its own', () => heard.length > 1);
  expect(heard).toEqual([`watcher ${vm.id}`, `other ${vmId(2)}`]);
});
