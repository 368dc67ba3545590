/** The manager's HTTP requests, by what bounded names they have. */
import { Counter, Histogram, type Registry } from 'prom-client';

export interface RequestSeen {
  readonly method: string;
  /** The pattern, `/v1/vms/:id`; undefined where no route fits. A path would be a series each. */
  readonly route: string | undefined;
  /** Undefined: the client left before it was answered. */
  readonly status: number | undefined;
  readonly seconds: number;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']);
const BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export const makeHttpMetrics = (registry: Registry): ((seen: RequestSeen) => void) => {
  const registers = [registry];
  const count = new Counter({
    name: 'innkeeper_http_requests_total',
    help: 'Requests to the manager, by the class of their status.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'innkeeper_http_request_duration_seconds',
    help: 'How long the manager took to answer.',
    labelNames: ['method', 'route'],
    buckets: BUCKETS,
    registers,
  });
  return ({ method, route = 'none', status, seconds }) => {
    const labels = { method: METHODS.has(method) ? method : 'other', route };
    const statusClass = status === undefined ? 'abandoned' : `${Math.floor(status / 100)}xx`;
    count.inc({ ...labels, status: statusClass });
    durations.observe(labels, seconds);
  };
};
