/** What the manager hands out, from the folder beside its bundle, and how guests are to reach it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { readArtefacts, type Artefacts } from '../downloads/artefacts.ts';
import { makeDownloadRoutes, type Download } from '../downloads/download-routes.ts';
import type { Enrollments } from '../enroll/enrollments.ts';
import { PUBLIC_URL_MISSING } from '../enroll/refusals.ts';
import type { Problem } from '../http/problem.ts';
import type { AnyRoute } from '../http/route.ts';
import type { Keyring } from '../keys/keyring.ts';
import { makeCloudInitRoute } from './cloud-init-route.ts';
import { makeInstallRoute, NOT_BUILT } from './install-route.ts';
import { renderInstallScript } from './install-script.ts';

export interface DeploymentOptions {
  readonly folder: string;
  readonly publicUrl: URL | undefined;
  /** Looked at when something is asked: there may be newer ones then. */
  readonly keyring: Pick<Keyring, 'signingKey' | 'publicKeys'>;
  readonly enrollments: Pick<Enrollments, 'create'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** For a page that waits for a guest. */
  readonly onDownload?: (download: Download) => void;
}

export type RenderedScript =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: Problem };

export interface Deployment {
  readonly routes: readonly AnyRoute[];
  readonly installScript: () => RenderedScript;
  readonly artefacts: Artefacts;
}

/** Read at the start: what is built later is handed out after the next one. */
export const openDeployment = (options: DeploymentOptions): Deployment => {
  const { folder, publicUrl, keyring, clock, onDownload } = options;
  const artefacts = readArtefacts(join(folder, 'artefacts'));
  const path = join(folder, 'install.sh');
  const template = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  const installScript = (): RenderedScript => {
    if (publicUrl === undefined) return { ok: false, problem: PUBLIC_URL_MISSING };
    if (template === undefined || artefacts.all.length === 0) {
      return { ok: false, problem: NOT_BUILT };
    }
    const facts = { managerUrl: publicUrl.origin, managerKeys: keyring.publicKeys(), artefacts };
    return { ok: true, text: renderInstallScript(template, facts) };
  };
  return {
    installScript,
    artefacts,
    routes: [
      makeCloudInitRoute({ enrollments: options.enrollments, installScript }),
      makeInstallRoute(installScript),
      ...makeDownloadRoutes({
        artefacts,
        signingKey: () => keyring.signingKey(),
        clock,
        ...(onDownload !== undefined && { onDownload }),
      }),
    ],
  };
};
