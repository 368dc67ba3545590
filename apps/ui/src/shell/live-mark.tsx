/** How the connection stands, always in the same corner. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';

const WORDS = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Reconnecting',
  ended: 'Signed out',
} as const;

export const LiveMark = (): JSX.Element => {
  const { connection } = useApp();
  const { kind } = connection.state.value;
  return (
    <span class="live-mark" role="status" title={WORDS[kind]}>
      <span class="live-dot" data-state={kind} aria-hidden="true" />
      <span class="live-text">{WORDS[kind]}</span>
    </span>
  );
};
