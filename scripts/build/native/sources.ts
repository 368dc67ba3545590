/** The unpacked sources of the engine and libraries, in the cache. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder } from '../../cached-folder.ts';
import { unpackPin } from './debian-pool.ts';
import { PINS } from './pins.ts';
import type { Target } from './target.ts';

export interface Sources {
  readonly quickjs: string;
  /** `src/libsodium` of it. */
  readonly libsodium: string;
  readonly zstd: string;
  readonly bearssl: string;
  /** `usr` of its package, for each machine. */
  readonly musl: Readonly<Record<Target['name'], string>>;
}

export const obtainSources = async (): Promise<
  { ok: true; sources: Sources } | { ok: false; reason: string }
> => {
  const pins = Object.values(PINS);
  const hash = createHash('sha256').update(pins.map(({ sha256 }) => sha256).join(' '));
  const name = join('native', `sources-${hash.digest('hex').slice(0, 16)}`);
  const cached = await cachedFolder(name, async (folder) => {
    const work = join(folder, 'work');
    for (const pin of pins) {
      mkdirSync(work);
      const unpacked = await unpackPin(pin, work, join(folder, pin.name));
      if (!unpacked.ok) return unpacked;
      rmSync(work, { recursive: true });
    }
    return { ok: true };
  });
  if (!cached.ok) return cached;
  const { folder } = cached;
  return {
    ok: true,
    sources: {
      quickjs: join(folder, PINS.quickjs.name),
      libsodium: join(folder, PINS.libsodium.name, 'src/libsodium'),
      zstd: join(folder, PINS.zstd.name),
      bearssl: join(folder, PINS.bearssl.name),
      musl: {
        x64: join(folder, PINS.musl.name, 'usr'),
        arm64: join(folder, PINS.muslArm64.name, 'usr'),
      },
    },
  };
};
