import { expect, test } from 'vitest';
import { buildAgent } from '../../scripts/build/bundle.ts';
import { runCommand } from '../../scripts/run-command.ts';
import { oldestGuestNode } from '../support/needs.ts';
import { orSkip } from '../support/obtained.ts';

test('the bundle starts on the oldest Node that guests may have', async (ctx) => {
  const node = orSkip(ctx, 'Node 18', await oldestGuestNode());
  const { path, version } = await buildAgent();

  const { code, output } = await runCommand(node.path, [path, '--version'], { timeoutMs: 10_000 });

  expect({ code, output }).toEqual({ code: 0, output: `guest-agent ${version}\n` });
});
