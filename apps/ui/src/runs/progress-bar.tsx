/** How far a command is, as far as it says so. */
import type { Progress } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { formatCount } from '../format/count.ts';

const countText = ({ done, total }: Progress): string => {
  if (done === null) return '';
  return total === null ? formatCount(done) : `${formatCount(done)} of ${formatCount(total)}`;
};

export const ProgressBar = ({ progress }: { readonly progress: Progress }): JSX.Element => {
  const { phase, done, total } = progress;
  return (
    <div class="run-progress">
      <span class="run-phase">{phase}</span>
      {done !== null && total !== null && total > 0 ? (
        <progress value={Math.min(done, total)} max={total} aria-label={phase} />
      ) : null}
      <span class="secondary">{countText(progress)}</span>
    </div>
  );
};
