import { describe, expect, test } from 'vitest';
import { listCollectors, measureBody } from './exposition.ts';

const text = `# HELP node_load1 Load of the last minute, é.
# TYPE node_load1 gauge
node_load1 0.5
# TYPE node_scrape_collector_success gauge
node_scrape_collector_success{collector="loadavg"} 1
node_scrape_collector_success{collector="udp_queues"} 0
# TYPE process_threads gauge
process_threads 4
`;

describe('a body of /metrics', () => {
  test('is counted in series and bytes', () => {
    const bytes = text.length + 1;
    expect(measureBody(text)).toStrictEqual({ series: 4, nodeSeries: 3, bytes });
  });

  test('names its collectors, those that failed too', () => {
    expect(listCollectors(text)).toStrictEqual(['loadavg', 'udp_queues']);
    expect(listCollectors('')).toStrictEqual([]);
  });
});
