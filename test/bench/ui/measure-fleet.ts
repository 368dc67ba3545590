/** The page of the fleet: at rest, in an order that changes, scrolled, and over minutes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { busyDuring, busyFor } from './cpu.ts';
import type { FleetFigures, HeapMoment } from './figures.ts';
import { readHeap } from './heap.ts';
import { plantProbe } from './probe.ts';
import { FLEET_CONTENT, withManagerPage, type Session } from './session.ts';

const FLEET = { path: '/', content: FLEET_CONTENT } as const;
/** One list of all VMs, whose rows change places each time that they are put in order. */
const RESORTED = { path: '/?sort=cpu&group=none', content: FLEET_CONTENT } as const;
/** The page puts its rows in order this often. */
const REORDER_MS = 5_000;

type Rest = Pick<FleetFigures, 'busy' | 'longTasksMs' | 'heap' | 'heapAfter' | 'heapMoments'>;

const measureRest = async (session: Session): Promise<Rest> =>
  withManagerPage(session, FLEET, async (open) => {
    const { plan, signal, pages } = session;
    const { page, cdp } = open;
    const busy = await busyFor(open, plan.windowMs, signal);
    const startedAt = performance.now();
    const look = async (): Promise<HeapMoment> => ({
      atMs: performance.now() - startedAt,
      heap: await readHeap(cdp),
    });
    const probe = await plantProbe(page, pages.probe);
    const first = await look();
    // Collecting is a long task, and none of the page's.
    await sleep(plan.warmUpMs, undefined, { signal });
    await probe.startLongTasks();
    await sleep(plan.longTaskMs, undefined, { signal });
    const longTasksMs = await probe.longTasks();
    await sleep(plan.heapSettleMs, undefined, { signal });
    let last = await look();
    const moments = [last];
    for (let step = 0; step < plan.heapSteps; step += 1) {
      await sleep(plan.heapStepMs, undefined, { signal });
      last = await look();
      moments.push(last);
    }
    return {
      busy,
      longTasksMs,
      heap: first.heap,
      heapAfter: last.heap,
      heapMoments: moments,
    };
  });

const measureScroll = async (
  session: Session,
): Promise<Pick<FleetFigures, 'scrolling' | 'scrolled'>> => {
  const { plan, pages } = session;
  const gesture = {
    x: 720,
    y: 700,
    yDistance: -plan.scrollPx,
    speed: plan.scrollPxPerSecond,
    gestureSourceType: 'mouse',
    preventFling: true,
  } as const;
  // Counting frames costs time of its own: not while the time is counted.
  const scrolling = await withManagerPage(session, FLEET, async (open) =>
    busyDuring(open, async () => open.cdp.send('Input.synthesizeScrollGesture', gesture)),
  );
  const scrolled = await withManagerPage(session, FLEET, async ({ page, cdp }) => {
    const probe = await plantProbe(page, pages.probe);
    await probe.startFrames();
    await cdp.send('Input.synthesizeScrollGesture', gesture);
    const frames = await probe.frames();
    const scrolledPx = z.number().parse(await page.evaluate('scrollY'));
    if (scrolledPx < plan.scrollPx / 2) throw new Error(`the page has scrolled ${scrolledPx} px`);
    return frames;
  });
  return { scrolling, scrolled };
};

const measureResorted = async (session: Session): Promise<FleetFigures['resorted']> =>
  withManagerPage(session, RESORTED, async (open) => {
    const names = async (): Promise<string> =>
      (await open.page.locator(FLEET_CONTENT).allTextContents()).join(' ');
    const before = await names();
    const busy = await busyFor(open, session.plan.windowMs, session.signal);
    // A short window has no new order.
    if (session.plan.windowMs >= 2 * REORDER_MS && before === (await names())) {
      throw new Error('the rows have not changed places');
    }
    return busy;
  });

export const measureFleet = async (session: Session): Promise<FleetFigures> => ({
  ...(await measureRest(session)),
  resorted: await measureResorted(session),
  ...(await measureScroll(session)),
});
