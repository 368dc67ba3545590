/**
 * `npm start`: builds the agent, the manager and its pages, and becomes the manager: no child
 * process stands in between, so signals, terminal and exit code are its own.
 */
import { createServer } from 'node:net';
import { pathToFileURL } from 'node:url';
import { stop as stopEsbuild } from 'esbuild';
import { existsSync } from 'node:fs';
import { buildAgent, buildManager } from './build/bundle.ts';
import { buildDeployment } from './build/deployment.ts';
import { buildNative, nativePath } from './build/native.ts';
import type { Variant } from './build/native/flags.ts';
import { ARM64, X64, type Target } from './build/native/target.ts';
import { buildPages } from './build/pages.ts';

const HOST = '127.0.0.1';
const PORT = 8080;

const isFree = async (): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(PORT, HOST, () => probe.close(() => resolve(true)));
  });

const args = process.argv.slice(2);
const isAsked = (flag: string, variable: string): boolean =>
  (process.env[variable] ?? '') !== '' ||
  args.some((arg) => arg === flag || arg.startsWith(`${flag}=`));

/** Native ones only where somebody has built them before: the first time takes half a minute. */
const buildAgain = async (target: Target, variant: Variant): Promise<string | undefined> => {
  if (!existsSync(nativePath(target, variant))) return undefined;
  const native = await buildNative(variant, target);
  return native.ok ? native.path : undefined;
};

const bundle = await buildAgent();
// For this machine, which it asks over loopback.
const agent = (await buildAgain(X64, 'release')) ?? bundle.path;
await buildAgain(X64, 'tls');
await buildAgain(ARM64, 'release');
await buildAgain(ARM64, 'tls');
const manager = await buildManager();
buildDeployment(bundle);
await buildPages();
// It would keep this process alive, and its memory.
await stopEsbuild();

if (!isAsked('--listen', 'INNKEEPER_LISTEN') && !(await isFree())) {
  console.log(`port ${PORT} is in use, so it takes any other`);
  args.push('--listen', `${HOST}:0`);
}
if (!isAsked('--local-agent', 'INNKEEPER_LOCAL_AGENT')) args.push('--local-agent', agent);
process.argv = [process.execPath, manager.path, ...args];
await import(pathToFileURL(manager.path).href);
