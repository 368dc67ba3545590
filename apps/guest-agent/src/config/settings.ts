/** The agent's settings: what there is, what is accepted, and the sentence for what is not. */
import { parsePublicKey } from '../auth/public-key.ts';
import type { LogLevel } from '../log.ts';
import type { ExecSettings } from '../exec/prepare.ts';
import type { SocketAddress } from '../platform/platform.ts';
import { CHANGE_SETTINGS, type PowerCommands } from './change-settings.ts';
import {
  absolutePath,
  autoOrOff,
  MAX_PATHS,
  plainPaths,
  text,
  type Maker,
  type Setting,
} from './makers.ts';

export type Role = 'guest' | 'host';

/** `none` where the agent serves on a unix socket alone. */
export type Listen = SocketAddress | { readonly kind: 'none' };

export interface Settings {
  readonly listen: Listen;
  readonly roles: readonly Role[];
  readonly procRoot: string;
  readonly sysRoot: string;
  readonly socket: string | undefined;
  readonly logLevel: LogLevel;
  readonly vmId: string | undefined;
  readonly managerKeys: readonly Uint8Array[];
  readonly managerUrl: string | undefined;
  readonly enrollmentToken: string | undefined;
  /** Where it can, and has enrolled itself. */
  readonly isTlsOn: boolean;
  /** Below these the agent may open what a VMM or the manager names. */
  readonly hostPaths: readonly string[];
  /** Below these `GET /logs` may read files. */
  readonly logPaths: readonly string[];
  /** Where journald keeps its files, each in a folder named after the machine's id. */
  readonly journalPaths: readonly string[];
  readonly exec: ExecSettings;
  /** Below these `/files` may read and write. */
  readonly filePrefixes: readonly string[];
  readonly fileMaxBytes: number;
  readonly isPowerOn: boolean;
  /** Off unless whoever has installed it knows that it is started again when it ends. */
  readonly areUpdatesOn: boolean;
  /** Undefined: as the init system has it. */
  readonly powerCommands: PowerCommands | undefined;
  readonly virtioPort: string | undefined;
  /** Scripts for provisioning, which cloud-init may have put there. */
  readonly provisionDir: string;
  /** Of the agent's own: what has run once, and must not again. */
  readonly stateDir: string;
}

/** sockaddr_un has room for 107 bytes and its end; a longer path would be cut, and bound elsewhere. */
const SOCKET_PATH = /^\/[\u0021-\u007e]{1,106}$/u;

const socketPath: Maker<string> = (raw) => {
  const path = text(raw);
  return path !== undefined && SOCKET_PATH.test(path) ? path : undefined;
};

const PORT = /^\d{1,5}$/u;
const HOST = /^(?:\[(?<v6>[\da-fA-F:.]+)\]|(?<v4>[\da-zA-Z.-]*))$/u;

const listenAddress: Maker<Listen> = (raw) => {
  const value = text(raw);
  if (value === 'none') return { kind: 'none' };
  const colon = value?.lastIndexOf(':') ?? -1;
  if (value === undefined || colon === -1) return undefined;
  const match = HOST.exec(value.slice(0, colon))?.groups;
  const port = value.slice(colon + 1);
  if (match === undefined || !PORT.test(port) || Number(port) > 65_535) return undefined;
  const host = match['v6'] ?? match['v4'] ?? '';
  return { kind: 'tcp', host: host === '' ? '0.0.0.0' : host, port: Number(port) };
};

const roles: Maker<readonly Role[]> = (raw) => {
  const words: unknown = typeof raw === 'string' ? raw.split(',') : raw;
  if (!Array.isArray(words) || words.length === 0) return undefined;
  if (!words.every((word): word is Role => word === 'guest' || word === 'host')) return undefined;
  return [...new Set(words)];
};

const logLevel: Maker<LogLevel> = (raw) =>
  raw === 'debug' || raw === 'info' || raw === 'warn' || raw === 'error' ? raw : undefined;

const IDENTIFIER = /^[\w.-]{1,128}$/u;

const identifier: Maker<string> = (raw) => {
  const value = text(raw);
  return value !== undefined && IDENTIFIER.test(value) ? value : undefined;
};

const URL = /^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/u;

const httpUrl: Maker<string> = (raw) => {
  const value = text(raw);
  return value !== undefined && URL.test(value) ? value.replace(/\/+$/u, '') : undefined;
};

const ENROLLMENT_TOKEN = /^ie_[\w-]{12}_[\w-]{43}$/u;

const enrollmentToken: Maker<string> = (raw) => {
  const value = text(raw);
  return value !== undefined && ENROLLMENT_TOKEN.test(value) ? value : undefined;
};

/** Two, so that a manager can change its key without losing a guest. */
const MAX_KEYS = 2;

const publicKeys: Maker<readonly Uint8Array[]> = (raw) => {
  const values: readonly unknown[] =
    typeof raw === 'string' ? raw.split(',') : Array.isArray(raw) ? raw : [];
  const keys = values.flatMap((value) => parsePublicKey(value) ?? []);
  const complete = keys.length === values.length && keys.length > 0 && keys.length <= MAX_KEYS;
  return complete ? keys : undefined;
};

/** The file's key; the variable is GUEST_AGENT_<KEY> and the flag --<key> with dashes. */
export const SETTINGS = {
  listen: {
    make: listenAddress,
    accepts: 'host:port, such as 0.0.0.0:8080 or [::]:8080, or none',
    help: 'where to serve HTTP; port 0 is any free one; or none (0.0.0.0:8080)',
    placeholder: 'HOST:PORT',
  },
  socket: {
    make: socketPath,
    accepts: 'an absolute path of at most 107 plain characters',
    help: 'also serve on this unix socket',
    placeholder: 'PATH',
  },
  role: {
    make: roles,
    accepts: 'guest, host or guest,host',
    help: 'what this machine is: a guest, a hypervisor (host), or both (guest)',
    placeholder: 'ROLE[,ROLE]',
  },
  proc_root: {
    make: absolutePath,
    accepts: 'an absolute path',
    help: 'where proc is mounted (/proc)',
    placeholder: 'PATH',
  },
  sys_root: {
    make: absolutePath,
    accepts: 'an absolute path',
    help: 'where sysfs is mounted (/sys)',
    placeholder: 'PATH',
  },
  log_level: {
    make: logLevel,
    accepts: 'debug, info, warn or error',
    help: 'how much to log to standard error (info)',
    placeholder: 'LEVEL',
  },
  vm_id: {
    make: identifier,
    accepts: 'the id that the manager gave this VM: letters, digits, - _ and .',
    help: 'this VM, as its manager calls it',
    placeholder: 'ID',
  },
  manager_keys: {
    make: publicKeys,
    accepts: `one or ${MAX_KEYS} Ed25519 public keys (base64 of the 32 bytes, PEM or JWK)`,
    help: "the manager's public keys, separated by commas",
    placeholder: 'KEY[,KEY]',
  },
  manager_url: {
    make: httpUrl,
    accepts: 'an http or https URL without query',
    help: 'where the manager is',
    placeholder: 'URL',
  },
  enrollment_token: {
    make: enrollmentToken,
    accepts: 'a token of the manager: ie_, 12 characters, _ and 43 characters',
    help: 'with which the agent enrols itself once; needs vm_id and manager_url',
    placeholder: 'TOKEN',
  },
  tls: {
    make: autoOrOff,
    accepts: 'auto or off',
    help: 'whether it encrypts once it has enrolled itself (auto: if it can)',
    placeholder: 'auto|off',
  },
  host_paths: {
    make: plainPaths,
    accepts: `1 to ${MAX_PATHS} absolute paths without . or .. or empty parts`,
    help: 'role host: where files of VMs may be (/run,/var/run,/var/lib,/srv)',
    placeholder: 'PATH[,PATH]',
  },
  log_paths: {
    make: plainPaths,
    accepts: `1 to ${MAX_PATHS} absolute paths without . or .. or empty parts`,
    help: 'where log files may be that are asked for by path (/var/log)',
    placeholder: 'PATH[,PATH]',
  },
  journal_paths: {
    make: plainPaths,
    accepts: `1 to ${MAX_PATHS} absolute paths without . or .. or empty parts`,
    help: "where the journal's files are (/var/log/journal,/run/log/journal)",
    placeholder: 'PATH[,PATH]',
  },
  ...CHANGE_SETTINGS,
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingKey = keyof typeof SETTINGS;

export const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(SETTINGS, key);
