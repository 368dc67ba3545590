/** Which page the address means, and whether anybody is signed in to see it. */
import { useEffect } from 'preact/hooks';
import type { JSX } from 'preact';
import { useApp } from './app-context.ts';
import { FleetPage } from './pages/fleet/fleet-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { SignInPage } from './pages/sign-in/sign-in-page.tsx';
import { Frame } from './shell/frame.tsx';
import { Shell } from './shell/shell.tsx';
import { lazyPage } from './ui/lazy-page.tsx';

const HostsPage = lazyPage(async () => (await import('./pages/hosts/hosts-page.tsx')).HostsPage);
const VmPage = lazyPage(async () => (await import('./pages/vm/vm-page.tsx')).VmPage);
const LogsPage = lazyPage(async () => (await import('./logs/logs-page.tsx')).LogsPage);
const ScriptsPage = lazyPage(
  async () => (await import('./provision/scripts-page.tsx')).ScriptsPage,
);
const AddPage = lazyPage(async () => (await import('./pages/add/add-page.tsx')).AddPage);
const TokensPage = lazyPage(
  async () => (await import('./pages/tokens/tokens-page.tsx')).TokensPage,
);
const SettingsPage = lazyPage(
  async () => (await import('./pages/settings/settings-page.tsx')).SettingsPage,
);

const UpdatesPage = lazyPage(async () => (await import('./updates/updates-page.tsx')).UpdatesPage);
const UpdatePage = lazyPage(async () => (await import('./updates/update-page.tsx')).UpdatePage);
const RunsPage = lazyPage(async () => (await import('./runs/runs-page.tsx')).RunsPage);
const RunPage = lazyPage(async () => (await import('./runs/run-page.tsx')).RunPage);

const NewRunPage = lazyPage(async () => (await import('./runs/new-run-page.tsx')).NewRunPage);
const CommandsPage = lazyPage(async () => (await import('./runs/commands-page.tsx')).CommandsPage);

const VM_PATH = /^\/vms\/(?<id>[\w-]{1,64})$/u;
const UPDATE_PATH = /^\/updates\/(?<id>[\w-]{1,64})$/u;
const RUN_PATH = /^\/runs\/(?<id>[\w-]{1,64})$/u;

interface Matched {
  readonly title: string;
  readonly page: JSX.Element;
}

const match = (path: string): Matched => {
  if (path === '/') return { title: 'Fleet', page: <FleetPage /> };
  if (path === '/hosts') return { title: 'Hosts', page: <HostsPage /> };
  if (path === '/logs') return { title: 'Logs', page: <LogsPage /> };
  if (path === '/runs') return { title: 'Runs', page: <RunsPage /> };
  if (path === '/runs/new') return { title: 'Run a command', page: <NewRunPage /> };
  if (path === '/provisioning') return { title: 'Provisioning', page: <ScriptsPage /> };
  if (path === '/updates') return { title: 'Agent updates', page: <UpdatesPage /> };
  if (path === '/commands') return { title: 'Saved commands', page: <CommandsPage /> };
  if (path === '/add') return { title: 'Add a VM', page: <AddPage /> };
  if (path === '/tokens') return { title: 'Tokens', page: <TokensPage /> };
  if (path === '/settings') return { title: 'Settings', page: <SettingsPage /> };
  const vmId = VM_PATH.exec(path)?.groups?.['id'];
  if (vmId !== undefined) return { title: 'VM', page: <VmPage key={vmId} id={vmId} /> };
  const runId = RUN_PATH.exec(path)?.groups?.['id'];
  if (runId !== undefined) return { title: 'Run', page: <RunPage key={runId} id={runId} /> };
  const updateId = UPDATE_PATH.exec(path)?.groups?.['id'];
  if (updateId !== undefined) {
    return { title: 'Agent update', page: <UpdatePage key={updateId} id={updateId} /> };
  }
  return { title: 'Not found', page: <NotFoundPage /> };
};

/** Only while somebody is signed in is there a connection to keep. */
const SignedIn = (): JSX.Element => {
  const { connection, navigation } = useApp();
  useEffect(() => {
    connection.start();
    return () => connection.stop();
  }, [connection]);
  const { title, page } = match(navigation.place.value.path);
  useEffect(() => {
    document.title = `${title} · Innkeeper`;
  }, [title]);
  return <Shell>{page}</Shell>;
};

export const Root = (): JSX.Element => {
  const { session } = useApp();
  const { value } = session.state;
  if (value.kind === 'checking') return <Frame />;
  return value.kind === 'signed_in' ? <SignedIn /> : <SignInPage problem={value.problem} />;
};
