/**
 * The list of artefacts that the manager signs. Each stands on a line of its own, so that a shell
 * script finds it with `grep`; the same artefacts are the same bytes.
 */
import { sign, type KeyObject } from 'node:crypto';
import type { Artefacts } from './artefacts.ts';

/** Nothing else that the key signs begins so. */
export const FORMAT = 'innkeeper artefacts 1';

export const manifestText = ({ version, all }: Artefacts): string => {
  const lines = all.map(({ name, content, sha256 }) =>
    JSON.stringify({ name, bytes: content.byteLength, sha256 }),
  );
  const head = `{"format":${JSON.stringify(FORMAT)},"version":${JSON.stringify(version ?? null)},"artefacts":[`;
  return `${head}\n${lines.join(',\n')}\n]}\n`;
};

/** Ed25519 over the bytes of the manifest, in base64. */
export const signManifest = (text: string, signingKey: KeyObject): string =>
  sign(null, Buffer.from(text), signingKey).toString('base64');
