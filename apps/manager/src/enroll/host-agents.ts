/**
 * The enrolled agents of hosts, in memory: the list of hosts is asked every few seconds, and there
 * while Postgres is away.
 */
import type { HostAgent } from '@innkeeper/protocol';
import type { Queryable } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { Enrollments } from './enrollments.ts';
import { listHostAgents } from './sql/list-host-agents.ts';

export interface HostAgents {
  of(hostId: string): HostAgent | undefined;
  start(): Promise<void>;
  stop(): void;
}

export const makeHostAgents = ({
  database,
  enrollments,
  log,
}: {
  readonly database: Queryable;
  readonly enrollments: Pick<Enrollments, 'onChange'>;
  readonly log: Log;
}): HostAgents => {
  let agents: ReadonlyMap<string, HostAgent> = new Map();
  let looks = 0;
  let unfollow = (): void => undefined;

  const look = async (): Promise<void> => {
    looks += 1;
    const round = looks;
    const found = await listHostAgents(database);
    // A later look knows more, whichever ends first.
    if (round === looks) agents = found;
  };

  return {
    of: (hostId) => agents.get(hostId),
    start: async () => {
      await look();
      unfollow = enrollments.onChange(({ kind }) => {
        if (kind !== 'host') return;
        look().catch((error: unknown) => log.warn('agents of hosts not looked up', { error }));
      });
    },
    stop: () => unfollow(),
  };
};
