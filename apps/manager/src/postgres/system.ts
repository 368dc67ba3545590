/** What the machine and the calling process are, as far as a Postgres of our own depends on it. */

export interface System {
  readonly uid: number;
  readonly gid: number;
  /** `x64` or `arm64`, as Node names them. */
  readonly arch: string;
  /** The variable PATH. */
  readonly searchPath: string;
  /** Where the system's packages of Postgres are: in `<version>/bin` or `<name>-<version>/bin`. */
  readonly packageDirs: readonly string[];
  /** For sockets whose path in the data folder would be too long. */
  readonly temporaryDir: string;
  /** Where root puts what the server's user cannot reach in the data folder. */
  readonly stateDir: string;
}

interface ProcessLike {
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  getuid?(): number;
  getgid?(): number;
}

export const describeSystem = (process: ProcessLike): System => ({
  uid: process.getuid?.() ?? -1,
  gid: process.getgid?.() ?? -1,
  arch: process.arch,
  searchPath: process.env['PATH'] ?? '',
  // Debian, Red Hat, Alpine.
  packageDirs: ['/usr/lib/postgresql', '/usr', '/usr/libexec'],
  // Not TMPDIR, which may be as long as the path that it is to replace.
  temporaryDir: '/tmp',
  stateDir: '/var/lib/innkeeper',
});
