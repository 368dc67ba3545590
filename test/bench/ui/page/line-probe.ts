/**
 * Looks at the lines of a log from within the page: when each numbered one has been painted, by the
 * clock on the wall.
 */

interface LineProbe {
  start(prefix: string): void;
  /** Number and Unix ms of each line that was seen since the last call. */
  painted(): readonly (readonly [number: number, at: number])[];
  stop(): void;
}

declare global {
  interface Window {
    innkeeperLineProbe: LineProbe;
  }
}

const BOX = '.log-box';
const LINE = '.log-line:not(.log-note)';

/** A change within a frame's own work is painted by that frame; any other one by the next. */
let isInFrame = false;
const requestFrame = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (work) =>
  requestFrame((time) => {
    isInFrame = true;
    work(time);
    // After the observer, which is told before.
    queueMicrotask(() => {
      isInFrame = false;
    });
  });

let pattern = /$^/u;
let seen = new Set<number>();
let painted: [number, number][] = [];
let isAwaited = false;
let observer: MutationObserver | undefined;

const look = (at: number): void => {
  const box = document.querySelector(BOX);
  if (box === null) return;
  const edge = box.getBoundingClientRect();
  for (const line of box.querySelectorAll(LINE)) {
    const number = Number(pattern.exec(line.querySelector('.log-text')?.textContent ?? '')?.[1]);
    if (!Number.isFinite(number) || seen.has(number)) continue;
    const { top, bottom } = line.getBoundingClientRect();
    if (top < edge.top - 1 || bottom > edge.bottom + 1) continue;
    seen.add(number);
    painted.push([number, at]);
  }
};

/** What a frame posts comes after it was painted. */
const channel = new MessageChannel();
channel.port1.addEventListener('message', () => {
  isAwaited = false;
  look(performance.timeOrigin + performance.now());
});
channel.port1.start();
const stampAfterFrame = (): void => {
  if (isAwaited) return;
  isAwaited = true;
  if (isInFrame) channel.port2.postMessage(undefined);
  else requestFrame(() => channel.port2.postMessage(undefined));
};

window.innkeeperLineProbe = {
  start: (prefix) => {
    pattern = new RegExp(`^${prefix} (\\d+)`, 'u');
    seen = new Set();
    painted = [];
    observer?.disconnect();
    observer = new MutationObserver(stampAfterFrame);
    const box = document.querySelector(BOX);
    if (box === null) throw new Error('there is no box with lines');
    observer.observe(box, {
      attributes: true,
      childList: true,
      characterData: true,
      subtree: true,
    });
  },
  painted: () => painted.splice(0),
  stop: () => observer?.disconnect(),
};
