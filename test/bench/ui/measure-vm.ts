/** The page of a VM: six live charts, and a crosshair that moves through all of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenPage } from './browser.ts';
import { busyDuring, busyFor } from './cpu.ts';
import type { VmFigures } from './figures.ts';
import { readHeap } from './heap.ts';
import { MOVES_PER_SECOND } from './plan.ts';
import { plantProbe } from './probe.ts';
import { VM_CONTENT, withManagerPage, type Session } from './session.ts';

/** Of the width: away from the edges. */
const MARGIN = 0.15;
/** There and back. */
const SWEEP_MOVES = 240;

/** Moves the mouse over the first chart and says how often it did in a second. */
const sweep = async ({ page, cdp }: OpenPage, ms: number, signal: AbortSignal): Promise<number> => {
  const box = await page.locator('.chart-plot').first().boundingBox();
  if (box === null) throw new Error('there is no chart to move over');
  const moves = Math.round((ms / 1_000) * MOVES_PER_SECOND);
  const startedAt = performance.now();
  // Not waited for one by one: an answer comes when the page has drawn.
  const answers: Promise<unknown>[] = [];
  for (let move = 0; move < moves; move += 1) {
    const wait = startedAt + (move * 1_000) / MOVES_PER_SECOND - performance.now();
    if (wait > 0) await sleep(wait, undefined, { signal });
    const place = Math.abs(((move / SWEEP_MOVES) % 1) * 2 - 1);
    const x = box.x + box.width * (MARGIN + (1 - 2 * MARGIN) * place);
    const y = box.y + box.height / 2;
    answers.push(cdp.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y }));
  }
  await Promise.all(answers);
  const seconds = (performance.now() - startedAt) / 1_000;
  return moves / seconds;
};

/** Another chart than the one that is pointed at looks otherwise once nothing is pointed at any more. */
const assertFollowed = async ({ page }: OpenPage): Promise<void> => {
  const picture = async (): Promise<unknown> =>
    page.evaluate(
      `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() =>
        resolve(document.querySelectorAll('.chart-plot canvas')[1].toDataURL()))))`,
    );
  const before = await picture();
  await page.mouse.move(1, 1);
  if (before === (await picture())) throw new Error('the mouse has brought no crosshair');
};

export const measureVm = async (session: Session): Promise<VmFigures> => {
  const { plan, fleet, pages, signal } = session;
  const place = { path: `/vms/${fleet.vmId}`, content: VM_CONTENT };
  const still = await withManagerPage(session, place, async (open) => ({
    busy: await busyFor(open, plan.windowMs, signal),
    heap: await readHeap(open.cdp),
  }));
  const moved = await withManagerPage(session, place, async (open) => {
    let movesPerSecond = 0;
    const crosshair = await busyDuring(open, async () => {
      movesPerSecond = await sweep(open, plan.crosshairMs, signal);
    });
    return { crosshair, crosshairMovesPerSecond: movesPerSecond };
  });
  const crosshairFrames = await withManagerPage(session, place, async (open) => {
    const probe = await plantProbe(open.page, pages.probe);
    await probe.startFrames();
    await sweep(open, plan.crosshairMs, signal);
    const frames = await probe.frames();
    await assertFollowed(open);
    return frames;
  });
  return { ...still, ...moved, crosshairFrames };
};
