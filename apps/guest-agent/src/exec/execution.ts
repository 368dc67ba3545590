/**
 * One command from its start to its end, and what is known of it after. It belongs to nobody's
 * connection: it goes on while nobody listens, and is ended by its own end, its timeout, or a stop.
 */
import type { Execution as ExecutionDocument } from '@innkeeper/protocol';
import type { Cancel, Done, Platform, ProcessEnd, ProcessOptions } from '../platform/platform.ts';
import type { EndedExecution } from './ended-execution.ts';
import { KILL_AFTER_MS, makeEnding } from './ending.ts';
import type { ExecRequest } from './exec-request.ts';
import { keptTexts, type KeptTexts } from './kept-events.ts';
import { makeOutput } from './output.ts';
import { makeOutputHold } from './output-hold.ts';
import { makeOutputLog, type LogReader } from './output-log.ts';
import { makeProgressReader } from './progress.ts';
import { spawnInOrder } from './spawn-in-order.ts';

export interface Execution {
  readonly id: string;
  /** What it was asked with; the same again is the same execution. */
  readonly fingerprint: string;
  start(): Promise<Done>;
  document(): ExecutionDocument;
  /** What is kept of its output at the moment. */
  texts(): KeptTexts;
  read(after: number, notify: () => void): LogReader;
  isOver(): boolean;
  /** Settles when it is over. */
  readonly over: Promise<void>;
  /** TERM to all of it, and KILL to what is left of it 3 s later. */
  stop(): void;
  /** The KILL of a stop is still to come, also where the command itself has ended. */
  isKillDue(): boolean;
  /** The KILL now, if it is still to come. */
  hurry(): void;
  keptBytes(): number;
  /** What is to stay of it. */
  ended(): EndedExecution;
}

export interface ExecutionPlan {
  readonly id: string;
  readonly fingerprint: string;
  readonly request: ExecRequest;
  readonly options: ProcessOptions;
  readonly userName: string | undefined;
  readonly subject: string | undefined;
  /** So much of the output is kept, in bytes of memory; half of it may wait for a reader. */
  readonly keepBytes: () => number;
  readonly onOver: () => void;
}

/** How long a process that was left behind may hold the output of one that has ended. */
const HELD_OUTPUT_MS = 2_000;

const commandText = ({ command }: ExecRequest): string =>
  command.kind === 'argv' ? command.argv.join(' ') : command.script;

export const makeExecution = (
  platform: Pick<Platform, 'processes' | 'clock' | 'text' | 'files' | 'machine'>,
  plan: ExecutionPlan,
): Execution => {
  const { processes, clock, text } = platform;
  const { id, request, options } = plan;
  const startedAt = clock.nowMs();
  const startedMs = clock.monotonicMs();
  let pid = 0;
  let endedAt: number | undefined;
  let durationMs: number | undefined;
  let end: ProcessEnd | undefined;
  let isOver = false;
  let isTimedOut = false;
  let cancelTimeout: Cancel = () => undefined;
  let settle: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    settle = resolve;
  });

  const ending = makeEnding(platform, id);
  const hold = makeOutputHold(clock, () => ({
    pauseAt: plan.keepBytes() / 2,
    resumeAt: plan.keepBytes() / 8,
  }));
  const log = makeOutputLog(plan.keepBytes, () => hold.balance(log.unread()));
  const output = makeOutput({
    text,
    clock,
    maxBytes: request.maxOutputBytes,
    progress: makeProgressReader(commandText(request), request.progressPatterns),
    add: (event, textBytes) => log.add(event, textBytes),
  });

  const state = (): ExecutionDocument['state'] => {
    if (isOver) return 'exited';
    return ending.hasBegun() ? 'stopping' : 'running';
  };

  const outcome = () => ({
    duration_seconds: (durationMs ?? clock.monotonicMs() - startedMs) / 1000,
    exit_code: end?.code ?? null,
    signal: end?.signal ?? null,
    timed_out: isTimedOut,
    output_held: hold.wasHeld(),
    output_bytes: output.bytes(),
    dropped_bytes: output.droppedBytes(),
  });

  const document = (): ExecutionDocument => ({
    id,
    state: state(),
    argv: [...options.argv],
    cwd: request.cwd,
    user: plan.userName ?? null,
    subject: plan.subject ?? null,
    pid,
    started_at: startedAt,
    ended_at: endedAt ?? null,
    timeout_seconds: request.timeoutSeconds,
    ...outcome(),
    last_event_id: log.lastNumber(),
    progress: output.progress() ?? null,
  });

  const noteEnd = (given: ProcessEnd): void => {
    if (end !== undefined) return;
    end = given;
    endedAt = clock.nowMs();
    durationMs = clock.monotonicMs() - startedMs;
    cancelTimeout();
    // Those that a stop is about to end let go by themselves.
    hold.ended(ending.isDue() ? KILL_AFTER_MS + HELD_OUTPUT_MS : HELD_OUTPUT_MS);
  };

  const finish = (given: ProcessEnd): void => {
    noteEnd(given);
    hold.over();
    output.end();
    isOver = true;
    log.add({ name: 'exited', data: { at: clock.nowMs(), ...outcome() } });
    plan.onOver();
    settle();
  };

  return {
    id,
    fingerprint: plan.fingerprint,
    start: async () =>
      spawnInOrder(processes, options, {
        started: (child) => {
          ({ pid } = child);
          hold.attach(child);
          log.add({ name: 'started', data: { at: startedAt, id, pid } });
          cancelTimeout = clock.after(request.timeoutSeconds * 1000, () => {
            isTimedOut = true;
            ending.begin();
          });
          ending.attach(child);
        },
        output: (stream, chunk) => output.push(stream, chunk),
        ended: noteEnd,
        exited: finish,
      }),
    document,
    texts: () => keptTexts(log.kept(), output.givenBytes()),
    read: (after, notify) => log.read(after, notify),
    isOver: () => isOver,
    over,
    stop: () => {
      if (!isOver) ending.begin();
    },
    isKillDue: () => ending.isDue(),
    hurry: () => ending.hurry(),
    keptBytes: () => log.size(),
    ended: () => ({
      id,
      endedAt: endedAt ?? startedAt,
      fingerprint: plan.fingerprint,
      document: JSON.stringify(document()),
      kept: log.kept(),
      givenBytes: output.givenBytes(),
    }),
  };
};
