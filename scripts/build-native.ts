/** `npm run build:native`: the agent as one static binary, for Linux on x64. */
import { buildNative } from './build/native.ts';

const built = await buildNative();
if (built.ok) {
  const kilobytes = (built.bytes / 1000).toFixed(1);
  console.log(`${built.file}  ${kilobytes} kB, static${built.changed ? '' : ' (unchanged)'}`);
} else {
  console.error(
    `the native agent cannot be built here: ${built.reason}. To have it: ${built.install}`,
  );
  process.exitCode = 1;
}
