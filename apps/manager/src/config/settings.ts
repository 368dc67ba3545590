/** The manager's settings: what there is, what is accepted, and the default of each. */
import { isIP } from 'node:net';
import type { Tier } from '@innkeeper/protocol';
import { parseListenAddress, type ListenAddress } from './listen-address.ts';
import { parseBytes, parseDurationMs } from './quantities.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'auto' | 'json' | 'pretty';

export interface Settings {
  /** Undefined: the embedded Postgres, in the data folder. */
  readonly databaseUrl: string | undefined;
  readonly listen: ListenAddress;
  readonly dataDir: string;
  readonly pullIntervalMs: number;
  /** Without a slash at the end. */
  readonly publicUrl: URL | undefined;
  /** Where guests and hosts reach the manager: the public URL, unless another one is set. */
  readonly guestUrl: URL | undefined;
  /** As given; undefined: the default networks. */
  readonly guestCidrs: string | undefined;
  /** Absolute, without a slash at the end. */
  readonly socketDirs: readonly string[];
  /** Undefined: no files. */
  readonly logDir: string | undefined;
  readonly keepRunsMs: number;
  readonly maxRuns: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly adminToken: string | undefined;
  readonly keepMs: Readonly<Record<Tier, number>>;
  readonly keepProcessesMs: number;
  /** 0: log lines are not kept. */
  readonly keepLogsMs: number;
  readonly keepLogsBytes: number;
  readonly storeBufferBytes: number;
  /** The bundle of the guest agent, to be run for this machine. */
  readonly localAgent: string | undefined;
}

export interface Setting<Value> {
  readonly variable: string;
  readonly flag: string;
  readonly placeholder: string;
  readonly parse: (text: string) => Value | undefined;
  /** Completes the sentence "must be …". */
  readonly accepts: string;
  readonly help: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const oneOf =
  <Word extends string>(...words: readonly Word[]) =>
  (text: string): Word | undefined =>
    words.find((word) => word === text);

const within =
  (parse: (text: string) => number | undefined, min: number, max: number) =>
  (text: string): number | undefined => {
    const value = parse(text);
    return value !== undefined && value >= min && value <= max ? value : undefined;
  };

/** 0 stands for it. */
const offOr =
  (parse: (text: string) => number | undefined) =>
  (text: string): number | undefined =>
    text === 'off' || text === '0' ? 0 : parse(text);

const parseCount = (text: string): number | undefined =>
  /^\d{1,9}$/u.test(text) ? Number(text) : undefined;

const nonEmpty = (text: string): string | undefined => (text === '' ? undefined : text);

const parseHttpUrl = (text: string): URL | undefined => {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain =
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '';
  return plain ? url : undefined;
};

/** Without links back: what is below a folder is decided by its text. */
const FOLDER = /^(?:\/(?!\.{1,2}(?:\/|$))[^/,\s]+)+$/u;

const parseFolders = (text: string): readonly string[] | undefined => {
  if (text === 'off') return [];
  const folders = text.split(',').map((one) => one.replace(/\/+$/u, ''));
  return folders.every((one) => FOLDER.test(one)) ? folders : undefined;
};

/** Agents speak plain HTTP, and an address is always an accepted `Host`. */
const parseGuestUrl = (text: string): URL | undefined => {
  const url = parseHttpUrl(text);
  const host = url?.hostname.replaceAll(/^\[|\]$/gu, '') ?? '';
  return url?.protocol === 'http:' && isIP(host) !== 0 ? url : undefined;
};

/** Printable, so that it survives a header; long enough that nobody guesses it. */
const parseAdminToken = (text: string): string | undefined =>
  /^[\u0021-\u007e]{20,200}$/u.test(text) ? text : undefined;

/** `1m` of history is of no use to the roll-up that reads it, ten years are. */
const keep = (tier: Tier, least: string, leastMs: number, fallback: string): Setting<number> => ({
  variable: `INNKEEPER_KEEP_${tier.toUpperCase()}`,
  flag: `--keep-${tier}`,
  placeholder: 'TIME',
  parse: within(parseDurationMs, leastMs, 3660 * DAY_MS),
  accepts: `a time from ${least} to 3660d, such as ${fallback}`,
  help:
    tier === 'raw'
      ? `how long to keep samples (${fallback})`
      : `and steps of ${tier} (${fallback})`,
});

export const SETTINGS = {
  databaseUrl: {
    variable: 'DATABASE_URL',
    flag: '--database-url',
    placeholder: 'URL',
    parse: nonEmpty,
    accepts: 'a URL such as postgres://user:password@host:5432/database',
    help: 'Postgres 14 to 18 (none: one of its own, in the data folder)',
  },
  listen: {
    variable: 'INNKEEPER_LISTEN',
    flag: '--listen',
    placeholder: 'HOST:PORT',
    parse: parseListenAddress,
    accepts: 'host:port, such as 127.0.0.1:8080 or [::]:8080',
    help: 'where to serve (127.0.0.1:8080)',
  },
  publicUrl: {
    variable: 'INNKEEPER_PUBLIC_URL',
    flag: '--public-url',
    placeholder: 'URL',
    parse: parseHttpUrl,
    accepts: 'an http or https URL without path, such as https://innkeeper.example.org',
    help: 'how guests and browsers reach this manager',
  },
  guestUrl: {
    variable: 'INNKEEPER_GUEST_URL',
    flag: '--guest-url',
    placeholder: 'URL',
    parse: parseGuestUrl,
    accepts: 'an http URL with an address and no path, such as http://192.168.1.1:8080',
    help: 'how guests reach it, if not by the public URL',
  },
  dataDir: {
    variable: 'INNKEEPER_DATA_DIR',
    flag: '--data-dir',
    placeholder: 'PATH',
    parse: nonEmpty,
    accepts: 'a path',
    help: 'the database, the admin token and logs (./data)',
  },
  pullInterval: {
    variable: 'INNKEEPER_PULL_INTERVAL',
    flag: '--pull-interval',
    placeholder: 'TIME',
    parse: within(parseDurationMs, 1000, 300_000),
    accepts: 'a time from 1s to 5m',
    help: 'how often to ask each guest (1s)',
  },
  guestCidrs: {
    variable: 'INNKEEPER_GUEST_CIDRS',
    flag: '--guest-cidrs',
    placeholder: 'NETS',
    parse: nonEmpty,
    accepts: 'networks such as 10.0.0.0/8,fd00::/8',
    help: 'networks that guests may be in (the private ones)',
  },
  socketDirs: {
    variable: 'INNKEEPER_SOCKET_DIRS',
    flag: '--socket-dirs',
    placeholder: 'DIRS',
    parse: parseFolders,
    accepts: 'absolute paths such as /run,/srv/jailer, or off',
    help: 'folders that sockets of agents may be in (/run,/var/run,/var/lib/libvirt,/srv/jailer)',
  },
  adminToken: {
    variable: 'INNKEEPER_ADMIN_TOKEN',
    flag: '--admin-token',
    placeholder: 'TOKEN',
    parse: parseAdminToken,
    accepts: '20 to 200 printable characters without blanks',
    help: 'at the first start only (made by itself, in <data>/admin-token)',
  },
  localAgent: {
    variable: 'INNKEEPER_LOCAL_AGENT',
    flag: '--local-agent',
    placeholder: 'FILE',
    parse: nonEmpty,
    accepts: 'the path of guest-agent.mjs or of the native agent',
    help: 'run this agent for this machine, enrolled as the VM this-machine',
  },
  keepRaw: keep('raw', '1h', HOUR_MS, '6h'),
  keep10s: keep('10s', '6h', 6 * HOUR_MS, '24h'),
  keep1m: keep('1m', '1d', DAY_MS, '7d'),
  keep15m: keep('15m', '7d', 7 * DAY_MS, '90d'),
  keep1h: keep('1h', '30d', 30 * DAY_MS, '400d'),
  keepProcesses: {
    variable: 'INNKEEPER_KEEP_PROCESSES',
    flag: '--keep-processes',
    placeholder: 'TIME',
    parse: within(parseDurationMs, HOUR_MS, 3660 * DAY_MS),
    accepts: 'a time from 1h to 3660d, such as 7d',
    help: 'and the busiest processes of each minute (7d)',
  },
  keepLogs: {
    variable: 'INNKEEPER_KEEP_LOGS',
    flag: '--keep-logs',
    placeholder: 'TIME',
    parse: offOr(within(parseDurationMs, HOUR_MS, 3660 * DAY_MS)),
    accepts: 'a time from 1h to 3660d, such as 14d, or off',
    help: 'and log lines, as far as the policies say; off: none (14d)',
  },
  keepLogsSize: {
    variable: 'INNKEEPER_KEEP_LOGS_SIZE',
    flag: '--keep-logs-size',
    placeholder: 'SIZE',
    parse: within(parseBytes, 64 * 1024 ** 2, 16 * 1024 ** 4),
    accepts: 'a size from 64MiB to 16384GiB',
    help: 'the most that kept log lines take; the oldest go first (2GiB)',
  },
  storeBuffer: {
    variable: 'INNKEEPER_STORE_BUFFER',
    flag: '--store-buffer',
    placeholder: 'SIZE',
    parse: within(parseBytes, 1024 ** 2, 16 * 1024 ** 3),
    accepts: 'a size from 1MiB to 16GiB',
    help: 'samples to hold while Postgres is away, about 130 bytes each (64MiB)',
  },
  logDir: {
    variable: 'INNKEEPER_LOG_DIR',
    flag: '--log-dir',
    placeholder: 'PATH',
    parse: nonEmpty,
    accepts: 'a path, or off',
    help: 'output of commands as files; off: none (<data>/logs)',
  },
  keepRuns: {
    variable: 'INNKEEPER_KEEP_RUNS',
    flag: '--keep-runs',
    placeholder: 'TIME',
    parse: within(parseDurationMs, HOUR_MS, 3660 * DAY_MS),
    accepts: 'a time from 1h to 3660d, such as 90d',
    help: 'how long to keep commands and their output (90d)',
  },
  maxRuns: {
    variable: 'INNKEEPER_MAX_RUNS',
    flag: '--max-runs',
    placeholder: 'COUNT',
    parse: within(parseCount, 10, 1_000_000),
    accepts: 'a number from 10 to 1000000',
    help: 'and how many of them at most (10000)',
  },
  logLevel: {
    variable: 'INNKEEPER_LOG_LEVEL',
    flag: '--log-level',
    placeholder: 'LEVEL',
    parse: oneOf('debug', 'info', 'warn', 'error'),
    accepts: 'debug, info, warn or error',
    help: 'how much to log (info)',
  },
  logFormat: {
    variable: 'INNKEEPER_LOG_FORMAT',
    flag: '--log-format',
    placeholder: 'FORMAT',
    parse: oneOf('auto', 'json', 'pretty'),
    accepts: 'auto, json or pretty',
    help: 'JSON lines, or for people; auto: for people on a terminal (auto)',
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
