/** Numbers as people read them: a figure of three digits and its unit. Unknown has no figure. */
import { formatCount } from './count.ts';

export interface Quantity {
  readonly figure: string;
  readonly unit: string;
}

export const UNKNOWN_FIGURE = '–';
const UNKNOWN: Quantity = { figure: UNKNOWN_FIGURE, unit: '' };
const STEP = 1024;
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** 0.12, 4.2, 97: as many decimals as there is room for. */
const shorten = (value: number): string => {
  if (value === 0) return '0';
  // 0.999 would be shown as 1.00, and 9.97 as 10.0.
  if (value < 0.995) return value.toFixed(2);
  if (value < 9.95) return value.toFixed(1);
  return formatCount(Math.round(value));
};

export const formatBytes = (bytes: number | null): Quantity => {
  if (bytes === null) return UNKNOWN;
  let value = bytes;
  let unit = 0;
  // 1023.6 KiB would be shown as 1,024.
  while (value >= STEP - 0.5 && unit < BYTE_UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  const figure = unit === 0 ? String(Math.round(value)) : shorten(value);
  return { figure, unit: BYTE_UNITS[unit] ?? 'B' };
};

export const formatBytesPerSecond = (bytes: number | null): Quantity => {
  const { figure, unit } = formatBytes(bytes);
  return { figure, unit: unit === '' ? '' : `${unit}/s` };
};

export const formatPercent = (percent: number | null): Quantity =>
  percent === null ? UNKNOWN : { figure: percent.toFixed(1), unit: '%' };

export const formatNumber = (value: number | null): Quantity =>
  value === null ? UNKNOWN : { figure: shorten(value), unit: '' };

/** 0.8 ms, 3.4 s: for latencies. */
export const formatSeconds = (seconds: number | null): Quantity => {
  if (seconds === null) return UNKNOWN;
  if (seconds < 0.001) return { figure: shorten(seconds * 1e6), unit: 'µs' };
  if (seconds < 1) return { figure: shorten(seconds * 1000), unit: 'ms' };
  return { figure: shorten(seconds), unit: 's' };
};

/** As one text, for titles and for those who hear the page. */
export const quantityText = ({ figure, unit }: Quantity): string =>
  unit === '' ? figure : `${figure} ${unit}`;
