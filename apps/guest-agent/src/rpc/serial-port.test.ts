import { describe, expect, it } from 'vitest';
import { makeLog } from '../log.ts';
import { nodeText } from '../platform/node/text.ts';
import type { Outcome, PipeRead, Port } from '../platform/platform.ts';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { settled } from '../testing/settled.ts';
import type { RpcDispatcher } from './dispatcher.ts';
import { makeSerialPort } from './serial-port.ts';

const failed = (code: string): Outcome<never> => ({ ok: false, error: { code, message: code } });

/** A port in memory, which takes so many bytes with each write. */
const setUp = (takes = 1_000_000) => {
  const clock = makeFakeClock();
  const reads: PipeRead[] = [];
  const logged: string[] = [];
  let written = '';
  let room = takes;
  let opened = 0;
  let closed = 0;
  let alone = 0;
  let isThere = true;
  const port: Port = {
    read: () => reads.shift() ?? { kind: 'empty' },
    write: (bytes) => {
      const count = Math.min(room, bytes.length);
      written += nodeText.decodeUtf8(bytes.subarray(0, count));
      return { ok: true, value: count };
    },
    close: () => {
      closed += 1;
    },
  };
  const dispatcher: RpcDispatcher = {
    dispatch: async (message) => (message === 'quiet' ? undefined : `<${message}>`),
  };
  const serial = makeSerialPort({
    platform: {
      clock,
      text: nodeText,
      files: {
        openPort: () => {
          opened += 1;
          return isThere ? { ok: true, value: port } : failed('ENOENT');
        },
      },
    },
    path: '/dev/port',
    maxMessageBytes: 100,
    dispatcher,
    onAlone: () => {
      alone += 1;
    },
    log: makeLog({ level: 'info', nowMs: () => 0, writeLine: (line) => logged.push(line) }),
  });
  return {
    serial,
    clock,
    logged,
    say: (text: string) =>
      reads.push({ kind: 'data', bytes: nodeText.encodeUtf8(text), more: false }),
    give: (read: PipeRead) => reads.push(read),
    setRoom: (bytes: number) => {
      room = bytes;
    },
    setThere: (there: boolean) => {
      isThere = there;
    },
    written: () => written,
    counts: () => ({ opened, closed }),
    alone: () => alone,
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 10) {
        clock.advance(10);
        await settled();
      }
    },
  };
};

describe('makeSerialPort', () => {
  it('answers each line, wherever the bytes are cut, and notifications with nothing', async () => {
    const { serial, say, pass, written } = setUp();
    serial.start();
    say('on');
    say('e\nquiet\ntwo\n');
    await pass(300);
    expect(written()).toBe('<one>\n<two>\n');
    serial.stop();
  });

  it('says that a message is too long, and goes on with the next', async () => {
    const { serial, say, pass, written } = setUp();
    serial.start();
    say(`${'x'.repeat(200)}\nnext\n`);
    await pass(300);
    expect(written()).toMatch(/^\{"jsonrpc":"2.0","id":null,"error":.*100 bytes.*\}\n<next>\n$/u);
    serial.stop();
  });

  it('writes on when the other end takes something again', async () => {
    const { serial, say, pass, written, setRoom } = setUp(0);
    serial.start();
    say('one\ntwo\n');
    await pass(300);
    expect(written()).toBe('');
    setRoom(4);
    await pass(300);
    expect(written()).toBe('<one>\n<two>\n');
    serial.stop();
  });

  it('forgets half a message whose sender has gone', async () => {
    const { serial, say, give, pass, written } = setUp();
    serial.start();
    say('hal');
    give({ kind: 'end' });
    await pass(2_000);
    say('whole\n');
    await pass(300);
    expect(written()).toBe('<whole>\n');
    serial.stop();
  });

  it('says when whoever had the other end has gone, or the port has', async () => {
    const { serial, say, give, pass, alone } = setUp();
    serial.start();
    say('one\n');
    await pass(300);
    expect(alone()).toBe(0);
    give({ kind: 'end' });
    await pass(300);
    expect(alone()).toBe(1);
    give({ kind: 'error', error: { code: 'EIO', message: 'EIO' } });
    await pass(1_000);
    expect(alone()).toBe(2);
    serial.stop();
    expect(alone()).toBe(3);
  });

  it('opens the port again, less and less often, and says once that it cannot', async () => {
    const { serial, give, pass, counts, logged, setThere } = setUp();
    serial.start();
    setThere(false);
    give({ kind: 'error', error: { code: 'EIO', message: 'EIO' } });
    await pass(300);
    expect(counts()).toEqual({ opened: 1, closed: 1 });
    await pass(1_000);
    expect(counts().opened).toBe(2);
    await pass(120_000);
    const { opened } = counts();
    expect(opened).toBeGreaterThan(5);
    expect(opened).toBeLessThan(12);
    setThere(true);
    await pass(31_000);
    const messages = logged.map((line) => /"message":"([^"]*)"/u.exec(line)?.[1]);
    expect(messages).toEqual([
      'virtio port is open',
      'virtio port cannot be used',
      'virtio port cannot be used',
      'virtio port is open',
    ]);
    serial.stop();
  });

  it('leaves nothing behind when it stops', async () => {
    const { serial, clock, pass, counts } = setUp();
    serial.start();
    await pass(50);
    serial.stop();
    serial.stop();
    expect(clock.pendingTimers()).toBe(0);
    expect(counts()).toEqual({ opened: 1, closed: 1 });
  });
});
