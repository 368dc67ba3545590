/** On the overview of a VM: its last lines, for a glance. It is open where it was left open. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { useVm } from '../pages/vm/vm-stores.ts';
import { Icon } from '../ui/icons.tsx';
import { lazyPage } from '../ui/lazy-page.tsx';
import { makeLogSettings } from './log-settings.ts';
import './log-strip.css';

/** Whoever leaves it closed does not wait for its code. */
const Lines = lazyPage(async () => (await import('./log-strip-lines.tsx')).LogStripLines);

export const LogStrip = (): JSX.Element => {
  const { id } = useVm();
  const settings = useMemo(() => makeLogSettings(window.localStorage), []);
  const isOpen = settings.values.value.stripOpen;
  return (
    <section class="log-strip" aria-label="Log">
      <h2>
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => settings.set('stripOpen', !isOpen)}
        >
          <Icon name={isOpen ? 'chevronDown' : 'chevronRight'} />
          {isOpen ? 'Hide log' : 'Show log'}
        </button>
        <a class="link" href={`/vms/${encodeURIComponent(id)}?tab=logs`}>
          All lines
        </a>
      </h2>
      {isOpen ? <Lines /> : null}
    </section>
  );
};
