/** The built manager in a folder of its own, from where it serves agents that a test has made. */
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MANAGER_BUNDLE } from './manager-process.ts';

export interface ManagerOfVersion {
  /** For `startManager`. */
  readonly program: string;
  /** What the next start serves. */
  serve(version: string, artefacts: Readonly<Record<string, Uint8Array>>): void;
  remove(): void;
}

export const makeManagerOfVersion = (): ManagerOfVersion => {
  const root = mkdtempSync(join(tmpdir(), 'manager-of-version-'));
  // Its pages are where they are beside the bundle.
  const folder = join(root, 'manager/dist');
  mkdirSync(folder, { recursive: true });
  const dist = dirname(MANAGER_BUNDLE.path);
  symlinkSync(join(dist, '../../ui'), join(root, 'ui'));
  const program = join(folder, 'manager.mjs');
  copyFileSync(MANAGER_BUNDLE.path, program);
  cpSync(join(dist, 'migrations'), join(folder, 'migrations'), { recursive: true });
  const artefactFolder = join(folder, 'deployment/artefacts');
  return {
    program,
    serve: (version, artefacts) => {
      rmSync(artefactFolder, { recursive: true, force: true });
      mkdirSync(artefactFolder, { recursive: true });
      writeFileSync(join(artefactFolder, '.version'), `${version}\n`);
      for (const [name, content] of Object.entries(artefacts)) {
        writeFileSync(join(artefactFolder, name), content);
      }
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};
