/** Asks before something that cannot be taken back, and says what the manager answered. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ApiProblem, ApiResult } from '../state/api.ts';
import { Dialog } from './dialog.tsx';
import { ProblemNote } from './problem-note.tsx';

export const ConfirmDialog = ({
  open,
  title,
  action,
  children,
  act,
  onDone,
  onClose,
}: {
  readonly open: boolean;
  readonly title: string;
  /** The verb on the button. */
  readonly action: string;
  readonly children: ComponentChildren;
  readonly act: () => Promise<ApiResult<unknown>>;
  readonly onDone: () => void;
  readonly onClose: () => void;
}): JSX.Element => {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  useEffect(() => {
    if (open) setProblem(undefined);
  }, [open]);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    const result = await act();
    setBusy(false);
    if (result.ok) onDone();
    else setProblem(result.problem);
  };
  return (
    <Dialog open={open} onClose={onClose} title={title}>
      <div class="form">
        <div class="secondary">{children}</div>
        {problem === undefined ? null : <ProblemNote problem={problem} />}
        <div class="form-actions">
          <button type="button" class="button" onClick={onClose}>
            Keep
          </button>
          <button
            type="button"
            class="button button-danger"
            disabled={busy}
            onClick={() => void confirm()}
          >
            {action}
          </button>
        </div>
      </div>
    </Dialog>
  );
};
