/**
 * What tests and builds download or compile is kept between runs, outside the repository:
 * `INNKEEPER_CACHE_DIR`, or `innkeeper` in `XDG_CACHE_HOME`, or `~/.cache/innkeeper`.
 */

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

function cacheDir(): string {
  const { INNKEEPER_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  if (INNKEEPER_CACHE_DIR !== undefined && INNKEEPER_CACHE_DIR !== '') return INNKEEPER_CACHE_DIR;
  const base =
    XDG_CACHE_HOME !== undefined && XDG_CACHE_HOME !== ''
      ? XDG_CACHE_HOME
      : join(homedir(), '.cache');
  return join(base, 'innkeeper');
}

function cannotWrite(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `cannot write to the cache (INNKEEPER_CACHE_DIR moves it): ${message}`;
}

export type Filled = { ok: true } | { ok: false; reason: string };

/**
 * A folder of the cache, filled once. It appears under its name only when it is complete, so an
 * interrupted run leaves nothing half done and two runs at once both end up with a whole one.
 *
 * @param name such as "debian/prometheus-node-exporter-x64"
 * @param fill puts the content into the empty folder that it is given
 */
export async function cachedFolder(
  name: string,
  fill: (folder: string) => Promise<Filled>,
): Promise<{ ok: true; folder: string } | { ok: false; reason: string }> {
  const folder = join(cacheDir(), name);
  if (existsSync(folder)) return { ok: true, folder };

  const aside = `${folder}.${randomUUID()}`;
  try {
    mkdirSync(aside, { recursive: true });
  } catch (error) {
    return { ok: false, reason: cannotWrite(error) };
  }
  // Tests that run at the same time fetch at the same time; nobody waits in silence.
  process.stderr.write(`preparing ${name} in ${cacheDir()}…\n`);
  try {
    const filled = await fill(aside);
    if (!filled.ok) return filled;
    try {
      renameSync(aside, folder);
    } catch (error) {
      // Another run was faster, and its folder is as good as this one.
      if (!existsSync(folder)) throw error;
    }
    return { ok: true, folder };
  } catch (error) {
    return { ok: false, reason: cannotWrite(error) };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
