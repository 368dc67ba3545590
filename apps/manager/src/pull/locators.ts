/** What a host's agent must be told of VMs to find their processes, within its limits. */
import type { Locator } from '@innkeeper/protocol';
import type { VmRecord } from '../vms/vm-record.ts';

export interface LocatorBody {
  readonly body: Buffer;
  readonly sent: number;
  /** The agent would refuse more: their VMs are found by their command line alone. */
  readonly leftOut: number;
}

/** The agent takes bodies of 256 KiB with the role `host`. */
const MAX_BODY_BYTES = 256 * 1024;
const HEAD = '{"vms":[';
const TAIL = ']}';
/** As many as the schema of the request takes. */
const MAX_LOCATORS = 8192;

/** Undefined where the command line tells all that is known. */
const locatorOf = ({ id, vmm }: Pick<VmRecord, 'id' | 'vmm'>): Locator | undefined => {
  if (vmm === undefined) return undefined;
  const { pid, pidfile, api_socket, metrics_fifo, qmp_socket, taps } = vmm;
  const isKnown = [pid, pidfile, api_socket, metrics_fifo, qmp_socket, taps].some(
    (value) => value !== undefined,
  );
  if (!isKnown) return undefined;
  return {
    vm_id: id,
    ...(pid !== undefined && { pid }),
    ...(pidfile !== undefined && { pidfile }),
    ...(api_socket !== undefined && { api_socket }),
    ...(metrics_fifo !== undefined && { metrics_fifo }),
    ...(qmp_socket !== undefined && { qmp_socket }),
    ...(taps !== undefined && { taps: [...taps] }),
  };
};

export const makeLocatorBody = (
  vms: Iterable<Pick<VmRecord, 'id' | 'vmm'>>,
  maxBytes = MAX_BODY_BYTES,
): LocatorBody => {
  const texts: string[] = [];
  let bytes = HEAD.length + TAIL.length;
  let leftOut = 0;
  for (const vm of vms) {
    const locator = locatorOf(vm);
    if (locator === undefined) continue;
    const text = JSON.stringify(locator);
    const more = Buffer.byteLength(text) + 1;
    if (bytes + more > maxBytes || texts.length >= MAX_LOCATORS) {
      leftOut += 1;
    } else {
      texts.push(text);
      bytes += more;
    }
  }
  return { body: Buffer.from(`${HEAD}${texts.join(',')}${TAIL}`), sent: texts.length, leftOut };
};
