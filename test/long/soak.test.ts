/**
 * A day of the native agent as fast as it goes: a scrape for each of its seconds, a line of log that
 * somebody follows for each of them, a command each half minute. Its memory must not grow with it.
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectTo } from '../bench/measure/keep-alive-client.ts';
import { readMemory } from '../bench/measure/smaps.ts';
import { NATIVE } from '../support/agent-process.ts';
import { startEnrolled } from '../support/enrolled-agent.ts';
import { openLogs } from '../support/log-client.ts';
import { orSkip } from '../support/obtained.ts';
import { waitUntil } from '../support/wait-until.ts';
import { scaled } from './scale.ts';

const SECONDS_OF_A_DAY = 86_400;
const SCRAPES = Math.max(2_000, scaled(SECONDS_OF_A_DAY));
const SCRAPES_PER_COMMAND = 30;
/**
 * All that the agent keeps is full then: it knows the last 512 commands, and some of their output and
 * lines of its own log.
 */
const WARM_UP_COMMANDS = 1_000;
const SAMPLES = 100;
/** Pages that are in use or not for a moment: the allocator grows and gives back in such steps. */
const GROWTH_BYTES = 512 * 1024;
const OTHERS = [
  '/metrics?format=json',
  '/processes',
  '/info',
  '/health',
  '/logs?follow=false&source=agent',
];

const most = (values: readonly number[]): number => Math.max(...values);

test(
  'the second half of a day of scrapes, lines and commands leaves no more in memory than the first',
  { timeout: 300_000 + SCRAPES * 100 },
  async (context) => {
    const build = { name: 'native', command: [orSkip(context, 'the native agent', NATIVE).path] };
    const folder = mkdtempSync(join(tmpdir(), 'agent-soak-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const logFile = join(folder, 'app.log');
    writeFileSync(logFile, '');
    const guest = await startEnrolled({ build, tokenSeconds: 5, config: { log_paths: [folder] } });
    const { agent, address } = guest;
    onTestFinished(async () => void (await agent.kill()));
    const query = `?source=file:${logFile}&tail=0`;
    const logs = await openLogs(address, query, { headers: guest.headers('GET', `/logs${query}`) });
    onTestFinished(() => logs.destroy());
    expect(logs.status).toBe(200);
    const client = await connectTo(agent.port);
    onTestFinished(() => client.close());

    let written = 0;
    const second = async (): Promise<void> => {
      appendFileSync(logFile, `line ${written} ${'x'.repeat(written % 300)}\n`);
      written += 1;
      const { status } = await client.ask('/metrics');
      if (status !== 200) throw new Error(`/metrics: ${status}`);
      if (written % 10 !== 0) return;
      const path = OTHERS[(written / 10) % OTHERS.length] ?? '';
      const { status: other } = await guest.ask('GET', path);
      if (other !== 200) throw new Error(`${path}: ${other}`);
    };
    const command = async (): Promise<void> => {
      const { status } = await guest.ask('POST', '/exec', {
        argv: ['head', '-c', String((written * 7919) % 100_000), '/dev/zero'],
      });
      if (status !== 200) throw new Error(`/exec: ${status}`);
    };

    for (let count = 0; count < WARM_UP_COMMANDS; count += 1) {
      await second();
      await command();
    }
    const resident: number[] = [];
    for (let scrape = 0; scrape < SCRAPES; scrape += 1) {
      await second();
      if (scrape % SCRAPES_PER_COMMAND === 0) await command();
      if (scrape % Math.ceil(SCRAPES / SAMPLES) === 0) {
        resident.push(readMemory(agent.pid).residentBytes);
      }
    }
    await waitUntil('all lines have come', () => logs.lines.length === written, 60_000);
    expect(logs.lines.findIndex(({ message }, at) => !message.startsWith(`line ${at} `))).toBe(-1);
    const half = resident.length / 2;
    const inMegabytes = resident.map((bytes) => (bytes / 1e6).toFixed(2)).join(' ');
    console.info(`${SCRAPES} scrapes, resident, MB: ${inMegabytes}`);
    expect(most(resident.slice(half)), `resident, MB: ${inMegabytes}`).toBeLessThan(
      most(resident.slice(0, half)) + GROWTH_BYTES,
    );
    expect(agent.log().filter(({ level }) => level === 'error')).toEqual([]);
  },
);
