/** One VM: how it is doing now and did before, what it is, what happened to it, and its settings. */
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { parseRange, rangeKey } from '../../state/vm-range.ts';
import { lazyPage } from '../../ui/lazy-page.tsx';
import { EventsTab } from './events-tab.tsx';
import { ProcessesTab } from './processes-tab.tsx';
import { SettingsTab } from './settings-tab.tsx';
import { SystemTab } from './system-tab.tsx';
import { VmFoot } from './vm-foot.tsx';
import { VmHead } from './vm-head.tsx';
import { VmAbsent } from './vm-absent.tsx';
import { VmNotice } from './vm-notice.tsx';
import { makeVmStores, useVm, VmContext } from './vm-stores.ts';
import { parseTab, VmTabs } from './vm-tabs.tsx';
import './vm-page.css';

// The charts are as large as all the rest of the page, so the head does not wait for them.
const Overview = lazyPage(async () => (await import('./overview.tsx')).Overview);
const LogsTab = lazyPage(async () => (await import('../../logs/logs-tab.tsx')).LogsTab);
const ProvisionTab = lazyPage(
  async () => (await import('../../provision/provision-tab.tsx')).ProvisionTab,
);
const RunTab = lazyPage(async () => (await import('../../runs/run-tab.tsx')).RunTab);

const TABS = {
  overview: Overview,
  processes: ProcessesTab,
  system: SystemTab,
  logs: LogsTab,
  run: RunTab,
  provisioning: ProvisionTab,
  events: EventsTab,
  settings: SettingsTab,
} as const;

const VmBody = (): JSX.Element => {
  const { navigation } = useApp();
  const { view, record, live } = useVm();
  const { query } = navigation.place.value;
  const range = parseRange(query);
  const key = rangeKey(range);
  useEffect(() => view.setRange(range), [view, key]);
  const name = record.vm.value.value?.name;
  useEffect(() => {
    if (name !== undefined) document.title = `${name} · Innkeeper`;
  }, [name]);
  const { problem } = record.vm.value;
  const status = live.status.value;
  if (status.kind === 'gone' || problem?.status === 404 || problem?.status === 422) {
    return <VmAbsent wasThere={name !== undefined} />;
  }
  if (problem?.status === 403) return <VmAbsent wasThere={name !== undefined} isForbidden />;
  const tab = parseTab(query.get('tab'));
  const Tab = TABS[tab];
  return (
    <>
      <VmHead range={range} hasRanges={tab === 'overview'} />
      <VmTabs current={tab} />
      <VmNotice />
      <Tab />
      {tab === 'logs' || tab === 'run' ? null : <VmFoot />}
    </>
  );
};

export const VmPage = ({ id }: { readonly id: string }): JSX.Element => {
  const app = useApp();
  const stores = useMemo(() => makeVmStores(app, id), [app, id]);
  useEffect(() => stores.follow(), [stores]);
  return (
    <VmContext.Provider value={stores}>
      <div class="page vm">
        <VmBody />
      </div>
    </VmContext.Provider>
  );
};
