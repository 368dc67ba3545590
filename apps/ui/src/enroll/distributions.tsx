/** What to paste on each distribution; which one is looked at stands in the address. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { CopyBlock } from '../ui/copy-block.tsx';
import { Field } from '../ui/field.tsx';
import { DISTRIBUTIONS, findDistribution, type Distribution } from './distribution-help.ts';

const Steps = ({ distribution }: { readonly distribution: Distribution }): JSX.Element => (
  <ol class="enroll-distribution">
    {distribution.steps.map(({ text, line }, index) => (
      <li key={text}>
        <p class="secondary">{text}</p>
        {line === undefined ? null : (
          <CopyBlock label={`line ${index + 1} for ${distribution.name}`} text={line} />
        )}
      </li>
    ))}
  </ol>
);

export const Distributions = (): JSX.Element => {
  const { navigation } = useApp();
  const distribution = findDistribution(navigation.place.value.query.get('os'));
  return (
    <details class="enroll-help" open={distribution !== undefined}>
      <summary>By distribution</summary>
      <div class="form enroll-distributions">
        <Field label="What runs in the VM">
          {(ids) => (
            <select
              {...ids}
              class="input"
              value={distribution?.id ?? ''}
              onChange={(event) => {
                const os = event.currentTarget.value;
                navigation.setQuery({ os: os === '' ? null : os }, { replace: true });
              }}
            >
              <option value="">Choose one</option>
              {DISTRIBUTIONS.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        {distribution === undefined ? null : <Steps distribution={distribution} />}
        <p class="muted">
          On other machines than x64: for arm64 the manager may have a binary too. Where it has
          none, the agent is one file for Node 18.15 and newer, which must be installed before.
        </p>
      </div>
    </details>
  );
};
