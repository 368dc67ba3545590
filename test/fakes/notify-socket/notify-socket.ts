/** The socket at which systemd hears from its services; see notify-socket.c. */
import { compiledProgram } from '../../support/compiled-program.ts';
import type { Obtained } from '../../support/obtained.ts';

export const obtainNotifySocket = async (): Promise<Obtained> =>
  await compiledProgram('notify-socket', import.meta.dirname);
