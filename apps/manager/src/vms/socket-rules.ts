/**
 * Which sockets of this machine may be an agent's. The manager connects to them with its own rights,
 * so whoever may register one could otherwise make it speak to any service of the machine.
 */
import type { AgentSocket } from '@innkeeper/protocol';
import type { Problem } from '../http/problem.ts';

export interface SocketRules {
  /** Why it may not be registered; undefined: it may. */
  check(socket: AgentSocket): Problem | undefined;
}

/** By component: `/run` holds `/run/x` and never `/runner`. */
export const folderOf = (path: string, folders: readonly string[]): string | undefined =>
  folders.find((folder) => path.startsWith(folder === '/' ? folder : `${folder}/`));

export const makeSocketRules = (folders: readonly string[]): SocketRules => ({
  check: ({ path }) =>
    folderOf(path, folders) === undefined
      ? {
          status: 422,
          code: 'agent_socket_not_allowed',
          message: `agent_socket: ${path} is not below ${folders.join(', ')} (INNKEEPER_SOCKET_DIRS)`,
        }
      : undefined,
});
