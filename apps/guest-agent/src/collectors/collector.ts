/**
 * What every collector is: a name (node_exporter's), a way to collect its value, and how the value
 * looks as metrics. A collector that fails says so and spoils nothing else.
 */
import type { Exposition } from '../exposition/exposition.ts';
import type { Collected } from '../sources/collected.ts';

export interface Collector<Value> {
  readonly name: string;
  collect(): Collected<Value> | Promise<Collected<Value>>;
  /** Loops with forEach: without a JIT, `for…of` makes an object for each step. */
  expose(value: Value, out: Exposition): void;
}
