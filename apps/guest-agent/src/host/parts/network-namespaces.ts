/**
 * Counters of network interfaces, per network namespace and once per call. A tap may be in a
 * namespace of the VMM's own (Firecracker clones all call theirs tap0), so a VMM that is not known to
 * be in the agent's namespace is asked for its own: /proc/<pid>/net/dev is open to all.
 */
import { parseNetDev, type NetDevice } from '@innkeeper/procfs';
import type { MissingPart } from '@innkeeper/protocol';
import type { KernelFiles } from '../../sources/kernel-files.ts';
import { missing, missingFrom } from '../missing-part.ts';

type Devices = { readonly ok: true; readonly byName: ReadonlyMap<string, NetDevice> } | MissingPart;

export interface NetworkNamespaces {
  /** The namespace's name; undefined where the agent may not know. */
  of(pid: number): string | undefined;
  /** What was read in an earlier call is forgotten. */
  startCall(): void;
  devices(pid: number, namespace: string | undefined): Devices;
  close(): void;
}

const interpret = (text: string): Devices => {
  const devices = parseNetDev(text);
  if (!devices.ok) return missing('malformed', devices.error.detail);
  return { ok: true, byName: new Map(devices.value.map((one) => [one.device, one])) };
};

/** The first word of each line: which interfaces there are, in the kernel's order. */
const namesIn = (text: string): string => (text.match(/^[^:\n]+:/gmu) ?? []).join('');

export const makeNetworkNamespaces = (kernel: KernelFiles): NetworkNamespaces => {
  const own = kernel.proc('net/dev');
  const read = new Map<string, Devices>();
  let ownNamespace: string | undefined;

  const readOwn = (): Devices => {
    const text = own.read();
    return text.ok ? interpret(text.value) : missingFrom(text.error, 'permission to read /proc');
  };

  const readOf = (pid: number): Devices => {
    const text = kernel.readProc(`${pid}/net/dev`);
    return text.ok ? interpret(text.value) : missingFrom(text.error, 'permission to read /proc');
  };

  const remember = (key: string, readDevices: () => Devices): Devices => {
    const known = read.get(key);
    if (known !== undefined) return known;
    const devices = readDevices();
    read.set(key, devices);
    return devices;
  };

  return {
    of: (pid) => {
      if (ownNamespace === undefined) {
        const link = kernel.readProcLink('self/ns/net');
        ownNamespace = link.ok ? link.value : undefined;
      }
      const link = kernel.readProcLink(`${pid}/ns/net`);
      if (link.ok) return link.value;
      // Not allowed to know. Two namespaces with the same interfaces in the same order would be a
      // coincidence, and reading each VMM's own list at every call would cost 100 µs a VM.
      const there = kernel.readProc(`${pid}/net/dev`);
      const here = own.read();
      const isSame = there.ok && here.ok && namesIn(there.value) === namesIn(here.value);
      return isSame ? ownNamespace : undefined;
    },
    startCall: () => read.clear(),
    devices: (pid, namespace) => {
      if (namespace === undefined) return readOf(pid);
      if (namespace === ownNamespace) return remember(namespace, readOwn);
      return remember(namespace, () => readOf(pid));
    },
    close: () => own.close(),
  };
};
