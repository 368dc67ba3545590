import { describe, expect, it } from 'vitest';
import { nodeText } from '../../platform/node/text.ts';
import { makeFakeClock } from '../../testing/fake-clock.ts';
import { makeFakeFiles } from '../../testing/fake-files.ts';
import { makeFakePipes } from '../../testing/fake-pipes.ts';
import { makeFakeUnixServers } from '../../testing/fake-unix-servers.ts';
import { settled } from '../../testing/settled.ts';
import { makeFirecrackerMetrics } from '../firecracker/firecracker-metrics.ts';
import { missing } from '../missing-part.ts';
import { makeQmpSource } from '../qmp/qmp-source.ts';
import { onlyUnmoved } from './unmoved.ts';

const FIFO = '/run/vm/metrics.fifo';
const SOCKET = '/run/vm/some.sock';

const make = () => {
  const files = makeFakeFiles({ [FIFO]: '', [SOCKET]: '' });
  const clock = makeFakeClock();
  const pipes = makeFakePipes();
  const network = makeFakeUnixServers(clock);
  pipes.fifo(FIFO);
  const openers = onlyUnmoved(
    { openPipe: pipes.openPipe, realPath: (path) => files.realPath(path) },
    network,
  );
  const deps = { clock, text: nodeText, ...openers };
  /** What is asked for under the same path is somewhere else from now on. */
  const move = (): void => {
    files.set('/elsewhere/metrics.fifo', '');
    files.set('/elsewhere/some.sock', '');
    files.link('/run/vm', '/elsewhere');
  };
  return { files, clock, pipes, network, deps, move };
};

const NO_API = missing('absent', 'no API socket');

describe('onlyUnmoved', () => {
  it('does not open a FIFO again whose folder has become a link', () => {
    const { clock, pipes, deps, move } = make();
    const metrics = makeFirecrackerMetrics(deps, { metricsPath: FIFO, locateApi: () => NO_API });
    expect(pipes.opened(FIFO)).toBe(1);
    move();
    pipes.remove(FIFO);
    pipes.fifo(FIFO).setWriters(0);
    clock.advance(60_000);
    expect(pipes.opened(FIFO)).toBe(1);
    expect(pipes.openCount()).toBe(0);
    expect(metrics.read()).toMatchObject({ ok: false, reason: 'forbidden' });
    metrics.stop();
  });

  it('waits for a FIFO that is not there yet as before', () => {
    const { files, clock, pipes, deps } = make();
    files.unplug(FIFO);
    const metrics = makeFirecrackerMetrics(deps, { metricsPath: FIFO, locateApi: () => NO_API });
    expect(metrics.read()).toMatchObject({ ok: false, reason: 'absent' });
    files.set(FIFO, '');
    clock.advance(10_000);
    expect(pipes.openCount()).toBe(1);
    metrics.stop();
  });

  it('does not ask an API socket for metrics whose folder has become a link', async () => {
    const { clock, network, deps, move } = make();
    network.serve(SOCKET, { received: (session) => session.close() });
    const metrics = makeFirecrackerMetrics(deps, {
      metricsPath: FIFO,
      locateApi: () => ({ ok: true, path: SOCKET }),
    });
    await settled();
    expect(network.sessions(SOCKET)).toHaveLength(1);
    network.serve(SOCKET, {});
    move();
    for (let second = 0; second < 60; second += 1) {
      clock.advance(1000);
      await settled();
    }
    expect(network.sessions(SOCKET)).toHaveLength(1);
    expect(metrics.flushCounts().failures).toBeGreaterThan(1);
    metrics.stop();
  });

  it('does not connect to a QMP socket whose folder has become a link', async () => {
    const { clock, network, deps, move } = make();
    network.serve(SOCKET, { connected: (session) => session.close() });
    const source = makeQmpSource(deps, { path: SOCKET });
    expect(await source.read()).toMatchObject({ ok: false, reason: 'unreachable' });
    move();
    clock.advance(60_000);
    const part = await source.read();
    expect(part).toMatchObject({ ok: false, reason: 'forbidden' });
    expect(JSON.stringify(part)).toContain('symbolic link');
    expect(JSON.stringify(part)).not.toContain('elsewhere');
    expect(network.sessions(SOCKET)).toHaveLength(1);
    source.stop();
  });

  it('lets connections over TCP be', async () => {
    const { deps } = make();
    const address = { kind: 'tcp', host: '127.0.0.1', port: 1 } as const;
    const never = () => {
      throw new Error('nobody listens there');
    };
    expect(await deps.network.connect(address, 10, never)).toMatchObject({
      ok: false,
      error: { code: 'ENOENT' },
    });
  });
});
