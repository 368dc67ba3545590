/**
 * What the manager hands out to guests, beside its bundle: the builds of the agent, the units, and the
 * script that installs them. Nothing is compiled here: it is gathered from what was built.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';
import { writeIfNew, type Built } from './bundle.ts';
import { nativePath } from './native.ts';
import { ARM64, X64, type Target } from './native/target.ts';
import { debName, makeDeb } from './packages/deb.ts';
import { makeRpm, rpmName } from './packages/rpm.ts';

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

/** Of the native builds: each of them, and the packages that bring the one that can do more. */
const artefactsOf = (target: Target, version: string): readonly (readonly [string, Buffer])[] => {
  const path = nativePath(target);
  if (!existsSync(path)) return [];
  const program = readFileSync(path);
  const tlsPath = nativePath(target, 'tls');
  const withTls = existsSync(tlsPath) ? readFileSync(tlsPath) : undefined;
  const packaged = withTls ?? program;
  const { name } = target;
  return [
    [`guest-agent-linux-${name}`, program],
    ...(withTls === undefined ? [] : [[`guest-agent-linux-${name}-tls`, withTls] as const]),
    [debName(version, name), makeDeb(version, name, packaged)],
    [rpmName(version, name), makeRpm(version, name, packaged)],
  ];
};

/** @param agent the bundle for Node; native binaries are taken where somebody has built them */
export const buildDeployment = (agent: Pick<Built, 'path' | 'version'>): BuiltDeployment => {
  const folder = join(root, FOLDER);
  const artefacts = join(folder, ARTEFACTS);
  mkdirSync(artefacts, { recursive: true });
  const contents = new Map([
    ['guest-agent.mjs', readFileSync(agent.path)],
    ...readdirSync(UNITS).map((name) => [name, readFileSync(join(UNITS, name))] as const),
    ...[X64, ARM64].flatMap((target) => artefactsOf(target, agent.version)),
  ]);
  const names = [...contents.keys()].toSorted();
  removeOthers(artefacts, names);
  const written = [
    ...[...contents].map(([name, content]) => [join(artefacts, name), content] as const),
    [join(artefacts, VERSION_FILE), Buffer.from(`${agent.version}\n`)] as const,
    [join(folder, 'install.sh'), readFileSync(join(root, 'cloud-init/install.sh'))] as const,
  ].map(([path, content]) => writeIfNew(path, content, 0o644));
  return { folder: FOLDER, names, changed: written.includes(true) };
};
