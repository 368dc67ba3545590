/** From when to when, in the user's own time zone. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { VmRange } from '../../state/vm-range.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { useVm } from './vm-stores.ts';
import './vm-form.css';

const MINUTE_MS = 60_000;
const LONGEST_MS = 3_660 * 24 * 60 * MINUTE_MS;

/** As an input of the kind `datetime-local` takes it. */
const toInput = (time: number): string => {
  const local = time - new Date(time).getTimezoneOffset() * MINUTE_MS;
  return new Date(local).toISOString().slice(0, 19);
};

const problemOf = (from: number, to: number): string | undefined => {
  if (Number.isNaN(from) || Number.isNaN(to)) return 'Both moments are needed.';
  if (from >= to) return 'The range has to begin before it ends.';
  return to - from > LONGEST_MS ? 'That is longer than anything is kept.' : undefined;
};

const Form = ({ onChoose }: { readonly onChoose: (range: VmRange) => void }): JSX.Element => {
  const { view } = useVm();
  const [from, setFrom] = useState(() => toInput(view.span().from));
  const [to, setTo] = useState(() => toInput(view.span().to));
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <form
      class="vm-form"
      onSubmit={(event) => {
        event.preventDefault();
        const range = { kind: 'fixed', from: Date.parse(from), to: Date.parse(to) } as const;
        const wrong = problemOf(range.from, range.to);
        setProblem(wrong);
        if (wrong === undefined) onChoose(range);
      }}
    >
      <label class="field">
        From
        <input
          class="input"
          type="datetime-local"
          step="1"
          required
          value={from}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        To
        <input
          class="input"
          type="datetime-local"
          step="1"
          required
          value={to}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </label>
      <p class="muted vm-hint">Times are of {zone}. Dragging over a chart does the same.</p>
      {problem === undefined ? null : (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="vm-form-end">
        <button type="submit" class="button button-primary">
          Show
        </button>
      </div>
    </form>
  );
};

export const CustomRangeDialog = ({
  open,
  onClose,
  onChoose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onChoose: (range: VmRange) => void;
}): JSX.Element => (
  <Dialog open={open} onClose={onClose} title="Time range">
    <Form onChoose={onChoose} />
  </Dialog>
);
