/** `npm run build`: the bundles that are shipped. */

import { buildAgent } from './build/bundle.ts';

const built = await buildAgent();
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `${built.file}  ${kilobytes(built.bytes)}, ${kilobytes(built.gzipBytes)} gzipped` +
    (built.changed ? '' : ' (unchanged)'),
);
