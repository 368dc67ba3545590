/**
 * Makes node_modules what package-lock.json says, and tells what it does while it does it.
 * Nothing is printed, and only two files are read, when nothing is to be done.
 */

import { join } from 'node:path';
import { takeFolderLock } from './folder-lock.mjs';
import { checkInstalled, estimatePackages, writeStamp } from './installed-state.mjs';
import { explainNpmFailure, runNpmCi } from './npm-ci.mjs';

/** Longer than an installation may take. */
const lockTimeoutMs = 20 * 60_000;

/** @type {Record<Exclude<import('./installed-state.mjs').InstalledState, 'installed'>, string>} */
const why = {
  missing: 'first time only',
  outdated: 'package-lock.json has changed',
  'other-node': `node_modules was made for another Node than ${process.versions.node}`,
};

/** Standard output belongs to the script: somebody may be piping it. @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/** @typedef {{ ok: true } | { ok: false, reason: string, signal?: NodeJS.Signals }} Installed */

/**
 * @param {string} root
 * @returns {Promise<Installed>}
 */
export async function ensureInstalled(root) {
  try {
    if (checkInstalled(root) === 'installed') return { ok: true };
    return await installAlone(root);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `${message}\n${explainNpmFailure(message)}` };
  }
}

/**
 * Two runs started at once must not delete one another's node_modules.
 *
 * @param {string} root
 * @returns {Promise<Installed>}
 */
async function installAlone(root) {
  const lock = await takeFolderLock(join(root, '.cache', 'installing'), {
    onWait: () => say('another run is installing the packages; waiting for it…'),
    timeoutMs: lockTimeoutMs,
  });
  if (!lock.ok) {
    return { ok: false, reason: 'Another run has been installing for 20 minutes. Stop it first.' };
  }
  try {
    const state = checkInstalled(root);
    return state === 'installed' ? { ok: true } : await install(root, state);
  } finally {
    lock.release();
  }
}

/**
 * @param {string} root
 * @param {keyof typeof why} state
 * @returns {Promise<Installed>}
 */
async function install(root, state) {
  const startedAt = performance.now();
  say(`installing about ${estimatePackages(root)} packages (${why[state]})…`);
  const result = await runNpmCi(root);
  if (!result.ok) {
    if (result.output !== '') say(result.output.trimEnd());
    const { reason, signal } = result;
    return signal === undefined ? { ok: false, reason } : { ok: false, reason, signal };
  }
  writeStamp(root);
  say(`installed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return { ok: true };
}
