/** Makes a token, and shows its secret once. */
import type { Role, Token } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import type { ApiProblem } from '../../state/api.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { Field } from '../../ui/field.tsx';
import { fieldProblems } from '../../ui/field-problems.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useRefusalFocus } from '../../ui/use-refusal-focus.ts';
import { ScopePreview, useScopePreview } from './scope-preview.tsx';
import { EXPIRIES, expiryOf, ROLE_WORDS, ROLES } from './token-words.ts';

interface CreatedToken extends Token {
  readonly token: string;
}

const FIELDS = ['name', 'scope', 'expires_at'] as const;

const RoleChoice = ({
  role,
  onRole,
}: {
  readonly role: Role;
  readonly onRole: (role: Role) => void;
}): JSX.Element => (
  <fieldset class="choices">
    <legend>Role</legend>
    {ROLES.map((one) => (
      <label key={one}>
        <input type="radio" name="role" checked={role === one} onChange={() => onRole(one)} />
        <span>{one}</span>
        <span class="field-hint">{ROLE_WORDS[one]}</span>
      </label>
    ))}
  </fieldset>
);

const Created = ({
  created,
  onClose,
}: {
  readonly created: CreatedToken;
  readonly onClose: () => void;
}): JSX.Element => (
  <div class="form">
    <p>
      The token <b class="list-name">{created.name}</b>. It is shown this once, and nobody can look
      it up later.
    </p>
    <CopyBlock label="the token" text={created.token} />
    <div class="form-actions">
      <button type="button" class="button button-primary" onClick={onClose}>
        I have it
      </button>
    </div>
  </div>
);

export const TokenForm = ({
  onCreated,
  onClose,
}: {
  readonly onCreated: () => void;
  readonly onClose: () => void;
}): JSX.Element => {
  const { session, now } = useApp();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [scope, setScope] = useState('');
  const [days, setDays] = useState<number | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const [created, setCreated] = useState<CreatedToken | undefined>(undefined);
  const preview = useScopePreview(scope.trim());
  const form = useRefusalFocus(problem);
  if (created !== undefined) return <Created created={created} onClose={onClose} />;
  const problems = fieldProblems(problem, FIELDS);
  const selector =
    preview.kind === 'problem' ? fieldProblems(preview.problem, ['labels']) : undefined;
  const scopeProblem = selector?.of('labels') ?? selector?.rest?.message ?? problems.of('scope');
  // The manager judges the scope as it is now; the preview may still be about the one before.
  const save = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    const result = await session.api.send<CreatedToken>('POST', '/v1/tokens', {
      name: name.trim(),
      role,
      scope: scope.trim() === '' ? null : scope.trim(),
      expires_at: expiryOf(days, now()),
    });
    setBusy(false);
    if (result.ok) {
      setCreated(result.value);
      onCreated();
    } else {
      setProblem(result.problem);
    }
  };
  return (
    <form
      ref={form}
      class="form"
      onInput={() => setProblem(undefined)}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field label="Name" problem={problems.of('name')} hint="Who or what uses it.">
        {(ids) => (
          <input
            {...ids}
            class="input"
            required
            autofocus
            maxLength={128}
            autocomplete="off"
            placeholder="grafana"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <RoleChoice role={role} onRole={setRole} />
      <Field
        label="Only VMs with these labels"
        problem={scopeProblem}
        hint={<ScopePreview preview={preview} />}
      >
        {(ids) => (
          <input
            {...ids}
            class="input mono"
            maxLength={1024}
            autocomplete="off"
            placeholder="env=prod,team in (web, db),!legacy"
            value={scope}
            onInput={(event) => setScope(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label="Expires" problem={problems.of('expires_at')}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={String(days ?? '')}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setDays(value === '' ? undefined : Number(value));
            }}
          >
            {EXPIRIES.map((expiry) => (
              <option key={expiry.name} value={String(expiry.days ?? '')}>
                {expiry.name}
              </option>
            ))}
          </select>
        )}
      </Field>
      {problems.rest === undefined ? null : <ProblemNote problem={problems.rest} />}
      <div class="form-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="button button-primary" aria-disabled={busy}>
          Create
        </button>
      </div>
    </form>
  );
};
