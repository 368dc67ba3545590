/** The scripts that run when VMs enrol or start, in their order. */
import type { Provisioning } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { permissionsIn } from '../state/permissions.ts';
import { useAnswer } from '../state/use-answer.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { ForbiddenNote, ProblemNote } from '../ui/problem-note.tsx';
import { targetWords, whenWords } from './provision-words.ts';
import { ScriptForm } from './script-form.tsx';
import '../ui/form.css';
import '../ui/list.css';
import './provision.css';

const REFRESH_MS = 30_000;
/** All that there can be. */
const PATH = '/v1/provisioning?limit=500';

interface Scripts {
  readonly items: readonly Provisioning[];
}

const Row = ({ script }: { readonly script: Provisioning }): JSX.Element => {
  const { navigation, fleet } = useApp();
  void fleet.membership.value;
  const nameOf = (id: string): string | undefined => fleet.get(id)?.member.name;
  const open = (dialog: string): void => navigation.setQuery({ dialog, of: script.id });
  return (
    <tr>
      <td class="list-wide">
        <span class="list-name">{script.name}</span>
        {script.description === '' ? null : <div class="list-sub">{script.description}</div>}
      </td>
      <td data-name="Order">{script.order}</td>
      <td data-name="Runs">
        {script.enabled ? whenWords(script.when) : <span class="muted">off</span>}
      </td>
      <td data-name="For" class="list-wide">
        <span class="list-break">{targetWords(script, nameOf)}</span>
      </td>
      <td class="list-wide">
        <div class="list-actions">
          <button
            type="button"
            class="button button-icon"
            title="Edit"
            aria-label={`Edit ${script.name}`}
            onClick={() => open('edit')}
          >
            <Icon name="edit" />
          </button>
          <button
            type="button"
            class="button button-icon"
            title="Delete"
            aria-label={`Delete ${script.name}`}
            onClick={() => open('delete')}
          >
            <Icon name="trash" />
          </button>
        </div>
      </td>
    </tr>
  );
};

const Table = ({ items }: Scripts): JSX.Element => (
  <div class="list-box panel">
    <table class="list" aria-label="Scripts for provisioning">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Order</th>
          <th scope="col">Runs</th>
          <th scope="col">For</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((script) => (
          <Row key={script.id} script={script} />
        ))}
      </tbody>
    </table>
  </div>
);

const Dialogs = ({ items, reload }: Scripts & { readonly reload: () => void }): JSX.Element => {
  const { navigation, session } = useApp();
  const { query } = navigation.place.value;
  const dialog = query.get('dialog');
  const script = items.find(({ id }) => id === query.get('of'));
  const isEdit = dialog === 'edit' && script !== undefined;
  const close = (): void => {
    if (query.get('dialog') !== null) {
      navigation.setQuery({ dialog: null, of: null }, { replace: true });
    }
  };
  const done = (): void => {
    reload();
    close();
  };
  return (
    <>
      <Dialog
        open={dialog === 'create' || isEdit}
        onClose={close}
        title={isEdit ? 'Edit a script' : 'Add a script'}
      >
        <ScriptForm script={isEdit ? script : undefined} onSaved={done} onClose={close} />
      </Dialog>
      <ConfirmDialog
        open={dialog === 'delete' && script !== undefined}
        title="Delete this script?"
        action="Delete"
        act={async () => session.api.send('DELETE', `/v1/provisioning/${script?.id ?? ''}`)}
        onDone={done}
        onClose={close}
      >
        <b class="list-name">{script?.name}</b> will run nowhere any more. What it did stays known.
      </ConfirmDialog>
    </>
  );
};

const Content = (): JSX.Element => {
  const { value, problem, reload } = useAnswer<Scripts>(PATH, REFRESH_MS);
  return (
    <>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {value === undefined && problem === undefined ? (
        <p class="muted" role="status">
          Loading the scripts
        </p>
      ) : null}
      {value?.items.length === 0 ? (
        <div class="empty">
          <h2>No scripts</h2>
          <p>
            A script runs once on each VM, or at each of its starts, in order. What runs is on the
            VM’s page.
          </p>
        </div>
      ) : null}
      {value === undefined || value.items.length === 0 ? null : <Table items={value.items} />}
      <Dialogs items={value?.items ?? []} reload={reload} />
    </>
  );
};

export const ScriptsPage = (): JSX.Element => {
  const { navigation, session } = useApp();
  const { manageProvisioning } = permissionsIn(session.state.value);
  const act = (): void => navigation.setQuery({ dialog: 'create' });
  return (
    <div class="page">
      <PageHead
        title="Provisioning"
        action={manageProvisioning ? { text: 'Add a script', act } : undefined}
      />
      {manageProvisioning ? (
        <Content />
      ) : (
        <ForbiddenNote>
          Scripts for provisioning run on all VMs, and are for operators of all VMs.
        </ForbiddenNote>
      )}
    </div>
  );
};
