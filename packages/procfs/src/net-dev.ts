/**
 * /proc/net/dev: counters of network interfaces.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#networking-info-in-proc-net and
 * proc_pid_net(5).
 *
 * The columns are those of Linux 2.2 and later. Before 2.6.39 there was no space after the colon,
 * so a large counter is glued to the name (`eth0:123`). Alias interfaces have a colon in their name
 * (`eth0:1`): the name therefore ends at the last colon of the line.
 */

import { Columns, splitFields } from './fields.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface NetDevice {
  readonly device: string;
  readonly receive: ReceiveStats;
  readonly transmit: TransmitStats;
}

export interface ReceiveStats {
  readonly bytes: number;
  readonly packets: number;
  readonly errs: number;
  readonly drop: number;
  readonly fifo: number;
  readonly frame: number;
  readonly compressed: number;
  readonly multicast: number;
}

export interface TransmitStats {
  readonly bytes: number;
  readonly packets: number;
  readonly errs: number;
  readonly drop: number;
  readonly fifo: number;
  readonly colls: number;
  readonly carrier: number;
  readonly compressed: number;
}

const SOURCE = 'net-dev';

export function parseNetDev(text: string): Parsed<readonly NetDevice[]> {
  // Even a namespace without interfaces has the two lines of headings.
  if (isBlank(text)) return emptyInput(SOURCE);
  // Keyed by name: the file is read in several pieces, and an interface that comes or goes between
  // them may appear twice. Two time series with the same labels would spoil a whole scrape.
  const devices = new Map<string, NetDevice>();
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '' || line.includes('|')) continue;
    const device = parseDevice(line);
    if (device === undefined) return malformedInput(SOURCE, 'expected interface counters', line);
    devices.set(device.device, device);
  }
  return parsed([...devices.values()]);
}

function parseDevice(line: string): NetDevice | undefined {
  const colon = line.lastIndexOf(':');
  const device = line.slice(0, Math.max(colon, 0)).trim();
  if (device === '') return undefined;
  const columns = new Columns(splitFields(line.slice(colon + 1)));
  const receive = {
    bytes: columns.count(0),
    packets: columns.count(1),
    errs: columns.count(2),
    drop: columns.count(3),
    fifo: columns.count(4),
    frame: columns.count(5),
    compressed: columns.count(6),
    multicast: columns.count(7),
  };
  const transmit = {
    bytes: columns.count(8),
    packets: columns.count(9),
    errs: columns.count(10),
    drop: columns.count(11),
    fifo: columns.count(12),
    colls: columns.count(13),
    carrier: columns.count(14),
    compressed: columns.count(15),
  };
  return columns.broken ? undefined : { device, receive, transmit };
}
