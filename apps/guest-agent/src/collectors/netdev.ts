/** /proc/net/dev: what each network interface received and sent. */
import { parseNetDev, parseSingleNumber, type NetDevice } from '@innkeeper/procfs';
import { cacheLabels } from '../exposition/labels.ts';
import type { DeviceFiles } from '../sources/device-files.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { collected, readParsed, valueOf, type Collected } from '../sources/collected.ts';

export interface Interface {
  readonly counters: NetDevice;
  /** Packets for which no protocol of the machine had a use; only sysfs counts them. */
  readonly noHandler: number | undefined;
}

const deviceLabel = cacheLabels((device: string) => ({ device }));

const RECEIVE = [
  ['bytes', 'Bytes received.'],
  ['packets', 'Packets received.'],
  ['errs', 'Packets received with errors.'],
  ['drop', 'Packets dropped on receipt.'],
  ['fifo', 'Packets lost because a buffer was full.'],
  ['frame', 'Packets with framing errors.'],
  ['compressed', 'Compressed packets received.'],
  ['multicast', 'Multicast packets received.'],
] as const;

const TRANSMIT = [
  ['bytes', 'Bytes sent.'],
  ['packets', 'Packets sent.'],
  ['errs', 'Packets that could not be sent.'],
  ['drop', 'Packets dropped before they were sent.'],
  ['fifo', 'Packets lost because a buffer was empty.'],
  ['colls', 'Collisions.'],
  ['carrier', 'Packets lost because there was no carrier.'],
  ['compressed', 'Compressed packets sent.'],
] as const;

export const makeNetdevCollector = (
  kernel: KernelFiles,
  statistics: DeviceFiles,
): Collector<readonly Interface[]> => {
  const source = kernel.proc('net/dev');
  const parseNoHandler = (text: string): ReturnType<typeof parseSingleNumber> =>
    parseSingleNumber(text, 'rx_nohandler');
  return {
    name: 'netdev',
    collect: (): Collected<readonly Interface[]> => {
      const devices = readParsed(source, parseNetDev);
      if (!devices.ok) return devices;
      statistics.keepOnly(devices.value.map(({ device }) => device));
      return collected(
        devices.value.map((counters) => ({
          counters,
          noHandler: valueOf(
            readParsed(statistics.file(counters.device, 'statistics/rx_nohandler'), parseNoHandler),
          ),
        })),
      );
    },
    expose: (interfaces, out) => {
      RECEIVE.forEach(([key, help]) => {
        out.family(`node_network_receive_${key}_total`, 'counter', help);
        interfaces.forEach(({ counters: { device, receive } }) => {
          out.sample(deviceLabel(device), receive[key]);
        });
      });
      out.family(
        'node_network_receive_nohandler_total',
        'counter',
        'Packets that nobody had a use for.',
      );
      interfaces.forEach(({ counters: { device }, noHandler }) => {
        out.sample(deviceLabel(device), noHandler);
      });
      TRANSMIT.forEach(([key, help]) => {
        out.family(`node_network_transmit_${key}_total`, 'counter', help);
        interfaces.forEach(({ counters: { device, transmit } }) => {
          out.sample(deviceLabel(device), transmit[key]);
        });
      });
    },
  };
};
