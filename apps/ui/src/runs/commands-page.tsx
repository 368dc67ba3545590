/** Saved commands: what is run again and again, with parameters, under a name. `?edit=` opens one. */
import type { Command } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { permissionsIn } from '../state/permissions.ts';
import { useAnswer, type Answer } from '../state/use-answer.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { ForbiddenNote, ProblemNote } from '../ui/problem-note.tsx';
import { commandFacts } from './command-draft.ts';
import { CommandForm } from './command-form.tsx';
import { RunSides } from './run-sides.tsx';
import '../ui/form.css';
import '../ui/list.css';
import './runs.css';
import './commands.css';

const REFRESH_MS = 15_000;

interface CommandPage {
  readonly items: readonly Command[];
}

const firstLine = ({ script, argv }: Command): string =>
  script?.split('\n').find((line) => !/^\s*(?:#|set -|$)/u.test(line)) ?? (argv ?? []).join(' ');

const CommandRow = ({
  command,
  mayChange,
}: {
  readonly command: Command;
  readonly mayChange: boolean;
}): JSX.Element => {
  const { navigation } = useApp();
  const { id, name, description, run_by: runBy } = command;
  return (
    <tr>
      <td class="list-wide">
        <span class="list-name">{name}</span>
        <div class="list-sub">{description}</div>
      </td>
      <td class="list-wide">
        <span class="mono list-break">{firstLine(command)}</span>
        <div class="list-sub">{commandFacts(command)}</div>
      </td>
      <td data-name="For">{runBy === 'admin' ? 'administrators' : 'operators'}</td>
      <td class="list-wide">
        <div class="list-actions">
          <a class="button" href={`/runs?command=${encodeURIComponent(id)}`}>
            History
          </a>
          {mayChange ? (
            <>
              <button
                type="button"
                class="button button-icon"
                title="Edit"
                aria-label={`Edit ${name}`}
                onClick={() => navigation.setQuery({ edit: id })}
              >
                <Icon name="edit" />
              </button>
              <button
                type="button"
                class="button button-icon"
                title="Delete"
                aria-label={`Delete ${name}`}
                onClick={() => navigation.setQuery({ dialog: 'delete', of: id })}
              >
                <Icon name="trash" />
              </button>
            </>
          ) : null}
          <a
            class="button button-primary"
            aria-label={`Run ${name}`}
            href={`/runs/new?mode=saved&command=${encodeURIComponent(id)}`}
          >
            <Icon name="play" />
            Run
          </a>
        </div>
      </td>
    </tr>
  );
};

const CommandTable = ({
  commands,
  mayChange,
}: {
  readonly commands: readonly Command[];
  readonly mayChange: boolean;
}): JSX.Element => (
  <div class="list-box panel">
    <table class="list" aria-label="Saved commands">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Command</th>
          <th scope="col">For</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {commands.map((command) => (
          <CommandRow key={command.id} command={command} mayChange={mayChange} />
        ))}
      </tbody>
    </table>
  </div>
);

const DeleteDialog = ({
  commands,
  onDone,
}: {
  readonly commands: readonly Command[];
  readonly onDone: () => void;
}): JSX.Element => {
  const { navigation, session } = useApp();
  const { query } = navigation.place.value;
  const isAsked = query.get('dialog') === 'delete';
  const command = commands.find(({ id }) => id === query.get('of'));
  const close = (): void => {
    if (isAsked) navigation.setQuery({ dialog: null, of: null }, { replace: true });
  };
  return (
    <ConfirmDialog
      open={isAsked && command !== undefined}
      title="Delete this command?"
      action="Delete"
      act={async () =>
        session.api.send('DELETE', `/v1/commands/${encodeURIComponent(command?.id ?? '')}`)
      }
      onDone={() => {
        close();
        onDone();
      }}
      onClose={close}
    >
      <b class="list-name">{command?.name}</b> can be run no more. What it has run stays in the
      history.
    </ConfirmDialog>
  );
};

const List = ({
  answer,
  mayChange,
}: {
  readonly answer: Answer<CommandPage>;
  readonly mayChange: boolean;
}): JSX.Element => {
  const { value, problem, reload } = answer;
  if (value === undefined) {
    return problem === undefined ? (
      <p class="muted" role="status">
        Loading the commands
      </p>
    ) : (
      <ProblemNote problem={problem} onRetry={reload} />
    );
  }
  return (
    <>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {value.items.length === 0 ? (
        <div class="empty">
          <h2>No saved commands</h2>
          <p>Save what is run again and again: with parameters, and for whom it is.</p>
        </div>
      ) : (
        <CommandTable commands={value.items} mayChange={mayChange} />
      )}
      <DeleteDialog commands={value.items} onDone={reload} />
    </>
  );
};

const Content = (): JSX.Element => {
  const { navigation, session } = useApp();
  const { manageCommands } = permissionsIn(session.state.value);
  const answer = useAnswer<CommandPage>('/v1/commands', REFRESH_MS);
  const edited = navigation.place.value.query.get('edit');
  const command = answer.value?.items.find(({ id }) => id === edited);
  const close = (): void => navigation.setQuery({ edit: null });
  if (manageCommands && edited !== null && (edited === 'new' || command !== undefined)) {
    return (
      <section aria-label={command === undefined ? 'Save a command' : `Edit ${command.name}`}>
        <h2 class="section-title">{command === undefined ? 'Save a command' : 'Edit'}</h2>
        <CommandForm
          key={edited}
          command={command}
          onSaved={() => {
            answer.reload();
            close();
          }}
          onClose={close}
        />
      </section>
    );
  }
  return (
    <>
      {manageCommands ? (
        <div class="commands-bar">
          <button type="button" class="button" onClick={() => navigation.setQuery({ edit: 'new' })}>
            <Icon name="plus" />
            Save a command
          </button>
        </div>
      ) : null}
      <List answer={answer} mayChange={manageCommands} />
    </>
  );
};

export const CommandsPage = (): JSX.Element => {
  const { session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  return (
    <div class="page">
      <RunSides current="/commands" />
      {runCommands ? (
        <Content />
      ) : (
        <ForbiddenNote>Saved commands are for operators and administrators.</ForbiddenNote>
      )}
    </div>
  );
};
