/** CPU seconds of the threads of a process by the kernel's own account, for comparison. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, 100 on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;

/** utime and stime, fields 14 and 15; the name before them may contain anything. */
const secondsOf = (stat: string): number => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};

export const processSeconds = (pid: number): number =>
  secondsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));

/** Of each thread whose name matches, by its name. */
export const threadSeconds = (pid: number, name: RegExp): ReadonlyMap<string, number> => {
  const tasks = readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`);
  return new Map(
    tasks
      .map((task): [string, string] => [readFileSync(`${task}/comm`, 'utf8').trim(), task])
      .filter(([comm]) => name.test(comm))
      .map(([comm, task]) => [comm, secondsOf(readFileSync(`${task}/stat`, 'utf8'))]),
  );
};
