/**
 * Settings from flags and variables, flags first. One that is unknown or malformed stops the start:
 * a manager that guesses what its owner meant listens where its owner did not mean.
 */
import { join, resolve } from 'node:path';
import { SETTINGS, type Setting, type Settings } from './settings.ts';

export type Loaded =
  | { readonly ok: true; readonly wants: 'run'; readonly settings: Settings }
  | { readonly ok: true; readonly wants: 'help' | 'version' }
  | { readonly ok: false; readonly problem: string };

interface Raw {
  readonly text: string;
  readonly from: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

const ALL: readonly Setting<unknown>[] = Object.values(SETTINGS);
const PREFIX = 'INNKEEPER_';
const MAX_SHOWN = 60;
/** Their values are not repeated in messages, which end up in logs. */
const SECRET: ReadonlySet<string> = new Set(['DATABASE_URL', 'INNKEEPER_ADMIN_TOKEN']);

const readFlags = (args: readonly string[]): Map<string, Raw> | string => {
  const found = new Map<string, Raw>();
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    const equals = argument.indexOf('=');
    const flag = equals === -1 ? argument : argument.slice(0, equals);
    const setting = ALL.find((one) => one.flag === flag);
    if (setting === undefined) {
      return `unknown flag ${JSON.stringify(flag.slice(0, MAX_SHOWN))}; --help lists them`;
    }
    if (equals === -1) index += 1;
    const text = equals === -1 ? args[index] : argument.slice(equals + 1);
    if (text === undefined || text === '') return `${flag} needs a value`;
    if (found.has(setting.variable)) return `${flag} is there twice`;
    found.set(setting.variable, { text, from: flag });
  }
  return found;
};

const readVariables = (variables: Variables): Map<string, Raw> | string => {
  const found = new Map<string, Raw>();
  for (const [name, text] of Object.entries(variables)) {
    const isOurs = ALL.some(({ variable }) => variable === name);
    if (name.startsWith(PREFIX) && !isOurs) {
      const known = ALL.map(({ variable }) => variable).join(', ');
      return `unknown setting ${name.slice(0, MAX_SHOWN)}; there are ${known}`;
    }
    // An empty variable is one that is not set: compose files and units write them so.
    if (isOurs && text !== undefined && text !== '') found.set(name, { text, from: name });
  }
  return found;
};

export const loadSettings = (args: readonly string[], variables: Variables): Loaded => {
  if (args.includes('--help') || args.includes('-h')) return { ok: true, wants: 'help' };
  if (args.includes('--version') || args.includes('-V')) return { ok: true, wants: 'version' };
  const flags = readFlags(args);
  if (typeof flags === 'string') return { ok: false, problem: flags };
  const fromVariables = readVariables(variables);
  if (typeof fromVariables === 'string') return { ok: false, problem: fromVariables };
  const raw = new Map([...fromVariables, ...flags]);

  const problems: string[] = [];
  const read = <Value, Default>(setting: Setting<Value>, byDefault: Default): Value | Default => {
    const given = raw.get(setting.variable);
    if (given === undefined) return byDefault;
    const value = setting.parse(given.text);
    if (value !== undefined) return value;
    const shown = SECRET.has(setting.variable)
      ? ''
      : `, not ${JSON.stringify(given.text.slice(0, MAX_SHOWN))}`;
    problems.push(`${given.from} must be ${setting.accepts}${shown}`);
    return byDefault;
  };

  const HOUR_MS = 3_600_000;
  const DAY_MS = 24 * HOUR_MS;
  const dataDir = resolve(read(SETTINGS.dataDir, 'data'));
  const logDir = read(SETTINGS.logDir, join(dataDir, 'logs'));
  const localAgent = read(SETTINGS.localAgent, undefined);
  const publicUrl = read(SETTINGS.publicUrl, undefined);
  const settings: Settings = {
    databaseUrl: read(SETTINGS.databaseUrl, undefined),
    listen: read(SETTINGS.listen, { host: '127.0.0.1', port: 8080 }),
    dataDir,
    pullIntervalMs: read(SETTINGS.pullInterval, 1000),
    publicUrl,
    guestUrl: read(SETTINGS.guestUrl, publicUrl),
    guestCidrs: read(SETTINGS.guestCidrs, undefined),
    socketDirs: read(SETTINGS.socketDirs, ['/run', '/var/run', '/var/lib/libvirt', '/srv/jailer']),
    logDir: logDir === 'off' ? undefined : resolve(logDir),
    keepRunsMs: read(SETTINGS.keepRuns, 90 * DAY_MS),
    maxRuns: read(SETTINGS.maxRuns, 10_000),
    logLevel: read(SETTINGS.logLevel, 'info'),
    logFormat: read(SETTINGS.logFormat, 'auto'),
    adminToken: read(SETTINGS.adminToken, undefined),
    keepMs: {
      raw: read(SETTINGS.keepRaw, 6 * HOUR_MS),
      '10s': read(SETTINGS.keep10s, DAY_MS),
      '1m': read(SETTINGS.keep1m, 7 * DAY_MS),
      '15m': read(SETTINGS.keep15m, 90 * DAY_MS),
      '1h': read(SETTINGS.keep1h, 400 * DAY_MS),
    },
    keepProcessesMs: read(SETTINGS.keepProcesses, 7 * DAY_MS),
    keepLogsMs: read(SETTINGS.keepLogs, 14 * DAY_MS),
    keepLogsBytes: read(SETTINGS.keepLogsSize, 2 * 1024 ** 3),
    storeBufferBytes: read(SETTINGS.storeBuffer, 64 * 1024 ** 2),
    localAgent: localAgent === undefined ? undefined : resolve(localAgent),
  };
  const [problem] = problems;
  return problem === undefined ? { ok: true, wants: 'run', settings } : { ok: false, problem };
};
