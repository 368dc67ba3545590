/**
 * The answers that last: how many there may be, and which of them must end, because the manager stops,
 * the session of whoever reads has ended, or the VM is no longer theirs to see.
 */
import type { Actor } from '../auth/actor.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { authorize, type Action } from '../auth/authorize.ts';
import type { Vms } from '../vms/vm-record.ts';

/** What a stream is about, to be asked for again and again. */
export interface StreamRight {
  readonly actor: Actor;
  readonly action: Action;
  /** Undefined: it is about no VM. */
  readonly vmId: string | undefined;
}

export type StreamEnding = 'caller' | 'stopping' | 'session_ended' | 'forbidden';

export interface StreamPlace {
  /** Aborted, with a `StreamEnding` as its reason, when the stream has to end. */
  readonly signal: AbortSignal;
  end(ending: StreamEnding): void;
  /** It has ended. */
  leave(): void;
}

export interface AnswerStreams {
  /** Undefined: there are too many. */
  enter(right: StreamRight): StreamPlace | undefined;
  count(): number;
  stop(): void;
}

export interface AnswerStreamsOptions {
  readonly authenticator: Pick<Authenticator, 'stillValid' | 'onEnded'>;
  readonly vms: Pick<Vms, 'onChange'>;
  readonly maxStreams?: number;
  readonly maxStreamsPerActor?: number;
  /** How often those whose end was not announced are asked for. */
  readonly recheckIntervalMs?: number;
}

const MAX_STREAMS = 200;
const MAX_STREAMS_PER_ACTOR = 20;
const RECHECK_INTERVAL_MS = 30_000;

interface Entry {
  readonly right: StreamRight;
  readonly place: StreamPlace;
}

export const makeAnswerStreams = ({
  authenticator,
  vms,
  maxStreams = MAX_STREAMS,
  maxStreamsPerActor = MAX_STREAMS_PER_ACTOR,
  recheckIntervalMs = RECHECK_INTERVAL_MS,
}: AnswerStreamsOptions): AnswerStreams => {
  const entries = new Set<Entry>();
  let recheck: NodeJS.Timeout | undefined;
  let isStopped = false;

  const endWhere = (ending: StreamEnding, isOver: (right: StreamRight) => boolean): void => {
    for (const { right, place } of entries) if (isOver(right)) place.end(ending);
  };

  const stopEnded = authenticator.onEnded((actorId) => {
    endWhere('session_ended', ({ actor }) => actor.id === actorId);
  });
  const stopChanges = vms.onChange(({ kind, vm }) => {
    endWhere(
      'forbidden',
      ({ actor, action, vmId }) =>
        vmId === vm.id &&
        (kind === 'removed' || !authorize(actor, 'vm.read', vm) || !authorize(actor, action, vm)),
    );
  });

  return {
    enter: (right) => {
      let own = 0;
      for (const { actor } of Array.from(entries, (entry) => entry.right)) {
        if (actor.id === right.actor.id) own += 1;
      }
      if (isStopped || entries.size >= maxStreams || own >= maxStreamsPerActor) return undefined;
      const controller = new AbortController();
      const place: StreamPlace = {
        signal: controller.signal,
        end: (ending) => controller.abort(ending),
        leave: () => {
          entries.delete(entry);
          if (entries.size > 0) return;
          clearInterval(recheck);
          recheck = undefined;
        },
      };
      const entry = { right, place };
      entries.add(entry);
      recheck ??= setInterval(() => {
        endWhere('session_ended', ({ actor }) => !authenticator.stillValid(actor));
      }, recheckIntervalMs);
      return place;
    },
    count: () => entries.size,
    stop: () => {
      isStopped = true;
      clearInterval(recheck);
      stopEnded();
      stopChanges();
      endWhere('stopping', () => true);
    },
  };
};
