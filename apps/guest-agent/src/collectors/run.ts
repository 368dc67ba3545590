/** Runs one collector: times it, and keeps what goes wrong in it to itself. */
import type { Exposition } from '../exposition/exposition.ts';
import type { Clock } from '../platform/platform.ts';
import type { Collector } from './collector.ts';
import { failed, type Collected } from '../sources/collected.ts';
import type { OnOutcome } from './outcome-log.ts';

export interface Ran<Value> {
  readonly name: string;
  readonly seconds: number;
  readonly outcome: Collected<Value>;
  /** Writes the value's metrics; nothing where there is no value. */
  readonly expose: (out: Exposition) => void;
}

export interface Runnable<Value> {
  readonly name: string;
  run(): Ran<Value> | Promise<Ran<Value>>;
}

/** A bug in one collector must not take the others with it; its error shows in the answer. */
const broken = (error: unknown): Collected<never> =>
  failed(`the collector failed: ${error instanceof Error ? error.message : String(error)}`);

export const makeRunnable = <Value>(
  collector: Collector<Value>,
  clock: Pick<Clock, 'monotonicMs'>,
  onOutcome: OnOutcome,
): Runnable<Value> => {
  const { name } = collector;

  const finish = (startedAtMs: number, outcome: Collected<Value>): Ran<Value> => {
    onOutcome(name, outcome);
    return {
      name,
      seconds: (clock.monotonicMs() - startedAtMs) / 1000,
      outcome,
      expose: (out) => {
        if (outcome.ok) collector.expose(outcome.value, out);
      },
    };
  };

  return {
    name,
    run: () => {
      const startedAtMs = clock.monotonicMs();
      try {
        const outcome = collector.collect();
        if (!(outcome instanceof Promise)) return finish(startedAtMs, outcome);
        return outcome.then(
          (value) => finish(startedAtMs, value),
          (error: unknown) => finish(startedAtMs, broken(error)),
        );
      } catch (error) {
        return finish(startedAtMs, broken(error));
      }
    },
  };
};
