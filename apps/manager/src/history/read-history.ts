/** The stored values of a VM over a range, in steps of equal length, from the tiers that fit. */
import type { History, MetricField } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { Database, Queryable } from '../database/database.ts';
import { getTiers } from '../store/sql/get-tiers.ts';
import type { Retention } from '../store/tiers.ts';
import { alignSteps, chooseSteps, type HistoryRange, type HistorySteps } from './choose-tier.ts';
import { joinParts } from './join-parts.ts';
import { planParts } from './plan-parts.ts';
import { phaseOf } from './sample-phase.ts';
import { getHistoryPart, type PartStep } from './sql/get-history-part.ts';
import { getLastMoments } from './sql/get-last-moments.ts';

export interface HistoryQuery extends HistoryRange {
  readonly vmKey: number;
  readonly fields: readonly MetricField[];
}

export type ReadHistory = (query: HistoryQuery) => Promise<Omit<History, 'vm_id'>>;

/** All of it is of one moment, and whoever asks for too much does not hold the connection. */
const BEGIN = `
  SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
  SET LOCAL statement_timeout = '5s'`;

/** Steps of one sample are laid around the moments at which this VM is asked. */
const laySteps = async (
  database: Queryable,
  { vmKey, from, to }: HistoryQuery,
  steps: HistorySteps,
): Promise<HistorySteps> => {
  if (!steps.isStepOfOneSample) return steps;
  const phase = phaseOf(await getLastMoments(database, vmKey, from, to), steps.stepMs);
  if (phase === undefined) return steps;
  const origin = phase - Math.floor(steps.stepMs / 2);
  return { ...steps, ...alignSteps({ from, to }, steps.stepMs, origin) };
};

export const makeReadHistory = ({
  database,
  clock,
  keepMs,
  intervalMs,
}: {
  readonly database: Database;
  readonly clock: Pick<Clock, 'now'>;
  readonly keepMs: Retention;
  /** How often VMs are asked. */
  readonly intervalMs: number;
}): ReadHistory => {
  const read = async (
    transaction: Queryable,
    query: HistoryQuery,
  ): Promise<Omit<History, 'vm_id'>> => {
    await transaction.query({ text: BEGIN });
    const { vmKey, from, to, fields } = query;
    const chosen = chooseSteps(query, { intervalMs, keepMs, now: clock.now() });
    const { tier, stepMs, start, count } = await laySteps(transaction, query, chosen);
    const end = start + count * stepMs;
    const parts = planParts(tier, start, end, await getTiers(transaction));
    const steps: PartStep[] = [];
    for (const part of parts) {
      const found = { vmKey, fields, stepMs, origin: start, ...part };
      steps.push(...(await getHistoryPart(transaction, found)));
    }
    const joined = joinParts(steps, { start, stepMs, count }, fields);
    return { from, to, tier, step_ms: stepMs, ...joined };
  };

  return async (query) => database.transaction((transaction) => read(transaction, query));
};
