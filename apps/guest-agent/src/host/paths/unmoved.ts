/**
 * Readers open their path again and again, long after it was checked against `host_paths`. Who may
 * write into a folder above it could put a link in its place meanwhile, and lead the agent to any
 * file or socket of the machine. So each opening and connecting looks once more: a path that was
 * without links must still be.
 */
import type { Files, Network, Outcome, PlatformError } from '../../platform/platform.ts';

export interface Openers {
  readonly files: Pick<Files, 'openPipe'>;
  readonly network: Pick<Network, 'connect'>;
}

/** It does not say where the link leads: that may be outside of what the answer may tell. */
const MOVED: PlatformError = {
  code: 'ELOOP',
  message: 'ELOOP: on the way is a symbolic link that was not there before',
};

/** The paths that these take are those that `HostPaths.resolve` gave: without links. */
export const onlyUnmoved = (
  files: Pick<Files, 'openPipe' | 'realPath'>,
  network: Pick<Network, 'connect'>,
): Openers => {
  const check = (path: string): Outcome<string> => {
    const real = files.realPath(path);
    if (!real.ok || real.value === path) return real;
    return { ok: false, error: MOVED };
  };

  return {
    files: {
      openPipe: (path, options) => {
        const checked = check(path);
        return checked.ok ? files.openPipe(path, options) : checked;
      },
    },
    network: {
      connect: async (address, timeoutMs, attach) => {
        const checked = address.kind === 'unix' ? check(address.path) : undefined;
        if (checked?.ok === false) return checked;
        return network.connect(address, timeoutMs, attach);
      },
    },
  };
};
