/** A real Prometheus that scrapes the same guests at the same pace. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { farmAddress } from '../../fakes/guest-farm/farm.ts';
import { debianBinary } from '../../support/debian-package.ts';
import { ask } from '../../support/http-client.ts';
import type { Obtained } from '../../support/obtained.ts';
import { freePort } from '../../support/service-process.ts';
import type { Children } from '../measure/children.ts';
import type { Puller } from './contender.ts';
import type { Fleet } from './plan.ts';

const START_MS = 30_000;
const POLL_MS = 50;

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

export const obtainPrometheus = async (): Promise<Obtained> =>
  debianBinary({ package: 'prometheus', path: 'usr/bin/prometheus' });

/** Each scrape is seen by the time since the one before it. */
const SCRAPES = /^prometheus_target_interval_length_seconds_count\{[^}]*\} (\S+)$/mu;

export const startPrometheus = async (
  tools: {
    readonly path: string;
    readonly folder: string;
    readonly children: Children;
    readonly signal: AbortSignal;
  },
  { guests, intervalMs }: Fleet,
  farmPort: number,
): Promise<Puller> => {
  const { path, folder, children, signal } = tools;
  const data = join(folder, 'prometheus');
  rmSync(data, { recursive: true, force: true });
  const configPath = join(folder, 'prometheus.yml');
  const interval = `${intervalMs}ms`;
  const targets = Array.from({ length: guests }, (_, guest) => `${farmAddress(guest)}:${farmPort}`);
  // YAML is a superset of JSON.
  writeFileSync(
    configPath,
    JSON.stringify({
      global: { scrape_interval: interval, scrape_timeout: interval },
      scrape_configs: [{ job_name: 'guests', static_configs: [{ targets }] }],
    }),
  );
  const port = await freePort();
  const child = children.start([
    path,
    `--config.file=${configPath}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ]);
  const address = { host: '127.0.0.1', port };
  const assertAlive = (): void => {
    const obituary = child.obituary();
    if (obituary !== undefined) throw new Error(`Prometheus has gone: ${obituary}`);
  };
  const stop = async (): Promise<void> => {
    await child.stop();
    rmSync(data, { recursive: true, force: true });
  };
  const query = async (promql: string): Promise<number> => {
    const reply = await ask(address, `/api/v1/query?query=${encodeURIComponent(promql)}`);
    return Number(answerSchema.parse(reply.json()).data.result[0]?.value[1] ?? 0);
  };
  try {
    for (const startedAt = performance.now(); ; await sleep(POLL_MS, undefined, { signal })) {
      assertAlive();
      const isReady = await ask(address, '/-/ready').then(
        ({ status }) => status === 200,
        () => false,
      );
      if (isReady) break;
      if (performance.now() - startedAt > START_MS) throw new Error('Prometheus does not start');
    }
    return {
      pid: child.pid,
      serverPid: undefined,
      assertAlive,
      stop,
      counts: async () => {
        const { text } = await ask(address, '/metrics');
        const at = performance.now();
        const done = Number(SCRAPES.exec(text)?.[1] ?? 0);
        const failing = await query('sum(up == bool 0)');
        return { at, done, missed: undefined, failingShare: failing / guests };
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
