/** Updates of agents: what is under way, and what is known of each agent. */
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Artefacts } from '../downloads/artefacts.ts';
import { manifestText, signManifest } from '../downloads/manifest.ts';
import type { Enrollments } from '../enroll/enrollments.ts';
import { makeBoundTokenMinter } from '../keys/bound-token.ts';
import type { MintToken } from '../keys/token-minter.ts';
import type { Log } from '../log.ts';
import type { ConnectGate } from '../pull/connect-gate.ts';
import { makeDeadlines } from '../pull/deadlines.ts';
import { makeAgentLink } from '../updates/agent-link.ts';
import { makeAgentStates, type ChangingAgentStates } from '../updates/agent-states.ts';
import type { Offer } from '../updates/run-step.ts';
import { getAgentVersions } from '../updates/sql/get-agent-versions.ts';
import { getLastSteps } from '../updates/sql/get-last-steps.ts';
import { UPDATE_LIMITS } from '../updates/update-limits.ts';
import type { StepRecord } from '../updates/update-record.ts';
import { makeUpdateWriter } from '../updates/update-writer.ts';
import { makeUpdates, type Updates } from '../updates/updates.ts';
import type { Vms } from '../vms/vm-record.ts';
import type { Releasers } from './releasers.ts';

export interface UpdatesOptions {
  readonly database: Database;
  readonly vms: Vms;
  readonly artefacts: Artefacts;
  readonly enrollments: Pick<Enrollments, 'onChange'>;
  readonly signingKey: () => KeyObject;
  readonly mintToken: MintToken;
  readonly gate: ConnectGate;
  readonly clock: Clock;
  readonly log: Log;
  readonly releasers: Releasers;
}

export interface StartedUpdates {
  readonly updates: Updates;
  readonly offer: Offer;
  readonly agents: ChangingAgentStates;
  /** Takes up what an earlier manager has left. */
  start(): Promise<void>;
}

/** Of the ten seconds that stopping may take: for the last write. */
const STOP_MS = 2_000;

const makeOffer = (artefacts: Artefacts, signingKey: () => KeyObject): Offer => {
  const manifest = manifestText(artefacts);
  return {
    version: artefacts.version,
    sha256Of: (name) => artefacts.get(name)?.sha256,
    signedManifest: () => ({ manifest, signature: signManifest(manifest, signingKey()) }),
  };
};

/** Of one that went well nothing remains to be said. */
const shownState = (step: Pick<StepRecord, 'state'>) =>
  step.state === 'done' || step.state === 'cancelled' ? undefined : step.state;

export const startUpdates = (options: UpdatesOptions): StartedUpdates => {
  const { database, vms, artefacts, enrollments, signingKey, mintToken, gate } = options;
  const { clock, log, releasers } = options;
  const limits = UPDATE_LIMITS;
  const deadlines = makeDeadlines({ monotonicMs: () => clock.monotonicMs() });
  const mintBoundToken = makeBoundTokenMinter(signingKey);
  const { askMs } = limits;
  const link = makeAgentLink({ mintToken, mintBoundToken, gate, deadlines, clock, askMs });
  const writer = makeUpdateWriter({ database, retryMs: limits.writeRetryMs, log });
  const offer = makeOffer(artefacts, signingKey);
  const agents = makeAgentStates();

  /** The agent has enrolled, or reported: after an update it is another version. */
  const readVersion = async (vmId: string): Promise<void> => {
    try {
      const [found] = await getAgentVersions(database, vmId);
      agents.setVersion(vmId, found?.version);
    } catch (error) {
      // It is told again at the next report.
      log.debug('the version of an agent was not read', { error });
    }
  };

  const updates = makeUpdates({
    vms,
    link,
    offer,
    clock,
    limits,
    database,
    writer,
    log,
    onStep: (step) => agents.setUpdate(step.vmId, shownState(step)),
    onSeen: (vmId, version) => agents.setVersion(vmId, version),
  });
  const stopListening = [
    enrollments.onChange((subject) => {
      if (subject.kind === 'vm') void readVersion(subject.vm.id);
    }),
    vms.onChange(({ kind, vm }) => {
      if (kind === 'removed') agents.remove(vm.id);
    }),
  ];
  releasers.add(
    'updates',
    async () => {
      for (const stop of stopListening) stop();
      await updates.close();
      await writer.stop();
      deadlines.stop();
    },
    STOP_MS,
  );

  return {
    updates,
    offer,
    agents,
    start: async () => {
      for (const { vmId, version } of await getAgentVersions(database, undefined)) {
        agents.setVersion(vmId, version);
      }
      for (const { vmId, state } of await getLastSteps(database)) {
        if (vms.get(vmId) !== undefined) agents.setUpdate(vmId, shownState({ state }));
      }
      await updates.load();
    },
  };
};
