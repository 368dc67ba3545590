/** Which VMs ended in the same way, and how the others differ. */
import type { RunGroup, RunGroups as Groups } from '@innkeeper/protocol';
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { useAnswer } from '../state/use-answer.ts';
import { showText } from '../terminal/hostile-text.ts';
import { makeTranscript } from '../terminal/transcript.ts';
import { TranscriptView } from '../terminal/transcript-view.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { ExecutionMark } from './execution-mark.tsx';
import { endWords, type MarkKind } from './execution-words.ts';

const REFRESH_MS = 5_000;
const MOST_NAMES = 12;
const still = signal(0);

const groupMark = ({ state, exit_code: code }: RunGroup): MarkKind => {
  if (state === 'exited') return code === 0 ? 'good' : 'bad';
  if (state === 'lost') return 'unsure';
  return state === 'cancelled' ? 'off' : 'bad';
};

const groupWords = ({ state, exit_code, signal: by }: RunGroup): string =>
  state === 'exited'
    ? endWords({ exit_code, signal: by, timed_out: false, stop_requested_at: null })
    : state;

const Sample = ({ group }: { readonly group: RunGroup }): JSX.Element => {
  const transcript = useMemo(() => {
    const made = makeTranscript();
    if (group.sample_is_cut) made.note('Only its end:', 0);
    made.push('stdout', group.sample, 0);
    return made;
  }, [group.sample, group.sample_is_cut]);
  return (
    <TranscriptView
      transcript={transcript}
      tick={still}
      label={`Output of ${group.executions[0]?.vm_name ?? 'the group'}`}
      empty="It has printed nothing."
      lineTitle={() => ''}
    />
  );
};

const OPS = { '+': 'only here: ', '-': 'missing here: ', ' ': '' } as const;

const Diff = ({ diff }: { readonly diff: NonNullable<RunGroup['diff']> }): JSX.Element => (
  <div class="run-diff mono" role="group" aria-label="Against the largest group" tabIndex={0}>
    {diff.lines.map(({ op, text }, index) => (
      <div key={index} data-op={op}>
        <span aria-hidden="true">{op} </span>
        {OPS[op] === '' ? null : <span class="visually-hidden">{OPS[op]}</span>}
        {showText(text).plain}
      </div>
    ))}
    {diff.cut ? <div class="muted">There is more.</div> : null}
  </div>
);

const Outcome = ({ group }: { readonly group: RunGroup }): JSX.Element => {
  // What never began has printed nothing, and differs in that from all that did.
  if (group.state !== 'exited' && group.state !== 'lost') {
    return <p class="muted">It never began there.</p>;
  }
  return group.diff === null ? <Sample group={group} /> : <Diff diff={group.diff} />;
};

const Group = ({ group, isOpen }: { readonly group: RunGroup; readonly isOpen: boolean }) => {
  const { navigation } = useApp();
  const { path, query } = navigation.place.value;
  const names = group.executions.slice(0, MOST_NAMES);
  const more = group.count - names.length;
  const href = (id: string): string => {
    const changed = new URLSearchParams(query);
    changed.set('vm', id);
    return `${path}?${changed.toString()}`;
  };
  return (
    <details class="run-group" open={isOpen}>
      <summary>
        <ExecutionMark kind={groupMark(group)} />
        <b>{formatCount(group.count)}</b>
        <span>{groupWords(group)}</span>
        <span class="muted run-group-names">
          {names.map(({ vm_name: name }) => name).join(', ')}
          {more > 0 ? ` and ${formatCount(more)} more` : ''}
        </span>
      </summary>
      <div class="run-group-body">
        <p class="run-group-links">
          {names.map(({ id, vm_name: name }) => (
            <a key={id} class="link" href={href(id)}>
              {name}
            </a>
          ))}
        </p>
        <Outcome group={group} />
      </div>
    </details>
  );
};

const summaryWords = ({ identical, differing, unfinished }: Groups): string =>
  [
    `${formatCount(identical)} identical`,
    ...(differing === 0 ? [] : [`${formatCount(differing)} differ`]),
    ...(unfinished === 0 ? [] : [`${formatCount(unfinished)} not finished`]),
  ].join(', ');

export const RunGroups = ({
  runId,
  ended,
  isOver,
}: {
  readonly runId: string;
  /** How many executions have ended. */
  readonly ended: number;
  readonly isOver: boolean;
}): JSX.Element | null => {
  const { value, problem, reload } = useAnswer<Groups>(
    ended === 0 ? undefined : `/v1/runs/${encodeURIComponent(runId)}/groups`,
    isOver ? undefined : REFRESH_MS,
  );
  // As it is at the end.
  useEffect(() => {
    if (isOver) reload();
  }, [isOver, reload]);
  if (ended === 0) return null;
  return (
    <section class="section run-groups" aria-labelledby="run-groups">
      <h2 class="section-title" id="run-groups">
        Results <small>{value === undefined ? '' : summaryWords(value)}</small>
      </h2>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {(value?.groups ?? []).map((group, index) => (
        <Group
          key={`${group.state} ${group.exit_code} ${group.executions[0]?.id ?? index}`}
          group={group}
          isOpen={index > 0 && index < 3}
        />
      ))}
      {value === undefined || value.more_groups === 0 ? null : (
        <p class="muted">{formatCount(value.more_groups)} more groups are not shown.</p>
      )}
    </section>
  );
};
