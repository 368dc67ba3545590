import { errorBodySchema, sampleSchema, type Sample } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import { makeFakeAgent } from '../testing/fake-agent.ts';
import type { FakeFiles } from '../testing/fake-files.ts';
import { MOUNTINFO } from '../testing/small-vm.ts';
import { makeCompactSamples } from './compact.ts';

const COMPACT_TYPE = 'application/vnd.innkeeper.sample+json';

/** As docs/protocol.md describes them. */
const numbersOf = (value: unknown): readonly number[] => {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
};

const rowOf = (sample: Sample): readonly number[] => {
  const { top, ...processes } = sample.processes;
  expect(top).not.toEqual([]);
  return numbersOf({ ...sample, processes, collectors: null });
};

const setUp = async (spoil?: (files: FakeFiles) => void) => {
  const agent = await makeFakeAgent({}, spoil);
  const pull = async (schema?: string) => {
    const query = schema === undefined ? '' : `&schema=${schema}`;
    const answer = await agent.ask(`/metrics?format=compact${query}`);
    expect(answer.status).toBe(200);
    const document: unknown = JSON.parse(answer.body);
    return {
      document,
      type: answer.headers.get('content-type'),
      id: answer.headers.get('sample-schema') ?? '',
    };
  };
  const whole = async (): Promise<Sample> =>
    sampleSchema.parse(JSON.parse((await agent.ask('/metrics?format=json')).body));
  return { ...agent, pull, whole };
};

describe('GET /metrics?format=compact', () => {
  it('is the whole sample with the id of its schema, then only the numbers in their order', async () => {
    const { pull, whole, files } = await setUp();
    const first = await pull();
    expect(first.type).toBe('application/json; charset=utf-8');
    expect(sampleSchema.parse(first.document)).toEqual(first.document);
    expect(first.id).toMatch(/^[\w.-]{5,64}$/u);
    files.set('/proc/loadavg', '7.25 0.40 0.30 2/150 4000\n');
    const second = await pull(first.id);
    expect(second.type).toBe(COMPACT_TYPE);
    expect(second.document).toEqual([first.id, ...rowOf(await whole())]);
    expect(second.document).toContain(7.25);
    expect(second.id).toBe('');
  });

  it('is whole for who asks for another schema', async () => {
    const { pull } = await setUp();
    const { id } = await pull();
    const other = await pull(`${id}x`);
    expect([other.type, other.id]).toEqual(['application/json; charset=utf-8', id]);
    expect((await pull('')).id).toBe(id);
    expect((await pull('%F0%9F%92%A5"\\')).id).toBe(id);
  });

  it('has the same id for the same shape, also from an agent that has started again', async () => {
    const first = await (await setUp()).pull();
    const { pull } = await setUp();
    expect((await pull(first.id)).type).toBe(COMPACT_TYPE);
  });

  const CHANGES: readonly (readonly [what: string, change: (files: FakeFiles) => void])[] = [
    ['a device has another name', (files) => files.set('/sys/class/net/eth0/operstate', 'down\n')],
    ['a value has become unknown', (files) => files.unplug('/proc/uptime')],
    ['a part is gone', (files) => files.unplug('/proc/pressure/io')],
    [
      'a list has grown',
      (files) =>
        files.set('/proc/1/mountinfo', `${MOUNTINFO}40 27 0:60 / /m rw - xfs /dev/vdz rw\n`),
    ],
    [
      'a CPU is gone',
      (files) =>
        files.set(
          '/proc/stat',
          'cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 9 9 9 9 9 9 9 9 9 9\nbtime 1759999000\nprocs_running 2\nprocs_blocked 1\n',
        ),
    ],
    ['a collector fails', (files) => files.fail('/proc/loadavg', 'EIO')],
  ];

  it.each(CHANGES)(
    'is whole again when %s, and then compact under another id',
    async (_, change) => {
      const { pull, files } = await setUp();
      const first = await pull();
      expect((await pull(first.id)).type).toBe(COMPACT_TYPE);
      change(files);
      const changed = await pull(first.id);
      expect(sampleSchema.parse(changed.document)).toEqual(changed.document);
      expect(changed.id).not.toBe(first.id);
      expect((await pull(changed.id)).type).toBe(COMPACT_TYPE);
    },
  );

  it('is whole when why a collector fails is another reason', async () => {
    const { pull, files } = await setUp((machine) => machine.fail('/proc/loadavg', 'EIO'));
    const first = await pull();
    files.fail('/proc/loadavg', 'EACCES');
    expect((await pull(first.id)).id).not.toBe(first.id);
  });

  it('stays compact when the processes are counted again: who wants the list asks for it', async () => {
    const { pull, clock } = await setUp();
    const first = await pull();
    clock.advance(10_001);
    expect((await pull(first.id)).type).toBe(COMPACT_TYPE);
    const whole = await pull();
    expect(whole.id).toBe(first.id);
    const before = sampleSchema.parse(first.document).processes;
    const { top, scanned_at: scannedAt } = sampleSchema.parse(whole.document).processes;
    expect(top).not.toEqual(before.top);
    expect(scannedAt).toBeGreaterThan(before.scanned_at ?? Number.NaN);
  });

  it('serves several readers, each by what it has', async () => {
    const { pull, files } = await setUp();
    const { id } = await pull();
    files.unplug('/proc/uptime');
    const changed = await pull();
    expect((await pull(id)).id).toBe(changed.id);
    expect((await pull(changed.id)).type).toBe(COMPACT_TYPE);
  });

  it.each([
    ['?format=compact&collect[]=cpu', 'a JSON sample is always whole'],
    ['?format=json&schema=x', 'schema belongs to format=compact'],
    ['?schema=x', 'schema belongs to format=compact'],
  ])('refuses %s, and says why', async (query, message) => {
    const { ask } = await setUp();
    const answer = await ask(`/metrics${query}`);
    expect(answer.status).toBe(422);
    expect(errorBodySchema.parse(JSON.parse(answer.body)).error.message).toContain(message);
  });
});

describe('makeCompactSamples', () => {
  const sampleWith = async (change: (sample: Sample) => Sample): Promise<Sample> =>
    change(await (await setUp()).whole());

  it('sends a sample whole, and without an id, that has too many numbers', async () => {
    const sample = await sampleWith((one) => one);
    const withDisks = (count: number): Sample => ({
      ...sample,
      disks: Array.from({ length: count }, () => sample.disks ?? []).flat(),
    });
    const others = rowOf(withDisks(0)).length;
    const most = Math.floor((20_000 - others) / 9);
    const compact = makeCompactSamples();
    const hasId = (count: number): boolean => {
      const answer = compact(withDisks(count), undefined);
      return answer.form === 'full' && answer.id !== undefined;
    };
    expect([most, most + 1, 8192, most].map(hasId)).toEqual([true, false, false, true]);
  });

  it('takes a number that JSON does not have for what JSON makes of it: null', async () => {
    const sample = await sampleWith((one) => ({ ...one, uptime_seconds: Number.NaN }));
    const compact = makeCompactSamples();
    const { id } = { id: undefined, ...compact(sample, undefined) };
    expect(id).toBe(
      { id: undefined, ...makeCompactSamples()({ ...sample, uptime_seconds: null }, undefined) }.id,
    );
    const answer = compact(sample, id);
    expect(answer).toMatchObject({ form: 'compact' });
    expect(JSON.stringify(answer)).not.toContain('null');
    expect(compact({ ...sample, uptime_seconds: 7 }, id)).toMatchObject({ form: 'full' });
  });
});
