/** A port of loopback that nobody listens on right now. */
import { createServer } from 'node:net';
import { AGENT_HOST } from './agent-config.ts';

export const findFreePort = async (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, AGENT_HOST, () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('the probe has no port'));
      });
    });
  });
