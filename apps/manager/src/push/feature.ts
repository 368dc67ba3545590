/**
 * What one kind of push brings along: the fleet, single VMs, later logs and runs. Each feature is
 * one function that makes this, and its line in `push.ts`.
 */
import type { Acknowledgement } from '@innkeeper/protocol';
import type { z } from 'zod';
import type { Connection } from './connection.ts';

/** What becomes of a client's event. It may leave work for after the acknowledgement. */
export interface Outcome {
  readonly acknowledgement: Acknowledgement;
  readonly afterwards?: () => void;
}

/** A promise where the database is asked; the acknowledgement waits for it. */
export type ClientEvent = (connection: Connection, payload: unknown) => Outcome | Promise<Outcome>;

export interface Feature {
  /** By name; a name belongs to one feature. */
  readonly events: ReadonlyMap<string, ClientEvent>;
  /** The client has gone: nothing of it may be kept. */
  closed(connection: Connection): void;
  /** Whether this client owes an acknowledgement from before that moment. */
  owesSince?(connection: Connection, monotonicMs: number): boolean;
  stop(): void;
}

export const done: Outcome = { acknowledgement: { ok: true } };

export const refused = (code: string, message: string): Outcome => ({
  acknowledgement: { ok: false, error: { code, message } },
});

/** The payload is parsed before the handler sees it. */
export const clientEvent =
  <Payload>(
    schema: z.ZodType<Payload>,
    handle: (connection: Connection, payload: Payload) => Outcome | Promise<Outcome>,
  ): ClientEvent =>
  (connection, payload) => {
    const parsed = schema.safeParse(payload);
    if (parsed.success) return handle(connection, parsed.data);
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? 'payload' : issue.path.join('.');
    const what = issue?.message ?? 'is invalid';
    return refused('invalid', `${where}: ${what}`.slice(0, 500));
  };
