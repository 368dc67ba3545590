/**
 * Which VMM the manager means. A locator names it by pid, by pid file or by a socket; what the
 * command line does not tell (a FIFO, a socket, taps) is taken from it.
 */
import type { Locator, MissingPart, PartProblem } from '@innkeeper/protocol';
import type { Files } from '../platform/platform.ts';
import { missing, missingFrom } from './missing-part.ts';
import type { HostPaths } from './paths/host-paths.ts';
import type { VmmPaths } from './paths/vmm-paths.ts';
import { indexBy, type NamesOf } from './vm-index.ts';
import type { WatchedVm } from './watched-vm.ts';

export interface Unmatched {
  readonly vm_id: string;
  readonly reason: PartProblem;
  readonly message: string;
}

export interface Matched {
  readonly vmIds: ReadonlyMap<WatchedVm, string>;
  readonly unmatched: readonly Unmatched[];
}

export interface LocatorDependencies {
  readonly files: Pick<Files, 'readText'>;
  readonly hostPaths: HostPaths;
  readonly vmmPaths: VmmPaths;
}

type Found = { readonly ok: true; readonly vm: WatchedVm } | MissingPart;
type Pidfile = { readonly ok: true; readonly pid: number } | MissingPart;

const MAX_PIDFILE_BYTES = 64;
const PID = /^\s*(?<pid>\d{1,10})\s*$/u;

const NOTHING_NAMED = missing('absent', 'names no pid, pidfile, api_socket or qmp_socket');

const orMissing = (vm: WatchedVm | undefined, what: string): Found =>
  vm === undefined ? missing('absent', `no VMM has the ${what.slice(0, 250)}`) : { ok: true, vm };

export const makeLocatorMatch = ({ files, hostPaths, vmmPaths }: LocatorDependencies) => {
  /** What a VMM names, once it has been looked up: its paths do not change. */
  const knownNames = new WeakMap<WatchedVm, Map<string, readonly string[]>>();

  /**
   * Where a VMM's path is on this machine, as written and without links. Where the agent may not
   * see the VMM's root, the path is taken as written.
   */
  const placesOf = (vm: WatchedVm, path: string): readonly string[] => {
    const known = knownNames.get(vm) ?? new Map<string, readonly string[]>();
    knownNames.set(vm, known);
    const before = known.get(path);
    if (before !== undefined) return before;
    const located = vmmPaths.locate(vm.vmm.pid, path);
    const real = located.ok ? hostPaths.resolve(located.path) : located;
    const places = new Set<string>();
    if (located.ok) places.add(located.path);
    else if (located.reason === 'forbidden') places.add(path);
    if (real.ok) places.add(real.path);
    known.set(path, [...places]);
    return [...places];
  };

  const placesBy =
    (namesOf: NamesOf<WatchedVm>): NamesOf<WatchedVm> =>
    (vm) =>
      namesOf(vm).flatMap((path) => placesOf(vm, path));

  const readPidfile = (path: string): Pidfile => {
    const allowed = hostPaths.resolve(path);
    if (!allowed.ok) return allowed;
    const text = files.readText(allowed.path, { maxBytes: MAX_PIDFILE_BYTES, regularOnly: true });
    if (!text.ok) return missingFrom(text.error, 'permission to read it');
    const pid = PID.exec(text.value)?.groups?.['pid'];
    if (pid !== undefined) return { ok: true, pid: Number(pid) };
    return missing('malformed', `${path.slice(0, 200)} does not hold a pid`);
  };

  const makeFind = (vms: readonly WatchedVm[]) => {
    const byPid = indexBy(vms, ({ vmm }) => [String(vmm.pid)]);
    const byPidfile = indexBy(
      vms,
      placesBy(({ identity }) => [identity.pidfile ?? []].flat()),
    );
    const byApiSocket = indexBy(
      vms,
      placesBy(({ identity }) => [identity.apiSocket ?? []].flat()),
    );
    const byQmpSocket = indexBy(
      vms,
      placesBy(({ identity }) => identity.qmpSockets),
    );

    const withPid = (pid: number): Found => orMissing(byPid(String(pid)), `pid ${pid}`);

    const withPath = (index: (path: string) => WatchedVm | undefined, path: string) => {
      const written = index(path);
      if (written !== undefined) return written;
      const real = hostPaths.resolve(path);
      return real.ok ? index(real.path) : undefined;
    };

    const withPidfile = (path: string): Found => {
      const named = byPidfile(path);
      if (named !== undefined) return { ok: true, vm: named };
      const read = readPidfile(path);
      return read.ok ? withPid(read.pid) : read;
    };

    /** The first name that leads to a VMM counts; of those that do not, the last says why. */
    return ({ pid, pidfile, api_socket: api, qmp_socket: qmp }: Locator): Found => {
      let found: Found = NOTHING_NAMED;
      if (pid !== undefined) found = withPid(pid);
      if (!found.ok && pidfile !== undefined) found = withPidfile(pidfile);
      if (!found.ok && api !== undefined) {
        found = orMissing(withPath(byApiSocket, api), `socket ${api}`);
      }
      if (!found.ok && qmp !== undefined) {
        found = orMissing(withPath(byQmpSocket, qmp), `socket ${qmp}`);
      }
      return found;
    };
  };

  return (vms: readonly WatchedVm[], locators: readonly Locator[]): Matched => {
    const vmIds = new Map<WatchedVm, string>();
    const unmatched: Unmatched[] = [];
    if (locators.length === 0) return { vmIds, unmatched };
    const find = makeFind(vms);

    const refuse = (vmId: string, { reason, message }: MissingPart): void => {
      unmatched.push({ vm_id: vmId, reason, message });
    };

    const usable = (vmId: string, path: string | undefined): string | undefined => {
      const problem = path === undefined ? undefined : hostPaths.problemOf(path);
      if (problem === undefined) return path;
      refuse(vmId, problem);
      return undefined;
    };

    locators.forEach((locator) => {
      const vmId = locator.vm_id;
      const found = find(locator);
      if (!found.ok) return refuse(vmId, found);
      const { vm } = found;
      const other = vmIds.get(vm);
      if (other !== undefined) {
        const what = `leads to the VMM with pid ${vm.vmm.pid}, which is ${other} already`;
        return refuse(vmId, missing('malformed', what));
      }
      vmIds.set(vm, vmId);
      const additions = {
        apiSocket: usable(vmId, locator.api_socket),
        metricsFifo: usable(vmId, locator.metrics_fifo),
        qmpSocket: usable(vmId, locator.qmp_socket),
      };
      return vm.add(additions, locator.taps);
    });
    return { vmIds, unmatched };
  };
};
