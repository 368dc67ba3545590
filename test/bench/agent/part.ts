/** `npm run bench -- agent`: what the guest agent costs a guest, beside others of its kind. */

import { makeChildren } from '../measure/children.ts';
import type { PartContext, PartResult } from '../part.ts';
import type { Key } from './contender.ts';
import { measureExec } from './exec.ts';
import type { AgentFigures, RunFigures } from './figures.ts';
import { measureLogs } from './logs.ts';
import { measureRun } from './measure-run.ts';
import { estimateMs, makePlan } from './plan.ts';
import { gatherRoster } from './roster.ts';
import { formatAgentSection, type AgentResults } from './tables.ts';

const MINUTE_MS = 60_000;
/** Those that stream logs and run commands. */
const OURS: ReadonlySet<Key> = new Set(['native', 'ours', 'ours-plain']);

export const benchAgent = async (context: PartContext): Promise<PartResult> => {
  const { runs, quick, signal, progress } = context;
  if (process.platform !== 'linux') throw new Error('agents are measured on Linux only');
  const plan = makePlan(runs, quick);
  const children = makeChildren();
  try {
    progress('fetching and trying out what is compared');
    const { contenders, absent, collectors, files } = await gatherRoster(context, children);
    for (const { name, reason } of absent) progress(`not measured: ${name}: ${reason}`);
    const minutes = estimateMs(plan, contenders) / MINUTE_MS;
    const times = runs === 1 ? 'once' : `${runs} times`;
    progress(`${contenders.length} agents, ${times}: about ${minutes.toFixed(1)} minutes`);

    const measured = new Map<Key, RunFigures[]>();
    for (const { key } of contenders) measured.set(key, []);
    for (let run = 0; run < runs; run += 1) {
      progress(`run ${run + 1} of ${runs}`);
      const figures = await measureRun(contenders, run, { plan, children, signal, progress });
      for (const [key, one] of figures) measured.get(key)?.push(one);
    }
    const agents: AgentFigures[] = contenders.map(({ key, name }) => ({
      key,
      name,
      runs: measured.get(key) ?? [],
    }));
    progress('logs');
    const ours = contenders.filter(({ key }) => OURS.has(key));
    const logs = await measureLogs(ours, context, children);
    if (!logs.ok) progress(`not measured: logs: ${logs.reason}`);
    progress('commands');
    const exec = await measureExec(ours, context, children);
    const data: AgentResults = { plan, collectors, agents, absent, files, logs, exec };
    return { markdown: formatAgentSection(data), data };
  } finally {
    await children.stopAll();
  }
};
