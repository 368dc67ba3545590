/** Words for those who do not see the page, in a place that is always there: a new one is not heard. */
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { makeAnnouncer } from './announcer.ts';

export const Announced = ({
  subject,
  words,
}: {
  /** Said anew when this has changed. */
  readonly subject: string;
  /** As they are now; another subject's in the moment when they are said. */
  readonly words: string;
}): JSX.Element => {
  const { now } = useApp();
  const announcer = useMemo(() => makeAnnouncer(now), []);
  useEffect(() => announcer.tell(subject, () => words), [subject, words]);
  useEffect(() => () => announcer.stop(), []);
  return (
    <span class="visually-hidden" role="status">
      {announcer.said.value}
    </span>
  );
};
