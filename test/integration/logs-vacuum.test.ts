/** A journald that deletes faster than anybody reads: what is given and what is counted are all. */
import { afterAll, describe, expect, test } from 'vitest';
import { AGENT_BUILDS, startAgent } from '../support/agent-process.ts';
import { openLogs, type LogClient } from '../support/log-client.ts';
import { bearer, makeManagerKey, secondsFromNow } from '../support/manager-key.ts';
import { startJournald } from '../support/private-journald.ts';

const key = makeManagerKey();
const VM_ID = 'vm-1';

/** Some five thousand lines in all. */
const SMALL = 'SystemMaxFiles=3\nSystemMaxFileSize=512K\nSystemMaxUse=2M';
const started = await startJournald(SMALL);
afterAll(async () => {
  if (started.ok) await started.journald.stop();
});

const numbersOf = ({ lines }: LogClient): readonly number[] =>
  lines.map(({ message }) => Number(/^flood (\d+)/u.exec(message)?.[1]));

const lostOf = ({ dropped }: LogClient): number =>
  dropped.reduce((sum, { count }) => sum + (count ?? 0), 0);

describe.each(AGENT_BUILDS)('$name', (build) => {
  test('counts each line that was deleted under an open stream', async (context) => {
    if (!started.ok) {
      context.skip(started.reason);
      return;
    }
    const { journald } = started;
    const agent = await startAgent({
      build,
      config: {
        vm_id: VM_ID,
        manager_keys: [key.publicKey],
        journal_paths: [journald.journalPath],
      },
    });
    const token = key.sign({ aud: VM_ID, scope: 'logs', exp: secondsFromNow(600) });
    const client = await openLogs(agent.address, '?tail=0', { headers: bearer(token) });
    const total = 12_000;
    const padding = 'x'.repeat(300);
    for (let from = 0; from < total; from += 6_000) {
      await journald.write('flood', [`flood ${from}`]);
      await client.until('it follows', () => numbersOf(client).includes(from));
      // While it stands still, files come and go.
      agent.signal('SIGSTOP');
      await journald.write(
        'flood',
        Array.from({ length: 5_999 }, (_, index) => `flood ${from + 1 + index} ${padding}`),
      );
      agent.signal('SIGCONT');
    }
    const isAll = (): boolean => client.lines.length + lostOf(client) >= total;
    await client.until('all are given or counted', isAll, 30_000);
    client.destroy();
    await agent.stop();

    const numbers = numbersOf(client);
    expect(numbers.length + lostOf(client)).toBe(total);
    expect(lostOf(client)).toBeGreaterThan(0);
    expect(numbers).toEqual([...new Set(numbers)].sort((left, right) => left - right));
    expect(client.dropped.map(({ reason }) => reason)).not.toContain('damaged');
  }, 60_000);
});
