/** A chart as numbers: the latest, least, largest and mean value of each series in sight. */
import { quantityText } from '../format/quantity.ts';
import type { ChartSpec } from './chart-spec.ts';
import type { Frame } from './frame.ts';
import { formatValue } from './value-axis.ts';

export interface SummaryRow {
  readonly label: string;
  readonly latest: string;
  readonly least: string;
  readonly largest: string;
  readonly mean: string;
}

export const summarise = (frame: Frame, spec: ChartSpec): readonly SummaryRow[] => {
  const { times } = frame.samples;
  const { from, to } = frame.span;
  return spec.series.map(({ column, label, isPercent }) => {
    const values = frame.samples.column(column);
    let latest = Number.NaN;
    let least = Number.POSITIVE_INFINITY;
    let largest = Number.NEGATIVE_INFINITY;
    let sum = 0;
    let count = 0;
    for (let row = frame.start; row < frame.end; row += 1) {
      const value = values[row] ?? Number.NaN;
      const time = times[row] ?? Number.NaN;
      if (Number.isNaN(value) || time < from || time > to) continue;
      latest = value;
      least = Math.min(least, value);
      largest = Math.max(largest, value);
      sum += value;
      count += 1;
    }
    const text = (value: number): string =>
      quantityText(
        formatValue(count === 0 ? Number.NaN : value, isPercent === true ? 'percent' : spec.unit),
      );
    return {
      label,
      latest: text(latest),
      least: text(least),
      largest: text(largest),
      mean: text(sum / count),
    };
  });
};
