/** What an agent that has enrolled itself keeps in its folder, with a key for TLS. */
import { nodePlatform } from '../../apps/guest-agent/src/platform/node/platform.ts';
import { nodeTls } from '../../apps/guest-agent/src/platform/node/tls.ts';
import { makeStateFile } from '../../apps/guest-agent/src/enroll/agent-state.ts';
import { makeTlsIdentity } from '../../apps/guest-agent/src/tls/certificate.ts';

/** @param managerKeys as its configuration has them */
export const keepTlsState = (
  folder: string,
  vmId: string,
  managerKeys: readonly string[],
): void => {
  const { crypto } = nodePlatform;
  const saved = makeStateFile(nodePlatform, folder).save({
    vmId,
    privateKey: crypto.random(32),
    tokenId: 'token-of-test',
    isEnrolled: true,
    counter: 1,
    configKeys: managerKeys.map((key) => Buffer.from(key, 'base64').toString('base64url')),
    managerKeys: [],
    tls: makeTlsIdentity({ tls: nodeTls, crypto }),
    isPinned: true,
  });
  if (!saved.ok) throw new Error(saved.error.message);
};
