/** What the agent tells the manager of its machine. */
import type { AgentFacts } from '@innkeeper/protocol';
import { encodeBase64Url } from '../auth/base64url.ts';
import type { Listen } from '../config/settings.ts';
import type { Identity } from '../identity.ts';
import type { Platform } from '../platform/platform.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import { ownAddresses } from './own-addresses.ts';

/** The rest is of its enrolment. */
export type MachineFacts = Omit<AgentFacts, 'tls_pin' | 'tls_certificate'>;

/** How it was built: the bundle for Node, or the static binary. */
export type Build = AgentFacts['build'];

export interface AgentFactsDependencies {
  readonly platform: Pick<Platform, 'files' | 'machine' | 'crypto' | 'text'>;
  readonly kernel: KernelFiles;
  readonly identity: Identity;
  readonly build: Build;
  readonly listen: Listen;
  readonly isManagerLocal: boolean;
}

const MAX_NAME_CHARACTERS = 255;
/** So that the hash is of no use to look the machine up elsewhere. */
const HASHED_AS = 'innkeeper machine\n';

export const makeAgentFacts = (
  dependencies: AgentFactsDependencies,
): ((port: number | undefined) => MachineFacts) => {
  const { platform, kernel, identity, build, listen, isManagerLocal } = dependencies;
  const { files, machine, crypto, text } = platform;

  const hashOf = (id: string | undefined): string | null => {
    const trimmed = id?.trim() ?? '';
    // What systemd and firmware write where there is none.
    if (trimmed === '' || trimmed === 'uninitialized' || /^[0-]+$/u.test(trimmed)) return null;
    return encodeBase64Url(crypto.sha256(text.encodeUtf8(HASHED_AS + trimmed.toLowerCase())));
  };

  return (port) => {
    const machineId = files.readText('/etc/machine-id', { maxBytes: 64 });
    const firmwareId = kernel.readSys('class/dmi/id/product_uuid', { whole: true });
    const hostname = kernel.readProc('sys/kernel/hostname', { whole: true });
    const found = machine.interfaceAddresses();
    return {
      boot_id: identity.bootId ?? null,
      machine_id_hash: hashOf(machineId.ok ? machineId.value : undefined),
      firmware_id_hash: hashOf(firmwareId.ok ? firmwareId.value : undefined),
      hostname: hostname.ok ? hostname.value.trim().slice(0, MAX_NAME_CHARACTERS) : null,
      addresses: [...ownAddresses(listen, found.ok ? found.value : [], isManagerLocal)],
      agent_port: port ?? null,
      version: identity.version,
      build,
      architecture: machine.architecture,
    };
  };
};
