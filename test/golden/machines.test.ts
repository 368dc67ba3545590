/**
 * Everything that the agent says of each recorded machine, compared with what it said when somebody
 * last looked at it closely. `npm test -- -u` writes the files anew; the diff then wants to be read.
 *
 * Nothing is left out or made up: the clock of a recorded machine stands still, so that collectors
 * take 0 seconds (or exactly the deadline that they wait for), and the agent's own process is the
 * one that /proc/self was at the recording.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { infoSchema, processListSchema, sampleSchema } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readMetrics } from '../support/exposition-rules.ts';
import type { ExposedFamily, ExposedSample } from '../support/exposition-text.ts';
import { replay } from '../support/replay.ts';

const MACHINES = join(import.meta.dirname, '../fixtures/machines');
const names = readdirSync(MACHINES);

const golden = (machine: string, file: string): string => join(import.meta.dirname, machine, file);

const samplesIn = (families: ReadonlyMap<string, ExposedFamily>): readonly ExposedSample[] =>
  [...families.values()].flatMap(({ samples }) => samples);

const logLineSchema = z.object({ message: z.string() });
const messagesIn = (log: readonly string[]): readonly string[] => [
  ...new Set(log.map((line) => logLineSchema.parse(JSON.parse(line)).message)),
];

describe.each(names)('%s', (machine) => {
  const root = join(MACHINES, machine);
  // Files that cannot be understood are told in the log; every other machine's are in order.
  const broken = machine === 'hostile-guest' ? ['collector failed'] : [];

  const documents = [
    ['sample.json', '/metrics?format=json', sampleSchema],
    ['info.json', '/info', infoSchema],
    ['processes.json', '/processes?top=100', processListSchema],
  ] as const;

  it.each(documents)('answers with the known %s, which keeps to its schema', async (...row) => {
    const [file, target, schema] = row;
    const answer = await replay(root, target);
    expect(answer).toMatchObject({ status: 200 });
    expect(messagesIn(answer.log).filter((message) => !broken.includes(message))).toEqual([]);
    const document: unknown = JSON.parse(answer.body);
    expect(schema.parse(document)).toEqual(document);
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot(
      golden(machine, file),
    );
  });

  it('answers with the known metrics, which keep to the format of Prometheus', async () => {
    const answer = await replay(root, '/metrics');
    expect(answer).toMatchObject({ status: 200 });
    expect(messagesIn(answer.log).filter((message) => !broken.includes(message))).toEqual([]);
    expect(() => readMetrics(answer.body, 'prometheus')).not.toThrow();
    await expect(answer.body).toMatchFileSnapshot(golden(machine, 'metrics.prom'));
  });

  it('says the same in OpenMetrics', async () => {
    const openmetrics = await replay(root, '/metrics?format=openmetrics');
    const prometheus = await replay(root, '/metrics');
    expect(openmetrics).toMatchObject({ status: 200 });
    expect(messagesIn(openmetrics.log).filter((message) => !broken.includes(message))).toEqual([]);
    const samples = samplesIn(readMetrics(openmetrics.body, 'openmetrics'));
    expect(samples).toEqual(samplesIn(readMetrics(prometheus.body, 'prometheus')));
    await expect(openmetrics.body).toMatchFileSnapshot(golden(machine, 'metrics.openmetrics'));
  });
});
