#!/usr/bin/env node
/**
 * `node scripts/with-dependencies.mjs <script.ts> [args…]`: the first step of every npm script.
 *
 * Whoever has just cloned the repository types `npm start` or `npm test`, not `npm ci`. So this
 * installs what package-lock.json names where it is missing or out of date, and then runs the
 * TypeScript script in this very process. No child process stands in between, hence exit codes,
 * signals and the terminal are the script's own.
 *
 * This file is plain JavaScript that needs no package, and its syntax is old enough that an old
 * Node gets as far as the sentence about its version.
 */

import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** 20.19 is the oldest that the tools of this repository (oxlint, vite) run on. */
const oldestNode = [20, 19];

/** @param {string} version such as "20.19.1" */
function isTooOld(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

/** @param {string} sentence */
function refuse(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}

async function main() {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined) {
    refuse('usage: node scripts/with-dependencies.mjs <script.ts> [arguments…]');
    return;
  }
  if (isTooOld(process.versions.node)) {
    refuse(
      `This needs Node ${oldestNode.join('.')} or newer, and ${process.execPath} is ` +
        `${process.versions.node}. Get a current one from https://nodejs.org/ (or: nvm install).`,
    );
    return;
  }

  const { ensureInstalled } = await import('./bootstrap/install.mjs');
  const installed = await ensureInstalled(root);
  if (!installed.ok) {
    refuse(installed.reason);
    // Whoever pressed Ctrl-C sees a program that died of it, as every shell expects.
    if (installed.signal !== undefined) process.kill(process.pid, installed.signal);
    return;
  }

  const { mergeStopSignals } = await import('./bootstrap/stop-signals.mjs');
  mergeStopSignals(process);

  const { register } = await import('tsx/esm/api');
  register();
  const scriptPath = resolve(root, script);
  process.argv = [process.execPath, scriptPath, ...args];
  await import(pathToFileURL(scriptPath).href);
}

void main();
