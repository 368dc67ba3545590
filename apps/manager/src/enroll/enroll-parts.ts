/** What the two messages of agents need of the manager. */
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { HostRegistry } from '../hosts/make-host-registry.ts';
import type { Problem } from '../http/problem.ts';
import type { Log } from '../log.ts';
import type { RecordAudit, VmRegistry } from '../vms/vm-registry.ts';
import type { EnrollLimit } from './enroll-limit.ts';
import type { ProbeAgent } from './probe-agent.ts';
import type { RegisterAgent } from './register-agent.ts';
import type { Subject } from './subject.ts';

export interface EnrollParts {
  readonly database: Database;
  readonly vms: VmRegistry;
  readonly hosts: HostRegistry;
  readonly recordAudit: RecordAudit;
  readonly signingKey: () => KeyObject;
  /** In base64url, those that agents are to know. */
  readonly managerKeys: () => readonly string[];
  readonly register: RegisterAgent;
  readonly probeAgent: ProbeAgent;
  readonly limit: EnrollLimit;
  readonly clock: Clock;
  readonly log: Log;
  /** Somebody with the token or the key was refused. */
  readonly refused: (subject: Subject, problem: Problem, remoteAddress: string) => void;
  /** Its agent is there: what was not answered before does not count any more. */
  readonly arrived: (subject: Subject) => void;
  /** Something that the page of this subject shows has changed. */
  readonly changed: (subject: Subject) => void;
}
