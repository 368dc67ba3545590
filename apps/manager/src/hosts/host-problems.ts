/** What can be wrong with a change of a host, each in one sentence. */
import type { Problem } from '../http/problem.ts';

export const HOST_NOT_FOUND: Problem = {
  status: 404,
  code: 'host_not_found',
  message: 'there is no host with this id',
};

export const LOCAL_HOST: Problem = {
  status: 409,
  code: 'local_host',
  message:
    'this host is the machine that the manager runs on: it keeps its address and agent, and cannot be deleted',
};

export const hostNameTaken = (name: string): Problem => ({
  status: 409,
  code: 'name_taken',
  message: `another host is called ${JSON.stringify(name)}; names are unique`,
});

export const hostAddressTaken = (address: string, agentPort: number): Problem => ({
  status: 409,
  code: 'address_taken',
  message: `another host has ${address} with port ${agentPort}`,
});
