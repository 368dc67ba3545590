/** The guest agent as a Debian package: deb(5), deb-control(5). */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { makeAr, makeTar } from './archives.ts';
import {
  COMMANDS,
  DESCRIPTION,
  file,
  listFiles,
  PACKAGE,
  packageVersion,
  readSource,
  SUMMARY,
  type Machine,
} from './content.ts';

const ARCHITECTURES: Readonly<Record<Machine, string>> = { x64: 'amd64', arm64: 'arm64' };

export const debName = (version: string, machine: Machine): string =>
  `${PACKAGE}_${version}_${ARCHITECTURES[machine]}.deb`;

const controlText = (version: string, machine: Machine, installedBytes: number): string =>
  `Package: ${PACKAGE}
Version: ${packageVersion(version)}
Architecture: ${ARCHITECTURES[machine]}
Maintainer: Innkeeper contributors <innkeeper@localhost>
Installed-Size: ${Math.ceil(installedBytes / 1024)}
Section: admin
Priority: optional
Description: ${SUMMARY}
${DESCRIPTION.map((line) => ` ${line}\n`).join('')}`;

export const makeDeb = (version: string, machine: Machine, program: Uint8Array): Buffer => {
  const files = listFiles(program, { units: 'lib/systemd/system', commands: COMMANDS });
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
    file('control', Buffer.from(controlText(version, machine, bytes))),
    file('conffiles', Buffer.from(`/${COMMANDS}\n`)),
    file('md5sums', Buffer.from(sums.join(''))),
    ...['postinst', 'prerm', 'postrm'].map((name) =>
      file(name, readSource(`packages/deb/${name}`), 0o755),
    ),
  ]);
  return makeAr([
    { name: 'debian-binary', content: Buffer.from('2.0\n') },
    { name: 'control.tar.gz', content: gzipSync(control, { level: 9 }) },
    { name: 'data.tar.gz', content: gzipSync(makeTar(files), { level: 9 }) },
  ]);
};
