/** The head of the pages about runs. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { permissionsIn } from '../state/permissions.ts';
import { Icon } from '../ui/icons.tsx';

export const RunSides = (): JSX.Element => {
  const { session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  return (
    <header class="page-head">
      <h1 class="page-title">Runs</h1>
      {runCommands ? (
        <a class="button button-primary runs-new" href="/runs/new">
          <Icon name="play" />
          Run a command
        </a>
      ) : null}
    </header>
  );
};
