/**
 * Settings from flags, GUEST_AGENT_* variables and the config file, in this order of weight. A
 * setting that is unknown or malformed stops the start: an agent that guesses what its owner meant
 * is open to whoever its owner did not mean.
 */
import type { Build } from '../enroll/agent-facts.ts';
import type { Files } from '../platform/platform.ts';
import type { CommandLine } from './command-line.ts';
import type { Setting } from './makers.ts';
import { isSettingKey, SETTINGS, type SettingKey, type Settings } from './settings.ts';

export const DEFAULT_CONFIG_PATH = '/etc/guest-agent/config.json';
/** Where systems and their VM managers keep sockets, FIFOs and pid files. */
const DEFAULT_HOST_PATHS = ['/run', '/var/run', '/var/lib', '/srv'] as const;
const DEFAULT_JOURNAL_PATHS = ['/var/log/journal', '/run/log/journal'] as const;
/** A file is in memory as a whole, over JSON-RPC several times, and the native agent lives in 16 MB. */
const DEFAULT_FILE_BYTES: Readonly<Record<Build, number>> = {
  node: 10 * 1024 * 1024,
  native: 1024 * 1024,
};
const VARIABLE_PREFIX = 'GUEST_AGENT_';
const CONFIG_VARIABLE = 'GUEST_AGENT_CONFIG';
const MAX_CONFIG_BYTES = 64 * 1024;

export type Loaded =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problem: string };

/** A raw value and the words for where it came from: `--listen`, `GUEST_AGENT_LISTEN`, `"listen" in …`. */
interface Raw {
  readonly value: unknown;
  readonly from: string;
}

type RawSettings = Map<string, Raw>;
type Step = { readonly ok: true; readonly raw: RawSettings } | { ok: false; problem: string };

const known = `it knows ${Object.keys(SETTINGS).join(', ')}`;

const readFile = (files: Files, path: string, required: boolean): Step => {
  const text = files.readText(path, { maxBytes: MAX_CONFIG_BYTES + 1 });
  if (!text.ok) {
    if (text.error.code === 'ENOENT' && !required) return { ok: true, raw: new Map() };
    return { ok: false, problem: `cannot read the config file ${path}: ${text.error.message}` };
  }
  if (text.value.length > MAX_CONFIG_BYTES) {
    return { ok: false, problem: `${path} may have at most ${MAX_CONFIG_BYTES} bytes` };
  }
  let document: unknown;
  try {
    document = JSON.parse(text.value);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, problem: `${path} is not valid JSON: ${why}` };
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return { ok: false, problem: `${path} must hold one JSON object` };
  }
  const raw: RawSettings = new Map();
  for (const [key, value] of Object.entries(document)) {
    const from = `${JSON.stringify(key.slice(0, 60))} in ${path}`;
    if (!isSettingKey(key)) return { ok: false, problem: `unknown setting ${from}; ${known}` };
    raw.set(key, { value, from });
  }
  return { ok: true, raw };
};

const readVariables = (variables: Readonly<Record<string, string | undefined>>): Step => {
  const raw: RawSettings = new Map();
  for (const [name, value] of Object.entries(variables)) {
    if (!name.startsWith(VARIABLE_PREFIX) || name === CONFIG_VARIABLE) continue;
    const key = name.slice(VARIABLE_PREFIX.length).toLowerCase();
    if (!isSettingKey(key) || name !== name.toUpperCase()) {
      return { ok: false, problem: `unknown setting ${name.slice(0, 60)}; ${known}` };
    }
    raw.set(key, { value, from: name });
  }
  return { ok: true, raw };
};

/** Reads one setting, or remembers in `problems` the sentence that says what is wrong with it. */
const makeReader =
  (raw: ReadonlyMap<string, Raw>, problems: string[]) =>
  <Value, Default>(
    key: SettingKey,
    setting: Setting<Value>,
    byDefault: Default,
  ): Value | Default => {
    const given = raw.get(key);
    if (given === undefined) return byDefault;
    const value = setting.make(given.value);
    if (value !== undefined) return value;
    // Of a token, what somebody has mistyped may be most of a secret.
    const shown =
      key === 'enrollment_token'
        ? 'what is there'
        : (JSON.stringify(given.value)?.slice(0, 80) ?? 'nothing');
    problems.push(`${given.from} must be ${setting.accepts}, not ${shown}`);
    return byDefault;
  };

const makeSettings = (raw: ReadonlyMap<string, Raw>, build: Build): Loaded => {
  const problems: string[] = [];
  const read = makeReader(raw, problems);
  const settings: Settings = {
    listen: read('listen', SETTINGS.listen, { kind: 'tcp', host: '0.0.0.0', port: 8080 }),
    socket: read('socket', SETTINGS.socket, undefined),
    roles: read('role', SETTINGS.role, ['guest']),
    procRoot: read('proc_root', SETTINGS.proc_root, '/proc'),
    sysRoot: read('sys_root', SETTINGS.sys_root, '/sys'),
    logLevel: read('log_level', SETTINGS.log_level, 'info'),
    vmId: read('vm_id', SETTINGS.vm_id, undefined),
    managerKeys: read('manager_keys', SETTINGS.manager_keys, []),
    managerUrl: read('manager_url', SETTINGS.manager_url, undefined),
    enrollmentToken: read('enrollment_token', SETTINGS.enrollment_token, undefined),
    isTlsOn: read('tls', SETTINGS.tls, true),
    hostPaths: read('host_paths', SETTINGS.host_paths, DEFAULT_HOST_PATHS),
    logPaths: read('log_paths', SETTINGS.log_paths, ['/var/log']),
    journalPaths: read('journal_paths', SETTINGS.journal_paths, DEFAULT_JOURNAL_PATHS),
    exec: {
      isOn: read('exec', SETTINGS.exec, true),
      allow: read('exec_allow', SETTINGS.exec_allow, undefined),
      user: read('exec_user', SETTINGS.exec_user, undefined),
      maxRunning: read('exec_max_running', SETTINGS.exec_max_running, 8),
      maxSeconds: read('exec_max_seconds', SETTINGS.exec_max_seconds, 24 * 3600),
      maxOutputBytes: read('exec_max_output_bytes', SETTINGS.exec_max_output_bytes, 1024 ** 3),
    },
    filePrefixes: read('file_prefixes', SETTINGS.file_prefixes, []),
    fileMaxBytes: read('file_max_bytes', SETTINGS.file_max_bytes, DEFAULT_FILE_BYTES[build]),
    isPowerOn: read('power', SETTINGS.power, true),
    areUpdatesOn: read('updates', SETTINGS.updates, false),
    powerCommands: read('power_commands', SETTINGS.power_commands, undefined),
    virtioPort: read('virtio_port', SETTINGS.virtio_port, undefined),
    provisionDir: read('provision_dir', SETTINGS.provision_dir, '/etc/guest-agent/provision.d'),
    stateDir: read('state_dir', SETTINGS.state_dir, '/var/lib/guest-agent'),
  };
  if (problems.length === 0 && settings.listen.kind === 'none' && settings.socket === undefined) {
    problems.push('with listen none the agent needs a socket to serve on');
  }
  // One without the other is a half-written config; guessing would leave the agent open or deaf.
  if (problems.length === 0 && (settings.vmId !== undefined) !== settings.managerKeys.length > 0) {
    problems.push('vm_id and manager_keys belong together: set both, or neither');
  }
  const { enrollmentToken, vmId, managerUrl } = settings;
  const canEnroll = vmId !== undefined && managerUrl !== undefined;
  if (problems.length === 0 && enrollmentToken !== undefined && !canEnroll) {
    problems.push('enrollment_token needs vm_id, manager_keys and manager_url beside it');
  }
  const [problem] = problems;
  return problem === undefined ? { ok: true, settings } : { ok: false, problem };
};

export const loadSettings = (
  commandLine: CommandLine,
  variables: Readonly<Record<string, string | undefined>>,
  files: Files,
  build: Build,
): Loaded => {
  const path = commandLine.configPath ?? variables[CONFIG_VARIABLE];
  const file = readFile(files, path ?? DEFAULT_CONFIG_PATH, path !== undefined);
  if (!file.ok) return file;
  const fromVariables = readVariables(variables);
  if (!fromVariables.ok) return fromVariables;
  const flags = [...commandLine.flags].map(([key, value]): readonly [string, Raw] => [
    key,
    { value, from: `--${key.replaceAll('_', '-')}` },
  ]);
  return makeSettings(new Map([...file.raw, ...fromVariables.raw, ...flags]), build);
};
