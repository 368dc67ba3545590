/** Lines of the past, a page at a time: from the VM's agent, or, where that is silent, kept ones. */
import type { LogEvent, LogPage, LogSource } from '@innkeeper/protocol';
import type { Api, ApiResult } from '../state/api.ts';

export type PageAnswer = ApiResult<LogPage>;

export interface LogPages {
  /** Undefined where the line has no time, so that nobody knows what was before it. */
  before(vmId: string, event: LogEvent): Promise<PageAnswer | undefined>;
  after(vmId: string, event: LogEvent): Promise<PageAnswer | undefined>;
  around(vmId: string, at: number): Promise<PageAnswer>;
}

const PAGE = 500;
/** As many as are given at once: for when all of a page are of the same millisecond. */
const LARGEST_PAGE = 2_000;
const AROUND = 300;

interface Where {
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
}

export const makeLogPages = (api: Pick<Api, 'get'>, source: LogSource | undefined): LogPages => {
  const ask = async (vmId: string, where: Where): Promise<PageAnswer> => {
    const query = new URLSearchParams();
    if (source !== undefined) query.set('source', source);
    for (const [name, value] of Object.entries(where)) query.set(name, String(value));
    return api.get<LogPage>(`/v1/vms/${encodeURIComponent(vmId)}/logs/page?${query.toString()}`);
  };
  /** The moment itself is part of it: what else happened then may not have been seen. */
  const from = async (vmId: string, side: 'since' | 'until', event: LogEvent) => {
    const { timestamp } = event;
    if (timestamp === null) return undefined;
    const first = await ask(vmId, { [side]: timestamp, limit: PAGE });
    const isStuck =
      first.ok &&
      first.value.more &&
      first.value.items.every((item) => item.timestamp === timestamp);
    return isStuck ? ask(vmId, { [side]: timestamp, limit: LARGEST_PAGE }) : first;
  };
  return {
    before: async (vmId, event) => from(vmId, 'until', event),
    after: async (vmId, event) => from(vmId, 'since', event),
    around: async (vmId, at) => {
      const [earlier, later] = await Promise.all([
        ask(vmId, { until: at, limit: AROUND }),
        ask(vmId, { since: at + 1, limit: AROUND }),
      ]);
      if (!earlier.ok) return earlier;
      if (!later.ok) return later;
      const { origin, reason } = earlier.value;
      const items = [...earlier.value.items, ...later.value.items];
      return { ok: true, value: { items, origin, reason, more: true } };
    },
  };
};
