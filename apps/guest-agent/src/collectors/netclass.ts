/** /sys/class/net: the state of each network interface. */
import { cacheLabels } from '../exposition/labels.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import { collected, unreadable } from '../sources/collected.ts';
import type { Collector } from './collector.ts';
import type { Collected } from '../sources/collected.ts';
import type { InterfaceState, InterfaceStates, NumberAttribute } from './interface-state.ts';

interface Family {
  readonly attribute: NumberAttribute;
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
}

const family = (
  attribute: NumberAttribute,
  name: string,
  type: Family['type'],
  help: string,
): Family => ({ attribute, name: `node_network_${name}`, type, help });

const FAMILIES: readonly Family[] = [
  family('addr_assign_type', 'address_assign_type', 'gauge', 'How the address came about.'),
  family('carrier', 'carrier', 'gauge', '1 where the link is there.'),
  family('carrier_changes', 'carrier_changes_total', 'counter', 'Times the link came or went.'),
  family('carrier_up_count', 'carrier_up_changes_total', 'counter', 'Times the link came.'),
  family('carrier_down_count', 'carrier_down_changes_total', 'counter', 'Times the link went.'),
  family('dev_id', 'device_id', 'gauge', 'Tells apart devices that share an address.'),
  family('dormant', 'dormant', 'gauge', '1 where the interface waits for something.'),
  family('flags', 'flags', 'gauge', 'The IFF_ flags of the interface.'),
  family('ifindex', 'iface_id', 'gauge', 'Number of the interface.'),
  family('iflink', 'iface_link', 'gauge', 'Number of the interface that this one is linked to.'),
  family('link_mode', 'iface_link_mode', 'gauge', 'Link mode.'),
  family('mtu', 'mtu_bytes', 'gauge', 'Largest packet.'),
  family('name_assign_type', 'name_assign_type', 'gauge', 'How the name came about.'),
  family('netdev_group', 'net_dev_group', 'gauge', 'Group of the interface.'),
  family('tx_queue_len', 'transmit_queue_length', 'gauge', 'Packets that may wait to be sent.'),
  family('type', 'protocol_type', 'gauge', 'ARPHRD_ type of the interface.'),
];

/** In megabits a second; -1 is the kernel's word for unknown, and node_exporter passes it on. */
const SPEED = family('speed', 'speed_bytes', 'gauge', 'Bytes a second of the link.');
const BYTES_PER_MEGABIT = 125_000;

const deviceLabel = cacheLabels((device: string) => ({ device }));

export const makeNetclassCollector = (
  kernel: KernelFiles,
  states: InterfaceStates,
): Collector<readonly InterfaceState[]> => ({
  name: 'netclass',
  collect: (): Collected<readonly InterfaceState[]> => {
    const listed = kernel.listSys('class/net');
    if (!listed.ok) return unreadable(listed.error);
    // bonding_masters is a file among the device directories.
    return collected(states.read(listed.value.filter((name) => name !== 'bonding_masters')));
  },
  expose: (interfaces, out) => {
    out.family('node_network_info', 'gauge', 'Addresses and state of each interface; always 1.');
    interfaces.forEach(({ infoLabels }) => out.sample(infoLabels, 1));
    out.family('node_network_up', 'gauge', '1 where the interface is up.');
    interfaces.forEach(({ device, operstate }) => {
      // Without a state the device has just gone; that is not the same as down.
      out.sample(deviceLabel(device), operstate === '' ? undefined : Number(operstate === 'up'));
    });
    FAMILIES.forEach(({ attribute, name, type, help }) => {
      out.family(name, type, help);
      interfaces.forEach(({ device, numbers }) => {
        out.sample(deviceLabel(device), numbers.get(attribute));
      });
    });
    out.family(SPEED.name, SPEED.type, SPEED.help);
    interfaces.forEach(({ device, numbers }) => {
      const speed = numbers.get(SPEED.attribute);
      out.sample(deviceLabel(device), speed === undefined ? undefined : speed * BYTES_PER_MEGABIT);
    });
  },
});
