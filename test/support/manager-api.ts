/** What tests of the pages need to have there before they look. */
import { createdTokenSchema, hostSchema, vmSchema, type Vm } from '@innkeeper/protocol';
import type { ManagerProcess } from './manager-process.ts';

const send = async (manager: ManagerProcess, path: string, body: unknown): Promise<unknown> => {
  const reply = await manager.ask(path, { method: 'POST', json: body });
  if (reply.status >= 300) throw new Error(`POST ${path}: ${reply.status} ${reply.text}`);
  return reply.json();
};

export const registerVm = async (
  manager: ManagerProcess,
  vm: Readonly<Record<string, unknown>>,
): Promise<Vm> => vmSchema.parse(await send(manager, '/v1/vms', vm));

export const registerHost = async (
  manager: ManagerProcess,
  host: Readonly<Record<string, unknown>>,
): Promise<string> => hostSchema.parse(await send(manager, '/v1/hosts', host)).id;

/** @returns its secret */
export const createToken = async (
  manager: ManagerProcess,
  token: Readonly<Record<string, unknown>>,
): Promise<string> => createdTokenSchema.parse(await send(manager, '/v1/tokens', token)).token;
