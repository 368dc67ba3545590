/** The taps of a VM, turned to the guest's side: what the tap receives, the guest has sent. */
import type { NetDevice } from '@innkeeper/procfs';
import type { VmmProcess } from '@innkeeper/protocol';
import { missing } from '../missing-part.ts';
import type { NetworkNamespaces } from './network-namespaces.ts';
import type { TapNames } from './tap-names.ts';

type Tap = Extract<VmmProcess['network'], { ok: true }>['taps'][number];

const turn = ({ device, receive, transmit }: NetDevice): Tap => ({
  tap: device,
  receive_bytes_total: transmit.bytes,
  receive_packets_total: transmit.packets,
  receive_errs_total: transmit.errs,
  receive_drop_total: transmit.drop,
  transmit_bytes_total: receive.bytes,
  transmit_packets_total: receive.packets,
  transmit_errs_total: receive.errs,
  transmit_drop_total: receive.drop,
});

export const readNetwork = (
  namespaces: NetworkNamespaces,
  pid: number,
  namespace: string | undefined,
  taps: TapNames,
): VmmProcess['network'] => {
  if (!taps.ok) return taps;
  const devices = namespaces.devices(pid, namespace);
  if (!devices.ok) return devices;
  const found: Tap[] = [];
  for (let index = 0; index < taps.names.length; index += 1) {
    const device = devices.byName.get(taps.names[index] ?? '');
    if (device !== undefined) found.push(turn(device));
  }
  if (found.length > 0) return { ok: true, taps: found };
  const names = taps.names.join(', ').slice(0, 200);
  return missing('absent', `${names} is not in the network namespace of the VMM`);
};
