/** What every platform's network must do, on loopback and on a unix socket. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type {
  Connection,
  ConnectionEvents,
  Listener,
  Network,
  SocketAddress,
} from '../../platform/platform.ts';
import { latin1Bytes } from '../latin1-bytes.ts';

const TIMEOUT_MS = 2000;

/** One end of a connection, with everything that has happened to it. */
interface End {
  readonly connection: Connection;
  readonly received: () => string;
  readonly happened: readonly string[];
  readonly happens: (what: string) => Promise<void>;
}

/** A minute and more: valgrind takes its time. A test that hangs ends before that. */
const MOST_WAITS = 30_000;

const until = async (condition: () => boolean): Promise<void> => {
  for (let waited = 0; !condition(); waited += 1) {
    if (waited > MOST_WAITS) throw new Error('it does not happen');
    await wait(2);
  }
};

const watch = (
  connection: Connection,
): { readonly end: End; readonly events: ConnectionEvents } => {
  const happened: string[] = [];
  const chunks: Uint8Array[] = [];
  const end: End = {
    connection,
    received: () => Buffer.concat(chunks).toString('latin1'),
    happened,
    happens: async (what) => until(() => happened.includes(what)),
  };
  const events: ConnectionEvents = {
    data: (chunk) => chunks.push(chunk.slice()),
    ended: () => happened.push('ended'),
    drained: () => happened.push('drained'),
    closed: () => happened.push('closed'),
  };
  return { end, events };
};

export const testNetwork = (network: Network): void => {
  describe.each(['tcp', 'unix'] as const)('network: %s', (kind) => {
    const releasers: (() => void)[] = [];
    afterEach(() => {
      for (const release of releasers.splice(0).reverse()) release();
    });

    const freshAddress = (): SocketAddress => {
      if (kind === 'tcp') return { kind, host: '127.0.0.1', port: 0 };
      const folder = mkdtempSync(join(tmpdir(), 'contract-'));
      releasers.push(() => rmSync(folder, { recursive: true, force: true }));
      return { kind, path: join(folder, 'socket') };
    };

    const listen = async (address = freshAddress()) => {
      const accepted: End[] = [];
      const outcome = await network.listen(address, (connection) => {
        const { end, events } = watch(connection);
        accepted.push(end);
        releasers.push(() => connection.destroy());
        return events;
      });
      if (!outcome.ok) throw new Error(outcome.error.message);
      const listener: Listener = outcome.value;
      releasers.push(() => listener.close());
      const reachable: SocketAddress =
        address.kind === 'tcp' ? { ...address, port: listener.port ?? 0 } : address;
      return { listener, accepted, address: reachable };
    };

    const connect = async (address: SocketAddress): Promise<End> => {
      let end: End | undefined;
      const outcome = await network.connect(address, TIMEOUT_MS, (connection) => {
        const watched = watch(connection);
        ({ end } = watched);
        return watched.events;
      });
      if (!outcome.ok || end === undefined) throw new Error('not connected');
      expect(outcome.value).toBe(end.connection);
      releasers.push(() => outcome.value.destroy());
      return end;
    };

    const connectBoth = async () => {
      const { accepted, address, listener } = await listen();
      const client = await connect(address);
      await until(() => accepted.length === 1);
      const [server] = accepted;
      if (server === undefined) throw new Error('not accepted');
      return { client, server, address, listener };
    };

    it('carries bytes both ways, text as UTF-8', async () => {
      const { client, server } = await connectBoth();
      client.connection.write(Uint8Array.from([0, 255, 10]));
      await until(() => server.received().length === 3);
      expect(server.received()).toBe('\0\u00ff\n');
      server.connection.write('h\u00e9');
      await until(() => client.received().length === 3);
      expect(client.received()).toBe('h\u00c3\u00a9');
    });

    it('knows who has connected', async () => {
      const { server } = await connectBoth();
      expect(server.connection.peer).toEqual(
        kind === 'unix' ? { kind } : { kind, address: '127.0.0.1', loopback: true },
      );
    });

    it('lets a side that has said all still hear the answer', async () => {
      const { client, server } = await connectBoth();
      client.connection.write('question');
      client.connection.end();
      await server.happens('ended');
      expect(server.received()).toBe('question');
      server.connection.write('answer');
      server.connection.end();
      await client.happens('closed');
      expect(client.received()).toBe('answer');
      await server.happens('closed');
      expect(server.happened.filter((what) => what === 'closed')).toHaveLength(1);
    });

    it('sends what is pending before it ends, however much it is', async () => {
      const { client, server } = await connectBoth();
      server.connection.write('x'.repeat(3_000_000));
      server.connection.end();
      await client.happens('ended');
      expect(client.received()).toHaveLength(3_000_000);
    });

    it('tells when a destroyed connection is closed, once, last, and not from within the call', async () => {
      const { client, server } = await connectBoth();
      server.connection.destroy();
      expect(server.happened).toEqual([]);
      server.connection.destroy();
      await server.happens('closed');
      await client.happens('closed');
      expect(server.happened).toEqual(['closed']);
      expect(client.happened.at(-1)).toBe('closed');
    });

    it('delivers nothing while it is paused, and all of it afterwards', async () => {
      const { client, server } = await connectBoth();
      server.connection.pause();
      client.connection.write('early');
      await wait(30);
      expect(server.received()).toBe('');
      server.connection.resume();
      await until(() => server.received() !== '');
      expect(server.received()).toBe('early');
    });

    it('counts what the kernel has not taken, and tells when it has taken it all', async () => {
      const { client, server } = await connectBoth();
      client.connection.pause();
      const block = latin1Bytes('x'.repeat(1_000_000));
      let written = 0;
      while (server.connection.pendingBytes() === 0) {
        server.connection.write(block);
        written += block.length;
      }
      expect(server.happened).toEqual([]);
      client.connection.resume();
      await server.happens('drained');
      expect(server.connection.pendingBytes()).toBe(0);
      await until(() => client.received().length === written);
    });

    it('tells it also where only little was pending', async () => {
      const { client, server } = await connectBoth();
      client.connection.pause();
      const block = latin1Bytes('x'.repeat(10_000));
      let written = 0;
      while (server.connection.pendingBytes() === 0) {
        server.connection.write(block);
        written += block.length;
      }
      client.connection.resume();
      await server.happens('drained');
      expect(server.connection.pendingBytes()).toBe(0);
      await until(() => client.received().length === written);
    });

    it('refuses to listen where somebody listens already', async () => {
      const { address } = await listen();
      const outcome = await network.listen(address, (connection) => watch(connection).events);
      expect(outcome).toMatchObject({ ok: false, error: { code: 'EADDRINUSE' } });
    });

    it('says why it cannot connect where nobody listens', async () => {
      const { address, listener } = await listen();
      listener.close();
      await wait(10);
      const outcome = await network.connect(address, TIMEOUT_MS, (made) => watch(made).events);
      expect(outcome.ok ? '' : outcome.error.code).toMatch(/^(?:ECONNREFUSED|ENOENT)$/u);
    });

    it('keeps connections that are open when it stops accepting', async () => {
      const { client, server, listener } = await connectBoth();
      listener.close();
      listener.close();
      client.connection.write('still here');
      await until(() => server.received() !== '');
      expect(server.received()).toBe('still here');
    });

    it('takes many connections at once', async () => {
      const { accepted, address } = await listen();
      const clients = await Promise.all(Array.from({ length: 100 }, async () => connect(address)));
      await until(() => accepted.length === 100);
      clients.forEach((client, index) => client.connection.write(String(index)));
      await until(() => accepted.every((end) => end.received() !== ''));
      expect(new Set(accepted.map((end) => end.received())).size).toBe(100);
    });

    it('writes to a peer that is gone without harm', async () => {
      const { client, server } = await connectBoth();
      client.connection.destroy();
      for (let count = 0; count < 10; count += 1) {
        server.connection.write('x'.repeat(1000));
        await wait(1);
      }
      await server.happens('closed');
      server.connection.write('more');
      server.connection.end();
      server.connection.destroy();
      expect(server.happened.filter((what) => what === 'closed')).toHaveLength(1);
    });
  });

  describe('network', () => {
    it('lets only the owner open a unix socket', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'contract-'));
      const path = join(folder, 'socket');
      const outcome = await network.listen({ kind: 'unix', path }, (made) => watch(made).events);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      if (outcome.ok) outcome.value.close();
      expect(outcome).toMatchObject({ ok: true, value: { port: undefined } });
      rmSync(folder, { recursive: true, force: true });
    });

    it('connects to a name, at whichever of its addresses somebody listens', async () => {
      const accepted: Connection[] = [];
      const listening = await network.listen(
        { kind: 'tcp', host: '127.0.0.1', port: 0 },
        (connection) => {
          accepted.push(connection);
          return watch(connection).events;
        },
      );
      const port = listening.ok ? (listening.value.port ?? 0) : 0;
      const address = { kind: 'tcp', host: 'localhost', port } as const;
      const outcome = await network.connect(address, TIMEOUT_MS, (made) => watch(made).events);
      expect(outcome.ok ? '' : outcome.error.message).toBe('');
      await until(() => accepted.length === 1);
      for (const connection of accepted) connection.destroy();
      if (outcome.ok) outcome.value.destroy();
      if (listening.ok) listening.value.close();
    });

    it('says that a name has no address, and keeps nobody waiting meanwhile', async () => {
      const address = { kind: 'tcp', host: 'no-such-machine.invalid', port: 80 } as const;
      const outcome = await network.connect(address, TIMEOUT_MS, (made) => watch(made).events);
      // Where there is no name server at all, the time is over first, or it says so at once.
      expect(outcome.ok ? '' : outcome.error.code).toMatch(/^(?:ENOTFOUND|EAI_AGAIN|ETIMEDOUT)$/u);
    });

    it.each([
      [
        'an address that is not its own',
        { kind: 'tcp', host: '192.0.2.1', port: 0 },
        'EADDRNOTAVAIL',
      ],
      [
        'a folder that is not there',
        { kind: 'unix', path: '/nowhere/socket' },
        /^E(?:NOENT|ACCES)$/u,
      ],
    ] satisfies [string, SocketAddress, string | RegExp][])(
      'refuses to listen on %s',
      async (_, address, code) => {
        const outcome = await network.listen(address, (made) => watch(made).events);
        expect(outcome.ok ? 'listens' : outcome.error.code).toMatch(code);
      },
    );

    it('takes the place of a socket whose owner is gone, and of nothing else', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'contract-'));
      const path = join(folder, 'socket');
      const program =
        `require('net').createServer().listen(${JSON.stringify(path)}, ` +
        "() => process.stdout.write('listening'))";
      const owner = spawn(process.execPath, ['-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        await once(owner.stdout, 'data');
        const taken = await network.listen({ kind: 'unix', path }, (made) => watch(made).events);
        expect(taken).toMatchObject({ ok: false, error: { code: 'EADDRINUSE' } });
        owner.kill('SIGKILL');
        await once(owner, 'close');
        const free = await network.listen({ kind: 'unix', path }, (made) => watch(made).events);
        expect(free.ok).toBe(true);
        if (free.ok) free.value.close();
        const file = join(folder, 'file');
        writeFileSync(file, 'precious');
        const refused = await network.listen(
          { kind: 'unix', path: file },
          (made) => watch(made).events,
        );
        expect(refused).toMatchObject({ ok: false, error: { code: 'EADDRINUSE' } });
        expect(readFileSync(file, 'utf8')).toBe('precious');
      } finally {
        owner.kill('SIGKILL');
        rmSync(folder, { recursive: true, force: true });
      }
    });

    it('knows IPv6 loopback, where the machine has it', async (context) => {
      const accepted: Connection[] = [];
      const listening = await network.listen({ kind: 'tcp', host: '::1', port: 0 }, (made) => {
        accepted.push(made);
        return watch(made).events;
      });
      if (!listening.ok) return context.skip('this machine has no IPv6 loopback');
      const port = listening.value.port ?? 0;
      const connected = await network.connect(
        { kind: 'tcp', host: '::1', port },
        TIMEOUT_MS,
        (made) => watch(made).events,
      );
      await until(() => accepted.length === 1);
      expect(accepted[0]?.peer).toEqual({ kind: 'tcp', address: '::1', loopback: true });
      listening.value.close();
      accepted[0]?.destroy();
      if (connected.ok) connected.value.destroy();
      return undefined;
    });

    it('gives up a connection that nobody answers', async () => {
      // Its queue is short and it accepts nobody: the kernel does not answer whom it cannot queue.
      const program =
        "require('net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, function () {" +
        'process.stdout.write(String(this.address().port));' +
        'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) });';
      const deaf = spawn(process.execPath, ['-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const made: Connection[] = [];
      try {
        const port = await new Promise<Buffer>((resolve) => deaf.stdout.once('data', resolve));
        const address: SocketAddress = {
          kind: 'tcp',
          host: '127.0.0.1',
          port: Number(String(port)),
        };
        let code = '';
        for (let count = 0; count < 20 && code === ''; count += 1) {
          const outcome = await network.connect(address, 100, (one) => watch(one).events);
          if (outcome.ok) made.push(outcome.value);
          else ({ code } = outcome.error);
        }
        expect(code).toBe('ETIMEDOUT');
      } finally {
        for (const connection of made) connection.destroy();
        deaf.kill('SIGKILL');
        await once(deaf, 'close');
      }
    });
  });
};
