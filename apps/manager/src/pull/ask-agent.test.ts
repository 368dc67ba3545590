import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VmRecord } from '../vms/vm-record.ts';
import { makeAskAgent } from './ask-agent.ts';
import { makeConnectGate } from './connect-gate.ts';
import { makeDeadlines } from './deadlines.ts';

const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  socket.resume();
});
let port = 0;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address === 'object' && address !== null) ({ port } = address);
});
afterAll(async () => {
  server.close();
  await once(server, 'close');
});

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

const vm: VmRecord = {
  id: '6f1c2a34-0000-4000-8000-000000000001',
  key: 1,
  name: 'silent',
  guestIp: '127.0.0.1',
  agentPort: 0,
  agentSocket: undefined,
  hostId: undefined,
  vmm: undefined,
  labels: {},
  enrolledAt: undefined,
  tlsPin: undefined,
  isLocal: false,
  createdAt: 0,
  updatedAt: 0,
};

test('a question to an agent that never answers ends with the manager, and so does its connection', async () => {
  const deadlines = makeDeadlines({ monotonicMs: () => performance.now() });
  const askAgent = makeAskAgent({
    mintToken: () => 'token',
    gate: makeConnectGate({ connecting: 1 }),
    deadlines,
    clock,
    timeoutMs: 60_000,
    scope: 'metrics',
  });
  const accepted = once(server, 'connection');
  const asked = askAgent({ ...vm, agentPort: port }, '/processes');
  await accepted;
  deadlines.stop();
  expect(await asked).toMatchObject({ ok: false, failure: { kind: 'timeout' } });
  const [socket] = sockets;
  if (socket !== undefined) await once(socket, 'close');
  expect(sockets.size).toBe(0);
});
