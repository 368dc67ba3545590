/** Which scripts for provisioning a new VM gets, by its labels. */
import type { Provisioning } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatLabels, parseLabels } from '../../format/labels.ts';
import { whenWords } from '../../provision/provision-words.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { choose, isChosen, scriptChoices, unchoose, type ScriptChoice } from './script-choice.ts';

const MAX_SCRIPTS = 500;

const By = ({ by }: Pick<ScriptChoice, 'by'>): JSX.Element =>
  by.kind === 'labels' ? (
    <>
      adds <code class="mono">{formatLabels(by.labels, ', ')}</code>
    </>
  ) : (
    <>on all VMs</>
  );

/** Whether they run, nobody can choose here. */
const Rules = ({ choices }: { readonly choices: readonly ScriptChoice[] }): JSX.Element | null => {
  const rules = choices.flatMap(({ id, name, by }) =>
    by.kind === 'rule' ? [{ id, name, selector: by.selector }] : [],
  );
  if (rules.length === 0) return null;
  return (
    <p class="field-hint">
      Its labels decide about{' '}
      {rules.map(({ id, name, selector }, index) => (
        <span key={id}>
          {index === 0 ? '' : ', '}
          <span class="list-name">{name}</span> (<code class="mono">{selector}</code>)
        </span>
      ))}
      .
    </p>
  );
};

export const ScriptFields = ({
  labels: text,
  onLabels,
}: {
  readonly labels: string;
  readonly onLabels: (labels: string) => void;
}): JSX.Element | null => {
  const { session } = useApp();
  const { manageProvisioning } = permissionsIn(session.state.value);
  const path = manageProvisioning ? `/v1/provisioning?limit=${MAX_SCRIPTS}` : undefined;
  const { value } = useAnswer<{ readonly items: readonly Provisioning[] }>(path);
  const choices = scriptChoices(value?.items ?? []);
  if (choices.length === 0) return null;
  const chosen = choices.filter(({ by }) => by.kind !== 'rule');
  const parsed = parseLabels(text);
  const labels = parsed.ok ? parsed.labels : {};
  const change = ({ id, by }: ScriptChoice, isOn: boolean): void => {
    if (by.kind !== 'labels') return;
    const others = choices.flatMap((one) =>
      one.id !== id && one.by.kind === 'labels' ? [one.by.labels] : [],
    );
    const next = isOn ? choose(by.labels, labels) : unchoose(by.labels, labels, others);
    onLabels(formatLabels(next, ', '));
  };
  return (
    <fieldset class="choices add-scripts">
      <legend>Scripts that run once it has enrolled</legend>
      {chosen.map((choice) => (
        <label key={choice.id}>
          <input
            type="checkbox"
            disabled={choice.by.kind !== 'labels' || !parsed.ok}
            checked={
              choice.by.kind === 'any' ||
              (choice.by.kind === 'labels' && isChosen(choice.by.labels, labels))
            }
            onChange={(event) => change(choice, event.currentTarget.checked)}
          />
          <span>
            <span class="list-name">{choice.name}</span>{' '}
            <span class="muted">
              {whenWords(choice.when)}, <By by={choice.by} />
            </span>
          </span>
        </label>
      ))}
      <Rules choices={choices} />
    </fieldset>
  );
};
