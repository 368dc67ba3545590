/**
 * What guests download from the manager: the agent's builds and the files that go with them, as
 * `npm run build` has left them in one folder. Read once, at the start: a few megabytes, which all
 * downloads share, so that a slow one holds no file open and none gets half of an old and half of a
 * new build.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Artefact {
  readonly name: string;
  readonly content: Uint8Array;
  /** Of the content, in hexadecimal. */
  readonly sha256: string;
}

export interface Artefacts {
  /** Of the agent; undefined: nothing was built. */
  readonly version: string | undefined;
  /** By name. */
  readonly all: readonly Artefact[];
  readonly get: (name: string) => Artefact | undefined;
}

/** Beside the artefacts, and not one of them: which version of the agent they are. */
export const VERSION_FILE = '.version';
/** What a name of an artefact is made of: it stands in URLs, in shell scripts and in `sed`. */
export const ARTEFACT_NAME = /^[a-zA-Z\d][\w.-]{0,79}$/u;

const readVersion = (folder: string): string | undefined => {
  const path = join(folder, VERSION_FILE);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
};

/** A folder that is not there holds nothing. */
export const readArtefacts = (folder: string): Artefacts => {
  const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const names = entries
    .filter((entry) => entry.isFile() && ARTEFACT_NAME.test(entry.name))
    .map(({ name }) => name)
    .toSorted();
  const all = names.map((name) => {
    const content = readFileSync(join(folder, name));
    return { name, content, sha256: createHash('sha256').update(content).digest('hex') };
  });
  const byName = new Map(all.map((artefact) => [artefact.name, artefact]));
  return { version: readVersion(folder), all, get: (name) => byName.get(name) };
};
