/** How a run or an execution stands, as a shape and a colour, so that neither is told by one alone. */
import type { JSX } from 'preact';
import type { MarkKind } from './execution-words.ts';

const SHAPES: Readonly<Record<MarkKind, JSX.Element>> = {
  waiting: (
    <circle
      cx="7"
      cy="7"
      r="4"
      fill="none"
      stroke="var(--off)"
      stroke-width="1.8"
      stroke-dasharray="2.4 1.8"
    />
  ),
  active: <path d="M4 2.5l7 4.5-7 4.5z" fill="var(--accent)" />,
  paused: <path d="M5 3v8M9 3v8" fill="none" stroke="var(--warn)" stroke-width="2" />,
  good: (
    <path
      d="M3 7.5l2.8 2.8L11 4.5"
      fill="none"
      stroke="var(--ok)"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  ),
  bad: <path d="M7 1l6 6-6 6-6-6z" fill="var(--crit)" />,
  unsure: <path d="M7 1.5L13 12H1z" fill="var(--warn)" />,
  off: <circle cx="7" cy="7" r="3.6" fill="none" stroke="var(--off)" stroke-width="1.6" />,
};

/** `title` undefined: the words stand beside it. */
export const ExecutionMark = ({
  kind,
  title,
}: {
  readonly kind: MarkKind;
  readonly title?: string;
}): JSX.Element => (
  <svg
    class="state-mark run-mark"
    width="14"
    height="14"
    viewBox="0 0 14 14"
    data-kind={kind}
    {...(title === undefined ? { 'aria-hidden': 'true' } : { role: 'img' })}
  >
    {title === undefined ? null : <title>{title}</title>}
    {SHAPES[kind]}
  </svg>
);
