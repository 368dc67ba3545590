/** A journal that a real journald has written, served by the agent and by systemd-journal-gatewayd. */
import { afterAll, describe, expect, test } from 'vitest';
import { AGENT_BUILDS, startAgent } from '../support/agent-process.ts';
import { obtainGatewayd, readGatewayd, startGatewayd } from '../support/journal-gatewayd.ts';
import { openLogs } from '../support/log-client.ts';
import { bearer, makeManagerKey, secondsFromNow } from '../support/manager-key.ts';
import { startJournald } from '../support/private-journald.ts';

const key = makeManagerKey();
const VM_ID = 'vm-1';

const gatewayd = await obtainGatewayd();
const started = await startJournald();
afterAll(async () => {
  if (started.ok) await started.journald.stop();
});

/** Short, long enough to be packed, empty but for blanks, and of other scripts. */
const linesOf = (name: string, count: number): readonly string[] =>
  Array.from(
    { length: count },
    (_, index) =>
      [
        `${name} ${index} ${'a long line '.repeat(60 + (index % 40))}`,
        `${name} ${index} \u{1F389} Größe 日本語 \u202Eevil`,
        `${name} ${index} \u001B[31mred\u001B[0m <script>`,
        `<${index % 8}>${name} ${index}`,
      ][index % 4] ?? '',
  );

describe.each(AGENT_BUILDS)('$name', (build) => {
  test('serves every entry of gatewayd, in its order, with the same bytes', async (context) => {
    if (!gatewayd.ok || !started.ok) {
      context.skip([gatewayd, started].map((one) => ('reason' in one ? one.reason : '')).join(' '));
      return;
    }
    const { journald } = started;
    await journald.write('one', linesOf('one', 700));
    await journald.rotate();
    await Promise.all([
      journald.write('two', linesOf('two', 500)),
      journald.write('three', linesOf('three', 500)),
    ]);

    const service = await startGatewayd(gatewayd, journald.journalPath);
    const expected = await readGatewayd(gatewayd.address);
    await service.stop();
    expect(expected.length).toBeGreaterThanOrEqual(1700);

    const agent = await startAgent({
      build,
      config: {
        vm_id: VM_ID,
        manager_keys: [key.publicKey],
        journal_paths: [journald.journalPath],
      },
    });
    const token = key.sign({ aud: VM_ID, scope: 'logs', exp: secondsFromNow(600) });
    const client = await openLogs(agent.address, '?follow=false&since=0', {
      headers: bearer(token),
    });
    await client.closed;
    await agent.stop();

    expect(client.end()).toEqual({ reason: 'complete' });
    expect(client.lines.map(({ cursor }) => cursor)).toEqual(expected.map(({ cursor }) => cursor));
    for (const [index, line] of client.lines.entries()) {
      const fields = expected[index]?.fields;
      expect(Buffer.from(line.message)).toEqual(Buffer.from(fields?.get('MESSAGE') ?? []));
      for (const [name, value] of fields ?? []) {
        if (name === 'MESSAGE' || name.startsWith('__')) continue;
        expect([name, line.fields[name]]).toEqual([name, Buffer.from(value).toString()]);
      }
    }
  }, 60_000);
});
