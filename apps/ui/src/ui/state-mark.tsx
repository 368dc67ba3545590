/** The state of a VM as a shape and a colour, so that neither has to be told from another alone. */
import type { VmState } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { STATE_WORDS } from './state-words.ts';

/** `attention`: what the numbers say on top of the state. */
export type Attention = 'critical' | 'warning' | undefined;

const shapeOf = (state: VmState, attention: Attention): JSX.Element => {
  if (state === 'down') {
    return <circle cx="7" cy="7" r="3.6" fill="none" stroke="var(--off)" stroke-width="1.6" />;
  }
  if (state === 'stale' || state === 'unknown') {
    const colour = state === 'stale' ? 'var(--warn)' : 'var(--off)';
    return (
      <circle
        cx="7"
        cy="7"
        r="4"
        fill="none"
        stroke={colour}
        stroke-width="1.8"
        stroke-dasharray="2.4 1.8"
      />
    );
  }
  if (attention === 'critical') return <path d="M7 1l6 6-6 6-6-6z" fill="var(--crit)" />;
  if (attention === 'warning') return <path d="M7 1.5L13 12H1z" fill="var(--warn)" />;
  if (state === 'degraded') {
    return (
      <>
        <circle cx="7" cy="7" r="4" fill="none" stroke="var(--warn)" stroke-width="1.6" />
        <path d="M7 3a4 4 0 0 1 0 8z" fill="var(--warn)" />
      </>
    );
  }
  return <circle cx="7" cy="7" r="4" fill="var(--ok)" />;
};

export const StateMark = ({
  state,
  attention,
}: {
  readonly state: VmState;
  readonly attention?: Attention;
}): JSX.Element => (
  <svg class="state-mark" width="14" height="14" viewBox="0 0 14 14" role="img">
    <title>
      {attention === undefined ? STATE_WORDS[state] : `${STATE_WORDS[state]}, ${attention}`}
    </title>
    {shapeOf(state, attention)}
  </svg>
);
