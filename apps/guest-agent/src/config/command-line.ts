/** The command line: settings as flags, and the three flags that are not settings. */
import { isSettingKey, type SettingKey } from './settings.ts';

export interface CommandLine {
  readonly wants: 'run' | 'help' | 'version';
  readonly configPath: string | undefined;
  readonly flags: ReadonlyMap<SettingKey, string>;
}

export type ParsedCommandLine =
  | { readonly ok: true; readonly commandLine: CommandLine }
  | { readonly ok: false; readonly problem: string };

interface Collected {
  wants: CommandLine['wants'];
  configPath: string | undefined;
  readonly flags: Map<SettingKey, string>;
}

/** Returns what is wrong with one flag and its value, if anything. */
const take = (into: Collected, flag: string, value: string | undefined): string | undefined => {
  const key = /^--[a-z-]+$/u.test(flag) ? flag.slice(2).replaceAll('-', '_') : '';
  if (flag !== '--config' && !isSettingKey(key)) {
    return `unknown flag ${JSON.stringify(flag.slice(0, 60))}; --help lists them`;
  }
  if (value === undefined || value === '') return `${flag} needs a value`;
  if (flag === '--config') into.configPath = value;
  else if (isSettingKey(key)) into.flags.set(key, value);
  return undefined;
};

export const parseCommandLine = (args: readonly string[]): ParsedCommandLine => {
  const collected: Collected = { wants: 'run', configPath: undefined, flags: new Map() };
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (argument === '--help' || argument === '-h') collected.wants = 'help';
    else if (argument === '--version' || argument === '-V') collected.wants = 'version';
    else {
      const equals = argument.indexOf('=');
      const flag = equals === -1 ? argument : argument.slice(0, equals);
      if (equals === -1) index += 1;
      const value = equals === -1 ? args[index] : argument.slice(equals + 1);
      const problem = take(collected, flag, value);
      if (problem !== undefined) return { ok: false, problem };
    }
  }
  return { ok: true, commandLine: collected };
};
