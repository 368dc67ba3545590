/** `npm run build:native`: the agent as static binaries, without TLS and with it, for Linux on x64 and, where it can be, on arm64. */
import { buildNative } from './build/native.ts';
import { ARM64, X64 } from './build/native/target.ts';

for (const target of [X64, ARM64]) {
  for (const variant of ['release', 'tls'] as const) {
    const built = await buildNative(variant, target);
    if (built.ok) {
      const kilobytes = (built.bytes / 1000).toFixed(1);
      console.log(`${built.file}  ${kilobytes} kB, static${built.changed ? '' : ' (unchanged)'}`);
    } else {
      const { reason, install } = built;
      console.error(`no native agent for ${target.name}: ${reason}. To have it: ${install}`);
      // Machines of the other kind are fewer, and the bundle serves them.
      if (target === X64) process.exitCode = 1;
      break;
    }
  }
}
