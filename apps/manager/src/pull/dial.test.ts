/** Real sockets, with peers that behave and that do not. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startVsock } from '../../../../test/fakes/vsock/vsock.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import type { AgentPlace } from '../vms/agent-place.ts';
import { makeDial } from './dial.ts';

const NO_PORTS = {
  open: () => {
    throw new Error('there are no virtio ports here');
  },
};

const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'dial-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

/** Somebody at a unix socket. */
const serve = async (path: string, onSocket: (socket: Socket) => void): Promise<void> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((settle) => {
    server.listen(path, settle);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((settle) => {
      server.close(settle);
    });
  });
};

interface Dialled {
  readonly socket: Socket;
  readonly seen: { isOpen: boolean; text: string; problem: string };
}

const dial = (place: AgentPlace, folder: string): Dialled => {
  const seen = { isOpen: false, text: '', problem: '' };
  const socket = makeDial({ socketDirs: [folder], virtioPorts: NO_PORTS })(place, 4096, () => {
    seen.isOpen = true;
  });
  socket.on('error', (error) => {
    seen.problem = error.message;
  });
  socket.on('data', (bytes: Buffer) => {
    seen.text += bytes.toString();
  });
  onTestFinished(() => void socket.destroy());
  return { socket, seen };
};

const problemOf = async (place: AgentPlace, folder: string): Promise<string> => {
  const { seen, socket } = dial(place, folder);
  await waitUntil('it is over', () => socket.destroyed && seen.problem !== '');
  expect(seen.isOpen).toBe(false);
  return seen.problem;
};

test('a unix socket is open when it is connected', async () => {
  const folder = makeFolder();
  const path = join(folder, 'agent.sock');
  await serve(path, (socket) => void socket.write('hello'));
  const { seen } = dial({ kind: 'unix', path }, folder);
  await waitUntil('it speaks', () => seen.text === 'hello');
  expect(seen).toStrictEqual({ isOpen: true, text: 'hello', problem: '' });
});

test('a port of a vsock is open when the VMM says so, and carries both ways', async () => {
  const folder = makeFolder();
  const path = join(folder, 'v.sock');
  const guest = join(folder, 'guest.sock');
  await serve(guest, (socket) => void socket.pipe(socket));
  const vsock = await startVsock(path, { 1024: guest });
  onTestFinished(async () => vsock.close());
  const { seen, socket } = dial({ kind: 'vsock', path, port: 1024 }, folder);
  await waitUntil('it is open', () => seen.isOpen);
  socket.write('echo');
  await waitUntil('it answers', () => seen.text === 'echo');
  expect(seen.problem).toBe('');
});

test('what the guest says with the answer of the VMM is not lost', async () => {
  const folder = makeFolder();
  const path = join(folder, 'v.sock');
  await serve(path, (socket) => {
    socket.once('data', () => void socket.write('OK 1\nearly'));
  });
  const { seen } = dial({ kind: 'vsock', path, port: 1 }, folder);
  await waitUntil('it has come', () => seen.text === 'early');
  expect(seen.isOpen).toBe(true);
});

test('a port at which nobody listens is told', async () => {
  const folder = makeFolder();
  const path = join(folder, 'v.sock');
  const vsock = await startVsock(path, {});
  onTestFinished(async () => vsock.close());
  expect(await problemOf({ kind: 'vsock', path, port: 7 }, folder)).toBe(
    'the VMM hung up: nothing listens at port 7 in the guest',
  );
});

test.each(['HTTP/1.1 400 Bad Request\r\n\r\n', 'x'.repeat(1_000_000)])(
  'something else than a VMM is not taken for one',
  async (text) => {
    const folder = makeFolder();
    const path = join(folder, 'v.sock');
    await serve(path, (socket) => void socket.write(text));
    expect(await problemOf({ kind: 'vsock', path, port: 7 }, folder)).toBe(
      'what answers there does not speak as a VMM does for vsock',
    );
  },
);

test('only sockets are connected to, in their own place, below the allowed folders', async () => {
  const folder = makeFolder();
  mkdirSync(join(folder, 'vm'));
  mkdirSync(join(folder, 'other'));
  const real = join(folder, 'other', 'secret.sock');
  await serve(real, (socket) => void socket.write('hello'));
  symlinkSync(real, join(folder, 'vm', 'link.sock'));
  symlinkSync(join(folder, 'other'), join(folder, 'vm', 'folder'));
  writeFileSync(join(folder, 'vm', 'file'), '');
  const problem = async (name: string): Promise<string> =>
    problemOf({ kind: 'unix', path: join(folder, 'vm', name) }, join(folder, 'vm'));
  expect(await problem('link.sock')).toBe('a symbolic link leads elsewhere');
  expect(await problem('folder/secret.sock')).toBe('a symbolic link leads elsewhere');
  expect(await problem('file')).toBe('there is something else than a socket');
  expect(await problem('none')).toBe('there is no such socket');
  expect(await problemOf({ kind: 'unix', path: real }, join(folder, 'vm'))).toBe(
    'the socket is outside of the folders of INNKEEPER_SOCKET_DIRS',
  );
});

test('an allowed folder may itself be a link', async () => {
  const folder = makeFolder();
  mkdirSync(join(folder, 'run'));
  symlinkSync(join(folder, 'run'), join(folder, 'var-run'));
  await serve(join(folder, 'run', 'a.sock'), (socket) => void socket.write('hello'));
  const path = join(folder, 'var-run', 'a.sock');
  const { seen } = dial({ kind: 'unix', path }, join(folder, 'var-run'));
  await waitUntil('it speaks', () => seen.text === 'hello');
  expect(seen.problem).toBe('');
});

test('one that was given up while its path was looked at is never opened', async () => {
  const folder = makeFolder();
  const path = join(folder, 'agent.sock');
  let accepted = 0;
  await serve(path, () => {
    accepted += 1;
  });
  const given = dial({ kind: 'unix', path }, folder);
  given.socket.destroy();
  const { seen } = dial({ kind: 'unix', path }, folder);
  await waitUntil('another one is open', () => seen.isOpen && accepted > 0);
  expect([given.seen.isOpen, accepted]).toStrictEqual([false, 1]);
});
