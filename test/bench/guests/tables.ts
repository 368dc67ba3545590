/** The table of the section `guests` of docs/bench.md. */
import { formatNumber, formatSpread, formatTable } from '../report/markdown.ts';
import { spread } from '../report/statistics.ts';
import type { GuestFigures } from './figures.ts';

export interface GuestResults {
  readonly calmSeconds: number;
  readonly figures: readonly GuestFigures[];
}

const HEAD: readonly string[] = [
  'guest, MiB',
  'start of QEMU → first reading, s',
  'of that in the guest, s',
  'agent resident, MB',
  'of it anonymous',
  'its peak',
  'resident, of what the guest has',
];

const megabytes = (kib: number): number => (kib * 1024) / 1e6;

const rowOf = (memoryMib: number, figures: readonly GuestFigures[]): readonly string[] => {
  const own = figures.filter((one) => one.memoryMib === memoryMib);
  const cell = (valueOf: (one: GuestFigures) => number): string =>
    formatSpread(spread(own.map(valueOf)));
  return [
    String(memoryMib),
    cell((one) => one.firstReadingSeconds),
    cell((one) => one.uptimeSeconds),
    cell((one) => megabytes(one.residentKib)),
    cell((one) => megabytes(one.anonymousKib)),
    cell((one) => megabytes(one.peakKib)),
    `${cell((one) => (100 * one.residentKib) / one.totalKib)} %`,
  ];
};

export const formatResults = ({ calmSeconds, figures }: GuestResults): string => {
  const sizes = [...new Set(figures.map(({ memoryMib }) => memoryMib))];
  const table = formatTable(
    HEAD,
    sizes.map((size) => rowOf(size, figures)),
  );
  const words = `Memory ${formatNumber(calmSeconds)} s after cloud-init ended, asked once a second.`;
  return `${table}\n\n${words}`;
};
