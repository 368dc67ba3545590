/** What tests ask of a running manager, with the answers held against their schemas. */
import {
  createdTokenSchema,
  historySchema,
  hostSchema,
  pageOf,
  readingSchema,
  vmSchema,
  type History,
  type Host,
  type Reading,
  type TokenCreate,
  type Vm,
} from '@innkeeper/protocol';
import { z } from 'zod';
import type { HttpReply } from './http-client.ts';
import type { ManagerProcess } from './manager-process.ts';
import { waitUntil } from './wait-until.ts';

type Asked = Pick<ManagerProcess, 'ask'>;

const readySchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  parts: z.record(z.string(), z.looseObject({ ok: z.boolean() })),
});
export type Ready = z.infer<typeof readySchema>;

export const expectStatus = (reply: HttpReply, status: number): HttpReply => {
  if (reply.status === status) return reply;
  throw new Error(`${reply.status} instead of ${status}: ${reply.text.slice(0, 1000)}`);
};

export const createVm = async (
  manager: Asked,
  vm: Readonly<Record<string, unknown>>,
): Promise<Vm> =>
  vmSchema.parse(
    expectStatus(await manager.ask('/v1/vms', { method: 'POST', json: vm }), 201).json(),
  );

export const createToken = async (manager: Asked, token: Partial<TokenCreate>): Promise<string> => {
  const json = { name: 'of a test', role: 'viewer', ...token };
  const reply = await manager.ask('/v1/tokens', { method: 'POST', json });
  return createdTokenSchema.parse(expectStatus(reply, 201).json()).token;
};

export const listVms = async (manager: Asked, query = ''): Promise<readonly Vm[]> =>
  pageOf(vmSchema).parse(expectStatus(await manager.ask(`/v1/vms${query}`), 200).json()).items;

export const vmNamed = async (manager: Asked, name: string): Promise<Vm> => {
  const vm = (await listVms(manager, '?limit=200')).find((one) => one.name === name);
  if (vm === undefined) throw new Error(`there is no VM ${name}`);
  return vm;
};

export const listHosts = async (manager: Asked): Promise<readonly Host[]> =>
  pageOf(hostSchema).parse(expectStatus(await manager.ask('/v1/hosts'), 200).json()).items;

export const readingOf = async (manager: Asked, vmId: string): Promise<Reading> =>
  readingSchema.parse(expectStatus(await manager.ask(`/v1/vms/${vmId}/metrics`), 200).json());

/** Asks until it is so of the latest reading, and returns that one. */
export const untilReading = async (
  manager: Asked,
  vmId: string,
  what: string,
  isSo: (reading: Reading) => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<Reading> => {
  let reading: Reading | undefined;
  try {
    await waitUntil(
      what,
      async () => {
        reading = await readingOf(manager, vmId);
        return isSo(reading);
      },
      timeoutMs,
    );
  } catch (error) {
    const { state, origin, reason, message, origins, reasons } = reading ?? {};
    const last = JSON.stringify({ state, origin, reason, message, origins, reasons });
    throw new Error(`${what}; last: ${last}`, { cause: error });
  }
  if (reading === undefined) throw new Error('there is no reading');
  return reading;
};

/** Of the last moments, sample by sample. */
export const historyOf = async (
  manager: Asked,
  vmId: string,
  fromMs: number,
  toMs: number,
): Promise<History> => {
  const query = `from=${fromMs}&to=${toMs}&points=2000&fields=cpu_usage_percent,memory_used_bytes`;
  const reply = await manager.ask(`/v1/vms/${vmId}/metrics/history?${query}`);
  return historySchema.parse(expectStatus(reply, 200).json());
};

export const askReady = async (
  manager: Asked,
): Promise<{ readonly status: number; readonly ready: Ready }> => {
  const reply = await manager.ask('/ready');
  return { status: reply.status, ready: readySchema.parse(reply.json()) };
};
