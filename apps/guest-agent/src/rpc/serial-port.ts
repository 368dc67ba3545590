/**
 * JSON-RPC on a virtio-serial port: one message in each line, both ways. There are no tokens here:
 * who has the other end is the hypervisor, which has the machine's memory and disk anyway. The port
 * is opened again whenever it fails, less and less often.
 */
import { makeLineSplitter } from '../host/line-splitter.ts';
import type { Log } from '../log.ts';
import type { Cancel, Files, Platform, PlatformError, Port } from '../platform/platform.ts';
import type { RpcCaller, RpcDispatcher } from './dispatcher.ts';
import { makeOutbox } from './outbox.ts';
import { INVALID_REQUEST, rpcFailure } from './rpc-error.ts';

export interface SerialPort {
  start(): void;
  stop(): void;
}

/** While the other end takes an answer bit by bit. */
const SENDING_MS = 1;
/** After a message the next one often follows at once: what is carried goes in turns. */
const QUICK_MS = 2;
const QUICK_POLLS = 10;
/** And otherwise soon. */
const BUSY_MS = 20;
const IDLE_MS = 200;
/** A port whose other end nobody has open says so at each read. */
const ALONE_MS = 1_000;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;
/** More than a second of them: who asks once a second is never asked to wait. */
const BUSY_POLLS = 70;
/** Answers that nobody takes; no more messages are read then. */
const MAX_PENDING_BYTES = 1024 * 1024;

const HYPERVISOR: RpcCaller = { subject: 'virtio-serial', may: () => true };

export const makeSerialPort = (dependencies: {
  readonly platform: Pick<Platform, 'clock' | 'text'> & {
    readonly files: Pick<Files, 'openPort'>;
  };
  readonly path: string;
  readonly maxMessageBytes: number;
  readonly dispatcher: RpcDispatcher;
  /** Whoever had the other end has it no more. */
  readonly onAlone: () => void;
  readonly log: Log;
}): SerialPort => {
  const { platform, path, maxMessageBytes, dispatcher, onAlone, log } = dependencies;
  const { files, clock, text } = platform;
  const lines = makeLineSplitter(text, maxMessageBytes);
  let port: Port | undefined;
  const outbox = makeOutbox();
  let retryMs = FIRST_RETRY_MS;
  let quietPolls = 0;
  let isStopped = false;
  let lastProblem = '';
  let cancel: Cancel = () => undefined;

  const forget = (): void => {
    lines.cut();
    outbox.clear();
    onAlone();
  };

  const send = (message: string): void => {
    if (port === undefined) return;
    outbox.add(text.encodeUtf8(`${message}\n`));
    outbox.flush(port);
  };

  const reopenLater = ({ code, message }: PlatformError): void => {
    port?.close();
    port = undefined;
    forget();
    // A port that is not there is told once, and not every half a minute.
    if (code !== lastProblem) log.warn('virtio port cannot be used', { path, error: message });
    lastProblem = code;
    cancel = clock.after(retryMs, open);
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  };

  const onMessage = (message: string): void => {
    const from = port;
    void dispatcher.dispatch(message, HYPERVISOR).then((answer) => {
      // The one who asked may be gone, and another one there.
      if (answer !== undefined && port === from) send(answer);
    });
  };

  const onTooLong = (): void => {
    const { error } = rpcFailure(
      INVALID_REQUEST,
      `a message may have ${maxMessageBytes} bytes at most`,
    );
    send(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
  };

  /** How long until the next look; undefined where the port is given up. */
  const look = (given: Port): number | undefined => {
    const isMoving = outbox.flush(given);
    if (outbox.bytes() > MAX_PENDING_BYTES) return isMoving ? SENDING_MS : BUSY_MS;
    const read = given.read();
    switch (read.kind) {
      case 'data':
        quietPolls = 0;
        for (const line of lines.push(read.bytes)) {
          if (line.kind === 'line') onMessage(line.text);
          else onTooLong();
        }
        return read.more ? 0 : QUICK_MS;
      case 'empty':
        if (isMoving) return SENDING_MS;
        quietPolls += 1;
        if (quietPolls < QUICK_POLLS) return QUICK_MS;
        return quietPolls < BUSY_POLLS ? BUSY_MS : IDLE_MS;
      case 'end':
      case 'truncated':
        forget();
        return ALONE_MS;
      case 'error':
        reopenLater(read.error);
        return undefined;
      default: {
        const never: never = read;
        return never;
      }
    }
  };

  const poll = (): void => {
    if (isStopped || port === undefined) return;
    const nextMs = look(port);
    if (nextMs !== undefined) cancel = clock.after(nextMs, poll);
  };

  const open = (): void => {
    if (isStopped) return;
    const opened = files.openPort(path);
    if (!opened.ok) {
      reopenLater(opened.error);
      return;
    }
    port = opened.value;
    retryMs = FIRST_RETRY_MS;
    lastProblem = '';
    log.info('virtio port is open', { path });
    poll();
  };

  return {
    start: open,
    stop: () => {
      isStopped = true;
      cancel();
      port?.close();
      port = undefined;
      forget();
    },
  };
};
