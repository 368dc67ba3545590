/** How long a history takes, of one VM among many, through the code that the API calls. */
import { METRIC_FIELDS, type MetricField } from '@innkeeper/protocol';
import type { ReadHistory } from '../../../apps/manager/src/history/read-history.ts';
import { percentile } from '../report/statistics.ts';
import type { HistoryFigures } from './figures.ts';

const HOUR_MS = 3_600_000;
const POINTS = 500;
/** Of the page of a VM: those that the route answers with unless it is told otherwise. */
const USUAL: readonly MetricField[] = [
  'cpu_usage_percent',
  'memory_usage_percent',
  'network_rx_bytes_per_second',
  'network_tx_bytes_per_second',
  'disk_read_bytes_per_second',
  'disk_write_bytes_per_second',
];

const RANGES = [
  { range: '1 h', ms: HOUR_MS },
  { range: '24 h', ms: 24 * HOUR_MS },
  { range: '30 d', ms: 30 * 24 * HOUR_MS },
];

const FIELDS = [
  { fields: `${USUAL.length} fields`, names: USUAL },
  { fields: `all ${METRIC_FIELDS.length}`, names: METRIC_FIELDS },
];

export const measureHistories = async (
  readHistory: ReadHistory,
  to: number,
  { vms, histories }: { readonly vms: number; readonly histories: number },
  signal: AbortSignal,
): Promise<HistoryFigures[]> => {
  const measured: HistoryFigures[] = [];
  for (const { range, ms } of RANGES) {
    for (const { fields, names } of FIELDS) {
      const times: number[] = [];
      let tier = '';
      let points = 0;
      for (let index = 0; index < histories; index += 1) {
        signal.throwIfAborted();
        // Another VM each time, far from the last one.
        const vmKey = 1 + ((index * 389) % vms);
        const before = performance.now();
        const found = await readHistory({
          vmKey,
          from: to - ms,
          to,
          points: POINTS,
          fields: names,
        });
        times.push(performance.now() - before);
        tier = found.tier;
        points = found.t.length;
        const known = found.series.cpu_usage_percent?.avg.filter((value) => value !== null).length;
        if ((known ?? 0) < 0.95 * points) {
          throw new Error(`a history of ${range} has only ${known} of ${points} points`);
        }
      }
      // The first ones compile, plan and read from the disk.
      const warm = times.slice(Math.ceil(times.length / 10));
      measured.push({
        range,
        fields,
        tier,
        points,
        p50Ms: percentile(warm, 50),
        p95Ms: percentile(warm, 95),
        firstMs: times[0] ?? Number.NaN,
      });
    }
  }
  return measured;
};
