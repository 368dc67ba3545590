/** The program: command line in, exit code out. Whatever it says goes through `console`. */
import { makeAgent } from './agent.ts';
import type { Build } from './enroll/agent-facts.ts';
import { parseCommandLine } from './config/command-line.ts';
import { helpText } from './config/help.ts';
import { loadSettings } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { makeLog, type Log } from './log.ts';
import { makeLogRing, type LogRing } from './logs/log-ring.ts';
import type { Platform, SocketAddress } from './platform/platform.ts';
import { startSupervised } from './supervised.ts';
import type { OwnProgram } from './update/own-program.ts';
import { putBack, startTrial, type TrialStart } from './update/trial.ts';

declare const __VERSION__: string;

export interface Program {
  readonly platform: Platform;
  readonly build: Build;
  readonly own: OwnProgram;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  /**
   * sd_notify(3), and lost where nobody takes it. Undefined on Node, which has no sockets of this kind:
   * guest-agent-node.conf tells systemd so.
   */
  readonly notify?: (socket: string, text: string) => void;
  /** Settles when somebody asks the program to end; the name is for the log. */
  readonly ended: Promise<string>;
}

/** sysexits(3): something was found in an unconfigured or misconfigured state. */
const EXIT_CONFIG = 78;
const EXIT_FAILURE = 1;
/** EX_TEMPFAIL: another program is in this one's place, and has to be started. */
const EXIT_RESTART = 75;
/** An init system gives ten seconds and more; five is for those who watch a terminal. */
const STOP_GRACE_MS = 4_000;

const describe = (address: SocketAddress, port: number | undefined): string => {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `http://${host}:${port ?? address.port}`;
};

const serve = async (
  program: Program,
  settings: Settings,
  {
    log,
    ownLog,
    trial,
  }: { readonly log: Log; readonly ownLog: LogRing; readonly trial: TrialStart },
): Promise<number> => {
  const { platform, build, own, ended } = program;
  const version = __VERSION__;
  const agent = makeAgent({ platform, settings, version, build, own, trial, log, ownLog });
  const addresses: SocketAddress[] = settings.listen.kind === 'none' ? [] : [settings.listen];
  if (settings.socket !== undefined) addresses.push({ kind: 'unix', path: settings.socket });
  let port: number | undefined;
  for (const address of addresses) {
    const outcome = await agent.listen(address);
    if (!outcome.ok) {
      program.writeError(`guest-agent: cannot listen: ${outcome.error.message}\n`);
      await agent.stop(0);
      return EXIT_FAILURE;
    }
    port ??= outcome.value.port;
    log.info('listening', { address: describe(address, outcome.value.port) });
  }
  const enrolled = settings.vmId !== undefined;
  log.info('started', { version: __VERSION__, enrolled, vm_id: settings.vmId ?? null });
  agent.announce(port);
  const supervised = startSupervised(program);
  const [reason, code] = await Promise.race([
    ended.then((name) => [name, 0] as const),
    agent.restart.then((why) => [why, EXIT_RESTART] as const),
  ]);
  log.info('stopping', { reason });
  supervised.stop();
  await agent.stop(STOP_GRACE_MS);
  return code;
};

export const main = async (program: Program): Promise<number> => {
  const { platform, own, writeOut, writeError } = program;
  let trial: TrialStart = { kind: 'none' };
  const refuseStart = (problem: string): number => {
    writeError(`guest-agent: ${problem}\n`);
    if (trial.kind !== 'trial' || own.file === undefined) return EXIT_CONFIG;
    // 78 is not started again, and the version before takes these settings.
    const why = { code: 'wrong_setting', message: problem };
    return putBack(platform, own.file, trial.record, why).ok ? EXIT_RESTART : EXIT_CONFIG;
  };
  const parsed = parseCommandLine(program.args);
  if (!parsed.ok) return refuseStart(parsed.problem);
  const { commandLine } = parsed;
  if (commandLine.wants === 'help') {
    writeOut(helpText(__VERSION__));
    return 0;
  }
  if (commandLine.wants === 'version') {
    writeOut(`guest-agent ${__VERSION__}\n`);
    return 0;
  }
  trial = startTrial(platform, own, __VERSION__);
  if (trial.kind === 'ended') {
    writeError(`guest-agent: the version before is put back: ${trial.why}\n`);
    return EXIT_RESTART;
  }
  const loaded = loadSettings(commandLine, program.variables, platform.files, program.build);
  if (!loaded.ok) return refuseStart(loaded.problem);
  const { procRoot } = loaded.settings;
  const stat = platform.files.readText(`${procRoot}/stat`, { maxBytes: 16 * 1024 * 1024 });
  if (!stat.ok) {
    return refuseStart(`proc_root ${procRoot} holds no proc filesystem: ${stat.error.message}`);
  }
  const ownLog = makeLogRing(platform.clock.nowMs().toString(36));
  const log = makeLog({
    level: loaded.settings.logLevel,
    nowMs: () => platform.clock.nowMs(),
    writeLine: (line) => writeError(`${line}\n`),
    keep: (line) => ownLog.add(line),
  });
  return serve(program, loaded.settings, { log, ownLog, trial });
};
