/** The agent's settings: what there is, what is accepted, and the sentence for what is not. */
import { parsePublicKey } from '../auth/public-key.ts';
import type { LogLevel } from '../log.ts';
import type { SocketAddress } from '../platform/platform.ts';

export type Role = 'guest';

export interface Settings {
  readonly listen: SocketAddress;
  readonly roles: readonly Role[];
  readonly procRoot: string;
  readonly sysRoot: string;
  readonly socket: string | undefined;
  readonly logLevel: LogLevel;
  readonly vmId: string | undefined;
  readonly managerKeys: readonly Uint8Array[];
  readonly managerUrl: string | undefined;
}

/** Each maker takes the raw value of a flag, a variable or the file, and says what it accepts. */
type Maker<Value> = (raw: unknown) => Value | undefined;

const text: Maker<string> = (raw) => (typeof raw === 'string' && raw !== '' ? raw : undefined);

const absolutePath: Maker<string> = (raw) => {
  const path = text(raw);
  if (path?.startsWith('/') !== true) return undefined;
  return path === '/' ? path : path.replace(/\/+$/u, '');
};

const PORT = /^\d{1,5}$/u;
const HOST = /^(?:\[(?<v6>[\da-fA-F:.]+)\]|(?<v4>[\da-zA-Z.-]*))$/u;

const listenAddress: Maker<SocketAddress> = (raw) => {
  const value = text(raw);
  const colon = value?.lastIndexOf(':') ?? -1;
  if (value === undefined || colon === -1) return undefined;
  const match = HOST.exec(value.slice(0, colon))?.groups;
  const port = value.slice(colon + 1);
  if (match === undefined || !PORT.test(port) || Number(port) > 65_535) return undefined;
  const host = match['v6'] ?? match['v4'] ?? '';
  return { kind: 'tcp', host: host === '' ? '0.0.0.0' : host, port: Number(port) };
};

const roles: Maker<readonly Role[]> = (raw) => {
  const words = typeof raw === 'string' ? raw.split(',') : raw;
  if (!Array.isArray(words)) return undefined;
  return words.length > 0 && words.every((word) => word === 'guest') ? ['guest'] : undefined;
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

/** Two, so that a manager can change its key without losing a guest. */
const MAX_KEYS = 2;

const publicKeys: Maker<readonly Uint8Array[]> = (raw) => {
  const values: readonly unknown[] =
    typeof raw === 'string' ? raw.split(',') : Array.isArray(raw) ? raw : [];
  const keys = values.flatMap((value) => parsePublicKey(value) ?? []);
  const complete = keys.length === values.length && keys.length > 0 && keys.length <= MAX_KEYS;
  return complete ? keys : undefined;
};

export interface Setting<Value> {
  readonly make: Maker<Value>;
  /** Completes the sentence "must be …". */
  readonly accepts: string;
  /** One line for --help. */
  readonly help: string;
  readonly placeholder: string;
}

/** The file's key; the variable is GUEST_AGENT_<KEY> and the flag --<key> with dashes. */
export const SETTINGS = {
  listen: {
    make: listenAddress,
    accepts: 'host:port, such as 0.0.0.0:8080 or [::]:8080',
    help: 'where to serve HTTP; port 0 takes any free one (0.0.0.0:8080)',
    placeholder: 'HOST:PORT',
  },
  socket: {
    make: absolutePath,
    accepts: 'an absolute path',
    help: 'also serve on this unix socket',
    placeholder: 'PATH',
  },
  role: {
    make: roles,
    accepts: 'guest',
    help: 'what this machine is (guest)',
    placeholder: 'ROLE',
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
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingKey = keyof typeof SETTINGS;
