/** Metric families whose values come, at each scrape, from what a part counts of itself. */
import { Counter, Gauge, type Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;
/** Undefined is unknown: the series is left out, it is never 0. */
export type Value = readonly [labels: Labels, value: number | undefined];

export interface FamilyDefinition {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly read: () => Iterable<Value>;
}

/** The values must only grow while the manager runs. */
export const addCounter = (
  registry: Registry,
  { name, help, labels, read }: FamilyDefinition,
): void => {
  const counter = new Counter({
    name,
    help,
    labelNames: labels ?? [],
    registers: [registry],
    collect() {
      counter.reset();
      // Without labels, prom-client would show 0 for what is unknown.
      if (labels === undefined) counter.remove();
      for (const [values, value] of read()) if (value !== undefined) counter.inc(values, value);
    },
  });
};

export const addGauge = (
  registry: Registry,
  { name, help, labels, read }: FamilyDefinition,
): void => {
  const gauge = new Gauge({
    name,
    help,
    labelNames: labels ?? [],
    registers: [registry],
    collect() {
      gauge.reset();
      if (labels === undefined) gauge.remove();
      for (const [values, value] of read()) if (value !== undefined) gauge.set(values, value);
    },
  });
};

const NO_LABELS: Labels = {};

export const single = (value: number | undefined): readonly Value[] => [[NO_LABELS, value]];

/** One series for each name of a record. */
export const byLabel = (label: string, values: Readonly<Record<string, number>>): Value[] =>
  Object.entries(values).map(([name, value]): Value => [{ [label]: name }, value]);
