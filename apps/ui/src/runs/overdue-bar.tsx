/** A command that goes on past its timeout: wait longer, end it, or leave it alone. */
import type { Run, RunExecution } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';
import { permissionsIn } from '../state/permissions.ts';
import { Announced } from '../ui/announced.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { overdueWords } from './overdue.ts';
import { useAct, type Act } from './use-act.ts';
import './overdue.css';

/** Somebody else has answered in the same moment, or it has ended: the page shows what has become of it. */
const STALE: ReadonlySet<string> = new Set(['run_over', 'wrong_state']);

export const OverdueBar = ({
  run,
  execution,
  kill,
}: {
  readonly run: Run;
  readonly execution: RunExecution;
  readonly kill: Act;
}): JSX.Element => {
  const { session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  const place = useRef<HTMLDivElement>(null);
  const path = `/v1/runs/${encodeURIComponent(run.id)}/executions/${encodeURIComponent(execution.id)}/timeout`;
  // The buttons are about to go: whoever is at the keyboard stays where they were.
  const stay = (): void => place.current?.focus();
  const wait = useAct(async () => session.api.send('POST', path, { action: 'wait' }), stay);
  const leave = useAct(async () => session.api.send('POST', path, { action: 'leave' }), stay);
  const words = overdueWords(run, execution);
  const isBusy = wait.isBusy || leave.isBusy || kill.isBusy;
  const problem = wait.problem ?? leave.problem;
  const isStale = problem !== undefined && STALE.has(problem.code);
  return (
    <div ref={place} tabIndex={-1} class="run-overdue-place">
      <Announced subject={words ?? ''} words={words ?? ''} />
      {words === undefined ? null : (
        <div class="run-overdue" role="group" aria-label="It runs past its timeout">
          <span class="run-overdue-words">{words}</span>
          {runCommands ? (
            <span class="run-tools">
              <button type="button" class="button" disabled={isBusy} onClick={wait.act}>
                Wait another {formatDuration(run.timeout_seconds)}
              </button>
              <button
                type="button"
                class="button button-danger"
                title="TERM to all of its processes, and KILL after 3 s"
                disabled={isBusy}
                onClick={() => {
                  kill.act();
                  stay();
                }}
              >
                Kill
              </button>
              <button type="button" class="button" disabled={isBusy} onClick={leave.act}>
                Leave it running
              </button>
            </span>
          ) : null}
        </div>
      )}
      {problem === undefined || isStale ? null : <ProblemNote problem={problem} />}
    </div>
  );
};
