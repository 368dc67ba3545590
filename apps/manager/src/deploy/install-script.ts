/**
 * The install script, as one manager serves it: with its address, its keys, and the checksums of what
 * it has, so that whoever trusts the script trusts what it downloads.
 */
import type { Artefacts } from '../downloads/artefacts.ts';

export interface InstallFacts {
  /** Without a slash at the end. */
  readonly managerUrl: string;
  /** Base64 of the 32 bytes each; the first one signs. */
  readonly managerKeys: readonly string[];
  readonly artefacts: Artefacts;
}

/** Only shell quotes of one kind, in which nothing but their own end means anything. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Where the template has `NAME=''` at the beginning of a line. */
export const renderInstallScript = (template: string, facts: InstallFacts): string => {
  const { managerUrl, managerKeys, artefacts } = facts;
  const values = new Map([
    ['MANAGER_URL', managerUrl],
    ['MANAGER_KEYS', managerKeys.join(' ')],
    ['VERSION', artefacts.version ?? 'unknown'],
    ['CHECKSUMS', artefacts.all.map(({ name, sha256 }) => `${sha256} ${name}`).join('\n')],
  ]);
  return template.replaceAll(/^([A-Z_]+)=''$/gmu, (line, name: string) => {
    const value = values.get(name);
    return value === undefined ? line : `${name}=${shellQuote(value)}`;
  });
};
