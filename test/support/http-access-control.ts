/** Tokens and sessions on a real database, served over HTTP, with a clock that a test sets. */
import { makeAuditRoutes } from '../../apps/manager/src/audit/audit-routes.ts';
import {
  startAccessControl,
  type AccessControl,
} from '../../apps/manager/src/auth/access-control.ts';
import type { Database } from '../../apps/manager/src/database/database.ts';
import type { AnyRoute } from '../../apps/manager/src/http/route.ts';
import type { VmRecord } from '../../apps/manager/src/vms/vm-record.ts';
import { makeRecordingLog, serveApp, type ServedApp } from './http-served-app.ts';

export interface AccessControlled {
  readonly app: ServedApp;
  readonly access: AccessControl;
  readonly clock: { ms: number };
  /** Of the first token, where there was none before; else as given. */
  readonly adminToken: string;
  stop(): Promise<void>;
}

export interface AccessControlledOptions {
  readonly database: Database;
  readonly publicUrl?: URL;
  /** Tells whose token it is after a restart. */
  readonly adminToken?: string;
  readonly routes?: readonly AnyRoute[];
  readonly findVm?: (id: string) => VmRecord | undefined;
  readonly startMs?: number;
}

export const serveAccessControl = async (
  options: AccessControlledOptions,
): Promise<AccessControlled> => {
  const { database, publicUrl, routes = [], findVm = () => undefined } = options;
  const held = { ms: options.startMs ?? 1_700_000_000_000 };
  const clock = { now: () => held.ms, monotonicMs: () => held.ms };
  const { log } = makeRecordingLog();
  const access = await startAccessControl({ database, publicUrl, clock, log });
  const first = await access.createFirstToken(options.adminToken);
  const app = await serveApp({
    routes: [...access.routes, ...makeAuditRoutes(database), ...routes],
    authenticator: access.authenticator,
    publicUrl,
    findVm,
  });
  return {
    app,
    access,
    clock: held,
    adminToken: first.created ? first.secret : (options.adminToken ?? ''),
    stop: async () => {
      await app.stop();
      await access.stop();
    },
  };
};
