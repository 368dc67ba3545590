/** What this browser remembers: the theme and the saved views. Nothing that anybody else may not see. */
import { signal, type Signal } from '@preact/signals';

export type Theme = 'system' | 'dark' | 'light';

export interface SavedView {
  readonly name: string;
  /** The query of the fleet page. */
  readonly query: string;
}

export interface Preferences {
  readonly theme: Signal<Theme>;
  setTheme(theme: Theme): void;
  readonly views: Signal<readonly SavedView[]>;
  setViews(views: readonly SavedView[]): void;
}

const THEME = 'innkeeper.theme';
const VIEWS = 'innkeeper.views';
const MAX_VIEWS = 50;

const isView = (value: unknown): value is SavedView =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'query' in value &&
  typeof value.query === 'string';

/** Storage may be forbidden, full, or hold what another release wrote. */
export const readStored = (storage: Pick<Storage, 'getItem'>, key: string): string | null => {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
};
export const writeStored = (
  storage: Pick<Storage, 'setItem'>,
  key: string,
  value: string,
): void => {
  try {
    storage.setItem(key, value);
  } catch {
    // Then it is forgotten with this page, which the user sees.
  }
};

const parseViews = (text: string | null): readonly SavedView[] => {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter(isView).slice(0, MAX_VIEWS) : [];
  } catch {
    return [];
  }
};

export const makePreferences = (storage: Storage, root: HTMLElement): Preferences => {
  const stored = readStored(storage, THEME);
  const theme = signal<Theme>(stored === 'dark' || stored === 'light' ? stored : 'system');
  const views = signal(parseViews(readStored(storage, VIEWS)));
  return {
    theme,
    setTheme: (chosen) => {
      theme.value = chosen;
      writeStored(storage, THEME, chosen);
      if (chosen === 'system') delete root.dataset['theme'];
      else root.dataset['theme'] = chosen;
    },
    views,
    setViews: (changed) => {
      views.value = changed.slice(0, MAX_VIEWS);
      writeStored(storage, VIEWS, JSON.stringify(views.value));
    },
  };
};
