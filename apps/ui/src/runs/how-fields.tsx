/** How a command goes over many VMs: how many at once, when it ends early, what of those that are off. */
import type { JSX } from 'preact';
import { Field } from '../ui/field.tsx';
import type { CheckedHow, HowDraft } from './how.ts';

const FIELDS = [
  { name: 'concurrency', label: 'At one time', placeholder: '50' },
  { name: 'canary', label: 'First on so many alone', placeholder: 'none' },
  { name: 'maxFailures', label: 'End after failures', placeholder: 'never' },
] as const;

export const HowFields = ({
  draft,
  wrong,
  onChange,
}: {
  readonly draft: HowDraft;
  readonly wrong: (CheckedHow & { readonly ok: false }) | undefined;
  readonly onChange: (changed: Partial<HowDraft>) => void;
}): JSX.Element => (
  <section class="section" aria-labelledby="run-how">
    <h2 class="section-title" id="run-how">
      How
    </h2>
    <div class="run-option-fields run-how">
      {FIELDS.map(({ name, label, placeholder }) => (
        <Field key={name} label={label} problem={wrong?.field === name ? wrong.message : undefined}>
          {(ids) => (
            <input
              {...ids}
              class="input"
              inputMode="numeric"
              autocomplete="off"
              maxLength={5}
              placeholder={placeholder}
              value={draft[name]}
              onInput={(event) => onChange({ [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      <Field label="Where the agent does not answer">
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={draft.offline}
            onChange={(event) =>
              onChange({ offline: event.currentTarget.value === 'wait' ? 'wait' : 'fail' })
            }
          >
            <option value="fail">fail at once</option>
            <option value="wait">try again for a time</option>
          </select>
        )}
      </Field>
      {draft.offline === 'wait' ? (
        <Field label="For" problem={wrong?.field === 'wait' ? wrong.message : undefined}>
          {(ids) => (
            <input
              {...ids}
              class="input"
              autocomplete="off"
              maxLength={20}
              placeholder="1h"
              value={draft.wait}
              onInput={(event) => onChange({ wait: event.currentTarget.value })}
            />
          )}
        </Field>
      ) : null}
    </div>
  </section>
);
