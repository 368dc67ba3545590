/** `npm run build:native`: the agent as static binaries for Linux on x64, without TLS and with it. */
import { buildNative } from './build/native.ts';

for (const variant of ['release', 'tls'] as const) {
  const built = await buildNative(variant);
  if (built.ok) {
    const kilobytes = (built.bytes / 1000).toFixed(1);
    console.log(`${built.file}  ${kilobytes} kB, static${built.changed ? '' : ' (unchanged)'}`);
  } else {
    console.error(
      `the native agent cannot be built here: ${built.reason}. To have it: ${built.install}`,
    );
    process.exitCode = 1;
    break;
  }
}
