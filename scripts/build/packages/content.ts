/** What is in the packages of the guest agent, whoever installs them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../../root.ts';
import type { ArchiveFile } from './archives.ts';

const FOLDER = join(root, 'cloud-init');
const DOC = 'usr/share/doc/innkeeper-guest-agent';
const UNITS = [
  'guest-agent.service',
  'guest-agent-host.service',
  'guest-agent-vsock.service',
  'guest-agent-vsock.socket',
];

export const PACKAGE = 'innkeeper-guest-agent';
export const SUMMARY = 'how this VM is doing, over HTTP';
export const DESCRIPTION = [
  'A static binary that reads /proc and /sys: metrics under the names of',
  'node_exporter, logs, and for an Innkeeper manager that it is enrolled with',
  'commands and files.',
];
/** Where the file goes that lets the manager run commands. */
export const COMMANDS = 'etc/systemd/system/guest-agent.service.d/commands.conf';

export type Machine = 'x64' | 'arm64';

/** 1.0.0-rc.1 comes before 1.0.0, and a hyphen begins something else in both kinds of packages. */
export const packageVersion = (version: string): string => version.replaceAll('-', '~');

/** Below `cloud-init`. */
export const readSource = (path: string): Buffer => readFileSync(join(FOLDER, path));

export const file = (path: string, content: Uint8Array, mode = 0o644): ArchiveFile => ({
  path,
  mode,
  content,
});

/** Packages own /usr, and install.sh what is in /usr/local. */
const readUnit = (name: string): Buffer =>
  Buffer.from(readSource(`units/${name}`).toString().replaceAll('/usr/local/bin/', '/usr/bin/'));

export interface Places {
  /** Of the units that packages bring. */
  readonly units: string;
  readonly commands: string;
}

export const listFiles = (program: Uint8Array, places: Places): readonly ArchiveFile[] => [
  file('usr/bin/guest-agent', program, 0o755),
  ...UNITS.map((name) => file(`${places.units}/${name}`, readUnit(name))),
  file(places.commands, readSource('units/guest-agent-commands.conf')),
  file('usr/lib/sysusers.d/guest-agent.conf', readSource('units/sysusers-guest-agent.conf')),
  file(
    'usr/share/man/man8/guest-agent.8.gz',
    gzipSync(readSource('packages/guest-agent.8'), { level: 9 }),
  ),
  file(`${DOC}/copyright`, readSource('packages/copyright')),
  file(`${DOC}/examples/config.json`, readSource('packages/config.json')),
  file(`${DOC}/examples/z-lockdown.conf`, readUnit('guest-agent-lockdown.conf')),
];

export const isDocumentation = (path: string): boolean => /^usr\/share\/(?:doc|man)\//u.test(path);
