/** How a registered host comes to answer: its agent's configuration, and how to start it. */
import type { Host } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { MANAGER_PATH, type ManagerInfo } from '../../state/manager-info.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { agentConfig } from './agent-config.ts';
import { HOST_STATE_WORDS, HostMark } from './host-mark.tsx';
import { HOST_ADVICE } from './host-advice.ts';

const START = 'sudo node guest-agent.mjs --config /etc/guest-agent/config.json';

const StateLine = ({ status }: Pick<Host, 'status'>): JSX.Element => {
  const advice = status.reason === null ? undefined : HOST_ADVICE[status.reason];
  return (
    <p class="host-setup-state" role="status">
      <HostMark state={status.state} />
      <span>
        It {HOST_STATE_WORDS[status.state]}
        {advice === undefined ? '.' : `: ${advice.why}. ${advice.next}`}
      </span>
    </p>
  );
};

export const HostSetup = ({ host }: { readonly host: Host }): JSX.Element => {
  const { value, problem, reload } = useAnswer<ManagerInfo>(MANAGER_PATH);
  return (
    <div class="form">
      <p class="secondary">
        Copy <code class="mono">guest-agent.mjs</code> to <b class="list-name">{host.name}</b> and
        put this into <code class="mono">/etc/guest-agent/config.json</code> there.{' '}
        <code class="mono">vm_id</code> says which host it is, and{' '}
        <code class="mono">manager_keys</code> whose requests it accepts.
      </p>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {value === undefined ? null : (
        <CopyBlock label="the configuration" text={agentConfig(host, value)} />
      )}
      <p class="secondary">Then start it, as root so that it may look at every VMM:</p>
      <CopyBlock label="the command" text={START} />
      <StateLine status={host.status} />
    </div>
  );
};
