/** What a platform's decoders must do, if it has any: what the core's own ones do. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompress } from '@innkeeper/journal';
import type { Unpacking } from '../../platform/platform.ts';

/** 1024 bytes of text by `zstd`, and 4,000,000 zeros. */
const FRAMES = {
  'of known length':
    'KLUv/WAAA3UHAGILGxWgtdAGD/rCSg8AnFgSieydwq//qgb8TZUfwqa8TY3L01RHRsaOlzn+PAQvbMGbhfFl48lE8eNz8fYwES8m/gZ5eHHDvFV7dal864qUvw5+kPHiiDcbvso8Wfk53sS3vEDKQgAFBgAIhsOAEjUgoAIJRuju4/i0hI9W0t5XnxGhB66FF/wVBRA2iGWlemEw6+D6bEGWiC4H+Wg6hQQEF12gy+hywEfSBhNbpcuPZdLwQF9O/2jSutKl0HX54AIL/f3obx0TYnuzoplAGFiMCros6eRjGX8CJ4/knTxN3jp5ycmbZEyI9hy63hI=',
  'of unknown length':
    'KLUv/QBYFQcAYg4gFpAnSQe1ERdFxe6LFIS0TfaWCCrGzuS3zNglw8xuDXfH7NJsd0bscsTupsoVU24hkUtIhjuQwy0OdQfrEodxhxyXJHRHoitIt6zmEuLcoRDeGrxjvLSyO6tdjnY37ooJsVtGLqG6Q6FbNXcMXqrdKZd0t0sQO6BggwMCAIGBwiIpIBADCWaGPOPyaek/tEqL8+xXiOQrD1bR2vxKab8C5yvp8tPpki7pki4/nS7pki5HlwMfQZd0AbpcfsX/n2aCLpqnC6p0sUUXXlImWqIlGhO9nuhEoicEE6I+hy64BA==',
  'with a checksum':
    'KLUv/WQAA9UFACKPIROgqQ2Jvya2qngKSSRyya5l/qsafbrO/TEz9yaxuEfMuyr3hmf3JU9ZkXsbs6dClH3aTn/smN5kmR7RYH9X2Bua60vW9WXHetuspyKyPo2lP1alN3mqR7zq76p6w3RfEt2XmXu73JPJffr0x7A3aT1i6e+qN3Rfsi/r7R4gdziKJIZAFEEpKqgRQBCDLF73DcCDwjURQAzhH+kHYdoMHp8hbm+6Tnu8HjaxuHBHHcheInFKYhPb1OIYga4=',
  'that is a bomb':
    'KLUv/YBYAAk9AFQAABAAAAEA+/85wAICABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAANICAA=',
};

const MAX_BYTES = 70_000;

const frameOf = (name: keyof typeof FRAMES): Uint8Array =>
  Uint8Array.from(atob(FRAMES[name]), (byte) => byte.charCodeAt(0));

const listed = (unpacked: ReturnType<Unpacking['zstd']>) =>
  unpacked && { bytes: [...unpacked.bytes], length: unpacked.length };

export const testUnpacking = (unpacking: Unpacking): void => {
  describe('unpacking', () => {
    it.each(['of known length', 'of unknown length', 'with a checksum', 'that is a bomb'] as const)(
      "gives what the core's own decoder gives of a frame %s, or nothing",
      (name) => {
        const frame = frameOf(name);
        for (const maxBytes of [0, 1, 700, MAX_BYTES]) {
          const unpacked = unpacking.zstd(frame, maxBytes);
          if (unpacked === undefined) continue;
          expect(listed(unpacked)).toEqual(listed(decompress('zstd', frame, maxBytes)));
        }
      },
    );

    it('never gives more than was asked for, whatever the bytes', () => {
      const changed = fc
        .tuple(
          fc.constantFrom('of known length', 'of unknown length', 'with a checksum'),
          fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
          fc.nat(600),
        )
        .map(([name, changes, cut]) => {
          const bytes = frameOf(name).slice(0, Math.max(4, cut));
          for (const [at, value] of changes) if (at < bytes.length && at > 3) bytes[at] = value;
          return bytes;
        });
      fc.assert(
        fc.property(changed, fc.nat(2000), (bytes, maxBytes) => {
          const unpacked = unpacking.zstd(bytes, maxBytes);
          expect(unpacked?.bytes.length ?? 0).toBeLessThanOrEqual(maxBytes);
        }),
        { numRuns: 300 },
      );
    });
  });
};
