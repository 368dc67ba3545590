/**
 * What the manager hands out to guests, beside its bundle: the builds of the agent, the units, and the
 * script that installs them. Nothing is compiled here: it is gathered from what was built.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';
import { writeIfNew, type Built } from './bundle.ts';
import { debName, makeDeb } from './deb/package.ts';
import { NATIVE_PATH } from './native.ts';

const FOLDER = 'apps/manager/dist/deployment';
/** Where `apps/manager/src/downloads/artefacts.ts` looks for them. */
const ARTEFACTS = 'artefacts';
const VERSION_FILE = '.version';
const UNITS = join(root, 'cloud-init/units');

export interface BuiltDeployment {
  /** Relative to the repository. */
  readonly folder: string;
  /** Names of the artefacts. */
  readonly names: readonly string[];
  readonly changed: boolean;
}

/** Half-written files of other runs end in a process id and are left alone. */
const removeOthers = (folder: string, names: readonly string[]): void => {
  for (const name of readdirSync(folder)) {
    const isOld = name !== VERSION_FILE && !names.includes(name) && !/\.\d+$/u.test(name);
    if (isOld) rmSync(join(folder, name), { force: true });
  }
};

/** @param agent the bundle for Node; the native binary is taken where somebody has built it */
export const buildDeployment = (agent: Pick<Built, 'path' | 'version'>): BuiltDeployment => {
  const folder = join(root, FOLDER);
  const artefacts = join(folder, ARTEFACTS);
  mkdirSync(artefacts, { recursive: true });
  const sources = new Map([['guest-agent.mjs', agent.path]]);
  if (existsSync(NATIVE_PATH)) sources.set('guest-agent-linux-x64', NATIVE_PATH);
  for (const name of readdirSync(UNITS)) sources.set(name, join(UNITS, name));
  const deb = existsSync(NATIVE_PATH) ? debName(agent.version) : undefined;
  const names = [...sources.keys(), ...(deb === undefined ? [] : [deb])].toSorted();
  removeOthers(artefacts, names);
  const packages =
    deb === undefined
      ? []
      : [[join(artefacts, deb), makeDeb(agent.version, readFileSync(NATIVE_PATH))] as const];
  const written = [
    ...packages,
    ...[...sources].map(([name, source]) => [join(artefacts, name), readFileSync(source)] as const),
    [join(artefacts, VERSION_FILE), Buffer.from(`${agent.version}\n`)] as const,
    [join(folder, 'install.sh'), readFileSync(join(root, 'cloud-init/install.sh'))] as const,
  ].map(([path, content]) => writeIfNew(path, content, 0o644));
  return { folder: FOLDER, names, changed: written.includes(true) };
};
