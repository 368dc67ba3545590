/** The sides of a VM, and beside them how fresh its values are and the pause of the charts. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { formatCount } from '../../format/count.ts';
import { formatAge } from '../../format/duration.ts';
import { Icon } from '../../ui/icons.tsx';
import { sampleAgeMs } from './sample-age.ts';
import { useVm } from './vm-stores.ts';

const TABS = [
  ['overview', 'Overview'],
  ['processes', 'Processes'],
  ['system', 'System'],
  ['logs', 'Logs'],
  ['run', 'Run'],
  ['provisioning', 'Provisioning'],
  ['events', 'Events'],
  ['settings', 'Settings'],
] as const;

export type TabName = (typeof TABS)[number][0];

export const parseTab = (text: string | null): TabName =>
  TABS.find(([name]) => name === text)?.[0] ?? 'overview';

const FRESH_MS = 3_000;

const LastSample = (): JSX.Element => {
  const { ticker, now } = useApp();
  const { live } = useVm();
  void ticker.now.value;
  void live.tick.value;
  const receivedAt = live.receivedAt();
  const reading = live.reading.value;
  if (receivedAt === undefined || reading === undefined) {
    return <span class="muted">Waiting for the first sample</span>;
  }
  const age = sampleAgeMs({ reading, receivedAt, now: now(), managerNow: live.managerNow() });
  const isFresh = age !== undefined && age <= FRESH_MS && reading.origin !== 'none';
  return (
    <span class="live-mark">
      <span class="live-dot" data-state={isFresh ? 'live' : 'lost'} aria-hidden="true" />
      {age === undefined ? 'No sample yet' : `Last sample ${formatAge(age)}`}
    </span>
  );
};

/** Whatever a key press on it does by itself. */
const hasOwnSpace = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input, textarea, select, button, a, summary, [contenteditable], dialog') !== null;

const PauseButton = (): JSX.Element => {
  const { view } = useVm();
  const isPaused = view.isPaused.value;
  const toggle = (): void => view.setPaused(!view.isPaused.peek());
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== ' ' || event.repeat) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (hasOwnSpace(event.target) || document.querySelector('dialog[open]') !== null) return;
      event.preventDefault();
      toggle();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [view]);
  const label = isPaused ? 'Go on' : 'Pause the charts';
  return (
    <button
      type="button"
      class="button button-icon"
      aria-pressed={isPaused}
      aria-label={label}
      title={`${label} (Space)`}
      onClick={toggle}
    >
      <Icon name={isPaused ? 'play' : 'pause'} />
    </button>
  );
};

export const VmTabs = ({ current }: { readonly current: TabName }): JSX.Element => {
  const { navigation } = useApp();
  const { id, live } = useVm();
  const { query } = navigation.place.value;
  const href = (name: TabName): string => {
    const parameters = new URLSearchParams(query);
    if (name === 'overview') parameters.delete('tab');
    else parameters.set('tab', name);
    const search = parameters.toString();
    return `/vms/${encodeURIComponent(id)}${search === '' ? '' : `?${search}`}`;
  };
  const processes = live.reading.value?.process_count ?? null;
  return (
    <div class="vm-tabs">
      <nav aria-label="Sides of the VM">
        {TABS.map(([name, title]) => (
          <a key={name} href={href(name)} aria-current={name === current ? 'page' : undefined}>
            {title}
            {name === 'processes' && processes !== null ? (
              <span class="vm-tab-count">{formatCount(processes)}</span>
            ) : null}
          </a>
        ))}
      </nav>
      <span class="vm-tabs-end">
        <LastSample />
        {current === 'overview' ? <PauseButton /> : null}
      </span>
    </div>
  );
};
