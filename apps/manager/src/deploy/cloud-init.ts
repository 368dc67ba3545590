/**
 * What cloud-init gets for one VM: https://docs.cloud-init.io. It carries the install script itself,
 * with the checksums of all that the script downloads, so that nothing on the way to the manager can
 * change what is installed.
 */
import { gzipSync } from 'node:zlib';
import { shellQuote } from './install-script.ts';
import { makeIsoImage } from './iso-image.ts';

export interface CloudInitFacts {
  readonly vmId: string;
  /** As somebody has called it: anything. */
  readonly name: string;
  readonly token: string;
  readonly expiresAt: number;
  /** Rendered. */
  readonly installScript: string;
}

/** Stays in the guest, to upgrade and to remove the agent. */
const SCRIPT_PATH = '/etc/guest-agent/install.sh';
/** A token does not live longer. */
const WAIT_SECONDS = 900;
const HEREDOC_END = 'INNKEEPER_INSTALL_SCRIPT_ENDS_HERE';
const MAX_HOST_NAME = 63;

/** A string of JSON is one of YAML too, where it has no characters that YAML wants escaped. */
const yamlString = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\u007F-\u{10FFFF}]/gu,
    (one) => `\\U${(one.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
  );

const argsOf = ({ vmId }: CloudInitFacts): readonly string[] => [
  'sh',
  SCRIPT_PATH,
  '--vm-id',
  vmId,
  '--wait',
  String(WAIT_SECONDS),
];

const noteOf = ({ name, expiresAt }: CloudInitFacts): string =>
  `Innkeeper, for the VM ${yamlString(name)}: good once, until ${new Date(expiresAt).toISOString()}.`;

export const renderUserData = (facts: CloudInitFacts): string => {
  const packed = gzipSync(facts.installScript, { level: 9 }).toString('base64');
  // In the environment, where no list of processes shows it for long.
  const command = ['env', `INNKEEPER_TOKEN=${facts.token}`, ...argsOf(facts)];
  return `#cloud-config
# ${noteOf(facts)}
# It installs the guest agent; what it says is in /var/log/cloud-init-output.log and on the console.
write_files:
  - path: ${SCRIPT_PATH}
    permissions: "0700"
    encoding: gz+b64
    content: ${packed}
runcmd:
  - [${command.map(yamlString).join(', ')}]
`;
};

/**
 * A script, which cloud-init runs besides all that the owner's user-data says: of two lists of
 * `runcmd` only one would count.
 */
export const renderVendorData = (facts: CloudInitFacts): string => `#!/bin/sh
# ${noteOf(facts)}
umask 077
mkdir -p /etc/guest-agent
cat >${SCRIPT_PATH} <<'${HEREDOC_END}'
${facts.installScript.trimEnd()}
${HEREDOC_END}
INNKEEPER_TOKEN=${shellQuote(facts.token)} exec ${argsOf(facts).map(shellQuote).join(' ')}
`;

/** RFC 1123: letters, digits and hyphens, of which none stands at an end. */
const hostNameOf = ({ name, vmId }: CloudInitFacts): string => {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/gu, '-')
    .slice(0, MAX_HOST_NAME)
    .replaceAll(/^-+|-+$/gu, '');
  return plain === '' ? `vm-${vmId.slice(0, 8)}` : plain;
};

/** The same at each rendering: another instance-id would be another machine to cloud-init. */
const renderMetaData = (facts: CloudInitFacts): string =>
  `instance-id: ${yamlString(`innkeeper-${facts.vmId}`)}\nlocal-hostname: ${yamlString(hostNameOf(facts))}\n`;

/** For a drive of the VM, which cloud-init finds by its name. */
export const renderSeedImage = (facts: CloudInitFacts): Buffer =>
  makeIsoImage('cidata', [
    { name: 'user-data', content: Buffer.from(renderUserData(facts)) },
    { name: 'meta-data', content: Buffer.from(renderMetaData(facts)) },
    // Else cloud-init 22 looks for it over and over.
    { name: 'vendor-data', content: Buffer.from('#cloud-config\n{}\n') },
  ]);
