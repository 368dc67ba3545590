/**
 * One run as it goes: who has come how far, and what one of its executions prints. Events go on by
 * their number after a lost connection, so nothing is missing and nothing comes twice. Only one output
 * is kept, whatever the number of VMs; another one is read again when it is looked at.
 */
import { batch, signal, type ReadonlySignal } from '@preact/signals';
import type { Run, RunEvent, RunEvents, RunExecution } from '@innkeeper/protocol';
import type { Api, ApiProblem } from '../state/api.ts';
import { acknowledged, type Connection } from '../state/connection.ts';
import type { Frames } from '../state/frames.ts';
import type { Transcript } from '../terminal/transcript.ts';
import { skippedWords } from './execution-words.ts';
import type { ReadLog } from './log-reader.ts';
import { makeRunRecord } from './run-record.ts';
import { makeWatchedOutput } from './watched-output.ts';

export interface RunStore {
  readonly id: string;
  /** Its executions are as of the answer; `executions` has them as they are now. */
  readonly run: ReadonlySignal<Run | undefined>;
  readonly problem: ReadonlySignal<ApiProblem | undefined>;
  /** Counts up when an execution has changed. */
  readonly tick: ReadonlySignal<number>;
  /** Counts up when the output has grown. */
  readonly outputTick: ReadonlySignal<number>;
  /** Whose output is kept. */
  readonly watched: ReadonlySignal<string | undefined>;
  readonly transcript: Transcript;
  executions(): readonly RunExecution[];
  execution(id: string | undefined): RunExecution | undefined;
  /** By the manager's clock, as far as events tell it. */
  managerNow(): number;
  watch(executionId: string | undefined): void;
  readonly reload: () => void;
  follow(): () => void;
}

export interface RunStoreDependencies {
  readonly runId: string;
  readonly api: Pick<Api, 'get'>;
  readonly readLog: ReadLog;
  readonly connection: Pick<Connection, 'socket' | 'onConnect'>;
  readonly frames: Pick<Frames, 'request'>;
  readonly now: () => number;
}

export const makeRunStore = (dependencies: RunStoreDependencies): RunStore => {
  const { runId, api, readLog, connection, frames, now } = dependencies;
  const { socket } = connection;
  const record = makeRunRecord(api, runId);
  const { run, problem, tick, executions } = record;
  const outputTick = signal(0);
  let through = 0;
  let isSubscribed = false;
  let isFollowed = false;
  /** What the manager's clock is ahead of ours, at least. */
  let aheadMs = 0;

  const show = (): void => {
    batch(() => {
      tick.value += 1;
      outputTick.value += 1;
    });
  };
  const output = makeWatchedOutput({
    runId,
    readLog,
    now,
    onChange: () => frames.request(show),
  });

  const take = (event: RunEvent): void => {
    aheadMs = Math.max(aheadMs, event.at - now());
    if (event.kind === 'execution') record.tell(event.execution);
    else if (event.kind === 'run') record.reloadSoon();
    else if (event.kind !== 'progress') output.take(event);
    else {
      const { phase, done, total, execution_id: id } = event;
      const known = executions.get(id);
      if (known !== undefined) record.tell({ ...known, progress: { phase, done, total } });
    }
  };
  const onEvents = (told: RunEvents, received: () => void): void => {
    if (told.run_id !== runId) return;
    received();
    // Sent before what was asked for last.
    if (!isSubscribed) return;
    if (told.skipped > 0) {
      output.note(skippedWords(told.skipped));
      record.reloadSoon();
    }
    for (const event of told.events) if (event.seq > through) take(event);
    through = told.through;
    frames.request(show);
  };

  const subscribe = async (): Promise<void> => {
    isSubscribed = false;
    const answer = await acknowledged((acknowledge) =>
      socket.emit('run:subscribe', { run_id: runId, after: through }, (said) => {
        // At once: the next message may be the first batch.
        isSubscribed = said.ok;
        acknowledge(said);
      }),
    );
    if (answer.ok || !isFollowed || !socket.connected) return;
    const { code = 'refused', message = 'The manager refuses this run.' } = answer.error ?? {};
    problem.value = { status: undefined, code, message };
  };
  const begin = async (): Promise<void> => {
    if (run.peek() === undefined) await record.load();
    const known = run.peek();
    if (!isFollowed || known === undefined) return;
    const [only, second] = known.executions;
    if (second === undefined && only !== undefined && output.watched.peek() === undefined) {
      // All events are asked for anyway.
      output.watch(only.id);
    }
    if (socket.connected) await subscribe();
  };

  return {
    id: runId,
    run,
    problem,
    tick,
    outputTick,
    watched: output.watched,
    transcript: output.transcript,
    executions: () => [...executions.values()],
    execution: (id) => (id === undefined ? undefined : executions.get(id)),
    managerNow: () => now() + aheadMs,
    watch: (id) => {
      if (output.watched.peek() === id) return;
      const execution = id === undefined ? undefined : executions.get(id);
      output.watch(id, { isOver: execution !== undefined && execution.ended_at !== null });
      outputTick.value += 1;
      if (execution === undefined || execution.ended_at !== null) return;
      // From the beginning again: what it has printed so far was not kept.
      through = 0;
      if (socket.connected && isFollowed) void subscribe();
    },
    reload: () => void begin(),
    follow: () => {
      isFollowed = true;
      socket.on('run:events', onEvents);
      if (!socket.connected) void record.load();
      const endSubscription = connection.onConnect(() => void begin());
      return () => {
        isFollowed = false;
        isSubscribed = false;
        endSubscription();
        record.stop();
        output.stop();
        socket.off('run:events', onEvents);
        if (socket.connected) socket.emit('run:unsubscribe', { run_id: runId }, () => undefined);
      };
    },
  };
};
