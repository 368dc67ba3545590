/**
 * Enrols the agent with its manager and keeps the manager informed of where it is. Whatever is in
 * the way, the network not up yet, a manager that is away, it tries again for ever and says why; what
 * the manager refuses for good it says once, with what to do, and the agent serves on.
 */
import type { Log } from '../log.ts';
import type { Platform } from '../platform/platform.ts';
import { beginState, KEY_BYTES, type AgentState, type StateFile } from './agent-state.ts';
import type { AgentTls } from './agent-tls.ts';
import { makeEnrollmentStatus, type EnrollmentStatus } from './enrollment-status.ts';
import type { ManagerAnswer } from './manager-answer.ts';
import type { Messages } from './messages.ts';
import { makePace } from './pace.ts';

export interface Enroller {
  status: EnrollmentStatus['get'];
  start(): void;
  /** The manager seems not to know what it was told; it is told soon again, not too often. */
  doubt(): void;
  stop(): void;
}

export interface EnrollerDependencies {
  readonly platform: Pick<Platform, 'clock' | 'crypto'>;
  readonly log: Log;
  readonly vmId: string;
  /** Undefined: only what was enrolled before counts. */
  readonly token: { readonly id: string; readonly text: string } | undefined;
  /** The manager's keys in the config. */
  readonly configKeys: readonly string[];
  /** Of this `vm_id`, as it was when the agent started. One of state and token is there. */
  readonly state: AgentState | undefined;
  readonly stateFile: Pick<StateFile, 'save'>;
  readonly messages: Messages;
  readonly tls: Pick<AgentTls, 'complete' | 'use' | 'facts'>;
  /** Joined: what a change of is worth a message. */
  readonly addresses: () => string;
  /** The manager has told its keys. */
  readonly learn: (state: AgentState) => void;
}

/** After a refusal, which somebody may have put right at the manager. */
const REFUSED_RETRY_MS = 600_000;
/** Also where nothing has changed: the manager may have another key by now, or have lost the address. */
const REPORT_MS = 3_600_000;
/** Where the manager seems not to know what it was told. */
const DOUBT_MS = 60_000;
/** How often the machine's addresses are looked at. */
const LOOK_MS = 5_000;

export const makeEnroller = (dependencies: EnrollerDependencies): Enroller => {
  const { platform, log, vmId, token, configKeys, stateFile, messages, tls } = dependencies;
  const { clock, crypto } = platform;
  const status = makeEnrollmentStatus(log);
  const pace = makePace(clock, crypto);
  let { state } = dependencies;
  let told: string | undefined;
  let reportedMs = 0;
  let isDoubted = false;

  /** Before anything is sent: a key that is lost would have used up the token. */
  const keep = (next: AgentState): boolean => {
    const saved = stateFile.save(next);
    if (saved.ok) {
      state = next;
      tls.use(next);
    } else status.waiting('state_dir', `the agent cannot keep its key: ${saved.error.message}`);
    return saved.ok;
  };

  const register = (
    current: AgentState,
    answer: ManagerAnswer & { readonly kind: 'registered' },
  ): void => {
    const { managerKeys } = answer;
    const isPinned = answer.tlsPin !== undefined && answer.tlsPin === tls.facts(current).tls_pin;
    const next = { ...current, isEnrolled: true, configKeys, managerKeys, isPinned };
    if (!keep(next)) {
      pace.retry(report);
      return;
    }
    dependencies.learn(next);
    status.registered(answer);
    const hasLearnt = managerKeys.join() !== current.managerKeys.join();
    if (answer.addressProblem === undefined) {
      pace.calm();
      // That it knows another key now is what the manager waits for.
      if (hasLearnt && current.isEnrolled) pace.retry(report);
      else pace.after(LOOK_MS, look);
    } else {
      // Until it is registered: the way to this machine may only just be opening.
      pace.retry(report);
    }
  };

  const settle = (answer: ManagerAnswer | undefined, again: () => void): void => {
    if (answer?.kind === 'registered' && state !== undefined) {
      register(state, answer);
    } else if (answer?.kind === 'refused') {
      status.refused(answer.code, answer.message);
      // A token is refused for good; an address may be taken when the other machine has gone.
      if (state?.isEnrolled === true) pace.after(REFUSED_RETRY_MS, report);
    } else {
      if (answer?.kind === 'failed') status.waiting('unreachable', answer.message);
      pace.retry(again);
    }
  };

  const run = (work: Promise<ManagerAnswer | undefined>, again: () => void): void => {
    work.then(
      (answer) => settle(answer, again),
      (error: unknown) => {
        log.error('enrolment failed', {
          error: error instanceof Error ? error.message : String(error),
        });
        pace.retry(again);
      },
    );
  };

  /** Undefined where the state cannot be kept. */
  const reportOnce = async (current: AgentState): Promise<ManagerAnswer | undefined> => {
    const next = { ...current, counter: current.counter + 1 };
    if (!keep(next)) return undefined;
    const answer = await messages.report(next, undefined);
    if (answer.kind === 'behind') {
      // This machine, or the manager, was set back to an earlier state.
      const ahead = { ...next, counter: Math.max(answer.counter, next.counter) + 1 };
      return keep(ahead) ? messages.report(ahead, answer.challenge) : undefined;
    }
    const isUnknown = answer.kind === 'refused' && answer.code === 'unknown_agent';
    if (!isUnknown || token?.id !== next.tokenId) return answer;
    // A manager that was restored from a backup may still have the token, unused.
    const enrolled = await messages.enroll(next, token.text);
    return enrolled.kind === 'refused' ? answer : enrolled;
  };

  function report(): void {
    if (state === undefined) return;
    told = dependencies.addresses();
    reportedMs = clock.monotonicMs();
    isDoubted = false;
    run(reportOnce(state), report);
  }

  function look(): void {
    const isDue = clock.monotonicMs() - reportedMs >= (isDoubted ? DOUBT_MS : REPORT_MS);
    if (isDue || dependencies.addresses() !== told) report();
    else pace.after(LOOK_MS, look);
  }

  const newState = (tokenId: string): AgentState =>
    tls.complete(beginState({ vmId, tokenId, privateKey: crypto.random(KEY_BYTES), configKeys }));

  function enroll(): void {
    if (token === undefined) return;
    const isBegun = state?.tokenId === token.id;
    const current = isBegun && state !== undefined ? state : newState(token.id);
    if (!isBegun && !keep(current)) {
      pace.retry(enroll);
      return;
    }
    told = dependencies.addresses();
    reportedMs = clock.monotonicMs();
    run(messages.enroll(current, token.text), enroll);
  }

  return {
    status: () => status.get(),
    start: () => {
      const isNew = token !== undefined && token.id !== state?.tokenId;
      if (!isNew && state?.isEnrolled === true) {
        status.resume();
        report();
      } else if (token === undefined) {
        status.refused('no_token', 'the enrolment was begun, and there is no enrollment_token now');
      } else {
        enroll();
      }
    },
    doubt: () => {
      isDoubted = true;
    },
    stop: () => pace.stop(),
  };
};
