/** For which VMs a script is: one of them, or those with some labels. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { Field } from '../ui/field.tsx';
import type { DraftProps } from './script-form.tsx';

const NEW_FOR_OLD =
  'One for the first boot runs on VMs that enrol from now on; on others when somebody says so there.';

export const ScriptTarget = ({ draft, change, problems }: DraftProps): JSX.Element => {
  const { fleet } = useApp();
  void fleet.membership.value;
  const vms = fleet
    .all()
    .map(({ member }) => member)
    .toSorted((left, right) => left.name.localeCompare(right.name));
  return (
    <div class="form-row">
      <Field label="For">
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={draft.target}
            onChange={({ currentTarget: { value } }) =>
              change({ target: value === 'vm' ? 'vm' : 'selector' })
            }
          >
            <option value="selector">VMs with these labels</option>
            <option value="vm">one VM</option>
          </select>
        )}
      </Field>
      {draft.target === 'vm' ? (
        <Field label="VM" problem={problems.of('vm_id')} hint={NEW_FOR_OLD}>
          {(ids) => (
            <select
              {...ids}
              class="input"
              required
              value={draft.vmId}
              onChange={(event) => change({ vmId: event.currentTarget.value })}
            >
              <option value="">Choose one</option>
              {vms.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
      ) : (
        <Field
          label="Labels"
          problem={problems.of('selector')}
          hint={`Empty: all VMs. ${NEW_FOR_OLD}`}
        >
          {(ids) => (
            <input
              {...ids}
              class="input mono"
              maxLength={1024}
              autocomplete="off"
              placeholder="env=prod,team in (web, db)"
              value={draft.selector}
              onInput={(event) => change({ selector: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
    </div>
  );
};
