/**
 * A lock between processes: a folder that holds one file named after its owner.
 *
 * - Taking: a folder with the owner's file in it is prepared aside and renamed to its place. The
 *   system refuses to rename onto a folder that is not empty, so exactly one succeeds.
 * - Releasing, and breaking the lock of an owner that died: the owner's file is deleted. Its name
 *   is unique, so nobody can delete the file of whoever came next by mistake.
 * - An owner touches its file every two seconds. It counts as dead when its process is gone on
 *   this machine, or when the file has not changed for as long as {@link silentMs} while we
 *   watched (another machine or container shares the folder; clocks need not agree).
 */

import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const touchMs = 2_000;
const silentMs = 20_000;
const pollMs = 200;

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/**
 * @param {string} path
 * @returns {(() => void) | undefined} the release, or undefined when somebody holds the lock
 */
function tryTake(path) {
  const owner = `${process.pid}@${hostname()}@${randomUUID()}`;
  const aside = `${path}.${owner}`;
  mkdirSync(aside, { recursive: true });
  writeFileSync(join(aside, owner), '');
  try {
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (['ENOTEMPTY', 'EEXIST'].includes(String(codeOf(error)))) return undefined;
    throw error;
  }
  const ownerFile = join(path, owner);
  const touching = setInterval(() => {
    try {
      utimesSync(ownerFile, new Date(), new Date());
    } catch {
      // Taken from us after a long sleep of the machine: there is nothing left to touch.
    }
  }, touchMs);
  touching.unref();
  return () => {
    clearInterval(touching);
    rmSync(ownerFile, { force: true });
    try {
      rmdirSync(path);
    } catch {
      // The next owner has it already.
    }
  };
}

/**
 * @param {string} path
 * @returns {{ file: string, changedAt: number } | undefined}
 */
function lookAtOwner(path) {
  try {
    const [owner] = readdirSync(path);
    if (owner === undefined) return undefined;
    const file = join(path, owner);
    return { file, changedAt: statSync(file).mtimeMs };
  } catch {
    return undefined;
  }
}

/** @param {string} file */
function isOwnerGone(file) {
  const [pid, host] = file.slice(file.lastIndexOf('/') + 1).split('@');
  return host === hostname() && !isAlive(Number(pid));
}

/**
 * Waits for the lock.
 *
 * @param {string} path of the lock's folder; its parent is made when it is missing
 * @param {{ onWait: () => void, timeoutMs: number }} options
 * @returns {Promise<{ ok: true, release: () => void } | { ok: false }>} not ok: the time is over
 */
export async function takeFolderLock(path, { onWait, timeoutMs }) {
  mkdirSync(dirname(path), { recursive: true });
  const startedAt = performance.now();
  let watched = { file: '', changedAt: 0, since: 0 };
  for (let attempt = 0; ; attempt += 1) {
    const release = tryTake(path);
    if (release !== undefined) return { ok: true, release };
    if (performance.now() - startedAt > timeoutMs) return { ok: false };
    if (attempt === 1) onWait();

    const owner = lookAtOwner(path);
    if (owner !== undefined) {
      const isSame = owner.file === watched.file && owner.changedAt === watched.changedAt;
      if (!isSame) watched = { ...owner, since: performance.now() };
      const isSilent = performance.now() - watched.since > silentMs;
      if (isSilent || isOwnerGone(owner.file)) rmSync(owner.file, { force: true });
    }
    await sleep(pollMs);
  }
}
