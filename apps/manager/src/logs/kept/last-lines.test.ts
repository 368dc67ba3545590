import { describe, expect, test } from 'vitest';
import { LOG_START, makeLogEvent } from '../../../../../test/support/log-lines.ts';
import { LAST_LINES_MS, makeLastLines, makePackedRoom, type LastLines } from './last-lines.ts';

const PLENTY = 1024 ** 3;
const messagesOf = (lines: LastLines): string[] => lines.read().map(({ line }) => line.message);
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}`);

/** One line a second. */
const fill = (lines: LastLines, from: number, to: number, text = ''): void => {
  for (let number = from; number <= to; number += 1) {
    const event = makeLogEvent(number, { fields: { TEXT: text } });
    lines.add(LOG_START + number * 1_000, event);
    lines.tidy(LOG_START + number * 1_000);
  }
};

describe('the last lines of a VM', () => {
  test('are those of the last ten minutes, in their order and whole', () => {
    const lines = makeLastLines(makePackedRoom(PLENTY));
    fill(lines, 0, 1_500);
    const found = messagesOf(lines);
    expect(found).toEqual(numbered(1_501 - found.length, 1_500));
    expect(found).toHaveLength(601);
    expect(lines.read().at(-1)).toEqual({
      receivedAt: LOG_START + 1_500_000,
      line: makeLogEvent(1_500, { fields: { TEXT: '' } }),
    });
  });

  test('are not those that came from the past just now', () => {
    const lines = makeLastLines(makePackedRoom(PLENTY));
    for (let number = 0; number < 1_000; number += 1) lines.add(LOG_START, makeLogEvent(number));
    expect(messagesOf(lines)).toEqual(numbered(399, 999));
    lines.add(LOG_START, makeLogEvent(0, { timestamp: null, message: 'without a time' }));
    expect(messagesOf(lines)).toHaveLength(602);
  });

  test('are those before the guest set its clock as well', () => {
    const lines = makeLastLines(makePackedRoom(PLENTY));
    fill(lines, 0, 100);
    for (let number = 101; number <= 200; number += 1) {
      const at = LOG_START + number * 1_000;
      lines.add(at, makeLogEvent(number, { timestamp: at + 86_400_000 }));
    }
    expect(messagesOf(lines).length).toBeGreaterThan(190);
    expect(messagesOf(lines).at(-1)).toBe('line 200');
  });

  test('are at most a megabyte of text', () => {
    const lines = makeLastLines(makePackedRoom(PLENTY));
    fill(lines, 1, 400, 'x'.repeat(10_000));
    const found = messagesOf(lines);
    expect(found).toEqual(numbered(401 - found.length, 400));
    expect(found.length).toBeGreaterThan(90);
    expect(found.length).toBeLessThan(110);
  });

  test('take a sixth of their text or less once they are packed', () => {
    const room = makePackedRoom(PLENTY);
    const lines = makeLastLines(room);
    fill(lines, 1, 599, 'GET /index.html HTTP/1.1 200 '.repeat(10));
    const text = JSON.stringify(lines.read()).length;
    expect(room.bytes).toBeGreaterThan(0);
    expect(room.bytes).toBeLessThan(text / 6);
  });

  test('are gone once they are old, and when they are cleared, and so is their room', () => {
    const room = makePackedRoom(PLENTY);
    const lines = makeLastLines(room);
    fill(lines, 1, 200);
    lines.tidy(LOG_START + 200_000 + LAST_LINES_MS + 60_001);
    lines.tidy(LOG_START + 200_000 + 2 * LAST_LINES_MS + 60_001);
    expect(lines.read()).toEqual([]);
    expect(lines.lines).toBe(0);
    fill(lines, 2_000, 2_200);
    lines.clear();
    expect({ bytes: room.bytes, lines: lines.lines }).toEqual({ bytes: 0, lines: 0 });
  });

  test('of all VMs have a limit too: the oldest make room', () => {
    const room = makePackedRoom(20_000);
    const all = Array.from({ length: 20 }, () => makeLastLines(room));
    for (const lines of all) fill(lines, 1, 300);
    expect(room.bytes).toBeLessThanOrEqual(20_000);
    expect(room.released).toBeGreaterThan(0);
    for (const lines of all) {
      const found = messagesOf(lines);
      expect(found).toEqual(numbered(301 - found.length, 300));
    }
    expect(all[0]?.lines).toBeLessThan(all[19]?.lines ?? 0);
    for (const lines of all) lines.clear();
    expect(room.bytes).toBe(0);
  });
});
