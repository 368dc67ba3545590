/** /proc/stat for two collectors: CPU times by mode, and the counters of the whole system. */
import { parseStat, type CpuTimes, type Stat } from '@innkeeper/procfs';
import { cacheLabels } from '../exposition/labels.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { collected, readParsed, type Collected } from '../sources/collected.ts';
import { makeSteadyTimes } from './steady-times.ts';

type Mode = Exclude<keyof CpuTimes, 'guest' | 'guestNice'>;

const MODES: readonly Mode[] = [
  'idle',
  'iowait',
  'irq',
  'nice',
  'softirq',
  'steal',
  'system',
  'user',
];

const modeLabels = MODES.map((mode) => ({
  mode,
  label: cacheLabels((cpu: number) => ({ cpu: String(cpu), mode })),
}));
const guestUserLabel = cacheLabels((cpu: number) => ({ cpu: String(cpu), mode: 'user' }));
const guestNiceLabel = cacheLabels((cpu: number) => ({ cpu: String(cpu), mode: 'nice' }));

export interface StatCollectors {
  readonly cpu: Collector<Stat>;
  /** Shows what `cpu` has just read, so that a scrape reads /proc/stat once; it runs after `cpu`. */
  readonly stat: Collector<Stat>;
}

const exposeCpu: Collector<Stat>['expose'] = ({ cores }, out) => {
  out.family(
    'node_cpu_guest_seconds_total',
    'counter',
    'Seconds each CPU ran virtual machines; they are part of its user and nice seconds too.',
  );
  cores.forEach(({ cpu, times }) => {
    out.sample(guestUserLabel(cpu), times.guest);
    out.sample(guestNiceLabel(cpu), times.guestNice);
  });
  out.family('node_cpu_seconds_total', 'counter', 'Seconds each CPU spent in each mode.');
  cores.forEach(({ cpu, times }) => {
    modeLabels.forEach(({ mode, label }) => out.sample(label(cpu), times[mode]));
  });
};

const exposeStat: Collector<Stat>['expose'] = (stat, out) => {
  out.family('node_boot_time_seconds', 'gauge', 'When the machine started, in unix time.');
  out.sample('', stat.bootTimeSeconds);
  out.family('node_context_switches_total', 'counter', 'Context switches since boot.');
  out.sample('', stat.contextSwitches);
  out.family('node_forks_total', 'counter', 'Processes and threads started since boot.');
  out.sample('', stat.forks);
  out.family('node_intr_total', 'counter', 'Interrupts served since boot.');
  out.sample('', stat.interrupts);
  out.family('node_procs_blocked', 'gauge', 'Processes that wait for I/O to complete.');
  out.sample('', stat.procsBlocked);
  out.family('node_procs_running', 'gauge', 'Processes that run or could run.');
  out.sample('', stat.procsRunning);
};

export const makeStatCollectors = (kernel: KernelFiles): StatCollectors => {
  const source = kernel.proc('stat', { whole: true });
  const steady = makeSteadyTimes();
  let latest: Collected<Stat> | undefined;
  const read = (): Collected<Stat> => {
    const raw = readParsed(source, parseStat);
    const outcome = raw.ok ? collected(steady(raw.value)) : raw;
    latest = outcome;
    // One scrape runs them in one turn; to a later one, which may ask for `stat` alone, it is old.
    void Promise.resolve().then(() => {
      latest = undefined;
    });
    return outcome;
  };
  return {
    cpu: { name: 'cpu', collect: read, expose: exposeCpu },
    stat: { name: 'stat', collect: () => latest ?? read(), expose: exposeStat },
  };
};
