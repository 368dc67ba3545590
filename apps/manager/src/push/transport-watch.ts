/**
 * How much waits for one client below socket.io, and since when it has taken nothing. Volatile
 * frames never wait, but everything else is kept until the client reads it.
 *
 * engine.io tells of each packet when it is created (`packetCreate`) and when all that waits goes to
 * the transport (`flush`); the transport is writable again once the kernel has taken that.
 */
import type { EngineConnection } from './connection.ts';

export interface TransportWatch {
  bufferedBytes(): number;
  /** Something waits, and the client has taken nothing since before that moment. */
  stalledSince(monotonicMs: number): boolean;
  /** To be called now and then, well within the time that counts as a stall. */
  look(): void;
}

const lengthOf = (packet: unknown): number => {
  if (typeof packet !== 'object' || packet === null || !('data' in packet)) return 0;
  const { data } = packet;
  if (typeof data === 'string') return data.length;
  return data instanceof Uint8Array ? data.byteLength : 0;
};

export const watchTransport = (
  engine: EngineConnection,
  monotonicMs: () => number,
): TransportWatch => {
  let waiting = 0;
  let underWay = 0;
  let progressAt = monotonicMs();
  engine.on('packetCreate', (packet: unknown) => {
    waiting += lengthOf(packet);
  });
  engine.on('flush', () => {
    underWay = waiting;
    waiting = 0;
    progressAt = monotonicMs();
  });
  const bufferedBytes = (): number => waiting + (engine.transport.writable ? 0 : underWay);
  return {
    bufferedBytes,
    look() {
      // Between two polls nothing can be written either, and nothing needs to be.
      if (bufferedBytes() === 0 || engine.transport.writable) progressAt = monotonicMs();
    },
    stalledSince: (since) => bufferedBytes() > 0 && progressAt <= since,
  };
};

/** Of ws; the types do not show it. */
const webSocketOf = ({ transport }: EngineConnection): object | undefined => {
  if (!('socket' in transport)) return undefined;
  const { socket } = transport;
  return typeof socket === 'object' && socket !== null ? socket : undefined;
};

const CLOSED = 3;

/** False for polling, whose requests the HTTP server looks after. */
export const hasOpenWebSocket = (engine: EngineConnection): boolean => {
  const socket = webSocketOf(engine);
  return socket !== undefined && 'readyState' in socket && socket.readyState !== CLOSED;
};

/** Ends its TCP connection. */
export const terminateWebSocket = (engine: EngineConnection): void => {
  const socket = webSocketOf(engine);
  if (socket === undefined || !('terminate' in socket)) return;
  if (typeof socket.terminate === 'function') Reflect.apply(socket.terminate, socket, []);
};

/** Ends the connection for real, with all that waits for it. */
export const destroyTransport = (engine: EngineConnection): void => {
  engine.close(true);
  terminateWebSocket(engine);
};
