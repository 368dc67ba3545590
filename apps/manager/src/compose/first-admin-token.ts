/**
 * The first token, for whoever has just installed the manager: in a file that only its owner reads.
 * The file is written first, so that a manager that is killed in between finds the secret there
 * again: a token whose secret nobody knows would keep everybody out.
 */
import { readFile, rm } from 'node:fs/promises';
import type { AccessControl } from '../auth/access-control.ts';
import { writeAdminTokenFile } from '../auth/admin-token-file.ts';
import { makeTokenSecret } from '../auth/secret.ts';

export interface FirstAdminTokenOptions {
  readonly path: string;
  /** The setting; undefined: one is made. */
  readonly wanted: string | undefined;
  readonly createFirstToken: AccessControl['createFirstToken'];
}

const readSecret = async (path: string): Promise<string | undefined> => {
  try {
    const secret = (await readFile(path, 'utf8')).trim();
    return secret === '' ? undefined : secret;
  } catch {
    // None was written yet, or somebody has taken it away.
    return undefined;
  }
};

export const ensureFirstAdminToken = async (options: FirstAdminTokenOptions): Promise<void> => {
  const { path, wanted, createFirstToken } = options;
  const written = await readSecret(path);
  const secret = wanted ?? written ?? makeTokenSecret();
  if (written === undefined) await writeAdminTokenFile(path, secret);
  const first = await createFirstToken(secret);
  if (first.created && written !== undefined && written !== secret) {
    await writeAdminTokenFile(path, secret);
  }
  // There are tokens already, so what was just written opens nothing.
  if (!first.created && written === undefined) await rm(path, { force: true });
};
