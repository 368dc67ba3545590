/** The parts of a saved command of which there may be several: parameters and patterns. */
import type { JSX } from 'preact';
import { Icon } from '../ui/icons.tsx';
import {
  EMPTY_PARAMETER,
  EMPTY_PATTERN,
  type ParameterDraft,
  type PatternDraft,
} from './command-draft.ts';

const MOST_ROWS = 32;

interface RowsProps<Row> {
  readonly rows: readonly Row[];
  readonly onChange: (rows: readonly Row[]) => void;
}

const changed = <Row,>(rows: readonly Row[], at: number, change: Partial<Row>): readonly Row[] =>
  rows.map((row, index) => (index === at ? { ...row, ...change } : row));

const TextInput = ({
  label,
  value,
  placeholder,
  isDisabled = false,
  onInput,
}: {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly isDisabled?: boolean;
  readonly onInput: (text: string) => void;
}): JSX.Element => (
  <input
    class="input mono"
    aria-label={label}
    autocomplete="off"
    spellcheck={false}
    maxLength={500}
    placeholder={placeholder}
    disabled={isDisabled}
    value={value}
    onInput={(event) => onInput(event.currentTarget.value)}
  />
);

const RemoveButton = ({
  label,
  onClick,
}: {
  readonly label: string;
  readonly onClick: () => void;
}): JSX.Element => (
  <button
    type="button"
    class="button button-icon"
    aria-label={label}
    title={label}
    onClick={onClick}
  >
    <Icon name="trash" />
  </button>
);

const AddButton = ({
  text,
  count,
  onClick,
}: {
  readonly text: string;
  readonly count: number;
  readonly onClick: () => void;
}): JSX.Element => (
  <button type="button" class="button" disabled={count >= MOST_ROWS} onClick={onClick}>
    <Icon name="plus" />
    {text}
  </button>
);

export const ParameterRows = ({ rows, onChange }: RowsProps<ParameterDraft>): JSX.Element => (
  <fieldset class="command-rows">
    <legend>Parameters</legend>
    <p class="field-hint">
      {'{{name}} stands for the value, which is never read as code: in a script it is one word.'}
    </p>
    {rows.map((row, at) => {
      const set = (change: Partial<ParameterDraft>): void => onChange(changed(rows, at, change));
      const which = `of parameter ${at + 1}`;
      return (
        <div key={at} class="command-row">
          <TextInput
            label={`Name ${which}`}
            value={row.name}
            placeholder="name"
            onInput={(name) => set({ name })}
          />
          <TextInput
            label={`Description ${which}`}
            value={row.description}
            placeholder="what it is"
            onInput={(description) => set({ description })}
          />
          <TextInput
            label={`Default ${which}`}
            value={row.default}
            placeholder={row.isNeeded ? 'none' : 'empty'}
            isDisabled={row.isNeeded}
            onInput={(text) => set({ default: text })}
          />
          <label class="command-needed">
            <input
              type="checkbox"
              checked={row.isNeeded}
              onChange={(event) => set({ isNeeded: event.currentTarget.checked })}
            />
            needed
          </label>
          <RemoveButton
            label={`Remove parameter ${at + 1}`}
            onClick={() => onChange(rows.filter((_, index) => index !== at))}
          />
        </div>
      );
    })}
    <AddButton
      text="Add a parameter"
      count={rows.length}
      onClick={() => onChange([...rows, EMPTY_PARAMETER])}
    />
  </fieldset>
);

export const PatternRows = ({ rows, onChange }: RowsProps<PatternDraft>): JSX.Element => (
  <fieldset class="command-rows">
    <legend>Progress</legend>
    <p class="field-hint">
      {'Lines that say how far it is: {n} is a number, {m} what it counts up to, {*} anything.'}
    </p>
    {rows.map((row, at) => (
      <div key={at} class="command-row command-pattern">
        <TextInput
          label={`Pattern ${at + 1}`}
          value={row.pattern}
          placeholder="compiled {n} of {m} units"
          onInput={(pattern) => onChange(changed(rows, at, { pattern }))}
        />
        <TextInput
          label={`Phase of pattern ${at + 1}`}
          value={row.phase}
          placeholder="Compiling"
          onInput={(phase) => onChange(changed(rows, at, { phase }))}
        />
        <RemoveButton
          label={`Remove pattern ${at + 1}`}
          onClick={() => onChange(rows.filter((_, index) => index !== at))}
        />
      </div>
    ))}
    <AddButton
      text="Add a pattern"
      count={rows.length}
      onClick={() => onChange([...rows, EMPTY_PATTERN])}
    />
  </fieldset>
);
