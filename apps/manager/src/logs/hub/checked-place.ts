/**
 * A stream that begins behind a line that a client has named: its first line tells whether that place
 * may be. Where it is too old, what still comes of the stream is passed over until the next one begins.
 */
import type { LogEvent } from '@innkeeper/protocol';
import type { UpstreamEvents } from '../upstream/live-upstream.ts';
import type { Numbering } from './numbering.ts';

export const makeCheckedPlace = ({
  numbering,
  notBefore,
  startOver,
}: {
  readonly numbering: Numbering;
  /** Undefined: nothing is to be checked. */
  readonly notBefore: number | undefined;
  readonly startOver: () => void;
}): Pick<UpstreamEvents, 'began' | 'line' | 'dropped' | 'bad'> => {
  let limit = notBefore;
  let isSkipping = false;

  /** Only of the first line: after it nobody's word counts but the agent's. */
  const isTooOld = ({ timestamp }: LogEvent): boolean => {
    const least = limit;
    limit = undefined;
    return least !== undefined && timestamp !== null && timestamp < least;
  };

  return {
    began: (after, isSame) => {
      isSkipping = false;
      numbering.began(after, isSame);
    },
    line: (event, text) => {
      if (isSkipping) return;
      if (!isTooOld(event)) {
        numbering.line(event, text);
        return;
      }
      isSkipping = true;
      numbering.giveUpPlace();
      startOver();
    },
    dropped: (missing) => {
      if (!isSkipping) numbering.dropped(missing);
    },
    bad: () => {
      if (!isSkipping) numbering.bad();
    },
  };
};
