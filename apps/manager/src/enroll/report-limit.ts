/**
 * How often one agent may report. Each change of an address is an event and a row of the audit, and a
 * guest that was taken over could otherwise fill both. Only agents that are enrolled are counted.
 */
import type { Clock } from '../clock.ts';
import type { Problem } from '../http/problem.ts';

export type ReportLimit = (agentId: string) => Problem | undefined;

const WINDOW_MS = 60_000;
/** A machine that boots gets its addresses one after the other. */
const PER_AGENT = 10;

export const makeReportLimit = (clock: Pick<Clock, 'monotonicMs'>): ReportLimit => {
  let windowStart = -Infinity;
  const reports = new Map<string, number>();
  return (agentId) => {
    const now = clock.monotonicMs();
    if (now - windowStart >= WINDOW_MS) {
      windowStart = now;
      reports.clear();
    }
    const before = reports.get(agentId) ?? 0;
    if (before >= PER_AGENT) {
      const seconds = Math.max(1, Math.ceil((windowStart + WINDOW_MS - now) / 1000));
      return {
        status: 429,
        code: 'too_many_attempts',
        message: `an agent may report ${PER_AGENT} times a minute; try again in ${seconds} s`,
        headers: { 'retry-after': String(seconds) },
      };
    }
    reports.set(agentId, before + 1);
    return undefined;
  };
};
