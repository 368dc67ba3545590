/** The places of the six charts, each with a canvas of the same size. */
import { CHARTS } from './feed.ts';

export const WIDTH = 440;
export const HEIGHT = 170;
export const COLOURS = ['#5b8def', '#e0904c'] as const;
export const FILLS = ['#5b8def24', '#e0904c24'] as const;

export const makeBoxes = (): readonly HTMLElement[] =>
  Array.from({ length: CHARTS }, () => {
    const box = document.createElement('div');
    box.className = 'box';
    document.body.append(box);
    return box;
  });

/** Tells the benchmark that everything is drawn once. */
export const sayReady = (): void => {
  requestAnimationFrame(() => {
    document.documentElement.dataset['ready'] = 'yes';
  });
};
