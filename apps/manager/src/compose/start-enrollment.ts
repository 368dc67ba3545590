/** Enrolment of agents: tokens, keys, and the addresses that agents report. */
import { recordAudit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { makeEnrollAgent } from '../enroll/enroll-agent.ts';
import { makeEnrollLimit } from '../enroll/enroll-limit.ts';
import { makeEnrollments, type Enrollments } from '../enroll/enrollments.ts';
import { makeFirstReadings } from '../enroll/first-readings.ts';
import { makeHostAgents, type HostAgents } from '../enroll/host-agents.ts';
import { makeKeyRotation, type KeyRotation } from '../enroll/key-rotation.ts';
import { makeProbeAgent, type ProbeAgent } from '../enroll/probe-agent.ts';
import { makeRegisterAddress } from '../enroll/register-address.ts';
import { makeRegisterAgent } from '../enroll/register-agent.ts';
import { makeReportAddress } from '../enroll/report-address.ts';
import type { AgentMessageRoutesOptions } from '../enroll/routes/agent-message-routes.ts';
import type { Subject } from '../enroll/subject.ts';
import type { HostWatch } from '../hosts/host-watch.ts';
import type { HostRegistry } from '../hosts/make-host-registry.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Log } from '../log.ts';
import type { Readings } from '../readings/readings.ts';
import type { AddressRules } from '../vms/address-rules.ts';
import type { VmRegistry } from '../vms/vm-registry.ts';
import type { Releasers } from './releasers.ts';
import type { Pulling } from './start-pulling.ts';

export interface EnrollmentOptions {
  readonly database: Database;
  readonly vms: VmRegistry;
  readonly hosts: HostRegistry;
  readonly readings: Pick<Readings, 'onReading'>;
  readonly watch: Pick<HostWatch, 'onAnswer'>;
  readonly addressRules: AddressRules;
  readonly askProbe: Parameters<typeof makeProbeAgent>[0];
  /** Its agent has told where it is; after a reboot that is where it was. */
  readonly wake: Pulling['wake'];
  readonly keyring: Keyring;
  readonly publicUrl: URL | undefined;
  /** Whether the manager runs an agent of its own, which knows the keys of the manager's start. */
  readonly hasLocalAgent: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly releasers: Releasers;
}

export interface Enrolling extends AgentMessageRoutesOptions {
  readonly enrollments: Enrollments;
  readonly keyRotation: KeyRotation;
  readonly hostAgents: Pick<HostAgents, 'of'>;
}

export const startEnrollment = async (options: EnrollmentOptions): Promise<Enrolling> => {
  const { database, vms, hosts, readings, addressRules, keyring, publicUrl, clock, log } = options;
  const managerKeys = (): readonly string[] =>
    keyring.publicKeys().map((key) => Buffer.from(key, 'base64').toString('base64url'));
  const enrollments = makeEnrollments({ database, recordAudit, publicUrl, managerKeys, clock });
  const keysAtStart = keyring.publicKeys();
  const keyRotation = makeKeyRotation({
    database,
    keyring,
    recordAudit,
    localAgentKnows: (key) => !options.hasLocalAgent || keysAtStart.includes(key),
    log,
  });
  const probeAgent: ProbeAgent = makeProbeAgent(options.askProbe);
  const parts = {
    database,
    vms,
    hosts,
    recordAudit,
    signingKey: () => keyring.signingKey(),
    managerKeys,
    register: makeRegisterAgent({
      vms,
      hosts,
      registerAddress: makeRegisterAddress({ vms, hosts, addressRules, probeAgent }),
    }),
    probeAgent,
    clock,
    log,
    refused: (...seen: Parameters<Enrollments['refused']>) => enrollments.refused(...seen),
    arrived: (subject: Subject) => {
      if (subject.kind === 'vm') options.wake.vm(subject.vm.id);
      else options.wake.host(subject.host.id);
    },
    changed: (subject: Subject) => {
      enrollments.changed(subject);
      keyRotation.agentTold();
    },
  };
  const { watch } = options;
  const firstReadings = makeFirstReadings({ database, readings, watch, enrollments, clock, log });
  const hostAgents = makeHostAgents({ database, enrollments, log });
  await hostAgents.start();
  options.releasers.add('agents of hosts', () => hostAgents.stop());
  await firstReadings.start();
  options.releasers.add('first readings', () => firstReadings.stop());
  // Apart from each other: a copied disk that reports must not keep others from enrolling.
  return {
    enrollments,
    keyRotation,
    hostAgents,
    enrollAgent: makeEnrollAgent({ ...parts, limit: makeEnrollLimit(clock) }),
    reportAddress: makeReportAddress({ ...parts, limit: makeEnrollLimit(clock) }),
  };
};
