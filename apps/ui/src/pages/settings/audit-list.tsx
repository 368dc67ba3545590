/** Who changed what, newest first, in pages: `?before=` is the cursor of the page. */
import type { AuditEntry } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { detailText, targetText } from './audit-words.ts';

const PAGE = 25;

interface AuditPage {
  readonly items: readonly AuditEntry[];
  readonly next_cursor: string | null;
}

const COLUMNS = ['When', 'Who', 'What', 'Detail', 'From'] as const;

/** Runs have a page of their own; the rest may be gone. */
const TargetLink = ({ target }: Pick<AuditEntry, 'target'>): JSX.Element => {
  const text = targetText(target);
  return target?.kind === 'run' ? (
    <a class="link list-break" href={`/runs/${encodeURIComponent(target.id)}`}>
      {text}
    </a>
  ) : (
    <span class="list-break">{text}</span>
  );
};

const AuditRow = ({ entry }: { readonly entry: AuditEntry }): JSX.Element => {
  const { time } = useApp();
  return (
    <tr>
      <td>
        <time dateTime={new Date(entry.at).toISOString()} title={time.full(entry.at)}>
          {time.stamp(entry.at)}
        </time>
      </td>
      <td data-name="Who">
        <span class="list-break">{entry.actor.name}</span>{' '}
        {entry.actor.kind === 'token' ? <span class="muted">(token)</span> : null}
      </td>
      <td class="list-wide">
        <span class="list-name">{entry.action}</span> <TargetLink target={entry.target} />
      </td>
      <td class="list-wide list-sub">{detailText(entry.detail)}</td>
      <td class="mono" data-name="From">
        {entry.remote_address ?? ''}
      </td>
    </tr>
  );
};

const Paging = ({ before, next }: { before: string | null; next: string | null }): JSX.Element => {
  const { navigation } = useApp();
  return (
    <div class="form-actions form-actions-start audit-paging">
      <button
        type="button"
        class="button"
        disabled={before === null}
        onClick={() => navigation.setQuery({ before: null })}
      >
        Newest
      </button>
      <button
        type="button"
        class="button"
        disabled={next === null}
        onClick={() => navigation.setQuery({ before: next })}
      >
        Older
      </button>
      <a class="button" download href="/v1/audit/download?format=csv">
        Download as CSV
      </a>
      <a class="button" download href="/v1/audit/download?format=ndjson">
        as JSON lines
      </a>
    </div>
  );
};

export const AuditList = (): JSX.Element => {
  const { navigation } = useApp();
  const before = navigation.place.value.query.get('before');
  const cursor = before === null ? '' : `&cursor=${encodeURIComponent(before)}`;
  const { value, problem, reload } = useAnswer<AuditPage>(`/v1/audit?limit=${PAGE}${cursor}`);
  return (
    <section class="section" aria-labelledby="audit">
      <h2 class="section-title" id="audit">
        Audit <small>who changed what, newest first</small>
      </h2>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {value === undefined ? (
        <p class="muted" role="status">
          {problem === undefined ? 'Loading the audit' : ''}
        </p>
      ) : value.items.length === 0 ? (
        <p class="muted">Nothing has been changed yet.</p>
      ) : (
        <>
          <div class="list-box panel">
            <table class="list audit-list" aria-label="Audit">
              <thead>
                <tr>
                  {COLUMNS.map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {value.items.map((entry) => (
                  <AuditRow key={entry.id} entry={entry} />
                ))}
              </tbody>
            </table>
          </div>
          <Paging before={before} next={value.next_cursor} />
        </>
      )}
    </section>
  );
};
