/** The public keys of a running manager, as an agent's configuration has them. */
import { z } from 'zod';
import type { ManagerProcess } from './manager-process.ts';

const managerSchema = z.object({ public_keys: z.array(z.string()) });

export const publicKeysOf = async (
  manager: Pick<ManagerProcess, 'ask'>,
): Promise<readonly string[]> =>
  managerSchema.parse((await manager.ask('/v1/manager')).json()).public_keys;
