/** Who may use this manager: tokens for people and programs. */
import type { Token } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { ForbiddenNote, ProblemNote } from '../../ui/problem-note.tsx';
import { TokenForm } from './token-form.tsx';
import { TokenRow } from './token-row.tsx';
import '../../ui/form.css';
import '../../ui/list.css';
import './tokens-page.css';

const REFRESH_MS = 15_000;

interface TokenPage {
  readonly items: readonly Token[];
}

const COLUMNS = ['Name', 'Role', 'Scope', 'Created', 'Expires', 'Last used'] as const;

const TokenTable = ({ tokens }: { readonly tokens: readonly Token[] }): JSX.Element => {
  const { navigation } = useApp();
  return (
    <div class="list-box panel">
      <table class="list" aria-label="Tokens">
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <TokenRow
              key={token.id}
              token={token}
              onRevoke={() => navigation.setQuery({ dialog: 'revoke', of: token.id })}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
};

const Dialogs = ({
  tokens,
  onChange,
}: {
  readonly tokens: readonly Token[];
  readonly onChange: () => void;
}): JSX.Element => {
  const { navigation, session } = useApp();
  const { query } = navigation.place.value;
  const dialog = query.get('dialog');
  const token = tokens.find(({ id }) => id === query.get('of'));
  const close = (): void => {
    if (query.get('dialog') !== null) {
      navigation.setQuery({ dialog: null, of: null }, { replace: true });
    }
  };
  return (
    <>
      <Dialog open={dialog === 'create'} onClose={close} title="Create a token">
        <TokenForm onCreated={onChange} onClose={close} />
      </Dialog>
      <ConfirmDialog
        open={dialog === 'revoke' && token !== undefined}
        title="Revoke this token?"
        action="Revoke"
        act={async () => session.api.send('DELETE', `/v1/tokens/${token?.id ?? ''}`)}
        onDone={() => {
          onChange();
          close();
        }}
        onClose={close}
      >
        <b class="list-name">{token?.name}</b> stops working at once, and whoever is signed in with
        it is signed out.
      </ConfirmDialog>
    </>
  );
};

const Content = (): JSX.Element => {
  const { value, problem, reload } = useAnswer<TokenPage>('/v1/tokens', REFRESH_MS);
  if (value === undefined) {
    return problem === undefined ? (
      <p class="muted" role="status">
        Loading the tokens
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
          <h2>No tokens</h2>
          <p>Create one for each person and program, so that each can be revoked alone.</p>
        </div>
      ) : (
        <TokenTable tokens={value.items} />
      )}
      <Dialogs tokens={value.items} onChange={reload} />
    </>
  );
};

export const TokensPage = (): JSX.Element => {
  const { navigation, session } = useApp();
  const { manageTokens } = permissionsIn(session.state.value);
  return (
    <div class="page">
      <PageHead
        title="Tokens"
        action={
          manageTokens
            ? { text: 'Create a token', act: () => navigation.setQuery({ dialog: 'create' }) }
            : undefined
        }
      />
      {manageTokens ? (
        <Content />
      ) : (
        <ForbiddenNote>
          Tokens are handed out and revoked by administrators of all VMs.
        </ForbiddenNote>
      )}
    </div>
  );
};
