/** What this manager is: its version, what it keeps and for how long, whom it may ask. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatDuration } from '../../format/duration.ts';
import { MANAGER_PATH, TIERS, type ManagerInfo } from '../../state/manager-info.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Fact, Facts } from './facts.tsx';

const databaseText = ({ embedded, version }: ManagerInfo['database']): string =>
  `Postgres ${version}, ${embedded ? 'its own, in the data folder' : 'an external server'}`;

const Retention = ({ keep }: { readonly keep: ManagerInfo['keep_ms'] }): JSX.Element => (
  <>
    {TIERS.map((tier) => (
      <span key={tier} class="facts-pair">
        <span class="muted">{tier === 'raw' ? 'samples' : `${tier} steps`}</span>{' '}
        {formatDuration(keep[tier] / 1000)}
      </span>
    ))}
  </>
);

const Known = ({ info }: { readonly info: ManagerInfo }): JSX.Element => {
  const { ticker, time } = useApp();
  const uptime = (ticker.now.value - info.started_at) / 1000;
  return (
    <>
      <Facts>
        <Fact name="Version">{info.version}</Fact>
        <Fact name="Running for">
          <span title={`since ${time.full(info.started_at)}`}>{formatDuration(uptime)}</span>
        </Fact>
        <Fact name="Asks each VM every">{formatDuration(info.pull_interval_ms / 1000)}</Fact>
        <Fact name="Keeps">
          <Retention keep={info.keep_ms} />
        </Fact>
        <Fact name="VMs may be in">
          <span class="mono list-break">{info.guest_networks.join(', ')}</span>
        </Fact>
        <Fact name="Public address">
          {info.public_url === null ? (
            <span class="muted">not set (--public-url)</span>
          ) : (
            <span class="mono list-break">{info.public_url}</span>
          )}
        </Fact>
        <Fact name="Database">{databaseText(info.database)}</Fact>
        <Fact name="API">
          <a class="link" href="/docs/api">
            reference
          </a>
        </Fact>
      </Facts>
      <h3 class="facts-title">
        Public key <small class="muted">for the configuration of agents: manager_keys</small>
      </h3>
      <CopyBlock label="the public key" text={info.public_keys.join('\n')} />
    </>
  );
};

export const ManagerFacts = (): JSX.Element => {
  const { session } = useApp();
  const { readManager } = permissionsIn(session.state.value);
  const { value, problem, reload } = useAnswer<ManagerInfo>(readManager ? MANAGER_PATH : undefined);
  return (
    <section class="section" aria-labelledby="manager">
      <h2 class="section-title" id="manager">
        This manager
      </h2>
      {readManager ? null : (
        <p class="muted">Your token sees some of the VMs, and this is about all of them.</p>
      )}
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {value === undefined ? null : <Known info={value} />}
    </section>
  );
};
