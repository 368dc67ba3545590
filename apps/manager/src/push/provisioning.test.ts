/** The provisioning of single VMs, for those who may see it. */
import type { Acknowledgement, ProvisionState } from '@innkeeper/protocol';
import { afterEach, expect, test } from 'vitest';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import type { RoundRow } from '../provisioning/sql/round-row.ts';
import { vmId } from './testing/fake-fleet.ts';
import { connected } from './testing/listen.ts';
import { startPushServer, type Client, type PushServerOfTest } from './testing/push-server.ts';

let server: PushServerOfTest | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const round = (of: number, state: RoundRow['state']): RoundRow => ({
  key: '1',
  id: '6f1c2a34-0000-4000-8000-000000000001',
  vm_id: vmId(of),
  boot_id: 'boot',
  cause: 'boot',
  requested_by: null,
  state,
  created_at: 1,
  ended_at: null,
  steps: [],
});
const listen = (client: Client): ProvisionState[] => {
  const states: ProvisionState[] = [];
  client.on('provision:state', (state, received) => {
    states.push(state);
    received();
  });
  return states;
};
const subscribe = async (client: Client, id: string): Promise<Acknowledgement> =>
  new Promise((resolve) => {
    client.emit('provision:subscribe', { vm_id: id }, resolve);
  });

test('the newest round comes at once, and as it changes', async () => {
  server = await startPushServer({ limits: { provisionIntervalMs: 5 } });
  const client = server.connect();
  await connected(client);
  const states = listen(client);
  expect(await subscribe(client, vmId(1))).toStrictEqual({ ok: true });
  await waitUntil('the first', () => states.length === 1);
  server.provisioning.set(round(2, 'running'));
  server.provisioning.set(round(1, 'running'));
  await waitUntil('the second', () => states.length === 2);
  server.provisioning.set(round(1, 'finished'));
  await waitUntil('the third', () => states.length === 3);
  expect(states.map((state) => state.round?.state)).toEqual([undefined, 'running', 'finished']);
  expect(server.push.stats().provisioning).toEqual({ subscriptions: 1, statesSent: 3 });
});

test('is for those who may see the VM, for as long as they may', async () => {
  server = await startPushServer({ limits: { provisionIntervalMs: 5 } });
  const client = server.connect({ auth: { token: 'web' } });
  await connected(client);
  const states = listen(client);
  expect(await subscribe(client, vmId(1))).toMatchObject({ error: { code: 'vm_not_found' } });
  expect(await subscribe(client, vmId(2))).toStrictEqual({ ok: true });
  await waitUntil('the first', () => states.length === 1);
  server.vms.relabel(vmId(2), { app: 'db' });
  server.provisioning.set(round(2, 'running'));
  await waitUntil('it has ended', () => server?.push.stats().provisioning.subscriptions === 0);
  expect(states).toHaveLength(1);
});

test('of so many VMs, and of none when the client has gone', async () => {
  server = await startPushServer({ limits: { maxProvisionSubscriptions: 1 } });
  const client = server.connect();
  await connected(client);
  listen(client);
  expect(await subscribe(client, vmId(1))).toStrictEqual({ ok: true });
  expect(await subscribe(client, vmId(1))).toStrictEqual({ ok: true });
  expect(await subscribe(client, vmId(2))).toMatchObject({
    error: { code: 'too_many_subscriptions' },
  });
  client.disconnect();
  await waitUntil('nothing is kept', () => server?.push.stats().provisioning.subscriptions === 0);
});
