/** A labelled input with its hint and, after a refusal, what was wrong with it. */
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

export interface FieldIds {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

export const Field = ({
  label,
  hint,
  problem,
  children,
}: {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly problem?: string | undefined;
  /** Makes the input, which takes these attributes. */
  readonly children: (ids: FieldIds) => JSX.Element;
}): JSX.Element => {
  const id = useId();
  const hintId = `${id}-hint`;
  const problemId = `${id}-problem`;
  const described = [
    hint === undefined ? [] : [hintId],
    problem === undefined ? [] : [problemId],
  ].flat();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        'aria-describedby': described.length === 0 ? undefined : described.join(' '),
        'aria-invalid': problem !== undefined,
      })}
      {problem === undefined ? null : (
        <p id={problemId} class="problem" role="alert">
          {problem}
        </p>
      )}
      {hint === undefined ? null : (
        <p id={hintId} class="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
};
