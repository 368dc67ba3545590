/** How a registered host comes to answer: a command that enrols its agent, or a configuration. */
import type { Host } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { HostEnroll } from '../../enroll/host-enroll.tsx';
import { MANAGER_PATH, type ManagerInfo } from '../../state/manager-info.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { agentConfig } from './agent-config.ts';
import { hostSentence } from './host-advice.ts';
import { HostMark } from './host-mark.tsx';

const START = 'sudo node guest-agent.mjs --config /etc/guest-agent/config.json';

const StateLine = ({ status }: Pick<Host, 'status'>): JSX.Element => (
  <p class="host-setup-state" role="status">
    <HostMark state={status.state} />
    <span>{hostSentence(status)}</span>
  </p>
);

const ByHand = ({ host }: { readonly host: Host }): JSX.Element => {
  const { value, problem, reload } = useAnswer<ManagerInfo>(MANAGER_PATH);
  return (
    <details class="enroll-help">
      <summary>By hand, without a token</summary>
      <div class="form host-setup-hand">
        <p class="secondary">
          Put this into <code class="mono">/etc/guest-agent/config.json</code> there, beside the
          agent from <code class="mono">/download/guest-agent.mjs</code> of this manager.{' '}
          <code class="mono">vm_id</code> says which host it is, and{' '}
          <code class="mono">manager_keys</code> whose requests it accepts.
        </p>
        {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
        {value === undefined ? null : (
          <CopyBlock label="the configuration" text={agentConfig(host, value)} />
        )}
        <p class="secondary">Then start it, as root so that it may look at every VMM:</p>
        <CopyBlock label="the line that starts it" text={START} />
      </div>
    </details>
  );
};

export const HostSetup = ({
  host,
  mayChange,
}: {
  readonly host: Host;
  readonly mayChange: boolean;
}): JSX.Element => (
  <div class="form">
    {mayChange ? <HostEnroll key={host.id} host={host} /> : null}
    <StateLine status={host.status} />
    <ByHand host={host} />
  </div>
);
