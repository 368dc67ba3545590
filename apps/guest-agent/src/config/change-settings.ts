/** The settings of what changes something on the machine: commands, files, power. */
import { absolutePath, MAX_PATHS, onOrOff, plainPaths, wholeNumber } from './makers.ts';
import type { Maker, Setting } from './makers.ts';

const MAX_ENTRIES = 256;
const MAX_ENTRY_CHARACTERS = 1000;
const PROGRAM = /^\/[^\0\n]*$/u;

/** Entries have spaces, and may have commas, so a text holds one in each line. */
const allowList: Maker<readonly string[]> = (raw) => {
  const values: unknown = typeof raw === 'string' ? raw.split('\n') : raw;
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_ENTRIES) {
    return undefined;
  }
  const entries = values.filter(
    (value): value is string =>
      typeof value === 'string' && value.length <= MAX_ENTRY_CHARACTERS && PROGRAM.test(value),
  );
  return entries.length === values.length ? entries : undefined;
};

const USER = /^\w[\w.-]{0,63}$/u;

const userName: Maker<string> = (raw) =>
  typeof raw === 'string' && USER.test(raw) ? raw : undefined;

export interface PowerCommands {
  readonly shutdown: readonly [string, ...string[]];
  readonly reboot: readonly [string, ...string[]];
}

const argvOf = (raw: unknown): readonly [string, ...string[]] | undefined => {
  if (!Array.isArray(raw)) return undefined;
  const words = raw.filter((word): word is string => typeof word === 'string' && word !== '');
  const [program, ...rest] = words;
  return program === undefined || words.length !== raw.length ? undefined : [program, ...rest];
};

const parsed = (raw: string): unknown => {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
};

const powerCommands: Maker<PowerCommands> = (raw) => {
  const value = typeof raw === 'string' ? parsed(raw) : raw;
  if (typeof value !== 'object' || value === null) return undefined;
  const { shutdown, reboot, ...others } = Object.fromEntries(Object.entries(value));
  const [down, up] = [argvOf(shutdown), argvOf(reboot)];
  if (down === undefined || up === undefined || Object.keys(others).length > 0) return undefined;
  return { shutdown: down, reboot: up };
};

const MAX_FILE_BYTES = 64 * 1024 * 1024;

export const CHANGE_SETTINGS = {
  exec: {
    make: onOrOff,
    accepts: 'on or off',
    help: 'whether the manager may run commands here (on)',
    placeholder: 'on|off',
  },
  exec_allow: {
    make: allowList,
    accepts: `a list of 1 to ${MAX_ENTRIES} programs by their paths, with arguments where only these are meant`,
    help: 'run only these, no scripts; one in each line (any)',
    placeholder: 'COMMAND',
  },
  exec_user: {
    make: userName,
    accepts: 'the name of a user',
    help: 'as whom commands run (as asked, else as the agent)',
    placeholder: 'USER',
  },
  exec_max_running: {
    make: wholeNumber(1, 64),
    accepts: 'a whole number from 1 to 64',
    help: 'how many commands may run at once (8)',
    placeholder: 'NUMBER',
  },
  exec_max_seconds: {
    make: wholeNumber(1, 604_800),
    accepts: 'a whole number from 1 to 604800',
    help: 'the longest timeout to ask for (86400)',
    placeholder: 'SECONDS',
  },
  exec_max_output_bytes: {
    make: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    accepts: 'a whole number above 0',
    help: 'the most output to ask for (1 GiB)',
    placeholder: 'BYTES',
  },
  file_prefixes: {
    make: plainPaths,
    accepts: `1 to ${MAX_PATHS} absolute paths without . or .. or empty parts`,
    help: 'below these /files may read and write (none)',
    placeholder: 'PATH[,PATH]',
  },
  file_max_bytes: {
    make: wholeNumber(1, MAX_FILE_BYTES),
    accepts: `a whole number from 1 to ${MAX_FILE_BYTES}`,
    help: 'how much of a file at once (10 MiB, of the native build 1)',
    placeholder: 'BYTES',
  },
  power: {
    make: onOrOff,
    accepts: 'on or off',
    help: 'whether the manager may shut this machine down (on)',
    placeholder: 'on|off',
  },
  updates: {
    make: onOrOff,
    accepts: 'on or off',
    help: 'whether the manager may update this program, if it is restarted (off)',
    placeholder: 'on|off',
  },
  power_commands: {
    make: powerCommands,
    accepts: '{"shutdown": [program, …], "reboot": [program, …]}',
    help: 'what shuts down and reboots (the init system)',
    placeholder: 'JSON',
  },
  virtio_port: {
    make: absolutePath,
    accepts: 'an absolute path',
    help: 'virtio-serial port on which the hypervisor may use JSON-RPC (none)',
    placeholder: 'PATH',
  },
  provision_dir: {
    make: absolutePath,
    accepts: 'an absolute path',
    help: 'scripts for provisioning (/etc/guest-agent/provision.d)',
    placeholder: 'PATH',
  },
  state_dir: {
    make: absolutePath,
    accepts: 'an absolute path',
    help: 'what the agent must still know after a restart (/var/lib/guest-agent)',
    placeholder: 'PATH',
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
