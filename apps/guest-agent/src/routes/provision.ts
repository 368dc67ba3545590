/**
 * `GET /provision`: the scripts that wait in the guest's own folder, which cloud-init may have put
 * there. The agent only lists them, in their order; running them is the manager's, through `/exec`,
 * so that there is one place that knows which have run.
 */
import type { ProvisionList, ProvisionScript } from '@innkeeper/protocol';
import { readFile } from '../files/read-file.ts';
import { jsonAnswer, refuse } from '../http/answer.ts';
import type { Folder, Platform } from '../platform/platform.ts';
import type { Route } from './route.ts';

const PROVISION_FOLDER = '/etc/guest-agent/provision.d';

/** As run-parts(8) takes them: no backups, no hidden files. */
const NAME = /^[\w][\w.-]{0,127}$/u;
const BACKUP = /(?:~|\.bak|\.orig|\.rej|\.dpkg-\w+)$/u;
const MAX_SCRIPTS = 64;
/** As long as `/exec` takes one. */
const MAX_SCRIPT_BYTES = 256 * 1024;

const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export const makeProvisionRoute = (platform: Pick<Platform, 'files' | 'crypto'>): Route => {
  const { files, crypto } = platform;

  const describe = (folder: Folder, name: string): readonly ProvisionScript[] => {
    const facts = folder.facts(name);
    if (!facts.ok || facts.value.kind !== 'file') return [];
    const read = readFile({ folder, name }, undefined, MAX_SCRIPT_BYTES);
    return [
      {
        name,
        path: `${PROVISION_FOLDER}/${name}`,
        size_bytes: facts.value.sizeBytes,
        executable: (facts.value.mode & 0o111) !== 0,
        // Of one that is longer, or may not be read, it cannot be told.
        sha256: read.ok ? hexOf(crypto.sha256(read.value.bytes)) : null,
      },
    ];
  };

  const list = (): ProvisionList | undefined => {
    const opened = files.openFolder(PROVISION_FOLDER);
    if (!opened.ok) {
      return opened.error.code === 'ENOENT' ? { folder: PROVISION_FOLDER, scripts: [] } : undefined;
    }
    const names = opened.value.list();
    const scripts = (names.ok ? [...names.value] : [])
      .filter((name) => NAME.test(name) && !BACKUP.test(name))
      .sort((left, right) => (left < right ? -1 : 1))
      .slice(0, MAX_SCRIPTS)
      .flatMap((name) => describe(opened.value, name));
    opened.value.close();
    return names.ok ? { folder: PROVISION_FOLDER, scripts } : undefined;
  };

  return {
    path: '/provision',
    methods: ['GET'],
    access: { scope: 'exec', beforeEnrolment: 'nobody', openToLoopback: false },
    query: [],
    handle: () => {
      const document = list();
      if (document !== undefined) return jsonAnswer(document);
      const message = `${PROVISION_FOLDER} cannot be read`;
      return refuse({ status: 503, code: 'unreadable', message });
    },
  };
};
