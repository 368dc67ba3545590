import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeText } from '../platform/node/text.ts';
import type { Pipe, PipeRead } from '../platform/platform.ts';
import { collectLog } from '../testing/collect-log.ts';
import { makeFakeClock, START_MS } from '../testing/fake-clock.ts';
import { parseKmsgLine } from './kmsg-line.ts';
import { makeKmsgSource } from './kmsg-source.ts';

const BOOT = '6f372cb2-ce8d-4e8b-a287-987cd104091a';

const kmsg = (records: string[]) => {
  const clock = makeFakeClock();
  let open = 0;
  const openPipe = (): { ok: true; value: Pipe } => {
    let at = 0;
    open += 1;
    const read = (): PipeRead => {
      const record = records[at];
      if (record === undefined) return { kind: 'empty' };
      at += 1;
      if (record === 'EPIPE') return { kind: 'error', error: { code: 'EPIPE', message: '' } };
      return { kind: 'data', bytes: Buffer.from(record), more: true };
    };
    const close = (): void => {
      open -= 1;
    };
    return { ok: true, value: { read, place: () => 'same', close } };
  };
  const source = makeKmsgSource({
    files: { openPipe },
    text: nodeText,
    clock,
    bootId: BOOT,
    uptimeSeconds: () => 100,
  });
  return { source, clock, open: () => open };
};

const RECORDS = [
  '6,1,500000,-;Linux version 6\n',
  '3,2,1500000,-;disk gone\n SUBSYSTEM=block\n DEVICE=b8:0\n',
  '30,3,2500000,-;from a daemon\n',
];

describe('the kernel log', () => {
  it('gives records with their time, level and fields', () => {
    const { events } = collectLog(kmsg(RECORDS).source);
    expect(events).toMatchObject([
      { level: 'info', target: 'kernel', message: 'Linux version 6', timestamp: START_MS - 99_500 },
      { level: 'error', target: 'block', fields: { DEVICE: 'b8:0', PRIORITY: '3' } },
      { level: 'info', fields: { FACILITY: '3' } },
    ]);
  });

  it('follows, resumes exactly, and counts what the ring has lost', () => {
    const records = [...RECORDS];
    const { source, clock, open } = kmsg(records);
    const log = collectLog(source, { follow: true, tail: 1 });
    records.push('6,4,1,-;next\n', 'EPIPE', '6,9,1,-;much later\n');
    clock.advance(60);
    expect(log.messages()).toEqual(['from a daemon', 'next', 'much later']);
    expect(log.missed).toEqual([[4, 'overwritten']]);
    const after = log.events[1]?.cursor;
    const resumed = collectLog(source, { after, tail: undefined });
    expect(resumed.messages()).toEqual(['much later']);
    resumed.close();
    log.close();
    expect(open()).toBe(0);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('is looked at no more often than the reader wants, and at once when it is asked to', () => {
    const records = [...RECORDS];
    const { source, clock } = kmsg(records);
    const log = collectLog(source, { follow: true, tail: 1, paceMs: 500 });
    records.push('6,4,1,-;next\n');
    clock.advance(450);
    expect(log.messages()).toEqual(['from a daemon']);
    clock.advance(60);
    expect(log.messages()).toEqual(['from a daemon', 'next']);
    records.push('6,5,1,-;last\n');
    log.catchUp();
    expect(log.messages()).toEqual(['from a daemon', 'next', 'last']);
    log.close();
    expect(clock.pendingTimers()).toBe(0);
  });

  it('says to who comes from another boot that it cannot know', () => {
    const log = collectLog(kmsg(RECORDS).source, { after: 'k=aaaa;n=2', tail: undefined });
    expect(log.missed).toEqual([[undefined, 'overwritten']]);
    expect(log.messages().length).toBe(3);
  });

  it('gives back what the kernel has escaped: other scripts, several lines, backslashes', () => {
    const log = collectLog(
      kmsg(['6,1,1,-;gr\\xc3\\xb6\\xc3\\x9fe\\x0anext \\x5cx41 \\xff \\xzz\n A=b\\x09c\n']).source,
    );
    expect(log.messages()).toEqual(['gr\u00f6\u00dfe\nnext \\x41 \ufffd \\xzz']);
    expect(log.events[0]?.fields['A']).toBe('b\tc');
  });

  it('reads any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parse = (line: string) => parseKmsgLine(line, (bytes) => nodeText.decodeUtf8(bytes));
        const first = text.replace(/\n$/u, '').split('\n')[0];
        if (!/\\x/u.test(text)) expect(parse(`6,1,2,-;${text}`)?.message).toBe(first);
        parse(text);
      }),
    );
  });
});
