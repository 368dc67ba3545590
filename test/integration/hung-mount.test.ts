/**
 * A filesystem that never answers, for real: statfs(2) on it hangs. It stands in a mount namespace
 * of its own, so nothing else on the machine meets it, and ends with it.
 */
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sampleSchema } from '@innkeeper/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AGENT_BUILDS, startAgent } from '../support/agent-process.ts';
import { parseExposition, type ExposedSample } from '../support/exposition-text.ts';
import { ask, type HttpAddress } from '../support/http-client.ts';
import { enterNamespace, leafPid } from '../support/namespace.ts';

const HUNG_FILESYSTEM = resolve(import.meta.dirname, '../support/hung-filesystem.mjs');

/** Of the agent, for an answer of a filesystem. In quarantine the filesystem costs none any more. */
const DEADLINE_MS = 1_000;
/** What may take a machine that does a lot besides; it fails only what hangs. */
const BUSY_MS = 15_000;
const TEST_MS = 60_000;

const hasFuse = (): boolean => {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

describe.each(AGENT_BUILDS)('$name', { timeout: TEST_MS }, (build) => {
  test.for([
    ['that never said a word', ''],
    ['that was there once', 'greet'],
  ] as const)('a filesystem of a server %s delays one scrape, once', async ([, greet], context) => {
    if (!hasFuse()) return context.skip('this user may not open /dev/fuse');
    const folder = mkdtempSync(join(tmpdir(), 'agent-hung-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const mountPoint = join(folder, 'dead');
    mkdirSync(mountPoint);
    const said = `'${folder}/said'`;
    const server = `'${process.execPath}' '${HUNG_FILESYSTEM}' '${mountPoint}' ${greet}`;
    const namespace = enterNamespace(
      [
        `rm -f ${said}`,
        `${server} > ${said} &`,
        `until grep -qs mounted ${said}; do kill -0 $!; sleep 0.02; done`,
      ].join('\n'),
    );
    if (!namespace.ok) return context.skip(namespace.reason);

    const socketPath = join(folder, 'agent.sock');
    const agent = await startAgent({
      build,
      // A shell in between: the first process of a namespace gets no signals but those it handles.
      launcher: [...namespace.launcher, 'sh', '-c', '"$@"; exit $?', 'sh'],
      args: ['--listen', '0.0.0.0:0', '--socket', socketPath],
    });
    onTestFinished(async () => void (await agent.kill()));
    const address: HttpAddress = { socketPath };
    const timed = async (path: string): Promise<{ ms: number; text: string }> => {
      const began = performance.now();
      const { status, text } = await ask(address, path, { timeoutMs: BUSY_MS });
      expect(status, path).toBe(200);
      return { ms: performance.now() - began, text };
    };

    const first = await timed('/metrics');
    expect(first.text).toContain(`mountpoint="${mountPoint}"} 1\n`);
    expect(first.ms).toBeLessThan(BUSY_MS);
    for (const path of ['/metrics', '/health', '/metrics?format=json']) {
      // The best of three, for a machine that does something else at the moment.
      const attempts = [await timed(path), await timed(path), await timed(path)];
      expect(Math.min(...attempts.map(({ ms }) => ms)), path).toBeLessThan(DEADLINE_MS);
    }

    const families = parseExposition((await timed('/metrics')).text);
    const filesystems = (name: string): readonly ExposedSample[] =>
      families.get(`node_filesystem_${name}`)?.samples ?? [];
    const errors = filesystems('device_error');
    const dead = errors.filter(({ labels }) => labels['mountpoint'] === mountPoint);
    expect(dead).toMatchObject([{ value: 1, labels: { fstype: 'fuse', device: 'dead-server' } }]);
    const others = errors.filter((sample) => !dead.includes(sample));
    expect(others.length).toBeGreaterThan(0);
    for (const { labels, value } of others) expect(value, labels['mountpoint']).toBe(0);
    expect(filesystems('size_bytes')).toHaveLength(others.length);
    const successes = families.get('node_scrape_collector_success')?.samples ?? [];
    for (const collector of ['filesystem', 'cpu', 'meminfo', 'netdev', 'processes']) {
      const success = successes.find(({ labels }) => labels['collector'] === collector);
      expect(success?.value, collector).toBe(1);
    }

    const sample = sampleSchema.parse(JSON.parse((await timed('/metrics?format=json')).text));
    const hung = sample.filesystems?.find(({ mountpoint }) => mountpoint === mountPoint);
    expect(hung).toMatchObject({ fstype: 'fuse', size_bytes: null, free_bytes: null });
    expect(hung?.error).toMatch(/no answer from the filesystem for \d+\.\d s/u);
    expect(sample.collectors['filesystem']).toMatchObject({ ok: true });

    const began = performance.now();
    process.kill(leafPid(agent.pid, 'guest-agent'), 'SIGTERM');
    // In order, or on Node by the signal itself: its exit would wait for the thread that waits for
    // the dead server.
    expect([0, 128 + 15]).toContain((await agent.exited).code);
    expect(agent.stderr()).toContain('"message":"stopping"');
    expect(performance.now() - began).toBeLessThan(BUSY_MS);
    return undefined;
  });
});
