/** Which versions the agents are, what they could be, and the updates that there were. */
import type { UpdateSummary } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { ExecutionMark } from '../runs/execution-mark.tsx';
import { runWords } from '../runs/execution-words.ts';
import { permissionsIn } from '../state/permissions.ts';
import { useAnswer } from '../state/use-answer.ts';
import { Dialog } from '../ui/dialog.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { countVersions, isUpdatable } from './agent-versions.ts';
import { UpdateForm } from './update-form.tsx';
import { updateCountWords, updateMark } from './update-words.ts';
import '../runs/new-run-page.css';
import '../runs/runs.css';
import '../ui/form.css';
import '../ui/list.css';
import './updates.css';

const PATH = '/v1/updates?limit=50';
const REFRESH_MS = 4_000;

interface UpdatesOfPage {
  readonly items: readonly UpdateSummary[];
  readonly offer: { readonly version: string | null };
}

const Versions = ({ offered }: { readonly offered: string | null }): JSX.Element => {
  const { fleet } = useApp();
  void fleet.membership.value;
  const vms = fleet.all();
  const older = vms.filter((vm) => isUpdatable(vm, offered));
  const others = [...new Set(older.flatMap(({ member }) => member.agent_version ?? []))];
  return (
    <section class="update-versions" aria-label="Versions of agents">
      <p>
        {offered === null ? (
          'This manager was built without an agent to update to.'
        ) : (
          <>
            This manager serves <b class="mono">{offered}</b>.{' '}
            {older.length === 0 ? (
              'No agent that it knows is another version.'
            ) : (
              <a class="link" href={`/?agent=${others.map(encodeURIComponent).join(',')}`}>
                {formatCount(older.length)} {older.length === 1 ? 'agent is' : 'agents are'} another
                version
              </a>
            )}
          </>
        )}
      </p>
      <ul>
        {countVersions(vms).map(({ version, count }) => (
          <li key={version ?? ''} data-offered={version === offered}>
            <a href={`/?agent=${encodeURIComponent(version ?? 'unknown')}`}>
              <span class="mono">{version ?? 'unknown'}</span>
              <b>{formatCount(count)}</b>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
};

const Row = ({ update }: { readonly update: UpdateSummary }): JSX.Element => {
  const { time } = useApp();
  return (
    <tr>
      <td>
        <span class="runs-name">
          <ExecutionMark kind={updateMark(update)} title={runWords(update)} />
          <a class="mono list-name" href={`/updates/${encodeURIComponent(update.id)}`}>
            {update.version}
          </a>
        </span>
      </td>
      <td class="list-wide">
        {updateCountWords(update)}
        {update.state === 'finished' ? null : <span class="muted"> ({runWords(update)})</span>}
      </td>
      <td data-name="By">
        <span class="list-break">{update.actor.name}</span>
      </td>
      <td data-name="Begun">
        <time
          dateTime={new Date(update.created_at).toISOString()}
          title={time.full(update.created_at)}
        >
          {time.stamp(update.created_at)}
        </time>
      </td>
    </tr>
  );
};

const Table = ({ items }: Pick<UpdatesOfPage, 'items'>): JSX.Element => (
  <div class="list-box panel">
    <table class="list" aria-label="Updates">
      <thead>
        <tr>
          {['To', 'Result', 'By', 'Begun'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((update) => (
          <Row key={update.id} update={update} />
        ))}
      </tbody>
    </table>
  </div>
);

export const UpdatesPage = (): JSX.Element => {
  const { navigation, session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  const { value, problem, reload } = useAnswer<UpdatesOfPage>(PATH, REFRESH_MS);
  const offered = value?.offer.version ?? null;
  const isOpen = navigation.place.value.query.get('dialog') === 'start';
  const act = (): void => navigation.setQuery({ dialog: 'start' });
  const close = (): void => {
    if (isOpen) navigation.setQuery({ dialog: null, sel: null, labels: null }, { replace: true });
  };
  return (
    <div class="page">
      <PageHead
        title="Agent updates"
        action={runCommands && offered !== null ? { text: 'Update agents', act } : undefined}
      />
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {value === undefined ? (
        <p class="muted" role="status">
          {problem === undefined ? 'Loading the updates' : ''}
        </p>
      ) : (
        <>
          <Versions offered={offered} />
          {value.items.length === 0 ? (
            <div class="empty">
              <h2>Nothing was updated yet</h2>
              <p>
                An update brings agents to the version that this manager serves: a few first, then
                the rest. One that does not work there goes back by itself.
              </p>
            </div>
          ) : (
            <Table items={value.items} />
          )}
        </>
      )}
      <Dialog open={isOpen && offered !== null} onClose={close} title="Update agents">
        <UpdateForm version={offered ?? ''} onClose={close} />
      </Dialog>
    </div>
  );
};
