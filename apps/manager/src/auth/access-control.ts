/** Tokens, sessions and sign-in link of a running manager, and their routes. */
import { deleteOldRefusals } from '../audit/sql/delete-old-refusals.ts';
import type { Clock } from '../clock.ts';
import { DatabaseUnavailable, type Database } from '../database/database.ts';
import type { AnyRoute } from '../http/route.ts';
import type { Log } from '../log.ts';
import type { Authenticator } from './authenticator.ts';
import { makeEndings } from './endings.ts';
import { makeFailureCounts, type FailureCounts } from './failure-counts.ts';
import { makeAuthenticator } from './make-authenticator.ts';
import { makeOneAtATime } from './one-at-a-time.ts';
import { makeSessionRoutes } from './session-routes.ts';
import { makeSessions } from './sessions.ts';
import { makeSignInCode } from './sign-in-code.ts';
import { makeSignInLimit } from './sign-in-limit.ts';
import { makeTokenRoutes } from './token-routes.ts';
import { makeTokens, type Tokens } from './tokens.ts';

export interface AccessControlOptions {
  readonly database: Database;
  readonly publicUrl: URL | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface AccessControl {
  readonly authenticator: Authenticator;
  readonly routes: readonly AnyRoute[];
  /** For the link that the start prints: `<url>/#sign-in=<code>`. */
  readonly signInCode: string;
  /** The secret of the first token, only when this made it. */
  readonly createFirstToken: Tokens['createFirst'];
  /** Who was not let in, by reason. */
  readonly failures: FailureCounts['read'];
  /** Writes what is left, so the database must still be there. */
  stop(): Promise<void>;
}

const MAINTENANCE_MS = 60_000;
/** It looks through the whole audit, which a minute is too short for. */
const PRUNE_EVERY_MS = 3_600_000;
const KEEP_REFUSALS_MS = 30 * 24 * 3_600_000;

/** Reads tokens and sessions first, and fails where there is no database: nobody could sign in. */
export const startAccessControl = async (options: AccessControlOptions): Promise<AccessControl> => {
  const { database, publicUrl, clock, log } = options;
  const endings = makeEndings(log);
  // One for both: to revoke a token deletes sessions, which must not wait for each other in circles.
  const oneAtATime = makeOneAtATime();
  const tokens = makeTokens({ database, clock, endings, oneAtATime, log });
  const sessions = makeSessions({ database, tokens, clock, endings, oneAtATime });
  const signInCode = makeSignInCode(clock);
  const failures = makeFailureCounts();
  await tokens.reload();
  await sessions.reload();

  const write = async (): Promise<void> => {
    await tokens.flush();
    await sessions.flush();
  };

  const maintain = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // Memory is as good as before, and the next minute tries again.
      if (error instanceof DatabaseUnavailable) log.debug('tokens are not read: no database');
      else log.error('tokens and sessions cannot be maintained', { error });
    }
  };

  let prunedAt = -Infinity;
  const pruneAudit = async (): Promise<void> => {
    if (clock.monotonicMs() - prunedAt < PRUNE_EVERY_MS) return;
    prunedAt = clock.monotonicMs();
    await deleteOldRefusals(database, clock.now() - KEEP_REFUSALS_MS);
  };

  let running = Promise.resolve();
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    running = maintain(async () => {
      await write();
      await tokens.reload();
      await sessions.reload();
      await pruneAudit();
    }).finally(() => {
      isRunning = false;
    });
  }, MAINTENANCE_MS);

  return {
    authenticator: makeAuthenticator({ tokens, sessions, endings, failures }),
    routes: [
      ...makeSessionRoutes({
        tokens,
        sessions,
        signInCode,
        limit: makeSignInLimit(clock),
        audit: database,
        failures,
        isSecure: publicUrl?.protocol === 'https:',
        clock,
        log,
      }),
      ...makeTokenRoutes({ tokens, clock }),
    ],
    signInCode: signInCode.code,
    createFirstToken: (secret) => tokens.createFirst(secret),
    failures: () => failures.read(),
    stop: async () => {
      clearInterval(timer);
      await running;
      await maintain(write);
    },
  };
};
