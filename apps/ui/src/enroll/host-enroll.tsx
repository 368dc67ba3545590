/** Brings an agent onto a hypervisor: one command, and each step as it happens. */
import type { Host } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { MANAGER_PATH, type ManagerInfo } from '../state/manager-info.ts';
import { useAnswer } from '../state/use-answer.ts';
import { CopyBlock } from '../ui/copy-block.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { EnrollProgress } from './enroll-progress.tsx';
import { deployLine } from './install-lines.ts';
import { OfferProblem } from './offer-problem.tsx';
import { OfferView } from './offer-view.tsx';
import { useHostEnrollment } from './use-enrollment.ts';
import { useOffer } from './use-offer.ts';
import '../ui/form.css';
import './enroll.css';

export const HostEnroll = ({ host }: { readonly host: Host }): JSX.Element => {
  const answer = useHostEnrollment(host.id);
  const { offer, problem, isBusy, state, make } = useOffer({ kind: 'host', id: host.id }, answer);
  const { value: manager } = useAnswer<ManagerInfo>(MANAGER_PATH);
  const managerUrl = (manager?.public_url ?? window.location.origin).replace(/\/+$/u, '');
  return (
    <div class="enroll enroll-narrow">
      <div class="enroll-ways">
        <p class="secondary">
          Paste it into a shell of root on <b class="list-name">{host.name}</b>. It checks what it
          downloads, runs with the few rights that looking at VMMs takes, and running it again does
          no harm.
        </p>
        {offer === undefined ? (
          <div class="enroll-buttons">
            <button
              type="button"
              class="button button-primary"
              aria-disabled={isBusy}
              onClick={() => make('command')}
            >
              {host.agent === null ? 'Make the command' : 'Make a command to enrol it again'}
            </button>
          </div>
        ) : null}
        {problem === undefined ? (
          <OfferView
            id={host.id}
            made={offer?.made}
            state={state}
            isBusy={isBusy}
            onRenew={offer === undefined ? undefined : () => make('command')}
          />
        ) : (
          <OfferProblem problem={problem} />
        )}
        <details class="enroll-help">
          <summary>Over ssh, from a clone of the repository</summary>
          <CopyBlock
            label="the script over ssh"
            text={`${deployLine(managerUrl, host.id, `root@${host.address}`)} --role host`}
          />
        </details>
      </div>
      {answer.value === undefined ? (
        answer.problem === undefined ? null : (
          <ProblemNote problem={answer.problem} onRetry={answer.reload} />
        )
      ) : (
        <EnrollProgress enrollment={answer.value} />
      )}
    </div>
  );
};
