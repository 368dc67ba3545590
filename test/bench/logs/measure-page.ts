/** What the page of a log costs the browser while lines come. */
import { setTimeout as sleep } from 'node:timers/promises';
import { busyFor } from '../ui/cpu.ts';
import type { Busy } from '../ui/figures.ts';
import { plantProbe } from '../ui/probe.ts';
import { droppedLines, withLogPage, type PageTools } from './line-pages.ts';
import type { Plan } from './plan.ts';
import type { Rig } from './rig.ts';
import { writeSteadily } from './writer.ts';

export interface PageFigures {
  readonly perSecond: number;
  readonly busy: Busy;
  /** Of the whole time. */
  readonly longTasksMs: readonly number[];
  readonly dropped: number;
}

/** The engine has compiled by then what it is going to. */
const WARM_UP_MS = 2_000;
const COOL_DOWN_MS = 500;

export const measurePages = async (
  rig: Rig,
  plan: Plan,
  { browsers, probes, build }: PageTools,
  signal: AbortSignal,
): Promise<readonly PageFigures[]> =>
  rig.withAgent(build, async () => {
    const figures: PageFigures[] = [];
    for (const perSecond of plan.pageRates) {
      const program = await rig.journald.program('bench');
      try {
        const one = await withLogPage(browsers, rig, async (open): Promise<PageFigures> => {
          const tasks = await plantProbe(open.page, probes.tasks);
          const ms = WARM_UP_MS + plan.pageMs + COOL_DOWN_MS;
          const writing = writeSteadily(program, `busy-${perSecond}`, { perSecond, ms }, signal);
          await sleep(WARM_UP_MS, undefined, { signal });
          await tasks.startLongTasks();
          const busy = await busyFor(open, plan.pageMs, signal);
          const longTasksMs = await tasks.longTasks();
          await writing;
          return { perSecond, busy, longTasksMs, dropped: await droppedLines(open.page) };
        });
        figures.push(one);
      } finally {
        program.destroy();
      }
    }
    return figures;
  });
