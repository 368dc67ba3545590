/** The scripts that run on a VM once it has enrolled. */
import type { Provisioning } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { whenWords } from '../provision/provision-words.ts';
import { permissionsIn } from '../state/permissions.ts';
import { useAnswer } from '../state/use-answer.ts';
import { scriptsToRun } from './scripts-to-run.ts';

const MAX_SCRIPTS = 500;

export const ScriptList = ({ vmId }: { readonly vmId: string }): JSX.Element | null => {
  const { session } = useApp();
  const { manageProvisioning } = permissionsIn(session.state.value);
  const path = manageProvisioning ? `/v1/provisioning?limit=${MAX_SCRIPTS}` : undefined;
  const { value } = useAnswer<{ readonly items: readonly Provisioning[] }>(path);
  if (value === undefined) return null;
  const scripts = scriptsToRun(value.items, vmId);
  return (
    <>
      <h3>Scripts that run once it has enrolled</h3>
      {scripts.length === 0 ? (
        <p class="muted">There are none.</p>
      ) : (
        <ol class="enroll-scripts">
          {scripts.map(({ id, name, when, forLabels }) => (
            <li key={id}>
              <span class="list-name">{name}</span>{' '}
              <span class="muted">
                {whenWords(when)}
                {forLabels === undefined ? ', on this VM' : ''}
                {forLabels === '' ? ', on all VMs' : ''}
                {forLabels === undefined || forLabels === '' ? null : (
                  <>
                    , if its labels fit <code class="mono">{forLabels}</code>
                  </>
                )}
              </span>
            </li>
          ))}
        </ol>
      )}
      <p>
        <a class="link" href="/provisioning">
          Scripts for provisioning
        </a>
      </p>
    </>
  );
};
