/** Runs `npm ci` quietly and says in a sentence why it failed. */

import { spawn } from 'node:child_process';
import { basename } from 'node:path';

/** A cold install takes under a minute; a slow line may need ten times that. */
const timeoutMs = 15 * 60_000;

/** What npm prints, and what it means to a person. The first that matches counts. */
const diagnoses = [
  {
    pattern: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/u,
    sentence:
      'npm could not reach its package registry. Check the network or the proxy ' +
      '(`npm config get registry`, `npm config get proxy`), then run this again.',
  },
  {
    pattern: /CERT|certificate/u,
    sentence:
      'npm does not trust the certificate of its package registry. Behind a proxy that inspects ' +
      'traffic, name its certificate with `npm config set cafile FILE`.',
  },
  {
    pattern: /EACCES|EPERM|EROFS/u,
    sentence:
      'This user may not write here. Run this as the user who owns the checkout, or make it yours first ' +
      '(`sudo chown -R "$(id -un)" .`).',
  },
  { pattern: /ENOSPC/u, sentence: 'The disk is full. Free some 300 MB, then run this again.' },
  {
    pattern: /can only install packages when|EUSAGE/u,
    sentence:
      'package-lock.json does not fit package.json. Run `npm install` and commit both files.',
  },
  {
    pattern: /EINTEGRITY/u,
    sentence:
      'A downloaded package is not what package-lock.json promises. Run `npm cache verify`, then this again.',
  },
];

/**
 * @param {string} output of npm
 * @returns {string}
 */
export function explainNpmFailure(output) {
  const known = diagnoses.find(({ pattern }) => pattern.test(output));
  return known?.sentence ?? 'The packages could not be installed; what npm said is above.';
}

/** npm names itself to its scripts. Without that (node was started by hand) it is on the PATH. */
function npmCommand() {
  const cli = process.env['npm_execpath'];
  return cli !== undefined && basename(cli).startsWith('npm')
    ? { file: process.execPath, first: [cli] }
    : { file: 'npm', first: [] };
}

/**
 * @typedef {object} NpmFailure
 * @property {false} ok
 * @property {string} output what npm printed, for the person who has to find out
 * @property {string} reason
 * @property {NodeJS.Signals} [signal] somebody stopped the installation by this
 */

/**
 * @param {string} root
 * @returns {Promise<{ ok: true } | NpmFailure>}
 */
export async function runNpmCi(root) {
  const { file, first } = npmCommand();
  const args = [
    'ci',
    // Also with NODE_ENV=production or omit=dev in somebody's settings: these are the tools.
    '--include=dev',
    '--include=optional',
    '--prefer-offline',
    '--no-progress',
    // Two retries soon after one another: npm's own settings wait 70 seconds without a network.
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
  ];
  const child = spawn(file, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tooLong = setTimeout(() => child.kill(), timeoutMs);

  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (/** @type {string} */ chunk) => {
      output += chunk;
    });
  }

  /** @type {NodeJS.Signals | undefined} */
  let stoppedBy;
  /** Ctrl-C reaches npm by itself; a signal to this process alone does not. @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    stoppedBy = signal;
    child.kill('SIGTERM');
  };
  process.on('SIGTERM', passOn).on('SIGHUP', passOn).on('SIGINT', passOn);
  try {
    return await new Promise((settle) => {
      child.once('error', (error) => {
        const reason =
          'code' in error && error.code === 'ENOENT'
            ? 'npm is not on the PATH. It comes with Node: https://nodejs.org/'
            : `npm could not be started: ${error.message}`;
        settle({ ok: false, output, reason });
      });
      child.once('close', (code, signal) => {
        if (stoppedBy !== undefined) {
          settle({
            ok: false,
            output: '',
            reason: 'The installation was stopped; the next run starts it afresh.',
            signal: stoppedBy,
          });
        } else if (code === 0) {
          settle({ ok: true });
        } else if (signal === null) {
          settle({ ok: false, output, reason: explainNpmFailure(output) });
        } else {
          const minutes = timeoutMs / 60_000;
          settle({
            ok: false,
            output,
            reason: `npm was killed by ${signal}, or took longer than ${minutes} minutes.`,
          });
        }
      });
    });
  } finally {
    clearTimeout(tooLong);
    process.off('SIGTERM', passOn).off('SIGHUP', passOn).off('SIGINT', passOn);
  }
}
