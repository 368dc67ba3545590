/** What the agent tells the systemd that has started it, over a socket like systemd's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, type TestContext } from 'vitest';
import { obtainNotifySocket } from '../fakes/notify-socket/notify-socket.ts';
import { bundleOn, NATIVE, startAgent, type AgentBuild } from '../support/agent-process.ts';
import { ask } from '../support/http-client.ts';
import { orSkip } from '../support/obtained.ts';
import { waitUntil } from '../support/wait-until.ts';

const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-notify-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const nativeBuild = (context: TestContext): AgentBuild => ({
  name: 'native',
  command: [orSkip(context, 'the native agent', NATIVE).path],
});

const start = async (
  context: TestContext,
  build: AgentBuild,
  name: string,
  variables: Readonly<Record<string, string>>,
) => {
  const socket = orSkip(context, 'a socket like systemd’s', await obtainNotifySocket());
  const launcher = [socket.path, name];
  const agent = await startAgent({ build, launcher, variables });
  onTestFinished(async () => void (await agent.kill()));
  return agent;
};

const linesOf = (text: string): readonly string[] => text.split('\n').slice(0, -1);

test.for(['a path', 'an abstract name'])(
  'the native agent says at %s that it is ready, that it lives, and that it goes',
  async (kind, context) => {
    const place = join(makeFolder(), 'notify');
    const name = kind === 'a path' ? place : `@${place}`;
    const build = nativeBuild(context);
    const agent = await start(context, build, name, { WATCHDOG_USEC: '300000' });
    const countOf = (line: string): number =>
      linesOf(agent.stdout()).filter((said) => said === line).length;
    await waitUntil('it has said three times that it lives', () => countOf('WATCHDOG=1') >= 3);
    expect(linesOf(agent.stdout())[0]).toBe('READY=1');
    expect(await agent.stop()).toStrictEqual({ code: 0, signal: null });
    expect(linesOf(agent.stdout()).at(-1)).toBe('STOPPING=1');
    expect([countOf('READY=1'), countOf('STOPPING=1')]).toEqual([1, 1]);
  },
);

test('a socket that is gone keeps no agent from serving', async (context) => {
  const build = nativeBuild(context);
  const variables = { NOTIFY_SOCKET: join(makeFolder(), 'gone'), WATCHDOG_USEC: '300000' };
  const agent = await startAgent({ build, variables });
  onTestFinished(async () => void (await agent.kill()));
  expect((await ask(agent.address, '/health')).status).toBe(200);
  expect(await agent.stop()).toStrictEqual({ code: 0, signal: null });
});

test('on Node it says nothing, and serves', async (context) => {
  const build = bundleOn(process.execPath);
  const socket = join(makeFolder(), 'notify');
  const agent = await start(context, build, socket, { WATCHDOG_USEC: '300000' });
  expect((await ask(agent.address, '/health')).status).toBe(200);
  expect(await agent.stop()).toStrictEqual({ code: 0, signal: null });
  expect(agent.stdout()).toBe('');
});
