/** How far a run or an update is, as a bar; the words beside it say the same. */
import type { JSX } from 'preact';

const PARTS = ['succeeded', 'failed', 'active', 'cancelled'] as const;

export const CountBar = ({
  counts,
}: {
  readonly counts: Readonly<Record<(typeof PARTS)[number] | 'queued', number>>;
}): JSX.Element => (
  <div class="run-counts" aria-hidden="true">
    {PARTS.map((part) =>
      counts[part] === 0 ? null : (
        <span key={part} data-part={part} style={{ flexGrow: counts[part] }} />
      ),
    )}
    {counts.queued === 0 ? null : <span style={{ flexGrow: counts.queued }} />}
  </div>
);
