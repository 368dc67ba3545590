/** What can be done with the selected VMs: take their ids along, or let them go. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { formatSelection } from '../../state/selection.ts';
import { copyText } from '../../ui/copy-text.ts';
import { Icon } from '../../ui/icons.tsx';
import { selectionChange } from './fleet-query.ts';

const SAID_MS = 2_000;
/** So many VMs' logs fit into one view. */
const MOST_LOGS = 10;

export const SelectionTools = ({
  selected,
}: {
  /** Keys of VMs, some of which may be gone meanwhile. */
  readonly selected: ReadonlySet<number>;
}): JSX.Element => {
  const { fleet, navigation, session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const ids = fleet.all().flatMap(({ member }) => (selected.has(member.key) ? [member.id] : []));
  const logsHref = `/logs?${new URLSearchParams(ids.slice(0, MOST_LOGS).map((id) => ['vm', id])).toString()}`;
  const copyIds = async (): Promise<void> => {
    const text = ids.join('\n');
    const isCopied = await copyText(text);
    if (!isCopied) window.prompt('Ids of the selected VMs', text);
    setCopied(isCopied);
  };
  return (
    <>
      <span class="secondary" role="status">
        {selected.size} {copied ? 'copied' : 'selected'}
      </span>
      {runCommands ? (
        <a class="button" href={`/runs/new?sel=${formatSelection(selected) ?? ''}`}>
          <Icon name="terminal" />
          Run…
        </a>
      ) : null}
      {runCommands ? (
        <a class="button" href={`/updates?dialog=start&sel=${formatSelection(selected) ?? ''}`}>
          <Icon name="upgrade" />
          Update…
        </a>
      ) : null}
      <a class="button" href={logsHref}>
        <Icon name="lines" />
        Logs
      </a>
      <button type="button" class="button" onClick={() => void copyIds()}>
        <Icon name={copied ? 'check' : 'copy'} />
        Copy ids
      </button>
      <button
        type="button"
        class="button"
        onClick={() => navigation.setQuery(selectionChange(new Set()), { replace: true })}
      >
        Clear
      </button>
    </>
  );
};
