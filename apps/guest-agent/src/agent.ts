/** Wires the agent together: the only file that knows all of its parts. */
import { parseUptime } from '@innkeeper/procfs';
import type { RpcMethod } from '@innkeeper/protocol';
import { makeAccess, type Enrolment } from './auth/access.ts';
import { makeBindingCheck } from './auth/binding.ts';
import { makeLongestBody, rpcMessageBytes } from './auth/longest-body.ts';
import { makeCallerOf, type CallerOf } from './auth/caller.ts';
import { makeVerifier } from './auth/verifier.ts';
import { capabilitiesOf } from './capabilities.ts';
import { makeCollectors } from './collectors/collectors.ts';
import { makeOutcomeLog } from './collectors/outcome-log.ts';
import { makeCpuUsage } from './collectors/cpu-usage.ts';
import type { Settings } from './config/settings.ts';
import type { Build } from './enroll/agent-facts.ts';
import { makeEnrolling, type Enrolling } from './enroll/enrolling.ts';
import { makeExecutions } from './exec/executions.ts';
import { makeOnceMarks } from './exec/once-marks.ts';
import { makeHost } from './host/host.ts';
import { DEFAULT_LIMITS, HOST_LIMITS } from './http/limits.ts';
import { makeHttpServer, type HttpServer } from './http/server.ts';
import { readBootId, type Identity } from './identity.ts';
import { makeInfo } from './info/info.ts';
import { makeJournalSource } from './journal/journal-source.ts';
import type { Log } from './log.ts';
import { makeFileSource } from './logs/file-source.ts';
import { makeKmsgSource } from './logs/kmsg-source.ts';
import type { LogSource } from './logs/log-source.ts';
import { makeLogSources, type LogSources } from './logs/log-sources.ts';
import type { Outcome, Platform, SocketAddress } from './platform/platform.ts';
import { makeProcessFacts } from './processes/process-facts.ts';
import { makeProcessTable } from './processes/process-table.ts';
import { scanProcesses } from './processes/scan.ts';
import { makeGuestFiles } from './files/files.ts';
import { makePower } from './power/power.ts';
import { makeExecRoutes } from './routes/exec.ts';
import { makeFilesRoute } from './routes/files.ts';
import { makePowerRoute } from './routes/power.ts';
import { makeUpdateRoutes } from './routes/update.ts';
import { makeProvisionRoute } from './routes/provision.ts';
import { makeHealthRoute } from './routes/health.ts';
import { makeInfoRoute } from './routes/info.ts';
import { makeMetricsRoute } from './routes/metrics.ts';
import { makeLogsRoute } from './routes/logs.ts';
import { makeProcessStatsRoute } from './routes/process-stats.ts';
import { makeProcessesRoute } from './routes/processes.ts';
import { makeRpcRoute } from './routes/rpc.ts';
import { makeRouter } from './routes/router.ts';
import { makeChangeMethods } from './rpc/change-methods.ts';
import { makeConnectionMethods, MAX_CARRIED } from './rpc/connection-methods.ts';
import { makeRpcDispatcher, type RpcHandler } from './rpc/dispatcher.ts';
import { makeMachineMethods, type MachineMethods } from './rpc/machine-methods.ts';
import { makeSerialPort, type SerialPort } from './rpc/serial-port.ts';
import { makeAgentMetrics } from './sample/agent-metrics.ts';
import { makeMetricsText } from './sample/metrics-text.ts';
import { makeSampler } from './sample/sample.ts';
import { readParsed, valueOf } from './sources/collected.ts';
import { makeKernelFiles, type KernelFiles } from './sources/kernel-files.ts';
import type { OwnProgram } from './update/own-program.ts';
import type { TrialStart } from './update/trial.ts';
import { makeUpdater, type Updater } from './update/updater.ts';

export interface Agent {
  listen(address: SocketAddress): Promise<Outcome<{ readonly port: number | undefined }>>;
  /** Where it listens is known: it tells its manager, where it has one that wants to know. */
  announce(port: number | undefined): void;
  /** Settles with a reason when another version is to be started in its place. */
  readonly restart: Promise<string>;
  /** Finishes what is under way, within the grace, and lets go of everything. */
  stop(graceMs: number): Promise<void>;
}

export interface AgentDependencies {
  readonly platform: Platform;
  readonly settings: Settings;
  readonly version: string;
  readonly build: Build;
  readonly own: OwnProgram;
  readonly trial: TrialStart;
  readonly log: Log;
  /** What `log` has said lately. */
  readonly ownLog: LogSource;
}

/** Of each carried connection two: one that sends, and one that waits. */
const MAX_CALLS_ON_PORT = 2 * MAX_CARRIED + 16;

const describeError = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

const makeEnrolment = (
  { platform, settings }: AgentDependencies,
  enrolling: Enrolling,
): Enrolment | undefined => {
  const { vmId } = settings;
  if (vmId === undefined) return undefined;
  const { crypto, clock, text } = platform;
  return {
    verify: makeVerifier({ vmId, keys: () => enrolling.keys(), crypto, clock, text }),
    checkBinding: makeBindingCheck({ crypto, clock }),
    isTlsRequired: () => enrolling.tls.mode() === 'required',
    askedPlainly: () => enrolling.askedPlainly(),
  };
};

const makeSources = (
  { platform, settings, ownLog }: AgentDependencies,
  kernel: KernelFiles,
  { bootId }: Identity,
): LogSources => {
  const { files, text, clock } = platform;
  const uptime = kernel.proc('uptime', { whole: true });
  const uptimeSeconds = (): number | undefined =>
    valueOf(readParsed(uptime, parseUptime))?.uptimeSeconds;
  const fileParts = { files, text, clock, folders: settings.logPaths };
  return makeLogSources({
    journal: makeJournalSource(platform, settings.journalPaths),
    kmsg: makeKmsgSource({ files, text, clock, bootId, uptimeSeconds }),
    agent: ownLog,
    file: (path) => makeFileSource(fileParts, path),
    exists: (path) => files.exists(path),
  });
};

const makeOnCallError =
  (log: Log) =>
  (method: string, error: unknown): void =>
    log.error('call failed', { method, error: describeError(error) });

/** JSON-RPC on a virtio-serial port, which carries connections to the server too. */
const makeVirtioPort = (
  { platform, settings, log }: AgentDependencies,
  methods: Readonly<Record<RpcMethod, RpcHandler>>,
  accept: HttpServer['accept'],
): SerialPort | undefined => {
  const { virtioPort: path, fileMaxBytes } = settings;
  if (path === undefined) return undefined;
  const { clock, text } = platform;
  const carried = makeConnectionMethods({ accept, text, clock });
  const all = new Map(Object.entries({ ...methods, ...carried.methods }));
  return makeSerialPort({
    platform,
    path,
    maxMessageBytes: rpcMessageBytes(fileMaxBytes),
    dispatcher: makeRpcDispatcher(all, makeOnCallError(log), MAX_CALLS_ON_PORT),
    onAlone: () => carried.reset(),
    log,
  });
};

/** What may change something on the machine, and its routes. */
const makeChanges = (
  { platform, settings, log }: AgentDependencies,
  callerOf: CallerOf,
  telling: MachineMethods,
  updaterFor: (commandsRunning: () => number) => Updater,
) => {
  const { clock, text } = platform;
  const marks = makeOnceMarks(platform, settings.stateDir);
  const executions = makeExecutions({ platform, settings: settings.exec, marks, log });
  const { filePrefixes: prefixes, fileMaxBytes: maxBytes } = settings;
  const files = makeGuestFiles({ platform, prefixes, maxBytes, log });
  const { isPowerOn: isOn, powerCommands: commands } = settings;
  const power = makePower({ platform, isOn, commands, log });
  const execSettings = settings.exec;
  const updater = updaterFor(() => executions.running());
  const methods = {
    ...telling,
    ...makeChangeMethods({ executions, execSettings, files, power, text, clock }),
  } satisfies Record<RpcMethod, RpcHandler>;
  const dispatcher = makeRpcDispatcher(new Map(Object.entries(methods)), makeOnCallError(log));
  return {
    methods,
    restart: updater.restart,
    stop: async (graceMs: number): Promise<void> => {
      updater.stop();
      power.stop();
      await executions.stop(graceMs);
    },
    routes: [
      ...makeExecRoutes({ executions, settings: execSettings, callerOf, clock, text }),
      makeFilesRoute(files, callerOf),
      makePowerRoute(power, callerOf, text),
      ...makeUpdateRoutes(updater, callerOf, text),
      makeRpcRoute(dispatcher, callerOf, { clock, text }),
      makeProvisionRoute(platform, settings.provisionDir),
    ],
  };
};

export const makeAgent = (dependencies: AgentDependencies): Agent => {
  const { platform, settings, version, log } = dependencies;
  const { files, network, clock, machine, text } = platform;
  const kernel = makeKernelFiles(files, settings);
  const identity: Identity = { vmId: settings.vmId, bootId: readBootId(kernel), version };
  const table = makeProcessTable(() => scanProcesses(kernel), clock);
  const collectors = makeCollectors(platform, kernel, table, makeOutcomeLog(log));
  const cpuUsage = makeCpuUsage(kernel.proc('stat', { whole: true }), clock);
  const processFacts = makeProcessFacts(kernel, machine.pageSizeBytes, clock);

  const isHost = settings.roles.includes('host');
  const host = isHost
    ? makeHost({
        platform,
        kernel,
        settings,
        bootId: identity.bootId,
        hostCpuUsagePercent: () => cpuUsage.percent(),
      })
    : undefined;

  const { build } = dependencies;
  const enrolling = makeEnrolling({ platform, settings, kernel, identity, build, log });
  const enrolment = makeEnrolment(dependencies, enrolling);
  const callerOf = makeCallerOf(enrolment?.verify);
  const capabilities = capabilitiesOf(settings);
  const uptime = kernel.proc('uptime', { whole: true });
  const managerUrl = settings.managerUrl;
  const info = makeInfo({ identity, managerUrl, collectors, kernel, platform });
  const telling = makeMachineMethods({ version, capabilities, info, uptime, collectors, clock });
  const changes = makeChanges(dependencies, callerOf, telling, (commandsRunning) =>
    makeUpdater({
      ...dependencies,
      isOn: settings.areUpdatesOn,
      vmId: settings.vmId,
      managerUrl,
      keys: () => enrolling.keys(),
      commandsRunning,
    }),
  );

  const server = makeHttpServer({
    network,
    clock,
    text,
    limits: isHost ? HOST_LIMITS : DEFAULT_LIMITS,
    longestBody: makeLongestBody(callerOf, settings.fileMaxBytes),
    // The native one lives in 16 MB.
    ...(build === 'native' && { longBodiesBytes: rpcMessageBytes(settings.fileMaxBytes) }),
    answer: (request) => route(request),
    onError: ({ method, path }, error) =>
      log.error('request failed', {
        method,
        path: path.slice(0, 200),
        error: describeError(error),
      }),
  });

  enrolling.tls.onIdentity((key) => server.encrypt(key));

  const agentMetrics = makeAgentMetrics({
    kernel,
    pageSizeBytes: machine.pageSizeBytes,
    identity,
    httpCounters: () => server.counters(),
  });
  const route = makeRouter(
    [
      makeHealthRoute({
        identity,
        settings,
        capabilities,
        kernel,
        clock,
        collectors,
        enrollment: () => enrolling.status(),
        tls: () => enrolling.tls.mode(),
      }),
      makeMetricsRoute({
        collectors,
        text: makeMetricsText(collectors, agentMetrics),
        sample: makeSampler({ identity, collectors, cpuUsage, uptime, clock, processFacts }),
      }),
      makeInfoRoute(info),
      makeProcessesRoute(table, processFacts),
      makeProcessStatsRoute(host, text),
      makeLogsRoute(makeSources(dependencies, kernel, identity), clock),
      ...changes.routes,
    ],
    makeAccess(enrolment),
  );

  const virtioPort = makeVirtioPort(dependencies, changes.methods, (connection) =>
    server.accept(connection),
  );
  virtioPort?.start();

  return {
    listen: (address) => server.listen(address),
    announce: (port) => enrolling.start(port),
    restart: changes.restart,
    stop: async (graceMs) => {
      enrolling.stop();
      cpuUsage.stop();
      host?.stop();
      // Commands end while those who read them are still there to see it.
      const isPortDone = changes.stop(graceMs).then(() => virtioPort?.stop());
      await Promise.all([isPortDone, server.stop(graceMs)]);
    },
  };
};
