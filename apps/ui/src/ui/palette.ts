/**
 * The colours of the theme as a canvas takes them: `light-dark()` and `var()` are only for CSS. Each
 * is asked for once, for all canvases, until the theme changes.
 */
import { signal, type ReadonlySignal } from '@preact/signals';

export interface Palette {
  colour(token: string): string;
  readonly font: string;
}

const readPalette = (window: Window): Palette => {
  const known = new Map<string, string>();
  const { body } = window.document;
  let font: string | undefined;
  return {
    get font() {
      font ??= window.getComputedStyle(body).fontFamily;
      return font;
    },
    colour: (token) => {
      const before = known.get(token);
      if (before !== undefined) return before;
      const probe = window.document.createElement('i');
      probe.style.color = `var(${token})`;
      body.append(probe);
      const { color } = window.getComputedStyle(probe);
      probe.remove();
      known.set(token, color);
      return color;
    },
  };
};

/** Another one each time that the theme changes; for as long as the page. */
export const followPalette = (window: Window & typeof globalThis): ReadonlySignal<Palette> => {
  const palette = signal(readPalette(window));
  const change = (): void => {
    palette.value = readPalette(window);
  };
  const observer = new window.MutationObserver(change);
  observer.observe(window.document.documentElement, { attributeFilter: ['data-theme'] });
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', change);
  return palette;
};
