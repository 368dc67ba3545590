/** What every platform that encrypts must do; the client is Node's. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { Connection, Platform } from '../../platform/platform.ts';
import { makeTlsIdentity, publicKeyInfo } from '../../tls/certificate.ts';
import { latin1Bytes } from '../latin1-bytes.ts';

interface Accepted {
  readonly connection: Connection;
  readonly received: () => string;
  readonly happened: readonly string[];
}

const MOST_WAITS = 10_000;

const until = async (condition: () => boolean): Promise<void> => {
  for (let waited = 0; !condition(); waited += 1) {
    if (waited > MOST_WAITS) throw new Error('it does not happen');
    await wait(2);
  }
};

const BIG = 'x'.repeat(1_000_000);

export const testTls = (platform: Platform): void => {
  const { tls, crypto, network } = platform;
  if (tls === undefined) return;
  const releasers: (() => void)[] = [];

  const serve = async (identity = makeTlsIdentity({ tls, crypto })) => {
    const accepted: Accepted[] = [];
    const outcome = await network.listen(
      { kind: 'tcp', host: '127.0.0.1', port: 0 },
      (connection) => {
        const happened: string[] = [];
        const chunks: Uint8Array[] = [];
        accepted.push({
          connection,
          happened,
          received: () => Buffer.concat(chunks).toString('latin1'),
        });
        releasers.push(() => connection.destroy());
        return {
          data: (chunk) => chunks.push(chunk.slice()),
          ended: () => happened.push('ended'),
          drained: () => happened.push('drained'),
          closed: () => happened.push('closed'),
        };
      },
    );
    if (!outcome.ok) throw new Error(outcome.error.message);
    const listener = outcome.value;
    releasers.push(() => listener.close());
    listener.encrypt(identity);
    const port = listener.port ?? 0;
    const serverSide = async (index = 0): Promise<Accepted> => {
      await until(() => accepted.length > index);
      const found = accepted[index];
      if (found === undefined) throw new Error('nobody has come');
      return found;
    };
    const dial = (options: ConnectionOptions = {}): TLSSocket => {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
      socket.on('error', () => undefined);
      releasers.push(() => socket.destroy());
      return socket;
    };
    const dialPlain = () => {
      const socket = connectPlain({ host: '127.0.0.1', port });
      socket.on('error', () => undefined);
      releasers.push(() => socket.destroy());
      return socket;
    };
    return { identity, listener, accepted, serverSide, dial, dialPlain };
  };

  const textFrom = (socket: NodeJS.ReadableStream): (() => string) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString('latin1');
  };

  describe('tls', () => {
    afterEach(() => {
      for (const release of releasers.splice(0).reverse()) release();
    });

    it('makes keys of P-256 that sign', () => {
      const message = latin1Bytes('what is signed');
      const keys = new Set<string>();
      for (let count = 0; count < 20; count += 1) {
        const privateKey = tls.newPrivateKey();
        expect(privateKey).toHaveLength(32);
        keys.add(Buffer.from(privateKey).toString('hex'));
        const point = tls.publicKeyOf(privateKey);
        expect(point).toHaveLength(65);
        expect(point[0]).toBe(4);
        const key = Buffer.from(publicKeyInfo(point));
        const publicKey = createPublicKey({ key, format: 'der', type: 'spki' });
        const signature = tls.sign(privateKey, message);
        expect(verify('sha256', message, publicKey, signature)).toBe(true);
        expect(verify('sha256', latin1Bytes('another'), publicKey, signature)).toBe(false);
      }
      expect(keys.size).toBe(20);
    });

    it('knows the point of a number (NIST, P-256)', () => {
      const number = 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721';
      const point = tls.publicKeyOf(Uint8Array.from(Buffer.from(number, 'hex')));
      expect(Buffer.from(point).toString('hex')).toBe(
        '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' +
          '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
      );
    });

    it.each(['TLSv1.2', 'TLSv1.3'] as const)('decrypts what comes in %s or older', async (most) => {
      const { identity, dial, serverSide } = await serve();
      const client = dial({ maxVersion: most });
      await once(client, 'secureConnect');
      const received = textFrom(client);
      const raw = client.getPeerX509Certificate()?.raw ?? Buffer.alloc(0);
      expect(raw.equals(identity.certificate)).toBe(true);
      expect(client.getCipher().standardName).toMatch(/GCM|POLY1305/u);
      client.write('question');
      const server = await serverSide();
      await until(() => server.received() === 'question');
      expect(server.connection.encrypted()).toBe(true);
      server.connection.write('answer, h\u00e9');
      await until(() => received() === 'answer, h\u00c3\u00a9');
    });

    it('is not encrypted until the handshake is done', async () => {
      const { dialPlain, serverSide } = await serve();
      const client = dialPlain();
      client.write(Uint8Array.from([0x16, 3, 1]));
      const server = await serverSide();
      expect(server.connection.encrypted()).toBe(false);
      expect(server.received()).toBe('');
    });

    it('takes what does not begin with a handshake as it is', async () => {
      const { dialPlain, serverSide } = await serve();
      const client = dialPlain();
      const received = textFrom(client);
      client.write('plain');
      const server = await serverSide();
      await until(() => server.received() === 'plain');
      expect(server.connection.encrypted()).toBe(false);
      server.connection.write('also plain');
      await until(() => received() === 'also plain');
      client.end(' to its end');
      await until(() => server.happened.includes('ended'));
      expect(server.received()).toBe('plain to its end');
      server.connection.end();
      await until(() => server.happened.includes('closed'));
    });

    it('accepts a connection before it has said anything', async () => {
      const { dialPlain, serverSide } = await serve();
      const client = dialPlain();
      const server = await serverSide();
      client.end();
      await until(() => server.happened.includes('ended'));
      server.connection.destroy();
      await until(() => server.happened.includes('closed'));
    });

    it('is plain for connections from when it has no identity any more', async () => {
      const { listener, dial, dialPlain, serverSide } = await serve();
      const before = dial();
      await once(before, 'secureConnect');
      listener.encrypt(undefined);
      const client = dialPlain();
      client.write(Uint8Array.from([0x16, 3, 1]));
      const server = await serverSide(1);
      await until(() => server.received().length === 3);
      before.write('still');
      const first = await serverSide(0);
      await until(() => first.received() === 'still');
    });

    it.each([
      ['nonsense', Uint8Array.from([0x16, ...latin1Bytes('nonsense of a longer kind')])],
      ['an unknown message', Uint8Array.from([0x16, 3, 1, 0, 4, 255, 0, 0, 0])],
      ['a record that is too long', Uint8Array.from([0x16, 3, 3, 255, 255, ...latin1Bytes(BIG)])],
    ])('closes after %s', async (_, bytes) => {
      const { dialPlain, serverSide } = await serve();
      const client = dialPlain();
      // Hung up on in the middle of its sentence: an error first, where it was not read to its end.
      const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
      client.resume();
      client.write(bytes);
      const server = await serverSide();
      await until(() => server.happened.includes('closed'));
      expect(server.received()).toBe('');
      client.destroy();
      await gone;
    });

    it('carries much to who reads slowly, and says when all of it is taken', async () => {
      const { dial, serverSide } = await serve();
      const client = dial();
      await once(client, 'secureConnect');
      client.write('go');
      const server = await serverSide();
      await until(() => server.received() === 'go');
      client.pause();
      for (let part = 0; part < 8; part += 1) server.connection.write(BIG);
      expect(server.connection.pendingBytes()).toBeGreaterThan(BIG.length);
      const hash = createHash('sha256');
      let count = 0;
      client.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        count += chunk.length;
      });
      client.resume();
      await until(() => count === 8 * BIG.length);
      expect(hash.digest('hex')).toBe(createHash('sha256').update(BIG.repeat(8)).digest('hex'));
      await until(() => server.happened.includes('drained'));
      expect(server.connection.pendingBytes()).toBe(0);
    });

    it('reads nothing while it is paused', async () => {
      const { dial, serverSide } = await serve();
      const client = dial();
      await once(client, 'secureConnect');
      client.write('first');
      const server = await serverSide();
      await until(() => server.received() === 'first');
      server.connection.pause();
      let taken = false;
      client.write(BIG, () => {
        taken = true;
      });
      client.write(BIG);
      await until(() => taken || client.writableLength > 0);
      const before = server.received().length;
      await wait(50);
      expect(server.received().length).toBe(before);
      server.connection.resume();
      await until(() => server.received().length === 'first'.length + 2 * BIG.length);
    });

    it('says that it has said all, and waits for the other side', async () => {
      const { dial, serverSide } = await serve();
      const client = dial();
      await once(client, 'secureConnect');
      const received = textFrom(client);
      const ended = once(client, 'end');
      client.write('question');
      const server = await serverSide();
      await until(() => server.received() === 'question');
      server.connection.write('answer');
      server.connection.end();
      await ended;
      expect(received()).toBe('answer');
      client.end();
      await until(() => server.happened.includes('closed'));
      expect(server.happened.filter((what) => what === 'closed')).toHaveLength(1);
    });

    // What it still wrote would be lost in TLS 1.2, where the end of one side is the end of both.
    it('hears that the other side has said all', async () => {
      const { dial, serverSide } = await serve();
      const client = dial();
      await once(client, 'secureConnect');
      client.end('question');
      const server = await serverSide();
      await until(() => server.happened.includes('ended'));
      expect(server.received()).toBe('question');
      server.connection.end();
      await until(() => server.happened.includes('closed'));
      expect(server.happened.filter((what) => what === 'closed')).toHaveLength(1);
    });

    it.each(['TLSv1.2', 'TLSv1.3'] as const)('resumes a session of %s', async (maxVersion) => {
      const { dial, serverSide } = await serve();
      const first = dial({ maxVersion });
      const told = new Promise<Buffer>((resolve) => first.once('session', resolve));
      await once(first, 'secureConnect');
      first.write('1');
      const server = await serverSide();
      server.connection.write('2');
      first.resume();
      const session = await told;
      first.destroy();
      const second = dial({ maxVersion, session });
      await once(second, 'secureConnect');
      if (maxVersion === 'TLSv1.2' || second.getProtocol() === 'TLSv1.3') {
        expect(second.isSessionReused()).toBe(true);
      }
      second.write('3');
      const again = await serverSide(1);
      await until(() => again.received() === '3');
    });

    it('closes with whoever goes in the middle of a handshake', async () => {
      const { dialPlain, serverSide } = await serve();
      const client = dialPlain();
      client.write(Uint8Array.from([0x16, 3, 1, 2, 0, 1, 0]));
      const server = await serverSide();
      client.resetAndDestroy();
      await until(() => server.happened.includes('closed'));
      expect(server.happened.filter((what) => what === 'closed')).toHaveLength(1);
    });
  });
};
