/**
 * The busiest processes of a moment that is over, as the manager has stored them once a minute. What
 * was asked is remembered: moving along a chart and back asks nothing twice.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { ProcessSnapshot } from '@innkeeper/protocol';
import type { Api, ApiProblem } from './api.ts';

export interface PastAnswer {
  readonly at: number;
  /** Undefined while it is being looked up, and where there is none. */
  readonly snapshot: ProcessSnapshot | undefined;
  readonly problem: ApiProblem | undefined;
}

export interface PastProcesses {
  /** Undefined: no moment was asked for. */
  readonly answer: ReadonlySignal<PastAnswer | undefined>;
  /** May be called as often as one likes; undefined: now is shown again. */
  show(at: number | undefined): void;
  stop(): void;
}

/** Nobody has looked at a moment that the pointer only passes. */
const SETTLE_MS = 250;
const MOST_KEPT = 200;
/** A list comes once a minute: for so long it is the newest, whatever moment was asked. */
const HOLDS_MS = 50_000;

/** From when it was taken until the last moment that it is known to hold for. */
interface Kept {
  readonly snapshot: ProcessSnapshot;
  readonly until: number;
}

export const makePastProcesses = (api: Pick<Api, 'get'>, vmId: string): PastProcesses => {
  const path = `/v1/vms/${encodeURIComponent(vmId)}/processes/history`;
  const answer = signal<PastAnswer | undefined>(undefined);
  /** By when it was taken. */
  const kept = new Map<number, Kept>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort = new AbortController();

  const keep = (snapshot: ProcessSnapshot, at: number): void => {
    const { taken_at: takenAt } = snapshot;
    const until = Math.max(at, takenAt + HOLDS_MS, kept.get(takenAt)?.until ?? 0);
    kept.delete(takenAt);
    kept.set(takenAt, { snapshot, until });
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  };
  const find = (at: number): ProcessSnapshot | undefined => {
    for (const { snapshot, until } of kept.values()) {
      if (snapshot.taken_at <= at && at <= until) return snapshot;
    }
    return undefined;
  };
  const cancel = (): void => {
    clearTimeout(timer);
    abort.abort();
  };

  const ask = async (at: number): Promise<void> => {
    abort = new AbortController();
    const { signal: aborted } = abort;
    const result = await api.get<ProcessSnapshot>(`${path}?at=${at}`, { signal: aborted });
    if (aborted.aborted) return;
    if (result.ok) keep(result.value, at);
    answer.value = result.ok
      ? { at, snapshot: result.value, problem: undefined }
      : { at, snapshot: undefined, problem: result.problem };
  };

  return {
    answer,
    show: (moment) => {
      if (moment === undefined) {
        cancel();
        answer.value = undefined;
        return;
      }
      const at = Math.max(0, Math.round(moment));
      if (answer.peek()?.at === at) return;
      cancel();
      const known = find(at);
      answer.value = { at, snapshot: known, problem: undefined };
      if (known === undefined) timer = setTimeout(() => void ask(at), SETTLE_MS);
    },
    stop: () => {
      cancel();
      answer.value = undefined;
    },
  };
};
