/** How long a page takes to show something, on a slow machine behind a slow line, with nothing kept. */
import { z } from 'zod';
import type { Paint, PaintFigures } from './figures.ts';
import { CPU_SLOWDOWN, LATENCY_MS, MBIT_PER_SECOND } from './plan.ts';
import { plantProbe } from './probe.ts';
import { FLEET_CONTENT, VM_CONTENT, type Session } from './session.ts';

const BYTES_PER_SECOND = (MBIT_PER_SECOND * 1e6) / 8;

const load = async (
  { browsers, fleet, pages }: Session,
  path: string,
  content: string,
): Promise<Paint> =>
  browsers.withPage(async ({ page, cdp }) => {
    // The cookie comes first: people are signed in when they open a page.
    const answer = await page.request.post(`${fleet.url}/v1/session`, {
      data: { token: fleet.token },
    });
    if (!answer.ok()) throw new Error(`signing in is answered ${answer.status()}`);
    await cdp.send('Network.enable');
    await cdp.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: LATENCY_MS,
      downloadThroughput: BYTES_PER_SECOND,
      uploadThroughput: BYTES_PER_SECOND,
    });
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
    await page.goto(`${fleet.url}${path}`, { waitUntil: 'commit' });
    await page.locator(content).first().waitFor();
    const contentMs = z.number().parse(await page.evaluate('performance.now()'));
    const probe = await plantProbe(page, pages.probe);
    return { firstPaintMs: await probe.firstPaintMs(), contentMs };
  });

export const measurePaint = async (session: Session): Promise<PaintFigures> => {
  const { plan, fleet } = session;
  const repeated = async (path: string, content: string): Promise<readonly Paint[]> => {
    const paints: Paint[] = [];
    for (let count = 0; count < plan.loads; count += 1) {
      paints.push(await load(session, path, content));
    }
    return paints;
  };
  return {
    fleet: await repeated('/', FLEET_CONTENT),
    vm: await repeated(`/vms/${fleet.vmId}`, VM_CONTENT),
  };
};
