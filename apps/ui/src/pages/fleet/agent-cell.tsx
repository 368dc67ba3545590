/** Which version a VM's agent is, and how an update of it goes. */
import type { FleetMember } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { UNKNOWN_FIGURE } from '../../format/quantity.ts';
import { ExecutionMark } from '../../runs/execution-mark.tsx';
import { stepMark, stepWords } from '../../updates/update-words.ts';

export const AgentCell = ({
  member: { agent_version: version, agent_update: update },
}: {
  readonly member: FleetMember;
}): JSX.Element => (
  <div role="cell" class="col-agent secondary">
    {update === null ? null : (
      <ExecutionMark kind={stepMark(update)} title={`Update: ${stepWords(update)}`} />
    )}
    {version === null ? (
      <span title="Its agent has not said which version it is">{UNKNOWN_FIGURE}</span>
    ) : (
      <span class="mono">{version}</span>
    )}
  </div>
);
