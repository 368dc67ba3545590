/** A WebSocket client by hand: it sends what it likes, and stops reading when it likes. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface RawClient {
  /** One text message; at most 125 characters. */
  readonly send: (text: string) => void;
  /** Everything that has come, frames and their headers, as latin1. */
  readonly heard: () => string;
  readonly bytesRead: () => number;
  /** Takes nothing from the kernel any more, so that its buffers fill up. */
  readonly stopReading: () => void;
  readonly isClosed: () => boolean;
  readonly destroy: () => void;
}

const KEEP_CHARACTERS = 64 * 1024;

const frameOf = (text: string): Buffer => {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error('longer than a short frame holds');
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, masked]);
};

const untilUpgraded = async (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (chunk) => {
      if (chunk.toString('latin1').startsWith('HTTP/1.1 101')) resolve();
      else reject(new Error(chunk.toString('latin1')));
    });
  });

export const openRawClient = async (
  port: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawClient> => {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    [
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '\r\n',
    ].join('\r\n'),
  );
  let isClosed = false;
  let heard = '';
  socket.on('close', () => {
    isClosed = true;
  });
  await untilUpgraded(socket);
  // A reset is one of the ends that a connection may have.
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    heard = (heard + chunk.toString('latin1')).slice(-KEEP_CHARACTERS);
  });
  return {
    send(text) {
      socket.write(frameOf(text));
    },
    heard: () => heard,
    bytesRead: () => socket.bytesRead,
    stopReading() {
      socket.pause();
    },
    isClosed: () => isClosed,
    destroy() {
      socket.destroy();
    },
  };
};
