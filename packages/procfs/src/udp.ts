/**
 * /proc/net/udp and /proc/net/udp6: the UDP sockets. Only how much waits in their queues is wanted.
 * https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html (the columns are the same).
 *
 * The heading is always there, even without any socket, so an empty file is an error.
 */

import { splitFields } from './fields.ts';
import { parseHex } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface UdpQueues {
  readonly txQueueBytes: number;
  readonly rxQueueBytes: number;
}

const SOURCE = 'udp';
const QUEUES_AT = 4;

export function parseUdpQueues(text: string): Parsed<UdpQueues> {
  if (isBlank(text)) return emptyInput(SOURCE);
  let txQueueBytes = 0;
  let rxQueueBytes = 0;
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const fields = splitFields(line);
    if (fields.length === 0 || fields[0] === 'sl') continue;
    const [transmit = '', receive = ''] = (fields[QUEUES_AT] ?? '').split(':');
    const txQueue = parseHex(transmit);
    const rxQueue = parseHex(receive);
    if (txQueue === undefined || rxQueue === undefined) {
      return malformedInput(SOURCE, 'expected tx_queue:rx_queue', line);
    }
    txQueueBytes += txQueue;
    rxQueueBytes += rxQueue;
  }
  return parsed({ txQueueBytes, rxQueueBytes });
}
