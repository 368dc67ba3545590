/** Reading what an agent has kept, with an agent that a test makes up. */
import { expect, onTestFinished, test } from 'vitest';
import { waitUntil } from '../../../../../test/support/wait-until.ts';
import { cpuMs } from '../../../../../test/support/cpu-ms.ts';
import { makeConnectGate } from '../../pull/connect-gate.ts';
import { makeVm } from '../../push/testing/fake-fleet.ts';
import type { LogLimits } from '../limits.ts';
import { lineOf, sseOf, startFakeAgent } from '../testing/fake-agent.ts';
import { makeLogReader, type LogReading, type ReadingOptions } from './log-reader.ts';

const start = async (limits: Partial<LogLimits> = {}, minting = (): string => 'a-token') => {
  const agent = await startFakeAgent();
  const reader = makeLogReader({
    mintToken: () => minting(),
    gate: makeConnectGate({ connecting: 8 }),
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    cpuMs,
    limits,
  });
  const vm = makeVm(1, { guestIp: agent.host, agentPort: agent.port });
  const open = async (options: ReadingOptions = {}): Promise<LogReading> => {
    const opened = await reader.open(vm, {}, options);
    if (!opened.ok) throw new Error(opened.failure.message);
    onTestFinished(async () => opened.reading.close());
    return opened.reading;
  };
  onTestFinished(async () => agent.stop());
  return { agent, open, reader };
};

test('an agent is held also where it sends nothing but that lines are missing', async () => {
  const { agent, open } = await start({ bytesPerSecond: 1e12, timeShare: 1_000 });
  const text = 'event: dropped\ndata: {"count":1,"reason":"slow"}\n\n'.repeat(1_000);
  let sent = 0;
  agent.answerWith((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const write = (): void => {
      // Far more than what is in between can hold.
      while (sent < 64 * 1024 * 1024 && !response.destroyed && response.write(text)) {
        sent += text.length;
      }
      sent += text.length;
    };
    response.on('drain', write);
    write();
  });
  await open();
  let before = -1;
  let times = 0;
  await waitUntil('nothing more goes', () => {
    times = sent > 0 && sent === before ? times + 1 : 0;
    before = sent;
    return times === 10;
  });
  expect(sent).toBeLessThan(32 * 1024 * 1024);
});

test('neither a heartbeat nor a line that comes in many pieces is the end', async () => {
  const { agent, open } = await start();
  agent.answerWith((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(':\n\n');
    setImmediate(() => {
      response.write(sseOf(lineOf(1, 'x'.repeat(1_000_000))));
      response.end('event: end\ndata: {"reason":"complete"}\n\n');
    });
  });
  const reading = await open();
  expect(await reading.next()).toMatchObject([{ kind: 'line', line: { cursor: 's=1' } }]);
  expect(await reading.next()).toBeUndefined();
  expect(reading.problem()).toBeUndefined();
});

test('whoever reads on does not read faster than the agent may send', async () => {
  const { agent, open } = await start({ bytesPerSecond: 1_000_000 });
  agent.answerWith((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(sseOf(lineOf(1, 'x'.repeat(10_000))).repeat(150));
    response.end('event: end\ndata: {"reason":"complete"}\n\n');
  });
  const startedMs = performance.now();
  const reading = await open();
  let lines = 0;
  for (let items = await reading.next(); items !== undefined; items = await reading.next()) {
    lines += items.length;
  }
  expect(lines).toBe(150);
  // One and a half megabytes; the first tenth of a second is free.
  expect(performance.now() - startedMs).toBeGreaterThan(1_000);
});

test('a page finds room beside readings that last', async () => {
  const { agent, open } = await start({ maxReadingsPerVm: 3, maxLongReadingsPerVm: 2 });
  agent.answerWith((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(':\n\n');
  });
  const long = { isLong: true };
  const readings = [await open(long), await open(long)];
  await expect(open(long)).rejects.toThrow('too often at once');
  await open();
  await expect(open()).rejects.toThrow('too often at once');
  await readings[0]?.close();
  await open(long);
});

test('a reading that cannot even be asked for leaves nothing behind', async () => {
  const { open, reader } = await start({}, () => {
    throw new Error('no key');
  });
  await expect(open()).rejects.toThrow('no key');
  expect(reader.readings()).toBe(0);
});
