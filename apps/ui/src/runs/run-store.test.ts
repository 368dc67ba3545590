import type { ExecutionLogLine, Run, RunEvent } from '@innkeeper/protocol';
import { io } from 'socket.io-client';
import { expect, test, vi } from 'vitest';
import { makeApi } from '../state/api.ts';
import type { AppSocket } from '../state/connection.ts';
import { lineText } from '../terminal/transcript.ts';
import { executionOf, runOf } from '../testing/runs.ts';
import { makeRunStore } from './run-store.ts';

const FIRST = executionOf({ id: 'e1', vm_name: 'a' });
const SECOND = executionOf({ id: 'e2', vm_name: 'b', state: 'exited', exit_code: 0, ended_at: 9 });
const RUN = runOf([FIRST]);

const output = (seq: number, text: string, id = 'e1'): RunEvent => ({
  seq,
  at: seq,
  kind: 'output',
  execution_id: id,
  stream: 'stdout',
  text,
});

const setUp = async (run: Run = RUN, log: readonly ExecutionLogLine[] = []) => {
  const socket: AppSocket = io({ autoConnect: false });
  socket.connected = true;
  const asked: unknown[] = [];
  let isSilent = false;
  const owed: (() => void)[] = [];
  vi.spyOn(socket, 'emit').mockImplementation((...sent) => {
    asked.push(structuredClone(sent[1]));
    const acknowledge = sent.at(-1);
    const answer = (): void => {
      if (typeof acknowledge === 'function') acknowledge({ ok: true });
    };
    if (isSilent) owed.push(answer);
    else answer();
    return socket;
  });
  const subscribers = new Set<() => void>();
  const store = makeRunStore({
    runId: run.id,
    api: makeApi({
      fetch: async () => Promise.resolve(Response.json(run)),
      csrfToken: () => null,
      onSignedOut: () => undefined,
    }),
    readLog: async (_path, _signal, onLines) => {
      onLines(log);
      return Promise.resolve({ kind: 'all' });
    },
    connection: {
      socket,
      onConnect: (subscribe) => {
        subscribers.add(subscribe);
        subscribe();
        return () => subscribers.delete(subscribe);
      },
    },
    frames: { request: (work) => work() },
    now: () => 0,
  });
  const stop = store.follow();
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  const tell = (through: number, events: readonly RunEvent[], skipped = 0): void => {
    const batch = { run_id: run.id, events, through, skipped };
    for (const listener of socket.listeners('run:events')) {
      listener({ ...batch, events: [...events] }, () => undefined);
    }
  };
  const texts = (): string[] => {
    const { lines } = store.transcript;
    return Array.from({ length: lines.end - lines.first }, (_, at) => {
      const line = lines.at(lines.first + at);
      return line === undefined ? '' : lineText(line);
    });
  };
  const reconnect = (): void => {
    for (const subscribe of subscribers) subscribe();
  };
  const setSilent = (silent: boolean): void => {
    isSilent = silent;
    for (const answer of owed.splice(0)) answer();
  };
  return { store, asked, tell, texts, reconnect, setSilent, stop };
};

test('output goes on where it was after a lost connection, without hole or repeat', async () => {
  const { store, asked, tell, texts, reconnect, stop } = await setUp();
  tell(2, [output(1, 'one\n'), output(2, 'two\n')]);
  reconnect();
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect(asked[1]).toStrictEqual({ run_id: RUN.id, after: 2 });
  tell(3, [output(2, 'two\n'), output(3, 'three\n')]);
  expect(texts()).toStrictEqual(['one', 'two', 'three']);
  expect(store.watched.value).toBe('e1');
  stop();
});

test('what was sent before it asked anew is not taken', async () => {
  const { tell, texts, reconnect, setSilent, stop } = await setUp();
  tell(1, [output(1, 'one\n')]);
  setSilent(true);
  reconnect();
  tell(2, [output(2, 'old\n')]);
  expect(texts()).toStrictEqual(['one']);
  setSilent(false);
  tell(2, [output(2, 'two\n')]);
  expect(texts()).toStrictEqual(['one', 'two']);
  stop();
});

test('what it was too far behind for is said', async () => {
  const { tell, texts, stop } = await setUp();
  tell(9_000, [output(9_000, 'last\n')], 8_999);
  expect(texts()[0]).toContain('8,999 events are left out');
  expect(texts()[1]).toBe('last');
  stop();
});

test('of many only the output that is looked at is kept, and read again from its beginning', async () => {
  const third = executionOf({ id: 'e3', vm_name: 'c' });
  const { store, asked, tell, texts, stop } = await setUp(runOf([FIRST, third]));
  tell(2, [output(1, 'of a\n'), output(2, 'of c\n', 'e3')]);
  expect(texts()).toStrictEqual([]);
  store.watch('e3');
  expect(asked.at(-1)).toStrictEqual({ run_id: RUN.id, after: 0 });
  await vi.waitFor(() => {
    tell(2, [output(1, 'of a\n'), output(2, 'of c\n', 'e3')]);
    expect(texts()).toStrictEqual(['of c']);
  });
  stop();
});

test('the output of one that is over comes from its log, and not once more from events', async () => {
  const log = [{ at: 5, stream: 'stdout', text: 'kept' }] as const;
  const { store, tell, texts, stop } = await setUp(runOf([FIRST, SECOND]), log);
  store.watch('e2');
  tell(1, [output(1, 'kept\n', 'e2')]);
  expect(texts()).toStrictEqual(['kept']);
  stop();
});

test('what events tell of an execution is known at once', async () => {
  const { store, tell, stop } = await setUp();
  tell(2, [
    { seq: 1, at: 1, kind: 'progress', execution_id: 'e1', phase: 'Unpacking', done: 1, total: 3 },
    { seq: 2, at: 2, kind: 'execution', execution: { ...FIRST, state: 'exited', ended_at: 2 } },
  ]);
  expect(store.execution('e1')).toMatchObject({ state: 'exited' });
  tell(3, [{ seq: 3, at: 3, kind: 'execution', execution: FIRST }]);
  expect(store.execution('e1')).toMatchObject({ state: 'exited' });
  stop();
});
