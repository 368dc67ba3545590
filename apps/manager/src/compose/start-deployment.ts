/** What the manager hands out to guests, and who is told of it. */
import type { Clock } from '../clock.ts';
import { openDeployment, type Deployment } from '../deploy/deployment.ts';
import type { Download } from '../downloads/download-routes.ts';
import type { Enrollments } from '../enroll/enrollments.ts';
import type { Subject } from '../enroll/subject.ts';
import type { HostRegistry } from '../hosts/make-host-registry.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Log } from '../log.ts';
import type { VmRegistry } from '../vms/vm-registry.ts';

export interface StartDeploymentOptions {
  readonly folder: string;
  readonly publicUrl: URL | undefined;
  readonly keyring: Keyring;
  readonly enrollments: Pick<Enrollments, 'create' | 'downloaded'>;
  readonly vms: Pick<VmRegistry, 'get'>;
  readonly hosts: Pick<HostRegistry, 'all'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a guest runs; the files that go with it say nothing about how far it is. */
const isBuild = (name: string): boolean =>
  name === 'guest-agent.mjs' || name.startsWith('guest-agent-linux-');

export const startDeployment = (options: StartDeploymentOptions): Deployment => {
  const { folder, publicUrl, keyring, enrollments, vms, hosts, clock, log } = options;

  const subjectOf = (agentId: string): Subject | undefined => {
    const vm = vms.get(agentId);
    if (vm !== undefined) return { kind: 'vm', vm };
    const host = [...hosts.all()].find((one) => one.agentId === agentId);
    return host === undefined ? undefined : { kind: 'host', host };
  };

  const note = async (subject: Subject): Promise<void> => {
    try {
      await enrollments.downloaded(subject);
    } catch (error) {
      // A step of a page that waits; the download itself needs no database.
      log.debug('a download was not noted', { error });
    }
  };

  const onDownload = ({ name, vmId }: Download): void => {
    const subject = vmId === undefined || !isBuild(name) ? undefined : subjectOf(vmId);
    if (subject !== undefined) void note(subject);
  };

  return openDeployment({ folder, publicUrl, keyring, enrollments, clock, onDownload });
};
