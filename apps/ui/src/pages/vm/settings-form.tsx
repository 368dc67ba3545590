/** One setting: what it is, its fields, and the button; disabled with the reason where it must be. */
import type { ComponentChildren, JSX } from 'preact';
import type { ApiProblem } from '../../state/api.ts';
import { asSentence } from '../../ui/sentence.ts';
import type { Change } from './use-change.ts';
import './vm-form.css';

export const SettingsForm = ({
  title,
  why,
  change,
  problem,
  isChanged,
  action = 'Save',
  extra,
  onSave,
  children,
}: {
  readonly title: string;
  /** Why it cannot be changed; undefined: it can. */
  readonly why: string | undefined;
  readonly change: Change;
  /** What is about none of its fields. */
  readonly problem: ApiProblem | undefined;
  readonly isChanged: boolean;
  readonly action?: string;
  readonly extra?: ComponentChildren;
  readonly onSave: () => void;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <section class="vm-section">
    <h2>{title}</h2>
    <form
      class="vm-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (why === undefined && isChanged) onSave();
      }}
    >
      <fieldset disabled={why !== undefined || change.isBusy}>
        <legend class="visually-hidden">{title}</legend>
        {children}
        <div class="vm-form-end">
          <button type="submit" class="button button-primary" disabled={!isChanged}>
            {change.isBusy ? 'Saving' : action}
          </button>
          {extra}
          <span class="muted" role="status">
            {change.isDone && !isChanged ? 'Saved' : ''}
          </span>
        </div>
      </fieldset>
      {why === undefined ? null : <p class="muted vm-hint">{why}</p>}
      {problem === undefined ? null : (
        <p class="problem" role="alert">
          {asSentence(problem.message)}
        </p>
      )}
    </form>
  </section>
);
