/**
 * Waits until the hub has got a line that the agent has given already. How long is counted in moments
 * in which nothing came, not by the clock: a machine that is busy is no reason to give up.
 */
import type { HubMembership } from '../hub/log-hub.ts';
import type { Bell } from './bell.ts';

const QUIET_MS = 50;
/** Three seconds of silence. */
const MAX_QUIET = 60;
/** A stream that goes on without it will not bring it any more. */
const MAX_ENTRIES = 20_000;

/** Its number; undefined: the hub does not get it. */
export const findLine = async (
  { membership: { stream }, bell }: { readonly membership: HubMembership; readonly bell: Bell },
  cursor: string,
  signal: AbortSignal,
): Promise<number | undefined> => {
  const begun = stream.newest();
  let quiet = 0;
  for (;;) {
    const found = stream.find(cursor);
    const isOver = quiet >= MAX_QUIET || stream.newest() - begun > MAX_ENTRIES;
    if (found !== undefined || signal.aborted || isOver) return found;
    if (!(await bell.wait(QUIET_MS, signal))) quiet += 1;
  }
};
