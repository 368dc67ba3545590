/** The guest agent as a Debian package: deb(5), deb-control(5). */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../../root.ts';
import { makeAr, makeTar, type ArchiveFile } from './archives.ts';

const FOLDER = join(root, 'cloud-init');
const PROGRAM = 'usr/bin/guest-agent';
const COMMANDS = 'etc/systemd/system/guest-agent.service.d/commands.conf';
const DOC = 'usr/share/doc/innkeeper-guest-agent';
const UNITS = [
  'guest-agent.service',
  'guest-agent-host.service',
  'guest-agent-vsock.service',
  'guest-agent-vsock.socket',
];

export const debName = (version: string): string => `innkeeper-guest-agent_${version}_amd64.deb`;

const read = (path: string): Buffer => readFileSync(join(FOLDER, path));
const file = (path: string, content: Uint8Array, mode = 0o644): ArchiveFile => ({
  path,
  mode,
  content,
});

/** Packages own /usr, and install.sh what is in /usr/local. */
const readUnit = (name: string): Buffer =>
  Buffer.from(read(`units/${name}`).toString().replaceAll('/usr/local/bin/', '/usr/bin/'));

const listFiles = (program: Uint8Array): readonly ArchiveFile[] => [
  file(PROGRAM, program, 0o755),
  ...UNITS.map((name) => file(`lib/systemd/system/${name}`, readUnit(name))),
  file(COMMANDS, read('units/guest-agent-commands.conf')),
  file('usr/lib/sysusers.d/guest-agent.conf', read('units/sysusers-guest-agent.conf')),
  file('usr/share/man/man8/guest-agent.8.gz', gzipSync(read('deb/guest-agent.8'), { level: 9 })),
  file(`${DOC}/copyright`, read('deb/copyright')),
  file(`${DOC}/examples/config.json`, read('deb/config.json')),
  file(`${DOC}/examples/z-lockdown.conf`, readUnit('guest-agent-lockdown.conf')),
];

const controlText = (version: string, installedBytes: number): string =>
  `Package: innkeeper-guest-agent
Version: ${version}
Architecture: amd64
Maintainer: Innkeeper contributors <innkeeper@localhost>
Installed-Size: ${Math.ceil(installedBytes / 1024)}
Section: admin
Priority: optional
Description: how this VM is doing, over HTTP
 A static binary that reads /proc and /sys: metrics under the names of
 node_exporter, logs, and for an Innkeeper manager that it is enrolled with
 commands and files.
`;

export const makeDeb = (version: string, program: Uint8Array): Buffer => {
  const files = listFiles(program);
  const bytes = files.reduce((total, { content }) => total + (content?.byteLength ?? 0), 0);
  const sums = files
    .filter(({ path }) => path !== COMMANDS)
    .map(({ path, content }) => {
      const sum = createHash('md5')
        .update(content ?? '')
        .digest('hex');
      return `${sum}  ${path}\n`;
    });
  const control = makeTar([
    file('control', Buffer.from(controlText(version, bytes))),
    file('conffiles', Buffer.from(`/${COMMANDS}\n`)),
    file('md5sums', Buffer.from(sums.join(''))),
    ...['postinst', 'prerm', 'postrm'].map((name) => file(name, read(`deb/${name}`), 0o755)),
  ]);
  return makeAr([
    { name: 'debian-binary', content: Buffer.from('2.0\n') },
    { name: 'control.tar.gz', content: gzipSync(control, { level: 9 }) },
    { name: 'data.tar.gz', content: gzipSync(makeTar(files), { level: 9 }) },
  ]);
};
