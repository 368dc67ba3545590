/** What tests of the pages need to have there before they look. */
import { createdTokenSchema, hostSchema, pageOf, vmSchema, type Vm } from '@innkeeper/protocol';
import type { ManagerProcess } from './manager-process.ts';
import { waitUntil } from './wait-until.ts';

const START_MS = 30_000;

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

/** Of the manager's own machine, once its agent answers. */
export const localVmId = async (manager: ManagerProcess): Promise<string> => {
  let found = '';
  await waitUntil(
    'this machine is there and answers',
    async () => {
      const { items } = pageOf(vmSchema).parse((await manager.ask('/v1/vms?limit=1000')).json());
      found = items.find(({ is_local: isLocal }) => isLocal)?.id ?? '';
      if (found === '') return false;
      return (await manager.ask(`/v1/vms/${found}/metrics`)).text.includes('"guest"');
    },
    START_MS,
  );
  return found;
};
