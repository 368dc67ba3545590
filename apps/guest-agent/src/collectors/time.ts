/** The clock: what it says, which source it counts by, and whether a time service holds it. */
import { cacheLabels, formatLabels } from '../exposition/labels.ts';
import type { Clock, Files } from '../platform/platform.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Source } from '../sources/source.ts';
import { collected } from '../sources/collected.ts';
import type { Collector } from './collector.ts';
import type { Collected } from '../sources/collected.ts';

interface Clocksource {
  readonly device: string;
  readonly available: readonly string[];
  readonly current: string;
}

export interface TimeFacts {
  readonly unixSeconds: number;
  readonly zone: { readonly name: string; readonly offsetSeconds: number };
  /** Undefined where nothing on the machine tells. */
  readonly synchronized: boolean | undefined;
  readonly clocksources: readonly Clocksource[];
}

/** systemd-timesyncd touches the second when it has set the clock (systemd-timesyncd(8)). */
const TIMESYNC_STATE = '/run/systemd/timesync';
const TIMESYNC_STAMP = `${TIMESYNC_STATE}/synchronized`;
const CLOCKSOURCES = 'devices/system/clocksource';

const zoneLabel = cacheLabels((name: string) => ({ time_zone: name }));

const words = (source: Source): readonly string[] => {
  const text = source.read();
  return text.ok ? text.value.split(/\s+/u).filter((word) => word !== '') : [];
};

/** The devices are fixed at boot; what they count by is not (the kernel gives up a bad one). */
const makeClocksources = (kernel: KernelFiles): (() => readonly Clocksource[]) => {
  const listed = kernel.listSys(CLOCKSOURCES);
  const names = listed.ok ? listed.value.filter((name) => /^clocksource\d+$/u.test(name)) : [];
  const devices = names.map((name) => ({
    device: name.replace('clocksource', ''),
    available: kernel.sys(`${CLOCKSOURCES}/${name}/available_clocksource`, { whole: true }),
    current: kernel.sys(`${CLOCKSOURCES}/${name}/current_clocksource`, { whole: true }),
  }));
  return () =>
    devices.flatMap(({ device, available, current }) => {
      const [using] = words(current);
      return using === undefined ? [] : [{ device, available: words(available), current: using }];
    });
};

const readSynchronized = (files: Pick<Files, 'exists'>): boolean | undefined => {
  if (!files.exists(TIMESYNC_STATE)) return undefined;
  return files.exists(TIMESYNC_STAMP);
};

export const makeTimeCollector = (
  kernel: KernelFiles,
  files: Pick<Files, 'exists'>,
  clock: Pick<Clock, 'nowMs' | 'zone'>,
): Collector<TimeFacts> => {
  const readClocksources = makeClocksources(kernel);
  return {
    name: 'time',
    collect: (): Collected<TimeFacts> =>
      collected({
        unixSeconds: clock.nowMs() / 1000,
        zone: clock.zone(),
        synchronized: readSynchronized(files),
        clocksources: readClocksources(),
      }),
    expose: ({ unixSeconds, zone, synchronized, clocksources }, out) => {
      out.family('node_time_seconds', 'gauge', 'The clock of the machine in unix time.');
      out.sample('', unixSeconds);
      out.family('node_time_zone_offset_seconds', 'gauge', 'Seconds east of UTC.');
      out.sample(zoneLabel(zone.name), zone.offsetSeconds);
      out.family('node_time_clocksource_available_info', 'gauge', 'Clock sources there are.');
      for (const { device, available } of clocksources) {
        for (const clocksource of available) out.sample(formatLabels({ clocksource, device }), 1);
      }
      out.family('node_time_clocksource_current_info', 'gauge', 'Clock source in use.');
      for (const { device, current } of clocksources) {
        out.sample(formatLabels({ clocksource: current, device }), 1);
      }
      out.family(
        'guest_agent_clock_synchronized',
        'gauge',
        '1 where a time service has set the clock, absent where nothing tells.',
      );
      out.sample('', synchronized === undefined ? undefined : Number(synchronized));
    },
  };
};
