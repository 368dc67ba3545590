/** The farm of guest agents that `npm run bench` pulls from, held to what real agents answer. */
import { sampleSchema, type Sample } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  makeSampleDecoder,
  type DecodedSample,
  type SampleDecoder,
} from '../../apps/manager/src/pull/sample-decoder.ts';
import { farmAddress, obtainFarm, startFarm, type Farm } from '../fakes/guest-farm/farm.ts';
import { parseExposition } from '../support/exposition-text.ts';
import { ask, type HttpReply } from '../support/http-client.ts';
import { orSkip, type Obtained } from '../support/obtained.ts';

const COMPILE_MS = 60_000;
const COMPACT = 'application/vnd.innkeeper.sample+json';
const unwatched = { monotonicMs: () => 0, random: () => 1, isWatched: () => false };

let program: Obtained;
beforeAll(async () => {
  program = await obtainFarm();
}, COMPILE_MS);

const askGuest = async (farm: Farm, guest: number, target: string): Promise<HttpReply> =>
  ask({ host: farmAddress(guest), port: farm.port }, target, { timeoutMs: 2_000 });

const pull = async (
  farm: Farm,
  guest: number,
  decoder: SampleDecoder,
): Promise<{ readonly type: string; readonly bytes: number; readonly decoded: DecodedSample }> => {
  const { status, headers, text } = await askGuest(farm, guest, decoder.target());
  const type = String(headers['content-type']);
  const decoded = decoder.decode({
    status,
    contentType: type,
    header: (name) => {
      const value = headers[name];
      return typeof value === 'string' ? value : undefined;
    },
    body: Buffer.from(text, 'latin1'),
  });
  return { type, bytes: text.length, decoded };
};

const sampleOf = (decoded: DecodedSample): Sample => {
  if (!decoded.ok) throw new Error(decoded.problem);
  return decoded.sample;
};

describe('a farm of guests', () => {
  let farm: Farm | undefined;
  beforeAll(async () => {
    if (program.ok) farm = await startFarm({ path: program.path, guests: 1_000 });
  });
  afterAll(async () => farm?.stop());
  const running = (): Farm => {
    if (farm === undefined) throw new Error('there is no farm');
    return farm;
  };

  test('answers with whole samples of the protocol, each guest with its own', async (context) => {
    orSkip(context, 'the farm', program);
    const boots = new Set<string | null>();
    for (const guest of [0, 1, 249, 250, 999]) {
      const { text, headers } = await askGuest(running(), guest, '/metrics?format=json');
      const sample = sampleSchema.parse(JSON.parse(text));
      expect(sample.taken_at).toBeGreaterThan(Date.now() - 60_000);
      expect(sample.processes.scanned_at).toBeGreaterThan(sample.taken_at - 10_001);
      expect(Date.parse(String(headers.date))).toBeGreaterThan(Date.now() - 60_000);
      boots.add(sample.boot_id);
    }
    expect(boots.size).toBe(5);
  });

  test('sends compact samples that the manager reads, whose counters never go back', async (context) => {
    orSkip(context, 'the farm', program);
    const seen = { whole: 0, compact: 0 };
    for (let guest = 0; guest < 40; guest += 1) {
      const decoder = makeSampleDecoder(unwatched);
      let before = sampleOf((await pull(running(), guest, decoder)).decoded);
      for (let turn = 0; turn < 3; turn += 1) {
        const { type, bytes, decoded } = await pull(running(), guest, decoder);
        const now = sampleOf(decoded);
        expect(sampleSchema.parse(now)).toEqual(now);
        expect(now.taken_at).toBeGreaterThanOrEqual(before.taken_at);
        expect(now.cpu?.seconds.user).toBeGreaterThanOrEqual(before.cpu?.seconds.user ?? 0);
        expect(now.cpu?.cores[1]?.seconds.idle).toBeGreaterThanOrEqual(
          before.cpu?.cores[1]?.seconds.idle ?? 0,
        );
        expect(now.networks?.[1]?.transmit_bytes_total).toBeGreaterThanOrEqual(
          before.networks?.[1]?.transmit_bytes_total ?? 0,
        );
        expect(now.processes.top).toHaveLength(10);
        if (type === COMPACT) {
          seen.compact += 1;
          expect(bytes).toBeLessThan(1_500);
          expect(now.processes.top).toBe(before.processes.top);
        } else seen.whole += 1;
        before = now;
      }
    }
    expect(seen).toEqual({ compact: 120, whole: 0 });
  });

  test('answers to an id that it does not know with the whole sample', async (context) => {
    orSkip(context, 'the farm', program);
    const { headers } = await askGuest(running(), 7, '/metrics?format=compact&schema=other');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers['sample-schema']).toMatch(/^[\w.-]{1,64}$/u);
  });

  test('writes text that Prometheus takes', async (context) => {
    orSkip(context, 'the farm', program);
    const { text } = await askGuest(running(), 3, '/metrics');
    const families = parseExposition(text);
    expect(families.get('node_cpu_seconds_total')?.samples).toHaveLength(16);
    expect(text.length).toBeGreaterThan(6_000);
    expect(text.length).toBeLessThan(10_000);
  });
});

test('guests that are ill fail in their own way, and those beside them do not', async (context) => {
  const { path } = orSkip(context, 'the farm', program);
  const farm = await startFarm({ path, guests: 10, silent: 1, drip: 1, garbage: 3 });
  try {
    for (const guest of [0, 1]) {
      await expect(
        ask({ host: farmAddress(guest), port: farm.port }, '/metrics', { timeoutMs: 300 }),
      ).rejects.toThrow('no answer within 300 ms');
    }
    // By turns: two that are no sample, and one that is not HTTP.
    for (const guest of [2, 4]) {
      const decoder = makeSampleDecoder(unwatched);
      expect((await pull(farm, guest, decoder)).decoded.ok).toBe(false);
    }
    await expect(askGuest(farm, 3, '/metrics')).rejects.toThrow('Parse Error');
    const well = await pull(farm, 5, makeSampleDecoder(unwatched));
    expect(well.decoded.ok).toBe(true);
    // Nobody has this address.
    await expect(askGuest(farm, 10, '/metrics')).rejects.toThrow(/socket hang up|ECONNRESET/u);
  } finally {
    await farm.stop();
  }
});

test('a farm of agents from before the compact sample is asked for whole ones', async (context) => {
  const { path } = orSkip(context, 'the farm', program);
  const farm = await startFarm({ path, guests: 1, isOld: true });
  try {
    const decoder = makeSampleDecoder(unwatched);
    expect((await pull(farm, 0, decoder)).decoded.ok).toBe(false);
    expect(decoder.target()).toBe('/metrics?format=json');
    expect((await pull(farm, 0, decoder)).decoded.ok).toBe(true);
  } finally {
    await farm.stop();
  }
});
