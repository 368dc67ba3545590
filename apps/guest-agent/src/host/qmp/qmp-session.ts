/** One connection to a QMP monitor: from connecting to closing, with one round of questions at a time. */
import type { Connection, Network, PlatformError, TextCodec } from '../../platform/platform.ts';
import { makeQmpConversation, type QmpAnswer } from './qmp-protocol.ts';

export interface QmpSessionEvents {
  ready(): void;
  /** The session is over, and nothing comes any more. */
  ended(why: QmpSessionEnd): void;
}

export type QmpSessionEnd =
  | { readonly kind: 'not_connected'; readonly error: PlatformError }
  | { readonly kind: 'closed' }
  | { readonly kind: 'no_qmp'; readonly why: string };

export interface QmpSession {
  isGreeted(): boolean;
  /** Ready, and no round is under way. */
  mayAsk(): boolean;
  ask(commands: readonly string[], done: (answers: readonly QmpAnswer[]) => void): void;
  /** Without `ended`. */
  drop(): void;
}

/** Of answers and events from one round to the next. A monitor that says more is a flood. */
const MAX_BYTES_PER_ROUND = 4 * 1024 * 1024;

export const makeQmpSession = (
  deps: {
    readonly network: Pick<Network, 'connect'>;
    readonly text: Pick<TextCodec, 'decodeUtf8'>;
  },
  path: string,
  connectTimeoutMs: number,
  events: QmpSessionEvents,
): QmpSession => {
  let connection: Connection | undefined;
  let isOver = false;
  let isAsking = false;
  let receivedBytes = 0;

  const drop = (): void => {
    isOver = true;
    connection?.destroy();
  };

  const end = (why: QmpSessionEnd): void => {
    if (isOver) return;
    drop();
    events.ended(why);
  };

  const conversation = makeQmpConversation(deps.text, {
    write: (text) => connection?.write(text),
    ready: () => events.ready(),
    failed: (why) => end({ kind: 'no_qmp', why }),
  });

  const receive = (chunk: Uint8Array): void => {
    if (isOver) return;
    receivedBytes += chunk.length;
    if (receivedBytes > MAX_BYTES_PER_ROUND) {
      end({ kind: 'no_qmp', why: `more than ${MAX_BYTES_PER_ROUND} bytes without being asked` });
      return;
    }
    conversation.receive(chunk);
  };

  const connect = async (): Promise<void> => {
    const outcome = await deps.network.connect({ kind: 'unix', path }, connectTimeoutMs, (made) => {
      connection = made;
      const closed = (): void => end({ kind: 'closed' });
      return { data: receive, ended: closed, drained: () => undefined, closed };
    });
    if (!outcome.ok) end({ kind: 'not_connected', error: outcome.error });
    else if (isOver) outcome.value.destroy();
  };
  void connect();

  return {
    isGreeted: () => conversation.isGreeted(),
    mayAsk: () => !isOver && !isAsking && conversation.isReady(),
    ask: (commands, done) => {
      isAsking = true;
      receivedBytes = 0;
      conversation.ask(commands, (answers) => {
        isAsking = false;
        done(answers);
      });
    },
    drop,
  };
};
