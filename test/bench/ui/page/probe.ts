/** Looks at frames and long tasks from within a page, and hands over what it has seen as JSON. */

interface Probe {
  startFrames(): void;
  startLongTasks(): void;
  /** Ms between one frame and the next. */
  frames(): readonly number[];
  /** Ms that each has taken. */
  longTasks(): readonly number[];
  firstContentfulPaint(): number | undefined;
}

declare global {
  interface Window {
    innkeeperProbe: Probe;
  }
}

let frames: number[] = [];
let longTasks: number[] = [];
let isWatching = false;

window.innkeeperProbe = {
  startFrames: () => {
    frames = [];
    if (isWatching) return;
    isWatching = true;
    let before: number | undefined;
    const next = (time: number): void => {
      if (before !== undefined) frames.push(time - before);
      before = time;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  },
  startLongTasks: () => {
    longTasks = [];
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks.push(duration);
    });
    observer.observe({ entryTypes: ['longtask'] });
  },
  frames: () => frames,
  longTasks: () => longTasks,
  firstContentfulPaint: () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
};
