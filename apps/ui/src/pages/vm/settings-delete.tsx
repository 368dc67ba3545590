/** Deleting a VM takes its history with it, so its name has to be typed. */
import type { Vm } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icons.tsx';
import type { Rights } from './rights.ts';
import { useChange } from './use-change.ts';

const Confirmation = ({ vm }: { readonly vm: Vm }): JSX.Element => {
  const { navigation } = useApp();
  const change = useChange();
  const [typed, setTyped] = useState('');
  const remove = async (): Promise<void> => {
    const result = await change.send('DELETE', `/v1/vms/${encodeURIComponent(vm.id)}`);
    if (result.ok) navigation.go('/', { replace: true });
  };
  return (
    <form
      class="vm-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed === vm.name) void remove();
      }}
    >
      <p>
        The manager forgets <b>{vm.name}</b>, its address, its events and all that was measured. The
        VM itself is left alone. This cannot be undone.
      </p>
      <label class="field">
        Type its name
        <input
          class="input"
          value={typed}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      {change.problem === undefined ? null : (
        <p class="problem" role="alert">
          {change.problem.message}
        </p>
      )}
      <div class="vm-form-end">
        <button
          type="submit"
          class="button button-danger"
          disabled={typed !== vm.name || change.isBusy}
        >
          <Icon name="trash" />
          {change.isBusy ? 'Deleting' : 'Delete for good'}
        </button>
      </div>
    </form>
  );
};

export const SettingsDelete = ({
  vm,
  rights,
}: {
  readonly vm: Vm;
  readonly rights: Rights;
}): JSX.Element => {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <section class="vm-section">
      <h2>Delete</h2>
      <div class="vm-form">
        <p class="secondary vm-hint">
          {rights.remove ?? 'Forgets the VM, its address and its whole history.'}
        </p>
        <div>
          <button
            type="button"
            class="button button-danger"
            disabled={rights.remove !== undefined}
            aria-haspopup="dialog"
            onClick={() => setIsOpen(true)}
          >
            <Icon name="trash" />
            Delete this VM
          </button>
        </div>
      </div>
      <Dialog open={isOpen} onClose={() => setIsOpen(false)} title="Delete this VM">
        <Confirmation vm={vm} />
      </Dialog>
    </section>
  );
};
