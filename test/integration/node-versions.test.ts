/** The one bundle on every Node that guests have, and with the flags that make Node small. */
import { healthSchema, infoSchema, processListSchema, sampleSchema } from '@innkeeper/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bundleOn, startAgent } from '../support/agent-process.ts';
import { parseExposition } from '../support/exposition-text.ts';
import { ask } from '../support/http-client.ts';
import { nodeBinary } from '../support/node-version.ts';
import { orSkip } from '../support/obtained.ts';

const FETCH_MS = 5 * 60_000;

/** What the agent's unit starts Node with: less memory, and no threads that idle. */
const SMALL = ['--lite-mode', '--single-threaded', '--v8-pool-size=0', '--max-semi-space-size=1'];

describe.each([18, 20, 22, 24] as const)('on Node %i', (major) => {
  test.for([
    ['as it is', []],
    ['made small', SMALL],
  ] as const)(
    'the bundle serves all its routes, %s',
    { timeout: FETCH_MS },
    async ([, flags], context) => {
      const node = orSkip(context, `Node ${major}`, await nodeBinary(major));
      const agent = await startAgent({ build: bundleOn(node.path, flags) });
      onTestFinished(async () => void (await agent.kill()));
      const get = async (path: string): Promise<unknown> => {
        const reply = await ask(agent.address, path);
        expect(reply.status, path).toBe(200);
        return reply.json();
      };
      healthSchema.parse(await get('/health'));
      infoSchema.parse(await get('/info'));
      processListSchema.parse(await get('/processes?top=5&by=io'));
      sampleSchema.parse(await get('/metrics?format=json'));
      const { text } = await ask(agent.address, '/metrics');
      expect(parseExposition(text).size).toBeGreaterThan(150);
      expect(await agent.stop()).toStrictEqual({ code: 0, signal: null });
      // V8 may have a line of its own there about its flags.
      expect(agent.stderr()).not.toContain('"level":"error"');
    },
  );
});
