/** The colours of the theme as a canvas takes them: `light-dark()` and `var()` are only for CSS. */
import { signal, type ReadonlySignal } from '@preact/signals';

export interface Palette {
  colour(token: string): string;
  readonly font: string;
}

export const readPalette = (element: HTMLElement): Palette => {
  const known = new Map<string, string>();
  const { fontFamily } = getComputedStyle(element);
  return {
    font: fontFamily,
    colour: (token) => {
      const before = known.get(token);
      if (before !== undefined) return before;
      const probe = document.createElement('i');
      probe.style.color = `var(${token})`;
      element.append(probe);
      const { color } = getComputedStyle(probe);
      probe.remove();
      known.set(token, color);
      return color;
    },
  };
};

export interface ThemeWatch {
  /** Counts up when colours may have changed. */
  readonly changes: ReadonlySignal<number>;
  stop(): void;
}

export const watchTheme = (window: Window & typeof globalThis): ThemeWatch => {
  const changes = signal(0);
  const change = (): void => {
    changes.value += 1;
  };
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const observer = new window.MutationObserver(change);
  observer.observe(window.document.documentElement, { attributeFilter: ['data-theme'] });
  dark.addEventListener('change', change);
  return {
    changes,
    stop: () => {
      observer.disconnect();
      dark.removeEventListener('change', change);
    },
  };
};
