/** `npm run build`: the bundles that are shipped, and what the manager hands out to guests. */

import { rmSync } from 'node:fs';
import { buildAgent, buildManager, type Built } from './build/bundle.ts';
import { buildDeployment } from './build/deployment.ts';
import { buildNative, nativePath } from './build/native.ts';
import { ARM64, X64 } from './build/native/target.ts';
import { buildPages } from './build/pages.ts';

const VARIANTS = ['release', 'tls'] as const;

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
const unlessNew = (changed: boolean): string => (changed ? '' : ' (unchanged)');

const say = ({ file, bytes, gzipBytes, changed }: Built): void =>
  console.log(`${file}  ${kilobytes(bytes)}, ${kilobytes(gzipBytes)} gzipped${unlessNew(changed)}`);

const agent = await buildAgent();
say(agent);
for (const target of [X64, ARM64]) {
  for (const variant of VARIANTS) {
    const native = await buildNative(variant, target);
    console.log(
      native.ok
        ? `${native.file}  ${kilobytes(native.bytes)}, static${unlessNew(native.changed)}`
        : `no native agent for ${target.name}: ${native.reason}. To have it: ${native.install}`,
    );
    if (!native.ok) {
      // One of before is of another version than the rest, and would be handed out as this one.
      for (const old of VARIANTS) rmSync(nativePath(target, old), { force: true });
      break;
    }
  }
}
say(await buildManager());
const deployment = buildDeployment(agent);
console.log(
  `${deployment.folder}/  ${deployment.names.length} artefacts${unlessNew(deployment.changed)}`,
);
const pages = await buildPages();
console.log(`${pages.folder}/${pages.changed ? '' : '  (unchanged)'}`);
