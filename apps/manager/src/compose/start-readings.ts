/** What is known of each VM now: of its host, of itself, at a glance, and over the last minutes. */
import type { Clock } from '../clock.ts';
import { makeHostWatch, type HostWatch } from '../hosts/host-watch.ts';
import type { HostRegistry } from '../hosts/make-host-registry.ts';
import type { Log } from '../log.ts';
import { makeReadings, type VmReadings } from '../readings/make-readings.ts';
import { makeRecentTrails, type RecentTrails } from '../readings/recent-trails.ts';
import { makeGlance, type Glance } from '../vms/glance.ts';
import type { VmRegistry } from '../vms/vm-registry.ts';
import type { Releasers } from './releasers.ts';

export interface StartedReadings {
  readonly watch: HostWatch;
  readonly readings: VmReadings;
  readonly glance: Glance;
  readonly recent: RecentTrails;
}

export const startReadings = ({
  vms,
  hosts,
  intervalMs,
  clock,
  log,
  releasers,
}: {
  readonly vms: VmRegistry;
  readonly hosts: HostRegistry;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly releasers: Releasers;
}): StartedReadings => {
  const watch = makeHostWatch({ vms, hosts, intervalMs, clock });
  releasers.add('host watch', () => watch.stop());
  const readings = makeReadings({ vms, clock, log, intervalMs });
  releasers.add('readings', async () => readings.stop());
  const glance = makeGlance({ vms, readings });
  releasers.add('glance', () => glance.stop());
  const recent = makeRecentTrails({ vms, readings, clock });
  releasers.add('recent trails', () => recent.stop());
  return { watch, readings, glance, recent };
};
