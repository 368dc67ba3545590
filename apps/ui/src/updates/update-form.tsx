/** Which agents are to be updated, and in which stages. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { RunTargets } from '../runs/run-targets.tsx';
import { useAct } from '../runs/use-act.ts';
import { useTargets } from '../runs/use-targets.ts';
import { formatSelection } from '../state/selection.ts';
import { Field } from '../ui/field.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { isUpdatable } from './agent-versions.ts';
import { checkUpdate, FIRST_UPDATE, type CheckedUpdate } from './update-draft.ts';

const FIELDS = [
  { name: 'canary', label: 'These first', placeholder: 'none', hint: 'A number, or labels.' },
  { name: 'concurrency', label: 'At one time', placeholder: '10', hint: undefined },
  { name: 'maxFailures', label: 'End after failures', placeholder: 'never', hint: undefined },
] as const;

const Everyone = ({ version }: { readonly version: string }): JSX.Element | null => {
  const { fleet, navigation } = useApp();
  const older = fleet.all().filter((vm) => isUpdatable(vm, version));
  if (older.length === 0) return null;
  const sel = formatSelection(older.map(({ member }) => member.key));
  return (
    <button
      type="button"
      class="button update-everyone"
      onClick={() => navigation.setQuery({ sel, labels: null }, { replace: true })}
    >
      All {formatCount(older.length)} that are another version
    </button>
  );
};

export const UpdateForm = ({
  version,
  onClose,
}: {
  readonly version: string;
  readonly onClose: () => void;
}): JSX.Element => {
  const { navigation, session } = useApp();
  const targets = useTargets();
  const [draft, setDraft] = useState(FIRST_UPDATE);
  const [wrong, setWrong] = useState<(CheckedUpdate & { readonly ok: false }) | undefined>();
  const [isNobody, setNobody] = useState(false);
  const begin = useAct(
    async () => {
      const checked = checkUpdate(draft);
      const how = checked.ok ? checked.how : {};
      const body = { ...how, targets: targets.body };
      return session.api.send<{ readonly update_id: string }>('POST', '/v1/updates', body);
    },
    ({ update_id: id }) => navigation.go(`/updates/${id}`),
  );
  const submit = (event: Event): void => {
    event.preventDefault();
    const checked = checkUpdate(draft);
    setWrong(checked.ok ? undefined : checked);
    setNobody(targets.vms.length === 0);
    if (checked.ok && targets.vms.length > 0) begin.act();
  };
  const change = (changed: Partial<typeof draft>): void => {
    setWrong(undefined);
    setDraft({ ...draft, ...changed });
  };
  return (
    <form class="form" onSubmit={submit} noValidate>
      <p class="secondary">
        Each agent gets <b>{version}</b>, tries it, and goes back by itself where it does not stay
        up. Charts have a gap of a few seconds; while commands run on a VM, it waits.
      </p>
      <RunTargets
        targets={targets}
        problem={isNobody && targets.vms.length === 0 ? 'Choose at least one VM.' : undefined}
      />
      <Everyone version={version} />
      <div class="update-fields">
        {FIELDS.map(({ name, label, placeholder, hint }) => (
          <Field
            key={name}
            label={label}
            hint={hint}
            problem={wrong?.field === name ? wrong.message : undefined}
          >
            {(ids) => (
              <input
                {...ids}
                class="input"
                autocomplete="off"
                maxLength={name === 'canary' ? 200 : 5}
                placeholder={placeholder}
                value={draft[name]}
                onInput={(event) => change({ [name]: event.currentTarget.value })}
              />
            )}
          </Field>
        ))}
      </div>
      <label class="update-older">
        <input
          type="checkbox"
          checked={draft.allowDowngrade}
          onChange={(event) => change({ allowDowngrade: event.currentTarget.checked })}
        />
        Also where that is an older version
      </label>
      {begin.problem === undefined ? null : <ProblemNote problem={begin.problem} />}
      <div class="form-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="button button-primary" disabled={begin.isBusy}>
          Update {targets.vms.length === 0 ? '' : formatCount(targets.vms.length)}
        </button>
      </div>
    </form>
  );
};
