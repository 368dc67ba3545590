/** Clients that stop reading their TCP connection: what waits for them has a limit, and an end. */
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeReading, makeVm } from './testing/fake-fleet.ts';
import { connected, subscribeFleet } from './testing/listen.ts';
import { startPushServer, type PushServerOfTest } from './testing/push-server.ts';
import { openRawClient, type RawClient } from './testing/raw-client.ts';

const vms = Array.from({ length: 1_000 }, (_, index) => makeVm(index + 1));
const WATCHED = 50;
/** So many bytes go into kernel buffers before anything waits in the manager. */
const KERNEL_BUFFERS_MS = 12_000;

let server: PushServerOfTest | undefined;
let raw: RawClient | undefined;
let feeding: NodeJS.Timeout | undefined;
afterEach(async () => {
  clearInterval(feeding);
  raw?.destroy();
  await server?.stop();
  server = undefined;
});

/** Watches the fleet and some VMs, acknowledges nothing, and reads no more. */
const openStalled = async ({ port, push }: PushServerOfTest): Promise<RawClient> => {
  const client = await openRawClient(port);
  client.send('40{"token":"everything"}');
  await waitUntil('it is signed in', () => client.heard().includes('40{"sid"'));
  client.send('420["fleet:subscribe"]');
  for (const { id } of vms.slice(0, WATCHED)) client.send(`421["vm:subscribe",{"vm_id":"${id}"}]`);
  await waitUntil('it watches', () => push.stats().vm.subscriptions === WATCHED);
  client.stopReading();
  return client;
};

/** A name that changes is sent reliably: the worst that one client can be made to owe. */
const keepChanging = (running: PushServerOfTest): void => {
  let round = 0;
  feeding = setInterval(() => {
    round += 1;
    for (const vm of vms) running.vms.change(vm.id, { name: `vm-${vm.key}-${round}` });
    for (const vm of vms) running.readings.push(vm, makeReading(vm, { taken_at: round }));
  }, 20);
};

describe('a client that stops reading', () => {
  test('costs bounded memory, is closed, and does not disturb the others', async () => {
    const maxBufferedBytes = 2 * 1024 * 1024;
    const running = await startPushServer({
      vms,
      limits: { frameIntervalMs: 10, checkIntervalMs: 10, maxBufferedBytes },
    });
    server = running;
    const { push } = running;
    const healthy = running.connect();
    await connected(healthy);
    let frames = 0;
    healthy.on('fleet', () => {
      frames += 1;
    });
    await subscribeFleet(healthy);
    raw = await openStalled(running);
    keepChanging(running);
    let most = 0;
    await waitUntil(
      'it is closed',
      () => {
        most = Math.max(most, push.stats().bufferedBytes);
        return push.stats().closed.buffer_full === 1;
      },
      KERNEL_BUFFERS_MS,
    );
    // Of each VM two readings went out, and after them only the newest waits.
    expect(push.stats().vm.readingsSent).toBe(2 * WATCHED);
    expect(push.stats().vm.readingsReplaced).toBeGreaterThan(WATCHED);
    expect(most).toBeLessThan(2 * maxBufferedBytes);
    expect(push.stats()).toMatchObject({ connections: 1, vm: { subscriptions: 0 } });
    const before = frames;
    await waitUntil('the other still gets frames', () => frames > before + 2);
    expect(healthy.connected).toBe(true);
  });

  test('loses frames, which are counted, and is closed as stalled where nothing else grows', async () => {
    const running = await startPushServer({
      vms,
      limits: { frameIntervalMs: 2, checkIntervalMs: 20, stallTimeoutMs: 500 },
    });
    server = running;
    const { push } = running;
    raw = await openStalled(running);
    await waitUntil('it is closed', () => push.stats().closed.stalled === 1, KERNEL_BUFFERS_MS);
    expect(push.stats().fleet.framesDropped).toBeGreaterThan(0);
    expect(push.stats().connections).toBe(0);
    expect(push.stats().fleet.watchers).toBe(0);
  });

  test('is told that its session has ended for no longer than it may take', async () => {
    const running = await startPushServer({
      vms,
      limits: { frameIntervalMs: 2, checkIntervalMs: 20 },
    });
    server = running;
    const { push } = running;
    raw = await openStalled(running);
    await waitUntil(
      'its buffers are full',
      () => push.stats().fleet.framesDropped > 0,
      KERNEL_BUFFERS_MS,
    );
    running.authenticator.revoke('everything', true);
    expect(push.stats()).toMatchObject({ fleet: { watchers: 0 }, vm: { subscriptions: 0 } });
    await waitUntil('the connection is gone', () => push.stats().connections === 0);
    expect(push.stats().closed.session_ended).toBe(1);
  });

  test('is closed too where it polls, and then polls no more', async () => {
    const running = await startPushServer({ vms, limits: { stallTimeoutMs: 300 } });
    server = running;
    const url = `http://127.0.0.1:${running.port}/socket.io/?EIO=4&transport=polling`;
    const opened = await (await fetch(url)).text();
    const { sid } = z.object({ sid: z.string() }).parse(JSON.parse(opened.slice(1)));
    const post = async (body: string): Promise<void> => {
      await (await fetch(`${url}&sid=${sid}`, { method: 'POST', body })).text();
    };
    await post('40{"token":"everything"}');
    await post(`420["vm:subscribe",{"vm_id":"${vms[0]?.id ?? ''}"}]`);
    const { push } = running;
    await waitUntil('it watches', () => push.stats().vm.subscriptions === 1);
    await waitUntil('it is closed', () => push.stats().closed.stalled === 1);
    expect(push.stats()).toMatchObject({ connections: 0, vm: { subscriptions: 0 } });
  });
});
