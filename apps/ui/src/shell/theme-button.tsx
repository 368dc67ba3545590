/** Dark, light, or as the system has it. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import type { Theme } from '../state/preferences.ts';
import { Icon, type IconName } from '../ui/icons.tsx';

const NEXT = { system: 'dark', dark: 'light', light: 'system' } as const satisfies Record<
  Theme,
  Theme
>;
const ICONS = { system: 'contrast', dark: 'moon', light: 'sun' } as const satisfies Record<
  Theme,
  IconName
>;

export const ThemeButton = (): JSX.Element => {
  const { preferences } = useApp();
  const theme = preferences.theme.value;
  const label = `Theme: ${theme}`;
  return (
    <button
      type="button"
      class="button button-icon"
      aria-label={label}
      title={label}
      onClick={() => preferences.setTheme(NEXT[theme])}
    >
      <Icon name={ICONS[theme]} />
    </button>
  );
};
