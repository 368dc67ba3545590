import { describe, expect, it } from 'vitest';
import { makeBodyRooms, type BodyRoom } from './body-room.ts';
import type { BodyFraming, RequestHead } from './request-head.ts';

const head = (framing: BodyFraming, target = '/files'): RequestHead => ({
  method: 'PUT',
  target,
  headers: new Map(),
  framing,
  keepAlive: true,
  expectsContinue: false,
});

const longest = ({ target }: RequestHead): number | undefined =>
  target === '/files' ? 1000 : undefined;

const sizeOf = (room: BodyRoom): number | string => (room.ok ? room.maxBytes : room.refusal.code);

describe('makeBodyRooms', () => {
  it.each([
    ['no body', { kind: 'none' }, '/files', 100],
    ['a short body', { kind: 'length', length: 100 }, '/files', 100],
    ['a long body', { kind: 'length', length: 101 }, '/files', 1000],
    ['a body of unknown length', { kind: 'chunked' }, '/files', 1000],
    ['a long body where none is awaited', { kind: 'length', length: 101 }, '/health', 100],
    ['chunks where no long body is awaited', { kind: 'chunked' }, '/health', 100],
  ] satisfies [string, BodyFraming, string, number][])(
    'gives %s its room',
    (_, framing, target, expected) => {
      expect(sizeOf(makeBodyRooms(100, longest)(head(framing, target)))).toBe(expected);
    },
  );

  it('gives long ones room to four at once, and again when one is done', () => {
    const roomFor = makeBodyRooms(100, longest);
    const long = head({ kind: 'length', length: 500 });
    const given = Array.from({ length: 4 }, () => roomFor(long));
    expect(sizeOf(roomFor(long))).toBe('busy');
    expect(sizeOf(roomFor(head({ kind: 'length', length: 5 })))).toBe(100);
    const [first] = given;
    if (first?.ok !== true) throw new Error('no room');
    first.release();
    first.release();
    expect(sizeOf(roomFor(long))).toBe(1000);
    expect(sizeOf(roomFor(long))).toBe('busy');
  });

  it('gives them together no more bytes than it may, and any one alone its room', () => {
    const roomFor = makeBodyRooms(100, longest, 700);
    const length = (bytes: number): RequestHead => head({ kind: 'length', length: bytes });
    const alone = roomFor(head({ kind: 'chunked' }));
    expect(sizeOf(alone)).toBe(1000);
    expect(sizeOf(roomFor(length(200)))).toBe('busy');
    if (alone.ok) alone.release();
    expect(sizeOf(roomFor(length(300)))).toBe(1000);
    expect(sizeOf(roomFor(length(401)))).toBe('busy');
    expect(sizeOf(roomFor(length(400)))).toBe(1000);
    expect(sizeOf(roomFor(length(101)))).toBe('busy');
  });
});
