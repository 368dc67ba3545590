/** HTTP and socket.io on one port, with the same rules for who may come in. */
import { makePages } from '../about/serve-pages.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { ListenAddress } from '../config/listen-address.ts';
import type { Enrollments } from '../enroll/enrollments.ts';
import { makeAnswerStreams } from '../http/answer-streams.ts';
import { makeApp } from '../http/app.ts';
import { hostProblem, originProblem } from '../http/hosts-allowed.ts';
import { listen } from '../http/listen.ts';
import { networkOf, remoteAddressOf } from '../http/remote-address.ts';
import type { AnyRoute } from '../http/route.ts';
import type { ManagerMetrics } from '../interop/manager-metrics.ts';
import type { Log } from '../log.ts';
import type { LogHub } from '../logs/hub/log-hub.ts';
import { makePush, type Push } from '../push/push.ts';
import type { Readings } from '../readings/readings.ts';
import type { ProvisioningSource } from '../provisioning/provisioning.ts';
import type { RunSource } from '../runs/run-source.ts';
import type { AgentStates } from '../updates/agent-states.ts';
import type { Vms } from '../vms/vm-record.ts';
import { failed, type StartProblem } from './problem.ts';
import type { Releasers } from './releasers.ts';

/** For requests under way: of the ten seconds that stopping may take, rows to write have more. */
const STOP_MS = 2_000;
/** For sockets that were cut off to be gone. */
const CLOSE_MS = 250;

export interface ServeOptions {
  readonly listen: ListenAddress;
  readonly publicUrl: URL | undefined;
  /** The folder of the built pages. */
  readonly pages: string;
  readonly routes: readonly AnyRoute[];
  readonly authenticator: Authenticator;
  readonly metrics: Pick<ManagerMetrics, 'observeRequest'>;
  readonly vms: Vms;
  readonly agents: AgentStates;
  readonly readings: Readings;
  readonly logHub: LogHub;
  readonly runs: RunSource;
  readonly provisioning: ProvisioningSource;
  readonly enrollments: Pick<Enrollments, 'onChange'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly releasers: Releasers;
}

export interface Serving {
  readonly ok: true;
  readonly address: ListenAddress;
  readonly push: Push;
  readonly hasPages: boolean;
}

export const serve = async (options: ServeOptions): Promise<Serving | StartProblem> => {
  const { publicUrl, routes, authenticator, metrics, vms, readings, clock, log } = options;
  const pages = makePages(options.pages);
  const streams = makeAnswerStreams({ authenticator, vms });
  const app = makeApp({
    routes,
    streams,
    authenticator,
    findVm: (id) => vms.get(id),
    publicUrl,
    ...(pages !== undefined && { pages }),
    onAnswered: (seen) => metrics.observeRequest(seen),
    clock,
    log,
  });
  const served = await listen({ handler: app, ...options.listen, log, stopWithinMs: STOP_MS });
  if (!served.ok) return failed(served.problem);
  const { listening } = served;
  const { server, host, port } = listening;
  options.releasers.add('HTTP server', async () => listening.stop(), STOP_MS + CLOSE_MS);
  // Before the server, which waits for requests under way.
  options.releasers.add('streams', () => streams.stop());
  const push = makePush({
    httpServer: server,
    authenticator,
    vms,
    agents: options.agents,
    readings,
    logHub: options.logHub,
    runs: options.runs,
    provisioning: options.provisioning,
    onEnrollment: (listener) =>
      options.enrollments.onChange((subject) => {
        if (subject.kind === 'vm') listener(subject.vm.id);
      }),
    networkOf: (request) => networkOf(remoteAddressOf(request, publicUrl)),
    isHostAllowed: (header) => hostProblem(header, { publicUrl }) === undefined,
    isOriginAllowed: (origin, header) => originProblem(origin, header, { publicUrl }) === undefined,
    clock,
    log,
  });
  options.releasers.add('push', async () => push.stop());
  return { ok: true, address: { host, port }, push, hasPages: pages !== undefined };
};
