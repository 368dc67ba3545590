/** The head of the pages about runs: what was run, and what is saved to be run. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { permissionsIn } from '../state/permissions.ts';
import { Icon } from '../ui/icons.tsx';

const SIDES = [
  ['/runs', 'History'],
  ['/commands', 'Saved commands'],
] as const;

export const RunSides = ({
  current,
}: {
  readonly current: (typeof SIDES)[number][0];
}): JSX.Element => {
  const { session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  return (
    <header class="page-head">
      <h1 class="page-title">Runs</h1>
      {runCommands ? (
        <>
          <nav class="segments runs-sides" aria-label="Sides of runs">
            {SIDES.map(([href, name]) => (
              <a key={href} href={href} aria-current={href === current ? 'true' : undefined}>
                {name}
              </a>
            ))}
          </nav>
          <a class="button button-primary runs-new" href="/runs/new">
            <Icon name="play" />
            Run a command
          </a>
        </>
      ) : null}
    </header>
  );
};
