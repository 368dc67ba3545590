import { describe, expect, it } from 'vitest';
import type { StreamEvents } from '../http/message.ts';
import { makeFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { settled } from '../testing/settled.ts';
import { makeSimpleRecord, type LogRecord } from './log-record.ts';
import type { LogReader, LogSink } from './log-source.ts';
import { makeLogStream } from './log-stream.ts';

const record = (message: string): LogRecord =>
  makeSimpleRecord(
    { timestamp: 1, level: 'info', target: 't', message, fields: {}, cursor: message.slice(0, 9) },
    6,
  );

interface Client {
  readonly clock: FakeClock;
  readonly events: StreamEvents;
  readonly sink: LogSink;
  readonly names: () => readonly string[];
  readonly text: () => string;
  readonly block: (isBlocked: boolean) => void;
  readonly state: { ended: boolean; readerClosed: number; closed: number; advanced: number };
}

const start = (states: ReturnType<LogReader['advance']>[]): Client => {
  const clock = makeFakeClock();
  const state = { ended: false, readerClosed: 0, closed: 0, advanced: 0 };
  let taken = '';
  let pending = '';
  let isBlocked = false;
  const stream = makeLogStream({
    mayWaitBytes: () => 1024 * 1024,
    clock,
    onClosed: () => {
      state.closed += 1;
    },
  });
  const reader: LogReader = {
    advance: () => {
      state.advanced += 1;
      const next = states.shift() ?? 'done';
      stream.sink.record(record(`kept ${state.advanced}`));
      return next;
    },
    catchUp: () => {
      if (state.readerClosed === 0) stream.sink.record(record('since the last look'));
    },
    close: () => {
      state.readerClosed += 1;
    },
  };
  const events = stream.start(reader, {
    write: (text) => {
      if (isBlocked) pending += text;
      else taken += text;
    },
    pendingBytes: () => pending.length,
    end: () => {
      state.ended = true;
    },
  });
  return {
    clock,
    events,
    sink: stream.sink,
    names: () => [...taken.matchAll(/^event: (\w+)$/gmu)].map(([, name]) => name ?? ''),
    text: () => taken,
    block: (blocked) => {
      isBlocked = blocked;
      if (blocked) return;
      taken += pending;
      pending = '';
      events.drained();
    },
    state,
  };
};

const end = (client: Client): void => {
  client.events.closed();
  expect(client.state).toMatchObject({ readerClosed: 1, closed: 1 });
  expect(client.clock.pendingTimers()).toBe(0);
};

describe('makeLogStream', () => {
  it('reads what is kept slice by slice, and ends when that was all', () => {
    const client = start(['more', 'more', 'done']);
    client.clock.advance(10);
    expect(client.names()).toEqual(['log', 'log', 'log', 'end']);
    expect(client.text()).toContain('{"reason":"complete"}');
    expect(client.state.ended).toBe(true);
    end(client);
  });

  it('reads no further while enough waits for the client, and goes on when it was taken', () => {
    const client = start(Array.from({ length: 50 }, () => 'more'));
    client.block(true);
    client.sink.record(record('x'.repeat(200_000)));
    client.clock.advance(1000);
    expect(client.state.advanced).toBe(0);
    client.block(false);
    client.clock.advance(1000);
    expect(client.state.advanced).toBe(51);
    end(client);
  });

  it('sends what comes live at once, all of one go in one piece', async () => {
    const client = start(['live']);
    client.clock.advance(1);
    client.sink.record(record('a'));
    client.sink.record(record('b'));
    expect(client.names()).toEqual(['log']);
    await settled();
    expect(client.names()).toEqual(['log', 'log', 'log']);
    end(client);
  });

  it('counts what a slow client loses, tells it before the next line, and only once', async () => {
    const client = start(['live']);
    client.clock.advance(1);
    client.block(true);
    for (let count = 0; count < 3000; count += 1) client.sink.record(record('y'.repeat(1000)));
    await settled();
    client.block(false);
    client.sink.record(record('after'));
    await settled();
    const dropped = [...client.text().matchAll(/"count":(\d+),"reason":"slow"/gu)];
    const sent = client.names().filter((name) => name === 'log').length;
    expect(dropped.length).toBe(1);
    expect(Number(dropped[0]?.[1]) + sent).toBe(3002);
    expect(client.names().slice(-2)).toEqual(['dropped', 'log']);
    end(client);
  });

  it('beats every 15 seconds, and not on top of what waits', () => {
    const client = start(['live']);
    client.clock.advance(46_000);
    expect(client.text().match(/^:$/gmu)?.length).toBe(3);
    client.block(true);
    client.sink.record(record('z'.repeat(40_000)));
    client.clock.advance(15_000);
    client.block(false);
    expect(client.text().match(/^:$/gmu)?.length).toBe(3);
    end(client);
  });

  it('tells losses of the source in their place, also before it has started', async () => {
    const client = start(['live']);
    client.sink.missed(7, 'vacuumed');
    client.clock.advance(1);
    client.sink.missed(undefined, 'damaged');
    await settled();
    expect(client.names()).toEqual(['dropped', 'log', 'dropped']);
    expect(client.text()).toContain('{"count":null,"reason":"damaged"}');
    end(client);
  });

  it('says why it ends, and nothing after that', async () => {
    const client = start(['live']);
    client.clock.advance(1);
    client.events.stopping();
    client.sink.record(record('late'));
    client.sink.failed('late too');
    await settled();
    expect(client.names()).toEqual(['log', 'log', 'end']);
    expect(client.text()).toContain('since the last look');
    expect(client.text()).toContain('{"reason":"stopping"}');
    end(client);
  });
});
