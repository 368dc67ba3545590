/** All metrics of one scrape, as text: what the collectors found, and how they and the agent fare. */
import type { Collectors } from '../collectors/collectors.ts';
import type { Ran } from '../collectors/run.ts';
import {
  makeExpositions,
  type Exposition,
  type ExpositionFormat,
} from '../exposition/exposition.ts';
import { cacheLabels } from '../exposition/labels.ts';

const collectorLabel = cacheLabels((collector: string) => ({ collector }));

interface Status {
  readonly name: string;
  readonly seconds: number;
  readonly ok: boolean;
}

const exposeStatuses = (statuses: readonly Status[], out: Exposition): void => {
  out.family(
    'node_scrape_collector_duration_seconds',
    'gauge',
    'How long each collector took in this scrape.',
  );
  for (const { name, seconds } of statuses) out.sample(collectorLabel(name), seconds);
  out.family(
    'node_scrape_collector_success',
    'gauge',
    '1 where the collector has a value, 0 where it failed or the machine does not have it.',
  );
  for (const { name, ok } of statuses) out.sample(collectorLabel(name), ok ? 1 : 0);
};

export const makeMetricsText = (
  collectors: Collectors,
  exposeAgent: (out: Exposition) => void,
): ((format: ExpositionFormat, only: readonly string[] | undefined) => Promise<string>) => {
  const all = Object.values(collectors);
  const expositions = {
    prometheus: makeExpositions('prometheus'),
    openmetrics: makeExpositions('openmetrics'),
  };
  return async (format, only) => {
    const chosen = only === undefined ? all : all.filter(({ name }) => only.includes(name));
    const out = expositions[format]();
    const statuses: Status[] = [];
    const waiting: Promise<Ran<unknown>>[] = [];
    const take = ({ name, seconds, outcome, expose }: Ran<unknown>): void => {
      expose(out);
      statuses.push({ name, seconds, ok: outcome.ok });
    };
    // Written as soon as it is there, a value need not live until the others are; that halves what
    // the garbage collector has to keep. Those that may have to wait for a deadline wait together.
    for (const collector of chosen) {
      const one = collector.run();
      if (one instanceof Promise) waiting.push(one);
      else take(one);
    }
    for (const one of await Promise.all(waiting)) take(one);
    exposeStatuses(statuses, out);
    exposeAgent(out);
    return out.finish();
  };
};
