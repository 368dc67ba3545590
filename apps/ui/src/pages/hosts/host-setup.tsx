/** How a registered host comes to answer: its agent's configuration, and how to start it. */
import type { Host } from '@innkeeper/protocol';
import type { JSX } from 'preact';
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

export const HostSetup = ({ host }: { readonly host: Host }): JSX.Element => {
  const { value, problem, reload } = useAnswer<ManagerInfo>(MANAGER_PATH);
  return (
    <div class="form">
      <p class="secondary">
        <code class="mono">npm run build</code> makes{' '}
        <code class="mono">apps/guest-agent/dist/guest-agent.mjs</code>. Copy it to{' '}
        <b class="list-name">{host.name}</b> and put this into{' '}
        <code class="mono">/etc/guest-agent/config.json</code> there.{' '}
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
