/** What guests get from a manager: its real routes, on a port of loopback, without the rest of it. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { buildDeployment } from '../../scripts/build/deployment.ts';
import { root } from '../../scripts/root.ts';
import { openDeployment, type Deployment } from '../../apps/manager/src/deploy/deployment.ts';
import { makeInstallRoute } from '../../apps/manager/src/deploy/install-route.ts';
import { readArtefacts, type Artefact } from '../../apps/manager/src/downloads/artefacts.ts';
import {
  makeDownloadRoutes,
  type Download,
} from '../../apps/manager/src/downloads/download-routes.ts';
import { BUNDLE, NATIVE } from './agent-process.ts';
import { serveApp, type ServedApp } from './http-served-app.ts';

// The native binary, where it can be built here, is in it.
const BUILT = buildDeployment(BUNDLE);
export const hasNative = NATIVE.ok;
const DEPLOYMENT_FOLDER = join(root, BUILT.folder);

export interface DeploymentServer extends Pick<ServedApp, 'ask' | 'stop'> {
  readonly url: string;
  /** Base64 of the 32 bytes. */
  readonly key: string;
  readonly publicKey: KeyObject;
  readonly deployment: Deployment;
  readonly downloads: readonly Download[];
}

export interface DeploymentServerOptions {
  /** Stands in for what was built. */
  readonly replace?: (artefact: Artefact) => Artefact;
  /** Signs the manifest, while the script names another key. */
  readonly signingKey?: KeyObject;
}

export const serveDeployment = async (
  options: DeploymentServerOptions = {},
): Promise<DeploymentServer> => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  const clock = { monotonicMs: () => performance.now() };
  const deployment = openDeployment({
    folder: DEPLOYMENT_FOLDER,
    publicUrl: new URL('http://manager.test:8080'),
    keyring: { signingKey: () => privateKey, publicKeys: () => [key] },
    enrollments: {
      create: async () => {
        throw new Error('nobody is enrolled here');
      },
    },
    clock,
  });
  const { version, all: built } = readArtefacts(join(DEPLOYMENT_FOLDER, 'artefacts'));
  const all = built.map(options.replace ?? ((artefact) => artefact));
  const get = (name: string): Artefact | undefined => all.find((one) => one.name === name);
  const artefacts = { version, all, get };
  const downloads: Download[] = [];
  const served = await serveApp({
    routes: [
      makeInstallRoute(deployment.installScript),
      ...makeDownloadRoutes({
        artefacts,
        signingKey: () => options.signingKey ?? privateKey,
        clock,
        onDownload: (download) => downloads.push(download),
      }),
    ],
  });
  return {
    ask: async (path, question) => served.ask(path, question),
    stop: async () => served.stop(),
    url: `http://${served.host}:${served.port}`,
    key,
    publicKey,
    deployment,
    downloads,
  };
};
