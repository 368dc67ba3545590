/**
 * Fetches a file of Debian's pool from the mirrors that this machine's own sources name, with apt's
 * own way through proxies, and with its SHA-256 checked by apt. No list of packages is read or
 * written, so nothing of the system changes and any release of Debian will do.
 */
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Filled } from '../../cached-folder.ts';
import { runCommand } from '../../run-command.ts';
import type { Pin } from './pins.ts';

const APT_HELPER = '/usr/lib/apt/apt-helper';
const DOWNLOAD_MS = 2 * 60_000;
const LIST_MS = 20_000;
const UNPACK_MS = 60_000;

const listMirrors = async (): Promise<string[]> => {
  const args = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'];
  const { ok, output } = await runCommand('apt-get', args, { timeoutMs: LIST_MS });
  const lines = ok ? output.split('\n').map((line) => line.trim()) : [];
  // Debian first: the archives of others have no such pool, and asking them costs a second.
  const rank = (uri: string): number => (/debian(?:-security)?\/?$/u.test(uri) ? 0 : 1);
  return [...new Set(lines.filter((line) => /^[a-z+]+:/u.test(line)))].toSorted(
    (left, right) => rank(left) - rank(right),
  );
};

const aptOptions = (folder: string): string[] =>
  [
    // As root apt would hand the download to the user _apt, who may not write there.
    'APT::Sandbox::User=root',
    'Debug::NoLocking=1',
    'Acquire::Retries=1',
    'Acquire::http::Timeout=15',
    'Acquire::https::Timeout=15',
    `Dir::Cache=${folder}`,
    `Dir::State=${folder}`,
  ].flatMap((setting) => ['-o', setting]);

/** Leaves the file in the folder, under its own name. */
const download = async (pin: Pin, folder: string): Promise<Filled> => {
  const mirrors = await listMirrors();
  if (mirrors.length === 0) {
    return { ok: false, reason: 'apt names no mirror: this is not Debian or Ubuntu' };
  }
  mkdirSync(join(folder, 'archives', 'partial'), { recursive: true });
  const reasons: string[] = [];
  for (const mirror of mirrors) {
    const uri = `${mirror.replace(/\/*$/u, '/')}pool/main/${pin.path}`;
    const to = join(folder, basename(pin.path));
    const args = [...aptOptions(folder), 'download-file', uri, to, `SHA256:${pin.sha256}`];
    const { ok, output } = await runCommand(APT_HELPER, args, { timeoutMs: DOWNLOAD_MS });
    if (ok) return { ok };
    const said = output.split('\n').find((line) => /^(?:E:|W:)/u.test(line)) ?? output.trim();
    // Without the address: it may be somebody's own mirror, and goes into reports.
    reasons.push(said.replaceAll(/https?:\S+/gu, 'the mirror').replace(/^E: /u, ''));
  }
  return { ok: false, reason: `${basename(pin.path)}: ${reasons[0] ?? 'no answer'}` };
};

/** Fetches and unpacks it into the folder, without the one folder at the top of a source archive. */
export const unpackPin = async (pin: Pin, work: string, folder: string): Promise<Filled> => {
  const fetched = await download(pin, work);
  if (!fetched.ok) return fetched;
  const file = join(work, basename(pin.path));
  mkdirSync(folder, { recursive: true });
  const [tool, args] = file.endsWith('.deb')
    ? (['dpkg-deb', ['-x', file, folder]] as const)
    : (['tar', ['-xf', file, '--strip-components=1', '-C', folder]] as const);
  const { ok, output } = await runCommand(tool, args, { timeoutMs: UNPACK_MS });
  return ok ? { ok } : { ok, reason: `${tool} says: ${output.trim().split('\n')[0] ?? ''}` };
};
