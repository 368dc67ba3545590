/**
 * What QEMU's monitor says of one VM. The connection is kept; a monitor takes one client at a time.
 * Somebody else who holds it (libvirt) leaves us waiting for the greeting, and then we go away at
 * once: whoever stays in the queue would be next, and would lock the other one out.
 *
 * A monitor that does not answer costs one deadline. It is left to answer late, and until it may be
 * tried again every read says at once why there is nothing.
 */
import type { MissingPart, PartProblem, VmmProcess } from '@innkeeper/protocol';
import type { Clock, Network, TextCodec } from '../../platform/platform.ts';
import { makeBackOff } from '../back-off.ts';
import { sourceProblem } from '../source-problem.ts';
import { parseQmpAnswers, QUERIES, QUERIES_WITHOUT_BALLOON } from './qmp-answers.ts';
import { makeQmpSession, type QmpSession, type QmpSessionEnd } from './qmp-session.ts';

export type QmpPart = VmmProcess['qmp'];

export interface QmpDeps {
  readonly network: Pick<Network, 'connect'>;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'after'>;
  readonly text: Pick<TextCodec, 'decodeUtf8'>;
}

export interface QmpSource {
  /** Resolves within the deadline, and never rejects. */
  read(): Promise<QmpPart>;
  stop(): void;
}

interface Problem {
  readonly reason: PartProblem;
  readonly message: string;
}

/** From the first byte to the last: connecting, greeting, negotiation and three answers. */
const DEADLINE_MS = 300;
const RETRY = { firstMs: 1_000, ceilingMs: 30_000 } as const;

/** A balloon is plugged in rarely, so who has none is asked for it rarely. */
const BALLOON_MS = 30_000;

const HELD =
  'the process is stopped, or another client holds the monitor, which takes one at a time';

const problemOf = (end: QmpSessionEnd): Problem => {
  switch (end.kind) {
    case 'closed':
      return { reason: 'unreachable', message: 'QEMU closed the monitor' };
    case 'no_qmp':
      return { reason: 'malformed', message: end.why };
    case 'not_connected':
      switch (end.error.code) {
        case 'ENOENT':
        case 'ENOTDIR':
          return { reason: 'absent', message: 'the socket does not exist' };
        case 'EACCES':
        case 'EPERM':
          return {
            reason: 'forbidden',
            message: 'needs write permission on it, or CAP_DAC_OVERRIDE',
          };
        case 'ELOOP':
          return { reason: 'forbidden', message: end.error.message };
        // What a unix socket says when as many wait as its queue holds.
        case 'EAGAIN':
        case 'ETIMEDOUT':
          return { reason: 'timeout', message: `not connected: ${HELD}` };
        default:
          return { reason: 'unreachable', message: end.error.message };
      }
    default: {
      const never: never = end;
      return never;
    }
  }
};

export const makeQmpSource = (deps: QmpDeps, { path }: { readonly path: string }): QmpSource => {
  const { clock } = deps;
  const backOff = makeBackOff(clock, RETRY);
  let session: QmpSession | undefined;
  let shared: Promise<QmpPart> | undefined;
  let settle: ((part: QmpPart) => void) | undefined;
  let problem: Problem = { reason: 'pending', message: 'not asked yet' };
  let stopped = false;
  /** Until then it has no balloon. */
  let noBalloonUntilMs = 0;

  const missing = (): MissingPart =>
    sourceProblem(problem.reason, `${path}: ${problem.message}`, backOff.retryAtMs());

  const fail = (why: Problem): void => {
    problem = why;
    backOff.failed();
    settle?.(missing());
  };

  const ask = (current: QmpSession): void => {
    const withBalloon = clock.monotonicMs() >= noBalloonUntilMs;
    current.ask(withBalloon ? QUERIES : QUERIES_WITHOUT_BALLOON, (answers) => {
      backOff.succeeded();
      if (withBalloon && answers[2]?.ok === false) {
        noBalloonUntilMs = clock.monotonicMs() + BALLOON_MS;
      }
      const parsed = parseQmpAnswers(answers);
      if (!parsed.ok) problem = { reason: 'malformed', message: parsed.problem };
      settle?.(parsed.ok ? parsed.values : missing());
    });
  };

  const connect = (): void => {
    noBalloonUntilMs = 0;
    const made = makeQmpSession(deps, path, DEADLINE_MS, {
      ready: () => {
        // Nobody waits any more: it has come to life, and the next read may ask.
        if (settle === undefined) backOff.succeeded();
        else ask(made);
      },
      ended: (end) => {
        session = undefined;
        // Between two reads it may go whenever it likes: the VM has ended, or started anew.
        if (settle !== undefined || end.kind === 'no_qmp') fail(problemOf(end));
      },
    });
    session = made;
  };

  const giveUp = (): void => {
    if (session?.isGreeted() === true) {
      fail({ reason: 'timeout', message: `no answer within ${DEADLINE_MS} ms` });
      return;
    }
    session?.drop();
    session = undefined;
    fail({ reason: 'timeout', message: `no greeting within ${DEADLINE_MS} ms: ${HELD}` });
  };

  const readOnce = async (): Promise<QmpPart> =>
    new Promise((resolve) => {
      const cancel = clock.after(DEADLINE_MS, giveUp);
      settle = (part) => {
        cancel();
        settle = undefined;
        shared = undefined;
        resolve(part);
      };
      // A round that missed its deadline is still under way: its answers will be those of now.
      if (session === undefined) connect();
      else if (session.mayAsk()) ask(session);
    });

  return {
    read: async () => {
      if (shared !== undefined) return shared;
      if (stopped || !backOff.mayTry()) return missing();
      const asked = readOnce();
      // It may be settled by now: then the next one asks anew.
      if (settle !== undefined) shared = asked;
      return asked;
    },
    stop: () => {
      stopped = true;
      session?.drop();
      session = undefined;
      problem = { reason: 'unreachable', message: 'not watched any more' };
      settle?.(missing());
    },
  };
};
