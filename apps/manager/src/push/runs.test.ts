import type { RunEvent, RunEvents } from '@innkeeper/protocol';
import { afterEach, expect, test } from 'vitest';
import { makeVm } from '../../../../test/support/registry-fixtures.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeExecution, makeRun } from '../runs/testing/records.ts';
import type { EventKind, StoredEvent } from '../runs/run-record.ts';
import {
  startPushServer,
  type Client,
  type PushServerOfTest,
  type PushServerOptions,
} from './testing/push-server.ts';
import { connected } from './testing/listen.ts';

let server: PushServerOfTest | undefined;
afterEach(async () => server?.stop());

const WEB = makeVm(2, { labels: { app: 'web' } });
const RUN = makeRun(1);
const EXECUTIONS = [makeExecution(1, { vmId: makeVm(1).id }), makeExecution(2, { vmId: WEB.id })];

const eventOf = (seq: number, kind: EventKind, text: string, executionKey = 1): StoredEvent => ({
  runKey: RUN.key,
  seq,
  executionKey: kind === 'run' ? undefined : executionKey,
  at: 1_700_000_000_000 + seq,
  kind,
  data: Buffer.from(text),
});
const outputs = (from: number, to: number): StoredEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) =>
    eventOf(from + index, 'stdout', `line ${from + index}\n`),
  );

const start = async (options: PushServerOptions = {}): Promise<PushServerOfTest> => {
  server = await startPushServer(options);
  server.authenticator.allow('operator', { role: 'operator' });
  server.runs.add(RUN, EXECUTIONS);
  return server;
};

const watch = async (
  { connect }: PushServerOfTest,
  {
    token = 'operator',
    after,
    acknowledges = true,
  }: {
    readonly token?: string;
    readonly after?: number;
    readonly acknowledges?: boolean;
  } = {},
) => {
  const client: Client = connect({ auth: { token } });
  await connected(client);
  const batches: RunEvents[] = [];
  const owed: (() => void)[] = [];
  const viewer = { batches, client, acknowledges };
  client.on('run:events', (batch, received) => {
    batches.push(batch);
    if (viewer.acknowledges) received();
    else owed.push(received);
  });
  const answer = await client.emitWithAck('run:subscribe', {
    run_id: RUN.id,
    ...(after !== undefined && { after }),
  });
  return {
    answer,
    batches,
    client,
    events: (): RunEvent[] => batches.flatMap(({ events }) => events),
    seqs: (): number[] => batches.flatMap(({ events }) => events.map(({ seq }) => seq)),
    catchUp: () => {
      viewer.acknowledges = true;
      for (const received of owed) received();
    },
  };
};
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('history and what comes follow each other without hole or repeat', async () => {
  const { runs, ...rest } = await start({ limits: { runIntervalMs: 5, runBatchEvents: 7 } });
  runs.write(...outputs(1, 20));
  const viewer = await watch({ runs, ...rest });
  expect(viewer.answer).toStrictEqual({ ok: true });
  for (let seq = 21; seq <= 60; seq += 1) runs.write(...outputs(seq, seq));
  await waitUntil('all have come', () => viewer.seqs().length >= 60);
  expect(viewer.seqs()).toStrictEqual(range(1, 60));
  expect(viewer.events()[0]).toStrictEqual({
    seq: 1,
    at: 1_700_000_000_001,
    kind: 'output',
    execution_id: EXECUTIONS[0]?.id,
    stream: 'stdout',
    text: 'line 1\n',
  });
});

test('a client that comes back goes on where it was', async () => {
  const all = await start();
  all.runs.write(...outputs(1, 20));
  const viewer = await watch(all, { after: 15 });
  await waitUntil('the rest has come', () => viewer.seqs().length >= 5);
  expect(viewer.seqs()).toStrictEqual(range(16, 20));
});

test('a client that does not acknowledge gets two batches, and the rest when it does', async () => {
  const all = await start({ limits: { runIntervalMs: 1, runBatchEvents: 5 } });
  all.runs.write(...outputs(1, 30));
  const viewer = await watch(all, { acknowledges: false });
  await waitUntil('two batches come', () => viewer.batches.length === 2);
  all.runs.write(...outputs(31, 40));
  expect(await viewer.client.emitWithAck('fleet:unsubscribe')).toStrictEqual({ ok: true });
  expect(viewer.batches).toHaveLength(2);
  viewer.catchUp();
  await waitUntil('all have come', () => viewer.seqs().length >= 40);
  expect(viewer.seqs()).toStrictEqual(range(1, 40));
});

test('a client that is too far behind gets the end, and is told what that leaves out', async () => {
  const all = await start({ limits: { runBehindEvents: 50 } });
  all.runs.write(...outputs(1, 1_000));
  const viewer = await watch(all);
  await waitUntil('the end has come', () => viewer.seqs().at(-1) === 1_000);
  expect(viewer.seqs()).toStrictEqual(range(951, 1_000));
  expect(viewer.batches[0]).toMatchObject({ skipped: 950 });
  expect(all.push.stats().runs).toMatchObject({ eventsSkipped: 950, subscriptions: 1 });
});

test('a viewer is told of runs, and not what they print', async () => {
  const all = await start();
  all.runs.write(
    eventOf(1, 'stdout', 'secret'),
    eventOf(2, 'progress', '{"phase":"Building","done":1,"total":2}'),
    eventOf(3, 'run', '{"state":"finished","reason":null}'),
  );
  const viewer = await watch(all, { token: 'everything' });
  await waitUntil('the end has come', () => viewer.batches.at(-1)?.through === 3);
  expect(viewer.events().map(({ kind }) => kind)).toStrictEqual(['progress', 'run']);
});

test('a scope hides executions of others, and runs that have none of its own', async () => {
  const all = await start();
  all.authenticator.allow('web operator', { role: 'operator', scope: 'app=web' });
  all.authenticator.allow('db operator', { role: 'operator', scope: 'app=db' });
  all.runs.write(eventOf(1, 'stdout', 'of another', 1), eventOf(2, 'stdout', 'of web', 2));
  const viewer = await watch(all, { token: 'web operator' });
  await waitUntil('the end has come', () => viewer.batches.at(-1)?.through === 2);
  expect(viewer.seqs()).toStrictEqual([2]);
  const stranger = await watch(all, { token: 'db operator' });
  expect(stranger.answer).toMatchObject({ ok: false, error: { code: 'run_not_found' } });
});

test('a database that does not answer delays, and loses nothing', async () => {
  const all = await start();
  all.runs.breakDown(true);
  all.runs.write(...outputs(1, 3));
  const viewer = await watch(all);
  all.runs.breakDown(false);
  await waitUntil('all have come', () => viewer.seqs().length >= 3);
  expect(viewer.seqs()).toStrictEqual([1, 2, 3]);
});

test('whoever unsubscribes or leaves costs nothing any more', async () => {
  const all = await start({ limits: { maxRunSubscriptions: 1 } });
  const viewer = await watch(all);
  const other = { ...RUN, id: makeVm(77).id, key: 77 };
  all.runs.add(other, EXECUTIONS);
  const refused = await viewer.client.emitWithAck('run:subscribe', { run_id: other.id });
  expect(refused).toMatchObject({ ok: false, error: { code: 'too_many_subscriptions' } });
  await viewer.client.emitWithAck('run:unsubscribe', { run_id: RUN.id });
  expect(all.push.stats().runs.subscriptions).toBe(0);
  await viewer.client.emitWithAck('run:subscribe', { run_id: other.id });
  expect(all.push.stats().runs.subscriptions).toBe(1);
  viewer.client.disconnect();
  await waitUntil('it is gone', () => all.push.stats().runs.subscriptions === 0);
});
