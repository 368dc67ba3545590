/**
 * Asks Firecracker to write a line of metrics now: `PUT /actions` with `FlushMetrics` on its API
 * socket (docs/api_requests/actions.md there). One request is under way at a time.
 *
 * A request that missed its deadline is left to be answered. A Firecracker that was stopped and goes
 * on would otherwise carry out at once all that was asked meanwhile, and fill its own pipe.
 */
import type { PartProblem } from '@innkeeper/protocol';
import type { Clock, Network, TextCodec } from '../../platform/platform.ts';
import { makeBackOff } from '../back-off.ts';
import type { Located } from '../paths/vmm-paths.ts';
import { makeApiConnection, type ApiConnection, type ApiResult } from './api-connection.ts';

export type FlushOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: PartProblem | 'refused';
      readonly message: string;
    };

type FlushFailure = Extract<FlushOutcome, { ok: false }>;

export interface FlushClient {
  /** Does nothing while a request is under way, or before it may try again. */
  flush(): void;
  /** How the newest request ended; undefined before the first has. */
  lastOutcome(): FlushOutcome | undefined;
  counts(): FlushCounts;
  stop(): void;
}

export interface FlushCounts {
  readonly flushes: number;
  readonly failures: number;
}

const DEADLINE_MS = 500;
const UNREACHABLE = { firstMs: 1_000, ceilingMs: 30_000 } as const;
/** Who answers, if only to refuse (not started yet, pipe full), is worth asking again soon. */
const REFUSED = { firstMs: 1_000, ceilingMs: 5_000 } as const;

const BODY = '{"action_type":"FlushMetrics"}';
const REQUEST =
  'PUT /actions HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n' +
  `Content-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

const outcomeOf = (result: ApiResult): FlushOutcome => {
  switch (result.kind) {
    case 'answer': {
      const { status, faultMessage } = result.answer;
      if (status === 204) return { ok: true };
      return { ok: false, reason: 'refused', message: faultMessage ?? `status ${status}` };
    }
    case 'not_connected': {
      const { code, message } = result.error;
      if (code === 'EACCES' || code === 'EPERM') {
        const allowed = 'needs write permission on it, or CAP_DAC_OVERRIDE';
        return { ok: false, reason: 'forbidden', message: allowed };
      }
      return { ok: false, reason: code === 'ETIMEDOUT' ? 'timeout' : 'unreachable', message };
    }
    case 'broken':
      return { ok: false, reason: result.reason, message: result.why };
    default: {
      const never: never = result;
      return never;
    }
  }
};

export const makeFlushClient = (
  deps: {
    readonly network: Pick<Network, 'connect'>;
    readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'after'>;
    readonly text: Pick<TextCodec, 'decodeLatin1'>;
  },
  /** Asked until it gives a path, and again when nobody answers there. */
  locate: () => Located,
  /** Called when Firecracker has answered that the line is written. */
  flushed: () => void,
): FlushClient => {
  let api: { readonly path: string; readonly connection: ApiConnection } | undefined;
  const unreachable = makeBackOff(deps.clock, UNREACHABLE);
  const refused = makeBackOff(deps.clock, REFUSED);
  let state: 'idle' | 'asked' | 'late' = 'idle';
  let cancelDeadline = (): void => undefined;
  let last: FlushOutcome | undefined;
  let flushes = 0;
  let failures = 0;

  const fail = ({ reason, message }: Omit<FlushFailure, 'ok'>): void => {
    failures += 1;
    last = { ok: false, reason, message };
  };

  const forget = (): void => {
    api?.connection.stop();
    api = undefined;
  };

  const find = (): typeof api => {
    if (api !== undefined) return api;
    const located = locate();
    if (!located.ok) {
      unreachable.failed();
      fail(located);
      return undefined;
    }
    const { path } = located;
    api = { path, connection: makeApiConnection(deps, path, DEADLINE_MS) };
    return api;
  };

  const finish = (outcome: FlushOutcome): void => {
    const isLate = state === 'late';
    state = 'idle';
    cancelDeadline();
    if (outcome.ok) {
      unreachable.succeeded();
      refused.succeeded();
      flushes += 1;
      last = outcome;
      flushed();
      return;
    }
    if (outcome.reason === 'refused') {
      unreachable.succeeded();
      refused.failed();
    } else {
      unreachable.failed();
      forget();
    }
    // What missed its deadline was counted then.
    if (!isLate) fail(outcome);
  };

  return {
    flush: () => {
      if (state !== 'idle' || !unreachable.mayTry() || !refused.mayTry()) return;
      const found = find();
      if (found === undefined) return;
      const { path, connection } = found;
      state = 'asked';
      cancelDeadline = deps.clock.after(DEADLINE_MS, () => {
        state = 'late';
        fail({ reason: 'timeout', message: `${path}: no answer within ${DEADLINE_MS} ms` });
      });
      connection.request(REQUEST, (result) => {
        const outcome = outcomeOf(result);
        finish(outcome.ok ? outcome : { ...outcome, message: `${path}: ${outcome.message}` });
      });
    },
    lastOutcome: () => last,
    counts: () => ({ flushes, failures }),
    stop: () => {
      cancelDeadline();
      forget();
    },
  };
};
