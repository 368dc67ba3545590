/**
 * A real guest of 128 MB at its memory limit: the native agent is asked each second, beside
 * node_exporter in the same guest. What fails is being killed or staying silent; how long an answer
 * takes is a figure of `npm run bench -- pressure`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { obtainGuestParts } from '../support/pressure-guest/disk.ts';
import { measureUnderPressure } from '../support/pressure-guest/guest.ts';

const MINUTES_MS = 20 * 60_000;

test(
  'the native agent survives a guest of 128 MB whose memory is taken to the last page',
  { timeout: MINUTES_MS },
  async (context) => {
    const obtained = await obtainGuestParts();
    if (!obtained.ok) return context.skip(obtained.reason);
    const folder = mkdtempSync(join(tmpdir(), 'agent-pressure-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { agents, exhausted } = await measureUnderPressure(obtained.parts, {
      folder,
      calmSeconds: 10,
      pressureSeconds: 60,
      timeoutMs: 30_000,
    });
    // Without this the guest was never at its limit, and the rest would say nothing.
    expect(exhausted).toBeGreaterThan(0);
    expect(agents.agent.wasKilled).toBe(false);
    expect(agents.agent.answersAfter).toBe(true);
    expect(agents.agent.pressure.answeredMs.length).toBeGreaterThan(0);
    return undefined;
  },
);
