/** All routes of runs and saved commands. */
import type { Database } from '../../database/database.ts';
import type { AnyRoute } from '../../http/route.ts';
import type { Vms } from '../../vms/vm-record.ts';
import { makeBeginRun } from '../begin-run.ts';
import type { RunParts } from '../run-parts.ts';
import { makeBeginRoutes } from './begin-routes.ts';
import { makeCommandRoutes } from './command-routes.ts';
import { makeControlRoutes } from './control-routes.ts';
import { makeGroupsRoute } from './groups-route.ts';
import { makeLogRoute } from './log-route.ts';
import { makeLookRoutes } from './look-routes.ts';

export const makeRunRoutes = (
  options: Pick<RunParts, 'runs' | 'access' | 'questions' | 'limits'> & {
    readonly database: Database;
    readonly vms: Pick<Vms, 'get' | 'all'>;
  },
): readonly AnyRoute[] => [
  ...makeBeginRoutes({ ...options, begin: makeBeginRun(options) }),
  ...makeLookRoutes(options),
  ...makeControlRoutes(options),
  makeGroupsRoute(options),
  makeLogRoute(options),
  ...makeCommandRoutes(options.database),
];
