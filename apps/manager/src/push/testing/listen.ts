/** Waits for what a client is told. */
import type { Acknowledgement } from '@innkeeper/protocol';
import type { Client } from './push-server.ts';

const WAIT_MS = 5_000;

const within = async <Value>(
  what: string,
  start: (resolve: (value: Value) => void) => void,
): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Value>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${WAIT_MS} ms passed without ${what}`));
      }, WAIT_MS);
      start(resolve);
    });
  } finally {
    clearTimeout(timer);
  }
};

/** Undefined: connected. Otherwise why not. */
export const connected = async (
  client: Client,
): Promise<{ readonly message: string; readonly data: unknown } | undefined> =>
  within('a connection or a refusal', (resolve) => {
    if (client.connected) resolve(undefined);
    client.once('connect', () => {
      resolve(undefined);
    });
    client.once('connect_error', (error) => {
      const data: unknown = 'data' in error ? error.data : undefined;
      const description: unknown = 'context' in error ? error.context : undefined;
      resolve({ message: error.message, data: data ?? description });
    });
  });

export const disconnected = async (client: Client): Promise<string> =>
  within('a disconnection', (resolve) => {
    client.once('disconnect', (reason) => {
      resolve(reason);
    });
  });

export const subscribeFleet = async (client: Client): Promise<Acknowledgement> =>
  within('an acknowledgement', (resolve) => {
    client.emit('fleet:subscribe', resolve);
  });

export const unsubscribeFleet = async (client: Client): Promise<Acknowledgement> =>
  within('an acknowledgement', (resolve) => {
    client.emit('fleet:unsubscribe', resolve);
  });

export const subscribeVm = async (client: Client, id: string): Promise<Acknowledgement> =>
  within('an acknowledgement', (resolve) => {
    client.emit('vm:subscribe', { vm_id: id }, resolve);
  });

export const unsubscribeVm = async (client: Client, id: string): Promise<Acknowledgement> =>
  within('an acknowledgement', (resolve) => {
    client.emit('vm:unsubscribe', { vm_id: id }, resolve);
  });

/** Past the types, as a hostile client would. */
export const sendAnything = (client: Client, name: string, ...args: readonly unknown[]): void => {
  const emit: unknown = Reflect.get(client, 'emit');
  if (typeof emit === 'function') Reflect.apply(emit, client, [name, ...args]);
};
