/** The VMs of a run, those that need a person first, and how each stands. */
import type { Run, RunExecution } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Elapsed } from './elapsed.tsx';
import { ExecutionMark } from './execution-mark.tsx';
import { executionWords, markOf } from './execution-words.ts';
import { countExecutions, inOrder, outcomeOf, OUTCOMES, type Outcome } from './run-state.ts';
import type { RunStore } from './run-store.ts';

const OUTCOME_WORDS = {
  failed: 'Failed',
  active: 'Running',
  queued: 'Waiting',
  cancelled: 'Cancelled',
  succeeded: 'Succeeded',
} as const satisfies Readonly<Record<Outcome, string>>;

/** More are a click away: thousands of lines would be slow. */
const PAGE = 200;

const Filter = ({
  all,
  chosen,
}: {
  readonly all: readonly RunExecution[];
  readonly chosen: Outcome | undefined;
}): JSX.Element => {
  const { navigation } = useApp();
  const counts = countExecutions(all);
  const set = (outcome: Outcome | null): void =>
    navigation.setQuery({ show: outcome }, { replace: true });
  return (
    <div class="segments run-filter" role="group" aria-label="Which VMs">
      <button type="button" aria-current={chosen === undefined} onClick={() => set(null)}>
        All <b>{formatCount(counts.total)}</b>
      </button>
      {OUTCOMES.map((outcome) =>
        counts[outcome] === 0 && outcome !== chosen ? null : (
          <button
            key={outcome}
            type="button"
            aria-current={chosen === outcome}
            onClick={() => set(outcome)}
          >
            {OUTCOME_WORDS[outcome]} <b>{formatCount(counts[outcome])}</b>
          </button>
        ),
      )}
    </div>
  );
};

const progressText = ({ progress, ended_at: endedAt }: RunExecution): string => {
  if (progress === null || endedAt !== null) return '';
  const { phase, done, total } = progress;
  const count = done === null ? '' : total === null ? ` ${done}` : ` ${done}/${total}`;
  return `, ${phase}${count}`;
};

export const RunExecutions = ({
  store,
  run,
}: {
  readonly store: RunStore;
  readonly run: Run;
}): JSX.Element => {
  const { navigation } = useApp();
  const [most, setMost] = useState(PAGE);
  const { query, path } = navigation.place.value;
  const show = OUTCOMES.find((outcome) => outcome === query.get('show'));
  const current = query.get('vm');
  const all = store.executions();
  const fitting = inOrder(all).filter(
    (execution) => show === undefined || outcomeOf(execution) === show,
  );
  const href = (id: string): string => {
    const changed = new URLSearchParams(query);
    changed.set('vm', id);
    return `${path}?${changed.toString()}`;
  };
  const move = (step: number): void => {
    const at = fitting.findIndex(({ id }) => id === current);
    const next = fitting[Math.min(fitting.length - 1, Math.max(0, at + step))];
    if (next !== undefined) navigation.setQuery({ vm: next.id }, { replace: true });
  };
  useShortcuts({ j: () => move(1), k: () => move(-1) });
  return (
    <section class="run-vms" aria-label="VMs of the run">
      <Filter all={all} chosen={show} />
      <ul class="run-vm-list">
        {fitting.slice(0, most).map((execution) => (
          <li key={execution.id}>
            <a
              href={href(execution.id)}
              aria-current={execution.id === current ? 'true' : undefined}
            >
              <ExecutionMark kind={markOf(execution)} />
              <span class="run-vm-name">{execution.vm_name}</span>
              <span class="run-vm-time muted">
                <Elapsed store={store} execution={execution} />
              </span>
              <span class="run-vm-words muted">
                {executionWords(execution, run.limit_seconds)}
                {progressText(execution)}
              </span>
            </a>
          </li>
        ))}
      </ul>
      {fitting.length === 0 ? <p class="muted">None.</p> : null}
      {fitting.length > most ? (
        <button type="button" class="button" onClick={() => setMost(most + PAGE)}>
          {formatCount(Math.min(PAGE, fitting.length - most))} more of{' '}
          {formatCount(fitting.length - most)}
        </button>
      ) : null}
    </section>
  );
};
