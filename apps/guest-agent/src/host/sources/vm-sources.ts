/**
 * What a VM has beside its process: Firecracker's metrics and QEMU's QMP socket. One reader of each
 * per VMM, opened when the VMM is first seen and stopped when it is gone.
 */
import type { MissingPart, VmmProcess } from '@innkeeper/protocol';
import type { Clock } from '../../platform/platform.ts';
import type { Vmm } from '../find/vmm-table.ts';
import type { VmmIdentity } from '../identify/vmm-identity.ts';
import { missing } from '../missing-part.ts';
import type { HostPaths } from '../paths/host-paths.ts';
import type { Located, VmmPaths } from '../paths/vmm-paths.ts';
import { makeHeldReader, type HeldReader } from './held-reader.ts';
import { ownerOfQmpSocket } from './qmp-socket-owner.ts';
import type { ReaderRegistry } from './reader-registry.ts';

export interface FirecrackerReader {
  read(): VmmProcess['firecracker'];
  stop(): void;
}

export interface QmpReader {
  read(): Promise<VmmProcess['qmp']>;
  stop(): void;
}

/** What the manager knows beyond the command line; paths are this machine's. */
export interface Additions {
  readonly apiSocket: string | undefined;
  readonly metricsFifo: string | undefined;
  readonly qmpSocket: string | undefined;
}

export interface VmSources {
  /** Opens what must be drained, without asking for it. */
  open(): void;
  firecracker(): VmmProcess['firecracker'];
  qmp(): Promise<VmmProcess['qmp']> | MissingPart;
  /** What was added before and is not named now stays. */
  add(additions: Additions): void;
  close(): void;
}

export interface SourceDependencies {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly registry: ReaderRegistry;
  readonly hostPaths: HostPaths;
  readonly vmmPaths: VmmPaths;
  readonly openFirecracker: (
    metricsPath: string,
    /** Where the API socket is, or why not; it may come later than the metrics. */
    locateApi: () => Located,
  ) => FirecrackerReader;
  readonly openQmp: (path: string) => QmpReader;
}

const ONLY_FIRECRACKER = missing('absent', 'only Firecracker writes such metrics');
const ONLY_QEMU = missing('absent', 'only QEMU speaks QMP');
const NO_METRICS = missing(
  'absent',
  'the command line names no metrics: start Firecracker with --metrics-path, or name metrics_fifo',
);
const NO_API = missing(
  'absent',
  'the command line names no API socket: start Firecracker with --api-sock, or name api_socket',
);
const NO_QMP = missing(
  'absent',
  'QEMU listens on no QMP socket: add -qmp unix:PATH,server=on,wait=off, or name qmp_socket',
);

type Merge = (old: Additions, added: Additions) => Additions;

const merge: Merge = (old, added) => ({
  apiSocket: added.apiSocket ?? old.apiSocket,
  metricsFifo: added.metricsFifo ?? old.metricsFifo,
  qmpSocket: added.qmpSocket ?? old.qmpSocket,
});

const ownedBy = (owner: string, path: string): MissingPart => {
  const why = `${path.slice(0, 200)} belongs to ${owner}, and a QMP socket serves one client`;
  return missing('forbidden', `${why}: give QEMU a second one, or name it as qmp_socket`);
};

/** The first QMP socket that no VM manager has made for itself, by its name and by where it leads. */
const freeQmpSocket = (
  { qmpSockets }: VmmIdentity,
  locateOf: (path: string) => Located,
): Located => {
  let taken: MissingPart | undefined;
  for (const path of qmpSockets) {
    let owner = ownerOfQmpSocket(path);
    if (owner === undefined) {
      const located = locateOf(path);
      owner = located.ok ? ownerOfQmpSocket(located.path) : undefined;
      if (owner === undefined) return located;
    }
    taken ??= ownedBy(owner, path);
  }
  return taken ?? NO_QMP;
};

export const makeVmSources = (
  dependencies: SourceDependencies,
  { pid }: Vmm,
  identity: VmmIdentity,
): VmSources => {
  const { clock, registry, hostPaths, vmmPaths, openFirecracker, openQmp } = dependencies;
  let additions: Additions = {
    apiSocket: undefined,
    metricsFifo: undefined,
    qmpSocket: undefined,
  };

  const locateOf = (path: string): Located => {
    const located = vmmPaths.locate(pid, path);
    return located.ok ? hostPaths.resolve(located.path) : located;
  };

  const locateApi = (): Located => {
    if (additions.apiSocket !== undefined) return hostPaths.resolve(additions.apiSocket);
    return identity.apiSocket === undefined ? NO_API : locateOf(identity.apiSocket);
  };

  const locateMetrics = (): Located => {
    if (additions.metricsFifo !== undefined) return hostPaths.resolve(additions.metricsFifo);
    const { metricsPath, configProblem } = identity;
    return metricsPath === undefined ? (configProblem ?? NO_METRICS) : locateOf(metricsPath);
  };

  const locateQmp = (): Located => {
    if (additions.qmpSocket !== undefined) return hostPaths.resolve(additions.qmpSocket);
    return freeQmpSocket(identity, locateOf);
  };

  const metrics: HeldReader<FirecrackerReader> = makeHeldReader({
    pid,
    clock,
    registry,
    locate: locateMetrics,
    open: (path) => openFirecracker(path, locateApi),
  });
  const qmp: HeldReader<QmpReader> = makeHeldReader({
    pid,
    clock,
    registry,
    locate: locateQmp,
    open: openQmp,
  });

  return {
    open: () => {
      if (identity.kind === 'firecracker') metrics.get();
    },
    firecracker: () => {
      if (identity.kind !== 'firecracker') return ONLY_FIRECRACKER;
      const held = metrics.get();
      return held.ok ? held.reader.read() : held;
    },
    qmp: () => {
      if (identity.kind !== 'qemu') return ONLY_QEMU;
      const held = qmp.get();
      return held.ok ? held.reader.read() : held;
    },
    add: (added) => {
      const now = merge(additions, added);
      const before = additions;
      additions = now;
      const hasOtherMetrics =
        now.metricsFifo !== before.metricsFifo || now.apiSocket !== before.apiSocket;
      if (hasOtherMetrics) metrics.reset();
      if (now.qmpSocket !== before.qmpSocket) qmp.reset();
    },
    close: () => {
      metrics.close();
      qmp.close();
    },
  };
};
