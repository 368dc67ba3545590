/** Says that another machine has the key of this VM's agent, and what to do about it. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { enrollmentPath } from '../../enroll/enrollee.ts';
import { useEnrollment } from '../../enroll/use-enrollment.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { useAct } from '../../runs/use-act.ts';
import { useVm } from './vm-stores.ts';

export const CloneNotice = (): JSX.Element | null => {
  const { session, time } = useApp();
  const { id } = useVm();
  const answer = useEnrollment(id, { subscribes: false, asksAgain: false });
  const path = enrollmentPath({ kind: 'vm', id });
  const forget = useAct(async () => session.api.send('DELETE', path), answer.reload);
  const clone = answer.value?.clone ?? null;
  if (clone === null) return null;
  const { changeVms } = permissionsIn(session.state.value);
  return (
    <div class="vm-notice" data-state="stale" role="alert">
      <StateMark state="stale" />
      <p>
        <b>Another machine has the key of this VM’s agent</b>: {clone.hostname ?? 'a machine'}
        {clone.remote_address === null ? null : (
          <>
            , from <span class="mono">{clone.remote_address}</span>
          </>
        )}
        , at {time.short(clone.at)}. One disk is a copy of the other, and what you see is of the
        machine that was enrolled. To make the copy a VM of its own, add it and use its command
        there; if the machine that was enrolled is gone for good, enrol the other one again.
        {forget.problem === undefined ? null : (
          <span class="problem" role="alert">
            {' '}
            {forget.problem.message}
          </span>
        )}
      </p>
      {changeVms ? (
        <>
          <a class="button" href={`/vms/${encodeURIComponent(id)}?tab=settings`}>
            Enrol again
          </a>
          <button
            type="button"
            class="button vm-notice-next"
            aria-disabled={forget.isBusy}
            onClick={forget.act}
          >
            It is gone
          </button>
        </>
      ) : null}
    </div>
  );
};
