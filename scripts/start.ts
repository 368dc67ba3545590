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
import { buildNative, NATIVE_PATH } from './build/native.ts';
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

/** The native one where somebody has built it before: the first time takes half a minute. */
const agentPath = async (bundle: string): Promise<string> => {
  if (!existsSync(NATIVE_PATH)) return bundle;
  const native = await buildNative();
  return native.ok ? native.path : bundle;
};

const bundle = await buildAgent();
const agent = await agentPath(bundle.path);
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
