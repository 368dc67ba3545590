/**
 * The processes at the top: now, or at the moment that is pointed at. What nobody looked at is asked
 * for once a minute only, so the first list of a page may be so old.
 */
import type { PastProcess, ProcessEntry } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatAge } from '../../format/duration.ts';
import { formatBytes, quantityText, UNKNOWN_FIGURE } from '../../format/quantity.ts';
import type { PastAnswer } from '../../state/past-processes.ts';
import { useVm } from './vm-stores.ts';
import './vm-table.css';

const SHOWN = 8;
const NOT_FOUND = 404;
/** A list that is asked for each ten seconds, with the way that it takes. */
const IS_NOW_MS = 12_000;

const BackToNow = (): JSX.Element | null => {
  const { moments } = useVm();
  if (!moments.isHeld.value) return null;
  return (
    <button type="button" class="vm-back" onClick={() => moments.backToNow()}>
      Back to now
    </button>
  );
};

const When = ({
  at,
  ageMs,
}: {
  readonly at: number | undefined;
  readonly ageMs: number;
}): JSX.Element => {
  const { time } = useApp();
  const { group } = useVm();
  if (at === undefined) {
    return <span>{ageMs > IS_NOW_MS ? formatAge(ageMs) : 'now'}, by CPU</span>;
  }
  return (
    <span>
      <span title={time.full(at)}>at {group.momentLabel(at)}</span> <BackToNow />
    </span>
  );
};

const CpuFigure = ({ percent }: { readonly percent: number | null }): JSX.Element =>
  percent === null ? (
    <span title="known from its second list on">
      {UNKNOWN_FIGURE}
      <span class="visually-hidden">known from its second list on</span>
    </span>
  ) : (
    <>
      {percent.toFixed(1)}
      <span class="unit">%</span>
    </>
  );

const Row = ({ process }: { readonly process: PastProcess | ProcessEntry }): JSX.Element => (
  <tr>
    <td class="muted">{process.pid}</td>
    <td class="vm-cut" title={process.name}>
      {process.name}
    </td>
    <td class="vm-cut secondary">
      {process.user ?? ('uid' in process ? process.uid : null) ?? UNKNOWN_FIGURE}
    </td>
    <td class="numeric">
      <CpuFigure percent={process.cpu_usage_percent} />
    </td>
    <td class="numeric">{quantityText(formatBytes(process.rss_bytes))}</td>
  </tr>
);

const Table = ({ top }: { readonly top: readonly (PastProcess | ProcessEntry)[] }): JSX.Element => (
  <table class="vm-table">
    <thead>
      <tr>
        <th scope="col">PID</th>
        <th scope="col">Command</th>
        <th scope="col">User</th>
        <th scope="col" class="numeric">
          CPU
        </th>
        <th scope="col" class="numeric">
          Memory
        </th>
      </tr>
    </thead>
    <tbody>
      {top.slice(0, SHOWN).map((process) => (
        <Row key={process.pid} process={process} />
      ))}
    </tbody>
  </table>
);

const Hint = ({ children }: { readonly children: string }): JSX.Element => (
  <p class="muted vm-hint">{children}</p>
);

const Past = ({ answer: { snapshot, problem } }: { readonly answer: PastAnswer }): JSX.Element => {
  if (snapshot !== undefined) return <Table top={snapshot.processes} />;
  if (problem === undefined) return <Hint>Looking them up…</Hint>;
  return (
    <Hint>
      {problem.status === NOT_FOUND
        ? 'Nothing is stored from then: lists are kept for some days, one a minute while the guest’s agent answers.'
        : `The list of then could not be loaded: ${problem.message}`}
    </Hint>
  );
};

export const TopProcesses = (): JSX.Element => {
  const { moments, past } = useVm();
  const answer = past.answer.value;
  const shown = moments.processes.value;
  const isOver = moments.areProcessesOver.value;
  const top = shown?.top ?? null;
  const topAt = shown?.topAt ?? shown?.at;
  const ageMs = shown === undefined || topAt === undefined ? 0 : shown.at - topAt;
  const pastAt = answer?.snapshot?.taken_at ?? answer?.at;
  const isBusy =
    answer !== undefined && answer.snapshot === undefined && answer.problem === undefined;
  return (
    <section class="vm-section" aria-busy={isBusy}>
      <h2>
        Top processes <When at={pastAt ?? (isOver ? topAt : undefined)} ageMs={ageMs} />
      </h2>
      {answer === undefined ? null : <Past answer={answer} />}
      {answer === undefined && top !== null ? <Table top={top} /> : null}
      {answer === undefined && top === null ? (
        <Hint>Only the guest’s agent knows its processes.</Hint>
      ) : null}
    </section>
  );
};
