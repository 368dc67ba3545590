import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeText } from '../../platform/node/text.ts';
import { makeFakeClock, START_MS, type FakeClock } from '../../testing/fake-clock.ts';
import { BLOCK, makeFakeFirecracker, NET } from '../../testing/fake-firecracker.ts';
import { makeFakePipes, type FakeNode, type FakePipes } from '../../testing/fake-pipes.ts';
import { makeFakeUnixServers } from '../../testing/fake-unix-servers.ts';
import { settled } from '../../testing/settled.ts';
import type { Located } from '../paths/vmm-paths.ts';
import { missing } from '../missing-part.ts';
import { makeFirecrackerMetrics, type FirecrackerPart } from './firecracker-metrics.ts';

const FIFO = '/run/vm/metrics.fifo';
const SOCKET = '/run/vm/api.socket';
const DONE = 'HTTP/1.1 204 \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n\r\n';

const DEVICES = [
  { key: 'block_rootfs', names: BLOCK },
  { key: 'block', names: BLOCK },
  { key: 'net_eth0', names: NET },
  { key: 'net', names: NET },
] as const;

const NO_API = missing('absent', 'no API socket');

const setUp = (prepare: (pipes: FakePipes) => void, apiSocket?: string, readBytes?: number) => {
  const clock = makeFakeClock();
  const files = makeFakePipes(readBytes);
  const network = makeFakeUnixServers(clock);
  prepare(files);
  const start = () =>
    makeFirecrackerMetrics(
      { files, network, clock, text: nodeText },
      {
        metricsPath: FIFO,
        locateApi: () => (apiSocket === undefined ? NO_API : { ok: true, path: apiSocket }),
      },
    );
  return { clock, files, network, start };
};

const values = (part: FirecrackerPart): Extract<FirecrackerPart, { ok: true }> => {
  if (!part.ok) throw new Error(`${part.reason}: ${part.message}`);
  return part;
};

const lineOf = (time: number, received: number): string =>
  `${JSON.stringify({
    utc_timestamp_ms: time,
    net_eth0: {
      rx_bytes_count: received,
      rx_packets_count: 1,
      tx_bytes_count: 2,
      tx_packets_count: 1,
    },
    block_a: { read_bytes: 512, read_count: 1, write_bytes: 0, write_count: 0 },
  })}\n`;

/** What is under way goes on in between, as it does in real time. */
const passSeconds = async (clock: FakeClock, seconds: number): Promise<void> => {
  for (let half = 0; half < 2 * seconds; half += 1) {
    clock.advance(500);
    await settled();
  }
};

const withFifo = (apiSocket?: string) => {
  let fifo: FakeNode | undefined;
  const made = setUp((files) => {
    fifo = files.fifo(FIFO);
  }, apiSocket);
  if (fifo === undefined) throw new Error('no FIFO');
  return { ...made, fifo };
};

describe('makeFirecrackerMetrics', () => {
  it('adds up what comes, and drains although nobody asks', () => {
    const { clock, fifo, start, files } = withFifo();
    const metrics = start();
    const message = 'no line yet; flush: no API socket';
    expect(metrics.read()).toEqual({ ok: false, reason: 'pending', message });
    fifo.write(lineOf(START_MS + 100, 1000));
    clock.advance(1000);
    expect(fifo.waiting()).toBe(0);
    fifo.write(lineOf(START_MS + 1100, 500));
    clock.advance(1000);
    expect(metrics.read()).toEqual({
      ok: true,
      since: START_MS,
      taken_at: START_MS + 1100,
      net: [
        {
          device: 'eth0',
          receive_bytes_total: 1500,
          receive_packets_total: 2,
          transmit_bytes_total: 4,
          transmit_packets_total: 2,
        },
      ],
      block: [
        {
          device: 'a',
          read_bytes_total: 1024,
          reads_completed_total: 2,
          written_bytes_total: 0,
          writes_completed_total: 0,
        },
      ],
      lines_total: 2,
      malformed_lines_total: 0,
      lost_lines_total: 0,
      restarts_total: 0,
      flush_problem: 'no API socket',
    });
    metrics.stop();
    expect(files.openCount()).toBe(0);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('drops what waited before anybody looked, however it is torn', () => {
    const { clock, fifo, start } = withFifo();
    const late = lineOf(1, 7);
    fifo.write(`${lineOf(1, 10_000)}garbage\n${lineOf(2, 10_000)}${late.slice(0, 50)}`);
    const metrics = start();
    // The rest of the line that stood in the pipe in part.
    fifo.write(late.slice(50));
    clock.advance(500);
    expect(metrics.read().ok).toBe(false);
    fifo.write(lineOf(START_MS, 3));
    clock.advance(500);
    expect(values(metrics.read())).toMatchObject({
      net: [{ receive_bytes_total: 3 }],
      lines_total: 1,
      malformed_lines_total: 0,
    });
    metrics.stop();
  });

  it('finds its first line behind what a full pipe tore before anybody looked', () => {
    const { clock, fifo, start } = withFifo();
    fifo.write(`${lineOf(1, 10_000)}{"utc_timestamp_ms":2,"net_eth0":{"rx_by`);
    const metrics = start();
    fifo.write(`tes_count":99${lineOf(START_MS, 3)}`);
    clock.advance(500);
    expect(values(metrics.read())).toMatchObject({
      net: [{ receive_bytes_total: 3 }],
      lines_total: 1,
      malformed_lines_total: 0,
    });
    metrics.stop();
  });

  it('counts all lines of a FIFO that is made only after it began', () => {
    const { clock, files, start } = setUp(() => undefined);
    const metrics = start();
    expect(metrics.read()).toEqual({
      ok: false,
      reason: 'absent',
      message: `${FIFO} does not exist`,
      retry_at: START_MS + 500,
    });
    files.fifo(FIFO).write(lineOf(START_MS, 3));
    clock.advance(5000);
    expect(values(metrics.read())).toMatchObject({ since: START_MS, lines_total: 1 });
    metrics.stop();
  });

  it.each([
    ['EACCES', 'forbidden', `${FIFO}: needs read permission on it, or CAP_DAC_READ_SEARCH`],
    ['ELOOP', 'forbidden', `${FIFO}: symbolic links are not followed`],
    ['EINVAL', 'malformed', `${FIFO} is neither a FIFO nor a file`],
    ['EIO', 'unreachable', `${FIFO}: EIO: ${FIFO}`],
  ])('says why it cannot open: %s', (code, reason, message) => {
    const { clock, files, start } = setUp((made) => made.refuse(FIFO, code));
    const metrics = start();
    expect(metrics.read()).toEqual({ ok: false, reason, message, retry_at: START_MS + 500 });
    clock.advance(60_000);
    expect(files.opened(FIFO)).toBeLessThan(18);
    expect(metrics.read()).toMatchObject({ ok: false, reason, message });
    metrics.stop();
  });

  it('flushes at its interval, and has the line with the answer', async () => {
    const { clock, fifo, network, start } = withFifo(SOCKET);
    let received = 0;
    network.serve(SOCKET, {
      received: (session) => {
        received += 1;
        fifo.write(lineOf(clock.nowMs(), 10));
        session.send(DONE);
      },
    });
    const metrics = start();
    await settled();
    expect(values(metrics.read())).toMatchObject({ taken_at: START_MS, lines_total: 1 });
    await passSeconds(clock, 30);
    expect(received).toBeGreaterThanOrEqual(30);
    expect(received).toBeLessThanOrEqual(31);
    const { net, lines_total: lines, taken_at: takenAt } = values(metrics.read());
    expect(lines).toBe(received);
    expect(net[0]?.receive_bytes_total).toBe(10 * received);
    expect(clock.nowMs() - takenAt).toBeLessThan(1000);
    expect(metrics.flushCounts()).toEqual({ flushes: received, failures: 0 });
    metrics.stop();
    expect(network.openCount()).toBe(0);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('flushes rarely while nobody asks, and takes no old line for silence when somebody does', async () => {
    const { clock, fifo, network, start } = withFifo(SOCKET);
    let received = 0;
    network.serve(SOCKET, {
      received: (session) => {
        received += 1;
        fifo.write(lineOf(clock.nowMs(), 10));
        session.send(DONE);
      },
    });
    const metrics = start();
    await passSeconds(clock, 150);
    expect(received).toBeGreaterThanOrEqual(10);
    expect(received).toBeLessThanOrEqual(11);
    await passSeconds(clock, 10);
    expect(values(metrics.read())).toMatchObject({ flush_problem: null });
    received = 0;
    await passSeconds(clock, 60);
    expect(received).toBeGreaterThanOrEqual(59);
    expect(received).toBeLessThanOrEqual(62);
    received = 0;
    await passSeconds(clock, 150);
    expect(received).toBeLessThanOrEqual(13);
    expect(fifo.waiting()).toBe(0);
    expect(metrics.read().ok).toBe(true);
    metrics.stop();
  });

  it('flushes as soon as the API socket is there, and says until then why not', async () => {
    const { clock, files, network, fifo } = withFifo();
    let located: Located = missing('absent', 'ENOENT: no such socket');
    const options = { metricsPath: FIFO, locateApi: () => located };
    const metrics = makeFirecrackerMetrics({ files, network, clock, text: nodeText }, options);
    expect(metrics.read()).toMatchObject({
      reason: 'pending',
      message: 'no line yet; flush: ENOENT: no such socket',
    });
    fifo.write(lineOf(clock.nowMs(), 10));
    await passSeconds(clock, 1);
    expect(values(metrics.read()).flush_problem).toBe('ENOENT: no such socket');
    network.serve(SOCKET, { received: (session) => session.send(DONE) });
    located = { ok: true, path: SOCKET };
    await passSeconds(clock, 4);
    expect(network.sessions(SOCKET)).toHaveLength(1);
    expect(values(metrics.read()).flush_problem).toBeNull();
    metrics.stop();
  });

  it('asks nobody to write what it cannot read', async () => {
    const { clock, network, files, start } = setUp((made) => made.refuse(FIFO, 'EACCES'), SOCKET);
    network.serve(SOCKET, {});
    const metrics = start();
    await passSeconds(clock, 10);
    expect(network.sessions(SOCKET)).toHaveLength(0);
    expect(files.openCount()).toBe(0);
    metrics.stop();
  });

  it('says after five intervals that no line comes, with the age and the reason', async () => {
    const { clock, fifo, network, start } = withFifo(SOCKET);
    let isStopped = false;
    network.serve(SOCKET, {
      received: (session) => {
        if (isStopped) return;
        fifo.write(lineOf(clock.nowMs(), 10));
        session.send(DONE);
      },
    });
    const metrics = start();
    await settled();
    expect(metrics.read().ok).toBe(true);
    isStopped = true;
    for (let step = 0; step < 10; step += 1) {
      clock.advance(500);
      await settled();
      expect(metrics.read().ok).toBe(true);
    }
    clock.advance(500);
    expect(metrics.read()).toEqual({
      ok: false,
      reason: 'timeout',
      message: `no line for 5.5 s; flush: ${SOCKET}: no answer within 500 ms`,
    });
    isStopped = false;
    fifo.write(lineOf(clock.nowMs(), 10));
    network.sessions(SOCKET)[0]?.send(DONE);
    expect(values(metrics.read()).lines_total).toBe(2);
    metrics.stop();
  });

  it("waits for Firecracker's own flush where it may not ask for one", async () => {
    const { clock, fifo, network, start } = withFifo(SOCKET);
    network.refuse(SOCKET, 'EACCES');
    const metrics = start();
    await settled();
    const forbidden = `flush: ${SOCKET}: needs write permission on it, or CAP_DAC_OVERRIDE`;
    expect(metrics.read()).toMatchObject({
      reason: 'pending',
      message: `no line yet; ${forbidden}`,
    });
    fifo.write(lineOf(clock.nowMs(), 10));
    await passSeconds(clock, 290);
    expect(metrics.read().ok).toBe(true);
    await passSeconds(clock, 20);
    const part = metrics.read();
    expect(part).toMatchObject({ reason: 'timeout' });
    expect(part.ok ? '' : part.message).toContain(forbidden);
    metrics.stop();
  });

  it('goes on with the next process on the same FIFO, and counts the restart', () => {
    const { clock, fifo, start } = withFifo();
    const metrics = start();
    fifo.write(`${lineOf(START_MS, 1)}{"utc_timestamp_ms":1`);
    clock.advance(500);
    fifo.setWriters(0);
    clock.advance(1000);
    expect(values(metrics.read())).toMatchObject({ restarts_total: 0, malformed_lines_total: 1 });
    fifo.setWriters(1);
    clock.advance(1000);
    fifo.write(lineOf(START_MS + 1000, 2));
    clock.advance(500);
    expect(values(metrics.read())).toMatchObject({
      net: [{ receive_bytes_total: 3 }],
      lines_total: 2,
      malformed_lines_total: 1,
      restarts_total: 1,
    });
    metrics.stop();
  });

  it('says that nobody has the FIFO open for writing', () => {
    const { clock, fifo, start } = withFifo();
    const metrics = start();
    fifo.setWriters(0);
    clock.advance(500);
    expect(metrics.read()).toMatchObject({
      reason: 'pending',
      message: 'no line yet; no process has it open for writing',
    });
    metrics.stop();
  });

  it.each(['while its writer lives', 'when its writer is gone'])(
    'opens a FIFO that was made anew %s',
    (when) => {
      const { clock, files, fifo, start } = withFifo();
      const metrics = start();
      fifo.write(lineOf(START_MS, 1));
      clock.advance(500);
      if (when === 'when its writer is gone') fifo.setWriters(0);
      files.remove(FIFO);
      clock.advance(10_000);
      const fresh = files.fifo(FIFO);
      fifo.write('');
      fresh.write(lineOf(START_MS + 1, 2));
      clock.advance(5500);
      expect(values(metrics.read())).toMatchObject({
        net: [{ receive_bytes_total: 3 }],
        restarts_total: 1,
      });
      expect(files.openCount()).toBe(1);
      metrics.stop();
    },
  );

  it('goes on reading a FIFO whose name is gone as long as somebody writes', () => {
    const { clock, files, fifo, start } = withFifo();
    const metrics = start();
    files.remove(FIFO);
    clock.advance(20_000);
    fifo.write(lineOf(START_MS, 1));
    clock.advance(500);
    expect(values(metrics.read()).lines_total).toBe(1);
    metrics.stop();
  });

  it('opens again after an error, with a growing delay', () => {
    const { clock, files, fifo, start } = withFifo();
    const metrics = start();
    fifo.breakWith('EIO');
    clock.advance(500);
    expect(metrics.read()).toMatchObject({
      reason: 'unreachable',
      message: `${FIFO}: EIO: ${FIFO}`,
    });
    clock.advance(60_000);
    expect(files.opened(FIFO)).toBeLessThan(18);
    files.fifo(FIFO).write(lineOf(START_MS, 1));
    clock.advance(5500);
    expect(values(metrics.read()).lines_total).toBe(1);
    expect(files.openCount()).toBe(1);
    metrics.stop();
  });

  it('follows a plain file from its end, through truncation and rotation', () => {
    const { clock, files, start } = setUp(() => undefined);
    const file = files.file(FIFO, lineOf(1, 10_000).repeat(1000));
    const metrics = start();
    file.write(lineOf(START_MS + 1, 1));
    clock.advance(500);
    file.truncate();
    clock.advance(500);
    file.write(lineOf(START_MS + 2, 2));
    clock.advance(500);
    // The copy begins with what was read before it was made.
    const rotated = files.file(FIFO, lineOf(START_MS + 2, 2) + lineOf(START_MS + 3, 4));
    clock.advance(5500);
    rotated.write(lineOf(START_MS + 4, 8));
    clock.advance(500);
    expect(values(metrics.read())).toMatchObject({
      net: [{ receive_bytes_total: 15 }],
      lines_total: 4,
      malformed_lines_total: 0,
    });
    metrics.stop();
  });

  it('reads a bounded piece at a time, however much there is', () => {
    const { clock, files, start } = setUp(() => undefined, undefined, 1000);
    const metrics = start();
    const lines = Array.from({ length: 300 }, (_, index) => lineOf(START_MS + index, 1));
    files.file(FIFO, lines.join(''));
    clock.advance(1000);
    const few = values(metrics.read()).lines_total;
    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(100);
    clock.advance(30_000);
    expect(values(metrics.read()).lines_total).toBe(300);
    metrics.stop();
  });

  it('says that nothing but garbage comes', () => {
    const { clock, fifo, start } = withFifo();
    const metrics = start();
    fifo.write('garbage\n');
    clock.advance(500);
    expect(metrics.read()).toEqual({
      ok: false,
      reason: 'malformed',
      message: `${FIFO}: no {"utc_timestamp_ms":…`,
    });
    fifo.write('x'.repeat(60_000));
    clock.advance(500);
    fifo.write('x'.repeat(60_000));
    clock.advance(500);
    expect(metrics.read()).toMatchObject({
      message: `${FIFO}: a line that is torn or too long`,
    });
    metrics.stop();
  });

  it('says of a Firecracker that tells only sums that it does not tell the devices', () => {
    const { clock, fifo, start } = withFifo();
    const metrics = start();
    const net = { rx_bytes_count: 1, rx_packets_count: 1, tx_bytes_count: 2, tx_packets_count: 1 };
    fifo.write(`${JSON.stringify({ utc_timestamp_ms: START_MS, net })}\n`);
    clock.advance(500);
    expect(metrics.read()).toEqual({
      ok: false,
      reason: 'absent',
      message: 'this Firecracker tells sums only; per device needs 1.6',
    });
    metrics.stop();
  });

  it('spreads the polls of many VMs over time, at two a second for each', () => {
    const clock = makeFakeClock();
    const pipes = makeFakePipes();
    const network = makeFakeUnixServers(clock);
    const pollsAt = new Map<number, number>();
    const openPipe: FakePipes['openPipe'] = (path, options) => {
      const opened = pipes.openPipe(path, options);
      if (!opened.ok) return opened;
      const read = () => {
        const nowMs = clock.monotonicMs();
        pollsAt.set(nowMs, (pollsAt.get(nowMs) ?? 0) + 1);
        return opened.value.read();
      };
      return { ok: true, value: { ...opened.value, read } };
    };
    const readers = Array.from({ length: 200 }, (_, index) => {
      const metricsPath = `/run/vm-${index}/metrics.fifo`;
      pipes.fifo(metricsPath);
      const deps = { files: { openPipe }, network, clock, text: nodeText };
      return makeFirecrackerMetrics(deps, { metricsPath, locateApi: () => NO_API });
    });
    pollsAt.clear();
    for (let ms = 0; ms < 2000; ms += 1) clock.advance(1);
    const polls = [...pollsAt.values()];
    const total = polls.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(200 * 4);
    expect(total).toBeLessThan(200 * 4 + 10);
    expect(Math.max(...polls)).toBeLessThan(20);
    for (const reader of readers) reader.stop();
    expect(clock.pendingTimers()).toBe(0);
    expect(pipes.openCount()).toBe(0);
  });
});

describe('a Firecracker that writes faster or slower than it is read', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('traffic'), bytes: fc.nat(1_000_000) }) },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('flush'), times: fc.integer({ min: 1, max: 12 }) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('time'), ms: fc.integer({ min: 1, max: 3000 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('recreate') }) },
  );

  it('gives counters that never go back, and in the end all that was written', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 100, max: 70_000 }),
        (steps, readBytes) => {
          const { clock, files, start } = setUp((made) => made.fifo(FIFO), undefined, readBytes);
          let fifo = files.fifo(FIFO);
          const metrics = start();
          let firecracker = makeFakeFirecracker(fifo, DEVICES);
          const finished: (typeof firecracker)[] = [];
          let before = 0;

          // All in one millisecond, and most of them the same: a FIFO says nothing twice.
          const flush = (): void => void firecracker.flush(START_MS);
          const received = (): number => {
            const part = metrics.read();
            return part.ok ? (part.net[0]?.receive_bytes_total ?? 0) : before;
          };
          const drain = (): void => {
            // Small reads need many polls for one full pipe.
            for (let polls = 0; polls < 2000 && fifo.waiting() > 0; polls += 1) clock.advance(500);
          };

          for (const one of steps) {
            switch (one.kind) {
              case 'traffic':
                firecracker.count('net_eth0', 'rx_bytes_count', one.bytes);
                firecracker.count('net', 'rx_bytes_count', one.bytes);
                firecracker.count('block_rootfs', 'write_bytes', one.bytes);
                break;
              case 'flush':
                for (let count = 0; count < one.times; count += 1) flush();
                break;
              case 'time':
                clock.advance(one.ms);
                break;
              default:
                // What is in the pipe outlives its writer; with a new FIFO the old one is drained first.
                if (one.kind === 'recreate') drain();
                fifo.setWriters(0);
                if (one.kind === 'recreate') fifo = files.fifo(FIFO);
                clock.advance(one.kind === 'recreate' ? 5500 : 500);
                drain();
                fifo.setWriters(1);
                finished.push(firecracker);
                firecracker = makeFakeFirecracker(fifo, DEVICES);
            }
            expect(received()).toBeGreaterThanOrEqual(before);
            before = received();
          }
          // Until a line gets through whole, which may take two flushes after a full pipe.
          for (let tries = 0; tries < 5; tries += 1) {
            drain();
            flush();
          }
          drain();
          clock.advance(500);
          const all = [...finished, firecracker];
          const written = (name: string): number =>
            all.reduce((sum, process) => sum + (process.written().get(name) ?? 0), 0);
          const part = values(metrics.read());
          expect(part.net.map(({ device }) => device)).toEqual(['eth0']);
          expect(part.net[0]?.receive_bytes_total).toBe(written('net_eth0.rx_bytes_count'));
          expect(part.block[0]?.written_bytes_total).toBe(written('block_rootfs.write_bytes'));
          expect(part.lines_total).toBe(all.reduce((sum, process) => sum + process.lines(), 0));
          metrics.stop();
          expect(files.openCount()).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
