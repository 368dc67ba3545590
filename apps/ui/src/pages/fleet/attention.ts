/** What the numbers of a row say on top of its state. */
import type { FleetRow } from '@innkeeper/protocol/fleet-frame';
import type { Attention } from '../../ui/state-mark.tsx';

const CPU = { warning: 80, critical: 95 } as const;
const MEMORY = { warning: 85, critical: 95 } as const;

const levelOf = (
  value: number | null,
  { warning, critical }: { readonly warning: number; readonly critical: number },
): Attention => {
  if (value === null || value < warning) return undefined;
  return value >= critical ? 'critical' : 'warning';
};

type Usage = Pick<FleetRow, 'cpuUsagePercent' | 'memoryUsagePercent'>;

export const cpuAttention = (row: Usage | undefined): Attention =>
  levelOf(row?.cpuUsagePercent ?? null, CPU);
export const memoryAttention = (row: Usage | undefined): Attention =>
  levelOf(row?.memoryUsagePercent ?? null, MEMORY);

export const attentionOf = (row: Usage | undefined): Attention => {
  const cpu = cpuAttention(row);
  const memory = memoryAttention(row);
  if (cpu === 'critical' || memory === 'critical') return 'critical';
  return cpu ?? memory;
};
