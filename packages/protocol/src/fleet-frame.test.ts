import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFleetFrame, encodeFleetFrame, type FleetRow } from './fleet-frame.ts';
import { pullFailureKindSchema } from './pull-failure.ts';
import { originSchema, vmStateSchema } from './reading.ts';

const MAX_RATE = 3.38e38;
const HEADER_BYTES = 16;
const ROW_BYTES = 30;

const rates = fc.option(
  fc.oneof(
    fc.double({ min: 1e-6, max: 1e13, noNaN: true }),
    fc.double({ min: 1e-30, max: MAX_RATE, noNaN: true }),
    fc.constant(0),
  ),
);
const percents = fc.option(fc.double({ min: 0, max: 100, noNaN: true }));
const rows: fc.Arbitrary<FleetRow> = fc.record({
  key: fc.integer({ min: 1, max: 0xff_ff_ff_ff }),
  state: fc.constantFrom(...vmStateSchema.options),
  origin: fc.constantFrom(...originSchema.options),
  reason: fc.option(fc.constantFrom(...pullFailureKindSchema.options)),
  ageMs: fc.integer({ min: 0, max: 6_553_500 }),
  cpuUsagePercent: percents,
  memoryUsagePercent: percents,
  networkRxBytesPerSecond: rates,
  networkTxBytesPerSecond: rates,
  diskReadBytesPerSecond: rates,
  diskWriteBytesPerSecond: rates,
  uptimeSeconds: fc.option(fc.integer({ min: 0, max: 0xff_ff_ff_fe })),
  memoryTotalBytes: fc.option(fc.integer({ min: 0, max: 2 ** 51 })),
  cpuCount: fc.option(fc.integer({ min: 1, max: 0xff_fe })),
});

const RATES = [
  'networkRxBytesPerSecond',
  'networkTxBytesPerSecond',
  'diskReadBytesPerSecond',
  'diskWriteBytesPerSecond',
] as const;
const PERCENTS = ['cpuUsagePercent', 'memoryUsagePercent'] as const;

const plain: FleetRow = {
  key: 7,
  state: 'up',
  origin: 'guest',
  reason: null,
  ageMs: 0,
  cpuUsagePercent: 0,
  memoryUsagePercent: 0,
  networkRxBytesPerSecond: 0,
  networkTxBytesPerSecond: 0,
  diskReadBytesPerSecond: 0,
  diskWriteBytesPerSecond: 0,
  uptimeSeconds: 0,
  memoryTotalBytes: 0,
  cpuCount: 1,
};

const roundTrip = (row: FleetRow): FleetRow => {
  const decoded = decodeFleetFrame(encodeFleetFrame({ at: 1, rows: [row] }));
  const only = decoded.ok ? decoded.frame.rows[0] : undefined;
  if (only === undefined) throw new Error('the frame does not hold its row');
  return only;
};

describe('a fleet frame', () => {
  test('gives back what was put in: names exactly, rates to 0.4 %, percentages to a hundredth', () => {
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 20 }), fc.nat(), (before, at) => {
        const decoded = decodeFleetFrame(encodeFleetFrame({ at, rows: before }));
        if (!decoded.ok) throw new Error(decoded.problem);
        expect(decoded.frame.at).toBe(at);
        expect(decoded.frame.rows).toHaveLength(before.length);
        for (const [index, row] of before.entries()) {
          const after = decoded.frame.rows[index];
          if (after === undefined) throw new Error(`no row ${index}`);
          const { key, state, origin, reason, uptimeSeconds, memoryTotalBytes, cpuCount } = row;
          expect(after).toMatchObject({ key, state, origin, reason, uptimeSeconds, cpuCount });
          expect(after.memoryTotalBytes === null).toBe(memoryTotalBytes === null);
          const memoryDifference = (after.memoryTotalBytes ?? 0) - (memoryTotalBytes ?? 0);
          expect(Math.abs(memoryDifference)).toBeLessThanOrEqual(512 * 1024);
          expect(Math.abs(after.ageMs - row.ageMs)).toBeLessThanOrEqual(50);
          for (const name of PERCENTS) {
            expect(after[name] === null).toBe(row[name] === null);
            expect(Math.abs((after[name] ?? 0) - (row[name] ?? 0))).toBeLessThan(0.005_001);
          }
          for (const name of RATES) {
            const rate = row[name];
            expect(after[name] === null).toBe(rate === null);
            const difference = Math.abs((after[name] ?? 0) - (rate ?? 0));
            expect(difference).toBeLessThanOrEqual((rate ?? 0) * 0.004);
          }
        }
      }),
    );
  });

  test('has a header of 16 bytes and 30 for each row', () => {
    const bytes = encodeFleetFrame({ at: 5, rows: [plain, { ...plain, key: 8 }] });
    expect(bytes.byteLength).toBe(HEADER_BYTES + 2 * ROW_BYTES);
  });

  test('never confuses unknown with zero', () => {
    const unknown = {
      ...plain,
      cpuUsagePercent: null,
      memoryUsagePercent: null,
      networkRxBytesPerSecond: null,
      networkTxBytesPerSecond: null,
      diskReadBytesPerSecond: null,
      diskWriteBytesPerSecond: null,
      uptimeSeconds: null,
      memoryTotalBytes: null,
      cpuCount: null,
    };
    expect(roundTrip(unknown)).toStrictEqual(unknown);
    expect(roundTrip(plain)).toStrictEqual(plain);
  });

  test('makes NaN and infinite rates unknown, not zero', () => {
    const row = roundTrip({
      ...plain,
      cpuUsagePercent: Number.NaN,
      networkRxBytesPerSecond: Number.NaN,
      networkTxBytesPerSecond: Number.POSITIVE_INFINITY,
      uptimeSeconds: Number.NaN,
    });
    expect(row.cpuUsagePercent).toBeNull();
    expect(row.networkRxBytesPerSecond).toBeNull();
    expect(row.networkTxBytesPerSecond).toBeNull();
    expect(row.uptimeSeconds).toBeNull();
  });

  test('holds values that are out of range at its ends', () => {
    const row = roundTrip({
      ...plain,
      ageMs: 1e12,
      cpuUsagePercent: 250,
      memoryUsagePercent: -3,
      networkRxBytesPerSecond: -1,
      diskReadBytesPerSecond: Number.MAX_VALUE,
      uptimeSeconds: 1e12,
      cpuCount: 0xff_ff,
    });
    expect(row.ageMs).toBe(6_553_500);
    expect(row.cpuUsagePercent).toBe(100);
    expect(row.memoryUsagePercent).toBe(0);
    expect(row.networkRxBytesPerSecond).toBe(0);
    expect(row.diskReadBytesPerSecond).toBeGreaterThan(3.3e38);
    expect(Number.isFinite(row.diskReadBytesPerSecond)).toBe(true);
    expect(row.uptimeSeconds).toBe(0xff_ff_ff_fe);
    expect(row.cpuCount).toBe(0xff_fe);
    expect(roundTrip({ ...plain, ageMs: -5 }).ageMs).toBe(0);
    expect(roundTrip({ ...plain, ageMs: Number.NaN }).ageMs).toBe(6_553_500);
  });

  test('is read from the middle of a larger buffer', () => {
    const bytes = encodeFleetFrame({ at: 3, rows: [plain] });
    const larger = new Uint8Array(bytes.byteLength + 10).fill(0xaa);
    larger.set(bytes, 5);
    const decoded = decodeFleetFrame(larger.subarray(5, 5 + bytes.byteLength));
    expect(decoded).toStrictEqual({ ok: true, frame: { at: 3, rows: [plain] } });
  });
});

describe('hostile bytes', () => {
  const expectNeverThrows = (bytes: Uint8Array): void => {
    const decoded = decodeFleetFrame(bytes);
    if (!decoded.ok) {
      expect(decoded.problem).not.toBe('');
      return;
    }
    for (const row of decoded.frame.rows) {
      for (const name of [...PERCENTS, ...RATES]) {
        expect(row[name] === null || (Number.isFinite(row[name]) && (row[name] ?? 0) >= 0)).toBe(
          true,
        );
      }
    }
  };

  test('never throw, and never become a negative or endless number', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), expectNeverThrows));
  });

  test('never throw where a valid frame was changed in places', () => {
    fc.assert(
      fc.property(
        fc.array(rows, { maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
        (before, changes) => {
          const bytes = encodeFleetFrame({ at: 1, rows: before });
          for (const [place, value] of changes) bytes[place % bytes.byteLength] = value;
          expectNeverThrows(bytes);
        },
      ),
    );
  });

  const changed = (place: number, ...values: number[]): Uint8Array => {
    const bytes = encodeFleetFrame({ at: 1, rows: [plain] });
    bytes.set(values, place);
    return bytes;
  };

  test.each([
    ['nothing', new Uint8Array(), 'shorter than its header'],
    ['another version', changed(0, 2), 'version 2, and this reads 1'],
    ['more rows than bytes', changed(4, 0xff, 0xff, 0xff, 0xff), 'do not hold 4294967295 rows'],
    ['one byte less', changed(0).subarray(0, HEADER_BYTES + ROW_BYTES - 1), 'do not hold 1'],
    ['a time that is NaN', changed(14, 0xf8, 0x7f), 'its time is no number'],
    ['an unknown state', changed(HEADER_BYTES + 4, 0xff), 'row 0'],
    ['an unknown reason', changed(HEADER_BYTES + 5, 0xff), 'row 0'],
    ['more than 100 percent', changed(HEADER_BYTES + 8, 0xfe, 0xff), 'row 0'],
    ['a negative rate', changed(HEADER_BYTES + 12, 0x80, 0xbf), 'row 0'],
    ['an infinite rate', changed(HEADER_BYTES + 18, 0x80, 0x7f), 'row 0'],
  ])('are refused by name: %s', (_what, bytes, problem) => {
    const decoded = decodeFleetFrame(bytes);
    expect(decoded.ok ? undefined : decoded.problem).toContain(problem);
  });
});
