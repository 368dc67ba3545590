/** The dialogs of the page. Which one is open is in the address: `?dialog=edit&of=<host>`. */
import type { Host } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { HostForm } from './host-form.tsx';
import { HostSetup } from './host-setup.tsx';

export const HostDialogs = ({ hosts }: { readonly hosts: readonly Host[] }): JSX.Element => {
  const { hosts: store, navigation, session } = useApp();
  const { changeHosts } = permissionsIn(session.state.value);
  const { query } = navigation.place.value;
  const dialog = query.get('dialog');
  const host = hosts.find(({ id }) => id === query.get('of'));
  const close = (): void => {
    if (query.get('dialog') !== null) {
      navigation.setQuery({ dialog: null, of: null }, { replace: true });
    }
  };
  const registered = ({ id }: Host): void => {
    // What comes next is its agent; shown as soon as the list has it.
    void store.refresh().then(() => {
      navigation.setQuery({ dialog: 'setup', of: id }, { replace: true });
    });
  };
  const changed = (): void => {
    void store.refresh();
    close();
  };
  return (
    <>
      <Dialog open={dialog === 'register'} onClose={close} title="Register a host">
        <HostForm host={undefined} onSaved={registered} onCancel={close} />
      </Dialog>
      <Dialog
        open={dialog === 'setup' && host !== undefined}
        onClose={close}
        title="Set up its agent"
      >
        {host === undefined ? null : <HostSetup host={host} mayChange={changeHosts} />}
      </Dialog>
      <Dialog open={dialog === 'edit' && host !== undefined} onClose={close} title="Change a host">
        {host === undefined ? null : (
          <HostForm key={host.id} host={host} onSaved={changed} onCancel={close} />
        )}
      </Dialog>
      <ConfirmDialog
        open={dialog === 'remove' && host !== undefined}
        title="Remove this host?"
        action="Remove"
        act={async () => session.api.send('DELETE', `/v1/hosts/${host?.id ?? ''}`)}
        onDone={changed}
        onClose={close}
      >
        <b class="list-name">{host?.name}</b> is forgotten. Its VMs stay, without the host’s view of
        them.
      </ConfirmDialog>
    </>
  );
};
