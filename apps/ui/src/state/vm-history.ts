/** Asks the manager what was stored of one VM. */
import type { History } from '@innkeeper/protocol';
import type { Span } from '../charts/gaps.ts';
import type { SampleRow } from '../charts/samples.ts';
import type { Api, ApiResult } from './api.ts';
import { HISTORY_FIELDS, rowsOfHistory } from './vm-columns.ts';

export interface StoredSteps {
  readonly rows: readonly SampleRow[];
  readonly stepMs: number;
  /** Where the first step begins, whether or not it has anything. */
  readonly start: number;
}

export interface HistoryQuestion extends Span {
  readonly points: number;
  readonly signal?: AbortSignal;
}

export type VmHistory = (question: HistoryQuestion) => Promise<ApiResult<StoredSteps>>;

export const MAX_POINTS = 2000;
const LEAST_POINTS = 50;

export const makeVmHistory =
  (api: Api, vmId: string): VmHistory =>
  async ({ from, to, points, signal }) => {
    const query = new URLSearchParams({
      from: String(Math.max(0, Math.floor(from))),
      to: String(Math.ceil(to)),
      points: String(Math.min(MAX_POINTS, Math.max(LEAST_POINTS, Math.round(points)))),
      fields: HISTORY_FIELDS.join(','),
    });
    const path = `/v1/vms/${encodeURIComponent(vmId)}/metrics/history?${query.toString()}`;
    const result = await api.get<History>(path, signal === undefined ? {} : { signal });
    if (!result.ok) return result;
    const { value } = result;
    return {
      ok: true,
      value: { rows: rowsOfHistory(value), stepMs: value.step_ms, start: value.t[0] ?? from },
    };
  };
