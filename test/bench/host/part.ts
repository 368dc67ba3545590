/** `npm run bench -- host`: what the role `host` costs a hypervisor, with none to 200 VMs. */
import type { PartContext, PartResult } from '../part.ts';
import { formatNumber } from '../report/markdown.ts';
import { measureScenario, SCENARIOS } from './measure-run.ts';
import type { RunFigures } from './measure-run.ts';
import { makePlan } from './plan.ts';
import { obtainPrograms } from './programs.ts';
import { formatHostSection } from './tables.ts';

export const benchHost = async (context: PartContext): Promise<PartResult> => {
  const { runs, quick, folder, signal, progress } = context;
  if (process.platform !== 'linux') throw new Error('hypervisors are measured on Linux only');
  const plan = makePlan(quick);
  const programs = await obtainPrograms();
  const measured = SCENARIOS.map((scenario) => ({ scenario, figures: new Array<RunFigures>() }));
  for (let run = 0; run < runs; run += 1) {
    progress(`run ${run + 1} of ${runs}`);
    for (const [index, { scenario, figures }] of measured.entries()) {
      const tools = { plan, programs, folder, signal };
      const one = await measureScenario(scenario, `${run}-${index}`, tools);
      figures.push(one);
      progress(`  ${scenario.name}: ${formatNumber(one.pacedCpuMsPerCall)} ms of CPU per call`);
    }
  }
  const scenarios = measured.map(({ scenario, figures }) => ({
    name: scenario.name,
    runs: figures,
  }));
  return { markdown: formatHostSection(plan, scenarios), data: { plan, scenarios } };
};
