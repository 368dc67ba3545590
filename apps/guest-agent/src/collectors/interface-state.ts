/**
 * The attributes of network interfaces under /sys/class/net, 23 small files for each.
 * https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-net
 *
 * Reading them all was a quarter of a scrape. Three tell whether the link or the administrator did
 * anything; the others are read again when one of the three has changed, and every ten seconds.
 */
import { parseSingleInteger } from '@innkeeper/procfs';
import { formatLabels } from '../exposition/labels.ts';
import type { Clock } from '../platform/platform.ts';
import type { DeviceFiles } from '../sources/device-files.ts';

export interface InterfaceState {
  readonly device: string;
  readonly address: string;
  readonly operstate: string;
  /** The labels of node_network_info, formatted with the state that they show. */
  readonly infoLabels: string;
  /** By the name of the attribute. */
  readonly numbers: ReadonlyMap<string, number>;
}

export interface InterfaceStates {
  /** In the order given; devices that are not among them are forgotten. */
  read(devices: readonly string[]): readonly InterfaceState[];
}

export const NUMBER_ATTRIBUTES = [
  'addr_assign_type',
  'carrier',
  'carrier_changes',
  'carrier_up_count',
  'carrier_down_count',
  'dev_id',
  'dormant',
  'flags',
  'ifindex',
  'iflink',
  'link_mode',
  'mtu',
  'name_assign_type',
  'netdev_group',
  'tx_queue_len',
  'type',
  'speed',
] as const;

export type NumberAttribute = (typeof NUMBER_ATTRIBUTES)[number];

const TELLTALES = ['operstate', 'carrier_changes', 'flags'] as const;
const MAX_AGE_MS = 10_000;

/** `dev_id` and `flags` are hexadecimal: 0x1003. */
const parseNumber = (text: string): number | undefined => {
  if (/^0x[\da-f]{1,8}$/iu.test(text)) return Number.parseInt(text, 16);
  const parsed = parseSingleInteger(text, 'net class attribute');
  return parsed.ok ? parsed.value : undefined;
};

export const makeInterfaceStates = (
  files: DeviceFiles,
  clock: Pick<Clock, 'monotonicMs'>,
): InterfaceStates => {
  const known = new Map<string, { telltales: string; readAtMs: number; state: InterfaceState }>();

  // An attribute that the driver does not have, or not now, answers EINVAL: it is left out.
  const text = (device: string, attribute: string): string => {
    const outcome = files.file(device, attribute).read();
    return outcome.ok ? outcome.value.trim() : '';
  };

  const readAll = (device: string): InterfaceState => {
    const numbers = new Map<string, number>();
    for (const attribute of NUMBER_ATTRIBUTES) {
      const value = parseNumber(text(device, attribute));
      if (value !== undefined) numbers.set(attribute, value);
    }
    const address = text(device, 'address');
    const broadcast = text(device, 'broadcast');
    const duplex = text(device, 'duplex');
    const ifalias = text(device, 'ifalias');
    const operstate = text(device, 'operstate');
    const infoLabels = formatLabels({ address, broadcast, device, duplex, ifalias, operstate });
    return { device, address, operstate, infoLabels, numbers };
  };

  const readOne = (device: string): InterfaceState => {
    const telltales = TELLTALES.map((attribute) => text(device, attribute)).join(' ');
    const now = clock.monotonicMs();
    const earlier = known.get(device);
    if (earlier?.telltales === telltales && now - earlier.readAtMs < MAX_AGE_MS) {
      return earlier.state;
    }
    const state = readAll(device);
    known.set(device, { telltales, readAtMs: now, state });
    return state;
  };

  return {
    read: (devices) => {
      files.keepOnly(devices);
      for (const device of known.keys()) if (!devices.includes(device)) known.delete(device);
      return devices.map(readOne);
    },
  };
};
