/** The environment of a command: clean, whatever the agent's own is. */
import type { ExecRequest } from './exec-request.ts';
import type { User } from './users.ts';

export const EXEC_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** In the environment of a command and of whatever it starts: by it they are found again. */
export const MARK = 'INNKEEPER_EXECUTION';

export const makeEnvironment = (
  id: string,
  user: User | undefined,
  env: ExecRequest['env'],
): Readonly<Record<string, string>> => ({
  PATH: EXEC_PATH,
  LANG: 'C.UTF-8',
  ...(user !== undefined && {
    HOME: user.home === '' ? '/' : user.home,
    USER: user.name,
    LOGNAME: user.name,
    SHELL: user.shell === '' ? '/bin/sh' : user.shell,
  }),
  ...Object.fromEntries(env),
  [MARK]: id,
});
