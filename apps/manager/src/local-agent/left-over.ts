/**
 * The agent of a manager that was killed: still running, and with nobody to stop it. It is known by
 * its command line, which names the configuration file of this data folder.
 */
import { readdirSync, readFileSync } from 'node:fs';

const argumentsOf = (pid: string): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // It has ended meanwhile, or /proc hides it: then it is not ours either.
    return [];
  }
};

export const findLeftOver = (configPath: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      const args = argumentsOf(pid);
      const flag = args.indexOf('--config');
      return flag !== -1 && args[flag + 1] === configPath;
    })
    .map(Number);
