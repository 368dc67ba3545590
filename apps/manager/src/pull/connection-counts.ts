/** Counts connections to agents by the way that leads there: what was opened, has failed, came back. */
import type { Socket } from 'node:net';
import { describePlace } from '../vms/agent-place.ts';
import type { Dial } from './dial.ts';

/** `virtio_port` is the host's end of a port, which carries all `virtio` connections of a guest. */
export const CONNECTION_WAYS = ['tcp', 'unix', 'vsock', 'virtio', 'virtio_port'] as const;
export type ConnectionWay = (typeof CONNECTION_WAYS)[number];

export interface WayCounts {
  /** Now. */
  readonly open: number;
  readonly opened: number;
  /** Of those: the attempt before, at the same place, had failed. */
  readonly recovered: number;
  /** Ended before they were open: refused, no answer, given up. */
  readonly failed: number;
}

export interface ConnectionCounts {
  /** @param place tells apart what may fail and come back */
  count(
    way: ConnectionWay,
    place: string,
    onOpen: () => void,
    open: (onOpen: () => void) => Socket,
  ): Socket;
  countDial(dial: Dial): Dial;
  read(): Readonly<Record<ConnectionWay, WayCounts>>;
}

/** Whose return is counted. Of more than these it is not. */
const MAX_FAILED_PLACES = 20_000;

const noCounts = () => ({ open: 0, opened: 0, recovered: 0, failed: 0 });

export const makeConnectionCounts = (): ConnectionCounts => {
  const counts = {
    tcp: noCounts(),
    unix: noCounts(),
    vsock: noCounts(),
    virtio: noCounts(),
    virtio_port: noCounts(),
  } satisfies Record<ConnectionWay, WayCounts>;
  const failedPlaces = new Set<string>();

  const count: ConnectionCounts['count'] = (way, place, onOpen, open) => {
    const own = counts[way];
    let isOpen = false;
    const socket = open(() => {
      isOpen = true;
      own.open += 1;
      own.opened += 1;
      if (failedPlaces.delete(`${way} ${place}`)) own.recovered += 1;
      onOpen();
    });
    socket.once('close', () => {
      if (isOpen) {
        own.open -= 1;
        return;
      }
      own.failed += 1;
      if (failedPlaces.size < MAX_FAILED_PLACES) failedPlaces.add(`${way} ${place}`);
    });
    return socket;
  };

  return {
    count,
    countDial: (dial) => (place, readBytes, onOpen) =>
      count(place.kind, describePlace(place), onOpen, (opened) => dial(place, readBytes, opened)),
    read: () => counts,
  };
};
