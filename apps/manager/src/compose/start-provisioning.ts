/** Provisioning: begun when a VM enrols or starts anew, carried out by the runs. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import { makeListGuestScripts } from '../provisioning/guest-scripts.ts';
import {
  makeProvisioning,
  PROVISIONING_LIMITS,
  type ProvisioningParts,
} from '../provisioning/provisioning.ts';
import type { Readings } from '../readings/readings.ts';
import type { AskAgent } from '../vms/ask-agent.ts';
import type { Vms } from '../vms/vm-record.ts';
import type { Releasers } from './releasers.ts';
import type { StartedRuns } from './start-runs.ts';

export interface ProvisioningOptions {
  readonly database: Database;
  readonly vms: Vms;
  readonly readings: Pick<Readings, 'onReading'>;
  readonly runs: Pick<StartedRuns, 'runs' | 'writer'>;
  readonly askForScripts: AskAgent;
  readonly clock: Clock;
  readonly log: Log;
  readonly releasers: Releasers;
}

export const startProvisioning = (options: ProvisioningOptions): ProvisioningParts => {
  const { database, vms, readings, runs, askForScripts, clock, log, releasers } = options;
  const provisioning = makeProvisioning({
    database,
    vms,
    readings,
    ...runs,
    listGuestScripts: makeListGuestScripts(askForScripts),
    limits: PROVISIONING_LIMITS,
    clock,
    log,
  });
  releasers.add('provisioning', async () => provisioning.stop());
  return provisioning;
};
