/**
 * Connections that have not signed in yet. Anybody can open one, so they are limited for each network,
 * and altogether to a part of all: whoever has a session always finds room beside them.
 */
import type { EngineConnection } from './connection.ts';
import type { PushLimits } from './limits.ts';

/** Who began a connection, as far as its first request tells. */
export interface Visitor {
  /** By which it is counted: the actor whose cookie or header it has shown, or its network. */
  readonly key: string;
  readonly isKnown: boolean;
}

export interface WaitingRoom {
  hasRoom(visitor: Visitor): boolean;
  enter(engine: EngineConnection, visitor: Visitor): void;
  /** It has signed in, or has gone. */
  leave(engine: EngineConnection): void;
  /** One more message has come from it: false where it says more than signing in takes. */
  mayGoOn(engine: EngineConnection): boolean;
}

interface Waiting {
  readonly visitor: Visitor;
  messages: number;
}

export const makeWaitingRoom = (
  limits: Pick<
    PushLimits,
    'maxConnectionsPerActor' | 'maxWaiting' | 'maxWaitingPerNetwork' | 'maxWaitingMessages'
  >,
): WaitingRoom => {
  const waiting = new Map<EngineConnection, Waiting>();
  const byKey = new Map<string, number>();
  let strangers = 0;

  const add = ({ key, isKnown }: Visitor, count: 1 | -1): void => {
    const now = (byKey.get(key) ?? 0) + count;
    if (now === 0) byKey.delete(key);
    else byKey.set(key, now);
    if (!isKnown) strangers += count;
  };

  return {
    hasRoom({ key, isKnown }) {
      const same = byKey.get(key) ?? 0;
      if (isKnown) return same < limits.maxConnectionsPerActor;
      return same < limits.maxWaitingPerNetwork && strangers < limits.maxWaiting;
    },
    enter(engine, visitor) {
      waiting.set(engine, { visitor, messages: 0 });
      add(visitor, 1);
    },
    leave(engine) {
      const left = waiting.get(engine);
      if (left === undefined) return;
      waiting.delete(engine);
      add(left.visitor, -1);
    },
    mayGoOn(engine) {
      const one = waiting.get(engine);
      if (one === undefined) return true;
      one.messages += 1;
      return one.messages <= limits.maxWaitingMessages;
    },
  };
};
