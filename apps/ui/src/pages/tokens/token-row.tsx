/** One token of the list; never its secret, which nobody has any more. */
import type { Token } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatDuration } from '../../format/duration.ts';
import { Icon } from '../../ui/icons.tsx';

const MINUTE_MS = 60_000;

const Moment = ({
  name,
  at,
  none,
  children,
}: {
  readonly name: string;
  readonly at: number | null;
  readonly none: string;
  readonly children: (at: number) => string;
}): JSX.Element => {
  const { time } = useApp();
  return (
    <td data-name={name}>
      {at === null ? (
        <span class="muted">{none}</span>
      ) : (
        <time dateTime={new Date(at).toISOString()} title={time.full(at)}>
          {children(at)}
        </time>
      )}
    </td>
  );
};

export const TokenRow = ({
  token,
  onRevoke,
}: {
  readonly token: Token;
  readonly onRevoke: () => void;
}): JSX.Element => {
  const { ticker, time } = useApp();
  const now = ticker.now.value;
  const expired = token.expires_at !== null && token.expires_at <= now;
  return (
    <tr data-expired={expired}>
      <td>
        <span class="list-name">{token.name}</span>
      </td>
      <td data-name="Role">{token.role}</td>
      <td data-name="Scope" class="list-wide">
        {token.scope === null ? (
          <span class="muted">all VMs</span>
        ) : (
          <span class="mono list-break">{token.scope}</span>
        )}
      </td>
      <Moment name="Created" at={token.created_at} none="">
        {(at) => time.short(at)}
      </Moment>
      <Moment name="Expires" at={token.expires_at} none="never">
        {(at) => (at <= now ? 'expired' : `in ${formatDuration((at - now) / 1000)}`)}
      </Moment>
      <Moment name="Last used" at={token.last_used_at} none="never">
        {(at) =>
          now - at < 2 * MINUTE_MS ? 'just now' : `${formatDuration((now - at) / 1000)} ago`
        }
      </Moment>
      <td class="list-wide">
        <div class="list-actions">
          <button
            type="button"
            class="button button-icon"
            title="Revoke"
            aria-label={`Revoke ${token.name}`}
            onClick={onRevoke}
          >
            <Icon name="trash" />
          </button>
        </div>
      </td>
    </tr>
  );
};
