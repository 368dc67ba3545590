/** How a host's agent is doing, as a shape and a colour. */
import type { Host } from '@innkeeper/protocol';
import type { JSX } from 'preact';

export type HostState = Host['status']['state'];

const HOST_STATE_WORDS = {
  up: 'answers',
  // Something may well answer there, only not as the host's agent.
  down: 'no data',
  unknown: 'not asked yet',
} as const satisfies Readonly<Record<HostState, string>>;

const shapeOf = (state: HostState): JSX.Element => {
  if (state === 'up') return <circle cx="7" cy="7" r="4" fill="var(--ok)" />;
  if (state === 'down') return <path d="M7 1l6 6-6 6-6-6z" fill="var(--crit)" />;
  return (
    <circle
      cx="7"
      cy="7"
      r="4"
      fill="none"
      stroke="var(--off)"
      stroke-width="1.8"
      stroke-dasharray="2.4 1.8"
    />
  );
};

export const HostMark = ({ state }: { readonly state: HostState }): JSX.Element => (
  <svg class="state-mark" width="14" height="14" viewBox="0 0 14 14" role="img">
    <title>{HOST_STATE_WORDS[state]}</title>
    {shapeOf(state)}
  </svg>
);
