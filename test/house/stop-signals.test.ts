import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { mergeStopSignals } from '../../scripts/bootstrap/stop-signals.mjs';

function setUp() {
  const emitter = new EventEmitter();
  const clock = { now: 1_000 };
  mergeStopSignals(emitter, () => clock.now);
  const seen: string[] = [];
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR2']) {
    emitter.on(signal, () => seen.push(signal));
  }
  return { emitter, clock, seen };
}

test('the copies that arrive with a stop signal are dropped', () => {
  const { emitter, clock, seen } = setUp();
  emitter.emit('SIGINT');
  clock.now += 3;
  emitter.emit('SIGINT');
  emitter.emit('SIGTERM');
  expect(seen).toEqual(['SIGINT']);
});

test('a second request to stop is one of its own', () => {
  const { emitter, clock, seen } = setUp();
  emitter.emit('SIGINT');
  clock.now += 600;
  emitter.emit('SIGINT');
  expect(seen).toEqual(['SIGINT', 'SIGINT']);
});

test('other events pass as they come, with their arguments', () => {
  const { emitter, seen } = setUp();
  const messages: unknown[] = [];
  emitter.on('message', (...args: unknown[]) => messages.push(args));
  emitter.emit('SIGUSR2');
  emitter.emit('SIGUSR2');
  emitter.emit('message', 1, 2);
  expect(seen).toEqual(['SIGUSR2', 'SIGUSR2']);
  expect(messages).toEqual([[1, 2]]);
});
