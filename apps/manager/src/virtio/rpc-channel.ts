/**
 * JSON-RPC with an agent over the host's end of a virtio-serial port: one message in each line, answers
 * told apart by their ids. Ids are of this connection only, so what a guest still has to say to an
 * earlier one fits nothing. Whatever a guest sends, a call ends by its deadline.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { rpcResponseSchema, type ConnectionMethod } from '@innkeeper/protocol';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import { makeIntake } from '../logs/upstream/intake.ts';
import { makeLineIntake } from './line-intake.ts';

export type Called<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `isGone`: the agent does not know the connection (any more). */
  | { readonly ok: false; readonly problem: string; readonly isGone: boolean };

export interface Call<Value> {
  readonly method: ConnectionMethod;
  /** Without the session. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly result: z.ZodType<Value>;
  readonly timeoutMs: number;
}

export interface RpcChannel {
  call<Value>(call: Call<Value>): Promise<Called<Value>>;
  /** Fails what is under way. */
  close(problem: string): void;
}

/** Of all channels together. */
export interface ChannelCounters {
  calls: number;
  /** Calls whose time was up. */
  unanswered: number;
  /** What guests have sent that answered nothing. */
  junkBytes: number;
}

export interface ChannelDependencies {
  /** Opens the socket, and says when it may be used. */
  readonly connect: (onOpen: () => void) => Socket;
  readonly clock: Clock;
  readonly counters: ChannelCounters;
  /** Once, when nothing of it is left. */
  readonly onClosed: () => void;
}

/** An answer with as many bytes as one may carry, and room for what is around them. */
const MAX_LINE_BYTES = 64 * 1024;
/** What answers nothing, since the last that did: the rest of an earlier connection has a megabyte. */
const MAX_JUNK_BYTES = 4 * 1024 * 1024;
/** Of one guest, junk and all. Four times what its agent manages. */
const BYTES_PER_SECOND = 24 * 1024 * 1024;
/** Of a core, for what comes of one guest. */
const TIME_SHARE = 0.25;
/** Calls that a guest does not take. */
const MAX_WAITING_BYTES = 1024 * 1024;
const NOT_FOUND = -32002;
const METHOD_NOT_FOUND = -32601;

interface Pending {
  /** By the monotonic clock. */
  readonly sinceMs: number;
  readonly timer: NodeJS.Timeout;
  readonly settle: (called: Called<unknown>) => void;
}

const failed = (problem: string, isGone = false): Called<never> => ({
  ok: false,
  problem,
  isGone,
});

const parse = (line: Buffer): z.infer<typeof rpcResponseSchema> | undefined => {
  try {
    return rpcResponseSchema.safeParse(JSON.parse(line.toString('utf8'))).data;
  } catch {
    // A guest may send anything here.
    return undefined;
  }
};

export const openRpcChannel = (dependencies: ChannelDependencies): RpcChannel => {
  const { connect, clock, counters, onClosed } = dependencies;
  const session = randomBytes(12).toString('hex');
  const pending = new Map<string, Pending>();
  /** Until the socket is open. */
  let backlog: string[] | undefined = [];
  let problem: string | undefined;
  let heardMs = clock.monotonicMs();
  let junkBytes = 0;
  let calls = 0;

  const socket = connect(() => {
    // Ends what an earlier connection may have left as half a line.
    const lines = ['\n', ...(backlog ?? [])];
    backlog = undefined;
    for (const line of lines) socket.write(line);
  });

  const close = (why: string, isGone = false): void => {
    problem ??= why;
    socket.destroy();
    for (const { timer, settle } of pending.values()) {
      clearTimeout(timer);
      settle(failed(problem, isGone));
    }
    pending.clear();
  };

  const take = (id: string): Pending | undefined => {
    const known = pending.get(id);
    if (known === undefined) return undefined;
    pending.delete(id);
    clearTimeout(known.timer);
    return known;
  };

  const junk = (bytes: number): void => {
    junkBytes += bytes;
    counters.junkBytes += bytes;
    if (junkBytes > MAX_JUNK_BYTES) close('the guest sends something else than answers');
  };

  const onLine = (line: Buffer): void => {
    const response = parse(line);
    const known = typeof response?.id === 'string' ? take(response.id) : undefined;
    if (response === undefined || known === undefined) {
      junk(line.length);
      return;
    }
    junkBytes = 0;
    heardMs = clock.monotonicMs();
    if ('result' in response) known.settle({ ok: true, value: response.result });
    else if (response.error.code === METHOD_NOT_FOUND) {
      known.settle(failed('its agent is too old to carry connections over this port'));
    } else {
      const isGone = response.error.code === NOT_FOUND;
      known.settle(failed(`the agent refused: ${response.error.message}`, isGone));
    }
  };

  const expire = (id: string): void => {
    const late = take(id);
    if (late === undefined) return;
    counters.unanswered += 1;
    late.settle(failed('no answer over the port'));
    // Whoever is there has said nothing all the time: what waits for it would be of no use later.
    if (heardMs <= late.sinceMs) close('no answer over the port');
  };

  const intake = makeIntake({
    bytesPerSecond: BYTES_PER_SECOND,
    timeShare: TIME_SHARE,
    monotonicMs: () => clock.monotonicMs(),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  });
  const feed = makeLineIntake({ line: onLine, junk }, MAX_LINE_BYTES);
  socket.on('data', (chunk: Buffer) => {
    if (problem !== undefined) return;
    const startedMs = clock.monotonicMs();
    feed(chunk);
    intake.took(chunk.length, clock.monotonicMs() - startedMs);
  });
  socket.on('error', (error) => close(error.message));
  socket.once('close', () => {
    intake.reset();
    // Of one that was open another try may go better.
    close('the connection to the port was closed', backlog === undefined);
    onClosed();
  });

  const send = (line: string): void => {
    if (backlog === undefined) socket.write(line);
    else backlog.push(line);
  };

  return {
    call: async ({ method, params, result, timeoutMs }) => {
      if (problem !== undefined) return failed(problem);
      if (socket.writableLength > MAX_WAITING_BYTES) return failed('the guest takes nothing');
      calls += 1;
      counters.calls += 1;
      const id = `${session}-${calls}`;
      const called = new Promise<Called<unknown>>((settle) => {
        const timer = setTimeout(expire, timeoutMs, id);
        pending.set(id, { sinceMs: clock.monotonicMs(), timer, settle });
      });
      send(`${JSON.stringify({ jsonrpc: '2.0', id, method, params: { session, ...params } })}\n`);
      const outcome = await called;
      if (!outcome.ok) return outcome;
      const parsed = result.safeParse(outcome.value);
      return parsed.success
        ? { ok: true, value: parsed.data }
        : failed(`a malformed answer to ${method}`);
    },
    close: (why) => close(why),
  };
};
