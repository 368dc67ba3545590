/** What the manager keeps of whose logs: the first policy that fits a VM holds for it. */
import type { LogPolicies as Policies, LogPolicy } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import type { ApiProblem } from '../../state/api.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { MOST_POLICIES, moved, unfinished, withChange, withNew, without } from './policy-draft.ts';
import { PolicyRow } from './policy-row.tsx';

const PATH = '/v1/logs/policies';
const COLUMNS = ['VMs', 'Kept', 'When its agent is lost', ''] as const;

const PolicyForm = ({
  stored,
  mayChange,
  onSaved,
}: {
  readonly stored: readonly LogPolicy[];
  readonly mayChange: boolean;
  readonly onSaved: () => void;
}): JSX.Element => {
  const { session } = useApp();
  const [draft, setDraft] = useState<readonly LogPolicy[] | undefined>(undefined);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const policies = draft ?? stored;
  const save = async (): Promise<void> => {
    setBusy(true);
    const answer = await session.api.send<Policies>('PUT', PATH, { items: policies });
    setBusy(false);
    setProblem(answer.ok ? undefined : answer.problem);
    if (!answer.ok) return;
    setDraft(undefined);
    onSaved();
  };
  const isLast = (at: number): boolean => at === policies.length - 1;
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      <div class="list-box panel">
        <table class="list policy-list" aria-label="Policies of kept logs">
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name} scope="col">
                  {name === '' ? <span class="visually-hidden">Actions</span> : name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {policies.map((policy, at) => (
              <PolicyRow
                key={at}
                policy={policy}
                place={at + 1}
                mayChange={mayChange}
                onChange={(change) => setDraft(withChange(policies, at, change))}
                onUp={
                  mayChange && at > 0 && !isLast(at)
                    ? () => setDraft(moved(policies, at))
                    : undefined
                }
                onRemove={
                  mayChange && !isLast(at) ? () => setDraft(without(policies, at)) : undefined
                }
              />
            ))}
          </tbody>
        </table>
      </div>
      {mayChange ? (
        <div class="form-actions form-actions-start">
          {(['labels', 'vm'] as const).map((kind) => (
            <button
              key={kind}
              type="button"
              class="button"
              disabled={policies.length >= MOST_POLICIES}
              onClick={() => setDraft(withNew(policies, kind))}
            >
              {kind === 'labels' ? 'Add one for labels' : 'Add one for a VM'}
            </button>
          ))}
          <button
            type="submit"
            class="button button-primary"
            disabled={draft === undefined || isBusy || unfinished(policies) !== undefined}
          >
            {isBusy ? 'Saving' : 'Save'}
          </button>
          {draft === undefined ? null : (
            <button type="button" class="button" onClick={() => setDraft(undefined)}>
              Undo
            </button>
          )}
        </div>
      ) : null}
    </form>
  );
};

export const LogPolicies = ({ mayChange }: { readonly mayChange: boolean }): JSX.Element => {
  const { value, problem, reload } = useAnswer<Policies>(PATH);
  return (
    <section class="section" aria-labelledby="log-policies">
      <h2 class="section-title" id="log-policies">
        Kept logs <small>the first line that fits a VM holds for it</small>
      </h2>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {value === undefined ? null : (
        <PolicyForm stored={value.items} mayChange={mayChange} onSaved={reload} />
      )}
    </section>
  );
};
