/** Where the numbers come from, and on hover why not from the guest. */
import type { Origin, PullFailureKind } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { FAILURE_WORDS } from './state-words.ts';

const NAMES = { guest: 'Agent', host: 'Host', none: 'None' } as const satisfies Record<
  Origin,
  string
>;

export const SourceChip = ({
  origin,
  reason,
}: {
  readonly origin: Origin;
  readonly reason: PullFailureKind | null;
}): JSX.Element => {
  const why = reason === null ? undefined : FAILURE_WORDS[reason];
  return (
    <span class={`chip chip-${origin}`} title={why}>
      {NAMES[origin]}
      {why === undefined ? null : <span class="visually-hidden">, because {why}</span>}
    </span>
  );
};
