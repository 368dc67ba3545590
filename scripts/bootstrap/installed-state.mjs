/**
 * Is what lies in node_modules what package-lock.json asks for?
 *
 * The answer is kept in a stamp file in node_modules, which an interrupted `npm ci` takes away
 * with everything else. Where somebody ran `npm ci` by hand there is no stamp, but npm's own
 * record of what it installed, written when it had finished; that is compared once.
 */

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ version?: string, link?: boolean, optional?: boolean, os?: string[], cpu?: string[] }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages by path: "node_modules/zod"
 * @typedef {'installed' | 'missing' | 'outdated' | 'other-node'} InstalledState
 */

/** @param {string} path */
function readOrUndefined(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 * @returns {string} what the stamp says when node_modules fits, one fact per line
 */
function wantedStamp(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const [nodeMajor] = process.versions.node.split('.');
  return [
    `lock ${createHash('sha256').update(lock).digest('hex')}`,
    `node ${nodeMajor} ${process.platform} ${process.arch}`,
    '',
  ].join('\n');
}

/** @param {string} root */
function stampPath(root) {
  return join(root, 'node_modules', '.innkeeper');
}

/**
 * Only npm writes these files, so the parts that are used here are taken at their word.
 *
 * @param {unknown} lock
 * @returns {lock is { packages: LockedPackages }}
 */
function isLockFile(lock) {
  return typeof lock === 'object' && lock !== null && 'packages' in lock;
}

/**
 * @param {string} path
 * @returns {LockedPackages | undefined}
 */
function readPackages(path) {
  try {
    /** @type {unknown} */
    const lock = JSON.parse(readFileSync(path, 'utf8'));
    return isLockFile(lock) ? lock.packages : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} root */
function readLocked(root) {
  return readPackages(join(root, 'package-lock.json')) ?? {};
}

/**
 * The lists of package.json: ["linux", "darwin"] or ["!win32"].
 *
 * @param {string[] | undefined} list
 * @param {string} mine
 */
function allows(list, mine) {
  if (list === undefined || list.length === 0) return true;
  if (list.includes(`!${mine}`)) return false;
  return list.includes(mine) || list.every((name) => name.startsWith('!'));
}

/** @param {LockedPackage} entry */
function isForThisMachine(entry) {
  return allows(entry.os, process.platform) && allows(entry.cpu, process.arch);
}

/**
 * How many packages an install fetches, to the next ten: only npm knows which of the optional ones
 * it leaves out.
 *
 * @param {string} root
 */
export function estimatePackages(root) {
  const count = Object.entries(readLocked(root)).filter(
    ([path, entry]) =>
      path.includes('node_modules/') && entry.link !== true && isForThisMachine(entry),
  ).length;
  return Math.round(count / 10) * 10;
}

/** @param {string} root */
function isWhatNpmRecorded(root) {
  const recorded = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (recorded === undefined) return false;
  return Object.entries(readLocked(root)).every(([path, entry]) => {
    // Everything outside node_modules is this repository itself.
    if (!path.includes('node_modules/')) return true;
    const found = recorded[path];
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version;
  });
}

/**
 * @param {string} root
 * @returns {InstalledState}
 */
export function checkInstalled(root) {
  const wanted = wantedStamp(root);
  const stamp = readOrUndefined(stampPath(root));
  if (stamp === wanted) return 'installed';
  if (stamp !== undefined) {
    return stamp.split('\n')[0] === wanted.split('\n')[0] ? 'other-node' : 'outdated';
  }
  if (!isWhatNpmRecorded(root)) return 'missing';
  writeStamp(root);
  return 'installed';
}

/**
 * Without a stamp the next run compares again, so a checkout that cannot be written to is fine.
 *
 * @param {string} root
 */
export function writeStamp(root) {
  try {
    writeFileSync(stampPath(root), wantedStamp(root));
  } catch {
    // See above.
  }
}
