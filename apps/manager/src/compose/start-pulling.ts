/** The two loops: every guest in its phase, every host in its own, and what becomes of the answers. */
import type { Sample } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { HostRecord } from '../hosts/host-record.ts';
import type { HostRegistry } from '../hosts/make-host-registry.ts';
import type { HostWatch } from '../hosts/host-watch.ts';
import type { MetricSources } from '../interop/manager-metrics.ts';
import type { MintToken } from '../keys/token-minter.ts';
import type { Log } from '../log.ts';
import { makeAskAgent, type AskedAgent } from '../pull/ask-agent.ts';
import { makeConnectionCounts } from '../pull/connection-counts.ts';
import { makeConnectGate, type ConnectGate } from '../pull/connect-gate.ts';
import { makeDeadlines } from '../pull/deadlines.ts';
import { dialUnix, makeDial } from '../pull/dial.ts';
import { makeGuestPuller } from '../pull/guest-puller.ts';
import { hostKeyOf, makeHostPuller, type HostAnswer } from '../pull/host-puller.ts';
import { makePullLoop, type PullLoop } from '../pull/pull-loop.ts';
import type { PullResult } from '../pull/pull-result.ts';
import { makeSampleDecoder } from '../pull/sample-decoder.ts';
import type { VmReadings } from '../readings/make-readings.ts';
import { agentKeyOf } from '../vms/agent-place.ts';
import type { AskAgent } from '../vms/ask-agent.ts';
import type { VmRecord, Vms } from '../vms/vm-record.ts';
import { makeVirtioPorts } from '../virtio/virtio-ports.ts';
import type { Releasers } from './releasers.ts';

export interface PullingOptions {
  readonly intervalMs: number;
  readonly vms: Vms;
  readonly hosts: HostRegistry;
  readonly watch: HostWatch;
  readonly readings: VmReadings;
  readonly mintToken: MintToken;
  /** Whether somebody looks at this VM now. */
  readonly isWatched: (vmId: string) => boolean;
  readonly socketDirs: readonly string[];
  readonly random: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly releasers: Releasers;
}

export interface Pulling {
  readonly guests: PullLoop<VmRecord>;
  readonly hosts: PullLoop<HostRecord>;
  readonly gate: ConnectGate;
  readonly metrics: Pick<MetricSources, 'pulls' | 'agents'>;
  readonly askAgent: AskAgent;
  /** Who is there, for addresses that are not registered yet. */
  readonly askProbe: (agent: AskedAgent, path: string) => Promise<PullResult<unknown>>;
  /** With a token that opens what only who may run commands there may see. */
  readonly askForScripts: AskAgent;
  /** Whoever was heard of is asked at its next turn. */
  readonly wake: Readonly<Record<'vm' | 'host', (id: string) => void>>;
  start(): void;
}

/** SYNs under way at once: a rack that is dead costs no more sockets than this. */
const MAX_CONNECTING = 256;
/** Of the interval, so that an answer that is late is still told before the next turn. */
const TIMEOUT_SHARE = 0.8;
const MAX_TIMEOUT_MS = 5_000;
/** A hypervisor with hundreds of VMs reads thousands of files for one answer. */
const HOST_TIMEOUT_SHARE = 0.95;
/** Longer than any interval between two pulls, shorter than the 75 s after which agents hang up. */
const KEEP_ALIVE_MS = 60_000;
const ASK_TIMEOUT_MS = 5_000;
/** A guest with eight addresses of which none leads to it is told so before its own patience ends. */
const PROBE_TIMEOUT_MS = 1_500;
/** The longest message of an agent. */
const PORT_READ_BYTES = 64 * 1024;

/** Both kinds of targets come and go in the same way. */
const follow = <Target extends { readonly id: string }>(
  registry: { all(): Iterable<Target> },
  onChange: (apply: (kind: 'added' | 'changed' | 'removed', target: Target) => void) => () => void,
  loop: PullLoop<Target>,
): (() => void) => {
  for (const target of registry.all()) loop.set(target);
  return onChange((kind, target) => {
    if (kind === 'removed') loop.remove(target.id);
    else loop.set(target);
  });
};

export const makePulling = (options: PullingOptions): Pulling => {
  const { intervalMs, vms, hosts, watch, readings, mintToken, random, clock, log } = options;
  const deadlines = makeDeadlines({ monotonicMs: () => clock.monotonicMs() });
  const { socketDirs } = options;
  const connections = makeConnectionCounts();
  const virtioPorts = makeVirtioPorts({
    connect: (path, onOpen) =>
      connections.count('virtio_port', path, onOpen, (opened) =>
        dialUnix(path, socketDirs, PORT_READ_BYTES, opened),
      ),
    clock,
  });
  const dial = connections.countDial(makeDial({ socketDirs, virtioPorts }));
  const gate = makeConnectGate({ connecting: MAX_CONNECTING, dial });
  const shared = { mintToken, gate, deadlines, clock };
  const guestPuller = makeGuestPuller({
    ...shared,
    makeSampleDecoder: (vmId) =>
      makeSampleDecoder({
        monotonicMs: () => clock.monotonicMs(),
        random,
        isWatched: () => options.isWatched(vmId),
      }),
    keepAliveMs: KEEP_ALIVE_MS,
  });
  const hostPuller = makeHostPuller({
    ...shared,
    vmsOf: (hostId) => watch.vmsOf(hostId),
    keepAliveMs: KEEP_ALIVE_MS,
  });
  const timing = { intervalMs, clock, random, log };

  const guests = makePullLoop<VmRecord, Sample>({
    ...timing,
    timeoutMs: Math.min(intervalMs * TIMEOUT_SHARE, MAX_TIMEOUT_MS),
    pull: guestPuller.pull,
    forget: (id) => guestPuller.forget(id),
    placeOf: agentKeyOf,
    isWatched: ({ id }) => options.isWatched(id),
    onTurn: (vm, turn) => {
      readings.turn(vm, turn, watch.observe(vm));
    },
  });
  const hostLoop = makePullLoop<HostRecord, HostAnswer>({
    ...timing,
    timeoutMs: intervalMs * HOST_TIMEOUT_SHARE,
    pull: async (host, deadlineMs) => hostPuller.pull(host, deadlineMs),
    forget: (id) => hostPuller.forget(id),
    placeOf: hostKeyOf,
    isWatched: () => false,
    onTurn: (host, turn) => {
      if (turn.kind === 'pulled') watch.answered(host, turn.result);
    },
  });

  return {
    guests,
    hosts: hostLoop,
    wake: { vm: (id) => guests.wake(id), host: (id) => hostLoop.wake(id) },
    gate,
    metrics: {
      pulls: { guest: () => guests.stats(), host: () => hostLoop.stats() },
      agents: { connections: () => connections.read(), virtioPorts: () => virtioPorts.stats() },
    },
    askProbe: makeAskAgent({ ...shared, timeoutMs: PROBE_TIMEOUT_MS, scope: 'metrics' }),
    askAgent: makeAskAgent({ ...shared, timeoutMs: ASK_TIMEOUT_MS, scope: 'metrics' }),
    askForScripts: makeAskAgent({ ...shared, timeoutMs: ASK_TIMEOUT_MS, scope: 'exec' }),
    start: () => {
      const { releasers } = options;
      releasers.add('deadlines', () => deadlines.stop());
      releasers.add('virtio ports', async () => virtioPorts.stop());
      releasers.add('connections to agents', async () => {
        await Promise.all([guestPuller.stop(), hostPuller.stop()]);
      });
      const unfollowVms = follow(
        vms,
        (apply) => vms.onChange(({ kind, vm }) => apply(kind, vm)),
        guests,
      );
      const unfollowHosts = follow(
        hosts,
        (apply) => hosts.onChange(({ kind, host }) => apply(kind, host)),
        hostLoop,
      );
      // Hosts first: what they say counts for the guests' first turns.
      hostLoop.start();
      guests.start();
      releasers.add('pull loops', async () => {
        unfollowVms();
        unfollowHosts();
        await Promise.all([guests.stop(), hostLoop.stop()]);
      });
    },
  };
};
