/** `npm run build`: the bundles that are shipped. */

import { buildAgent, buildManager, type Built } from './build/bundle.ts';
import { buildPages } from './build/pages.ts';

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

const say = ({ file, bytes, gzipBytes, changed }: Built): void =>
  console.log(
    `${file}  ${kilobytes(bytes)}, ${kilobytes(gzipBytes)} gzipped${changed ? '' : ' (unchanged)'}`,
  );

say(await buildAgent());
say(await buildManager());
const pages = await buildPages();
console.log(`${pages.folder}/${pages.changed ? '' : '  (unchanged)'}`);
