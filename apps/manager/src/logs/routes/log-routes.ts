/** The routes of the logs of single VMs. */
import type { Clock } from '../../clock.ts';
import type { AnyRoute } from '../../http/route.ts';
import type { LogHub } from '../hub/log-hub.ts';
import type { ReadKeptPage } from '../kept/kept-page.ts';
import type { LogReader } from '../read/log-reader.ts';
import { makeDownloadRoute } from './download-route.ts';
import { makePageRoute } from './page-route.ts';
import { makeStreamRoute } from './stream-route.ts';

export const makeLogRoutes = ({
  hub,
  reader,
  readKeptPage,
  clock,
}: {
  readonly hub: LogHub;
  readonly reader: LogReader;
  readonly readKeptPage: ReadKeptPage;
  readonly clock: Clock;
}): readonly AnyRoute[] => [
  makeStreamRoute({ hub, reader, clock }),
  makePageRoute({ hub, reader, readKeptPage }),
  makeDownloadRoute({ reader, clock }),
];
