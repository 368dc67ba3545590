/** Tells those who keep connections open that a token or a session has ended. */
import type { Log } from '../log.ts';

export interface Endings {
  tell(actorId: string): void;
  listen(listener: (actorId: string) => void): () => void;
}

export const makeEndings = (log: Log): Endings => {
  const listeners = new Set<(actorId: string) => void>();
  return {
    tell: (actorId) => {
      for (const listener of listeners) {
        try {
          listener(actorId);
        } catch (error) {
          // The others must still learn of it.
          log.error('a listener for ended sessions failed', { actor_id: actorId, error });
        }
      }
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
