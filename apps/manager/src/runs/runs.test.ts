import type { ExecRequest } from '@innkeeper/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeVm } from '../../../../test/support/registry-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { makeOutputLines } from './output-lines.ts';
import { getExecutionOutput } from './sql/get-execution-output.ts';
import { startFakeExecAgent, type FakeExecAgent } from './testing/fake-exec-agent.ts';
import { BY_OPERATOR, startRuns, untilOver, type ManagerOfRuns } from './testing/run-harness.ts';

let testDatabase: TestDatabase;
let agent: FakeExecAgent;
let manager: ManagerOfRuns;
let vms: VmRecord[];
const registry = { get: (id: string) => vms.find((vm) => vm.id === id) };

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(async () => testDatabase.drop());
beforeEach(async () => {
  agent = await startFakeExecAgent();
  vms = [1, 2, 3, 4, 5, 6].map((number) =>
    makeVm(number, { guestIp: agent.host, agentPort: agent.port, enrolledAt: 1 }),
  );
  manager = startRuns(testDatabase.database, registry);
});
afterEach(async () => {
  await manager.stop();
  await agent.stop();
});

const outputOf = async (executionKey: number): Promise<string> => {
  const chunks = await getExecutionOutput(testDatabase.database, {
    executionKey,
    after: 0,
    maxEvents: 10_000,
    maxBytes: 10_000_000,
  });
  const lines = makeOutputLines();
  return [...chunks.flatMap((chunk) => lines.push(chunk)), ...lines.end()]
    .map(({ text }) => text)
    .join('\n');
};
const states = ({ executions }: { executions: readonly { state: string }[] }) =>
  executions.map(({ state }) => state);
const [one, two, three] = [0, 1, 2];
const first = <Item>(items: readonly Item[]): Item => {
  const [item] = items;
  if (item === undefined) throw new Error('there is none');
  return item;
};

describe('a run', () => {
  test('sends the command once to each VM, and keeps output and exit codes', async () => {
    agent.onBegin((command) => {
      command.output('hello\n');
      command.output('and more\n', 'stderr');
      command.exit(0);
    });
    const id = await manager.begin(vms.slice(0, 3), {
      request: { argv: ['echo', 'hello'], timeout_seconds: 5, max_output_bytes: 1000 },
    });
    const { run, executions } = await untilOver(manager, id);
    expect(run).toMatchObject({ state: 'finished', actor: { name: 'olivia' } });
    expect(executions).toHaveLength(3);
    for (const { state, exitCode, outputBytes, key } of executions) {
      expect({ state, exitCode, outputBytes }).toStrictEqual({
        state: 'exited',
        exitCode: 0,
        outputBytes: 15,
      });
      expect(await outputOf(key)).toBe('hello\nand more');
    }
    expect(agent.begun.map((command) => command.id).toSorted()).toStrictEqual(
      executions.map((execution) => execution.id).toSorted(),
    );
    expect(first(agent.begun).request).toMatchObject({
      argv: ['echo', 'hello'],
      timeout_seconds: 5,
    });
    expect(agent.tokens.map(({ sub }) => sub)).toStrictEqual(['olivia', 'olivia', 'olivia']);
  });

  test('goes on after its connection broke off in the middle, with nothing lost or twice', async () => {
    const id = await manager.begin(vms.slice(0, 1));
    await waitUntil('it began', () => agent.begun.length === 1);
    const command = first(agent.begun);
    for (let round = 0; round < 5; round += 1) {
      command.output(`before ${round}\n`);
      await waitUntil('a stream is there', () => agent.streams() === 1);
      agent.cut();
      command.output(`while away ${round}\n`);
    }
    command.exit(3);
    const { executions } = await untilOver(manager, id);
    expect(first(executions)).toMatchObject({ state: 'exited', exitCode: 3 });
    const expected = [0, 1, 2, 3, 4].flatMap((round) => [`before ${round}`, `while away ${round}`]);
    expect(await outputOf(first(executions).key)).toBe(expected.join('\n'));
    expect(agent.begun).toHaveLength(1);
  });

  test('whose request was taken but not answered finds the command, and does not begin it again', async () => {
    agent.swallowNextAnswer();
    agent.onBegin((command) => {
      command.output('ran\n');
      command.exit(0);
    });
    const id = await manager.begin(vms.slice(0, 1));
    const { executions } = await untilOver(manager, id);
    expect(first(executions)).toMatchObject({ state: 'exited', exitCode: 0 });
    expect(await outputOf(first(executions).key)).toBe('ran');
    expect(agent.begun).toHaveLength(1);
    expect(agent.tokens).toHaveLength(1);
  });

  test('whose request was lost on the way sends the same token again', async () => {
    let lost = 0;
    agent.before((request) => {
      if (request.method !== 'POST' || lost > 0) return false;
      lost += 1;
      request.socket.destroy();
      return true;
    });
    agent.onBegin((command) => command.exit(0));
    const id = await manager.begin(vms.slice(0, 1));
    const { executions } = await untilOver(manager, id);
    expect(first(executions)).toMatchObject({ state: 'exited', exitCode: 0, sends: 1 });
    expect(agent.begun).toHaveLength(1);
    expect(first(agent.tokens).jti).toBe(`${first(executions).id}.1`);
  });

  test('is lost, and not begun again, when the agent was restarted after it took the request', async () => {
    agent.swallowNextAnswer();
    agent.onBegin(() => agent.restart());
    const id = await manager.begin(vms.slice(0, 1));
    const { executions } = await untilOver(manager, id);
    expect(first(executions)).toMatchObject({ state: 'lost', problem: { code: 'not_known' } });
    expect(agent.begun).toHaveLength(1);
  });

  test('is lost when the agent was restarted while it ran', async () => {
    const id = await manager.begin(vms.slice(0, 1));
    await waitUntil('it began', () => agent.begun.length === 1);
    await waitUntil('a stream is there', () => agent.streams() === 1);
    agent.restart();
    const { executions } = await untilOver(manager, id);
    expect(first(executions)).toMatchObject({
      state: 'lost',
      problem: { code: 'agent_restarted' },
    });
    expect(agent.begun).toHaveLength(1);
  });

  test('is lost when its agent is not heard of, or takes no token, for too long', async () => {
    await manager.stop();
    manager = startRuns(testDatabase.database, registry, { lostAfterMs: 60 });
    const id = await manager.begin(vms.slice(0, 1));
    await waitUntil('a stream is there', () => agent.streams() === 1);
    agent.before((_request, response) => {
      response.writeHead(401).end();
      return true;
    });
    agent.cut();
    const { executions } = await untilOver(manager, id);
    expect(first(executions)).toMatchObject({ state: 'lost', problem: { code: 'unreachable' } });
  });

  test('is refused with the words of the agent', async () => {
    agent.before((_request, response) => {
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end('{"error":{"code":"forbidden","message":"not in exec_allow"}}');
      return true;
    });
    const { executions } = await untilOver(manager, await manager.begin(vms.slice(0, 1)));
    expect(first(executions)).toMatchObject({
      state: 'refused',
      problem: { code: 'forbidden', message: 'not in exec_allow' },
    });
  });

  test('on a VM that nobody answers for fails at once', async () => {
    await agent.stop();
    const { executions } = await untilOver(manager, await manager.begin(vms.slice(0, 1)));
    expect(first(executions)).toMatchObject({
      state: 'unreachable',
      problem: { code: 'unreachable' },
    });
  });

  test('waits for a VM where it was asked to, and begins when its agent answers', async () => {
    const { host, port } = agent;
    await agent.stop();
    const id = await manager.begin(vms.slice(0, 1), { waitMs: 60_000 });
    await waitUntil(
      'it waits',
      async () => first((await manager.read(id)).executions).problem !== undefined,
    );
    expect(first((await manager.read(id)).executions).state).toBe('queued');
    agent = await startFakeExecAgent(host, port);
    agent.onBegin((command) => command.exit(0));
    manager.runs.agentAnswers(first(vms).id);
    const { executions } = await untilOver(manager, id);
    expect(first(executions)).toMatchObject({ state: 'exited', exitCode: 0 });
  });

  test('waits no longer than it was asked to', async () => {
    await agent.stop();
    const id = await manager.begin(vms.slice(0, 1), { waitMs: 30 });
    expect(states(await untilOver(manager, id))).toStrictEqual(['unreachable']);
  });

  test('keeps to its concurrency', async () => {
    const id = await manager.begin(vms, { concurrency: 2 });
    for (let ended = 0; ended < vms.length; ended += 1) {
      await waitUntil('two run', () => agent.begun.length === Math.min(ended + 2, vms.length));
      agent.begun[ended]?.exit(0);
    }
    expect(states(await untilOver(manager, id))).toStrictEqual(vms.map(() => 'exited'));
  });

  test('begins the rest only when its canaries have succeeded', async () => {
    const id = await manager.begin(vms, { canary: 2 });
    await waitUntil('the canaries run', () => agent.begun.length === 2);
    agent.begun[one]?.exit(0);
    await manager.writer.written();
    expect(agent.begun).toHaveLength(2);
    agent.onBegin((command) => command.exit(0));
    agent.begun[two]?.exit(0);
    expect(states(await untilOver(manager, id))).toStrictEqual(vms.map(() => 'exited'));
  });

  test('pauses when a canary fails, and goes on when somebody says so', async () => {
    agent.onBegin((command) => command.exit(1));
    const id = await manager.begin(vms, { canary: 2 });
    await waitUntil('it pauses', async () => (await manager.read(id)).run.state === 'paused');
    expect((await manager.read(id)).run.reason).toBe('canary_failed');
    expect(agent.begun).toHaveLength(2);
    expect(await manager.runs.control(BY_OPERATOR, id, 'resume')).toBeUndefined();
    const { run } = await untilOver(manager, id);
    expect(run.state).toBe('finished');
    expect(agent.begun).toHaveLength(vms.length);
  });

  test('stops after so many failures, and cancels what had not begun', async () => {
    agent.onBegin((command) => command.exit(1));
    const id = await manager.begin(vms, { concurrency: 1, maxFailures: 2 });
    const read = await untilOver(manager, id);
    expect(read.run).toMatchObject({ state: 'stopped', reason: 'max_failures' });
    expect(states(read)).toStrictEqual([
      'exited',
      'exited',
      'cancelled',
      'cancelled',
      'cancelled',
      'cancelled',
    ]);
  });

  test('that is stopped ends what runs and cancels the rest', async () => {
    const id = await manager.begin(vms.slice(0, 3), { concurrency: 2 });
    await waitUntil('two run', () => agent.streams() === 2);
    expect(await manager.runs.control(BY_OPERATOR, id, 'stop')).toBeUndefined();
    const read = await untilOver(manager, id);
    expect(read.run).toMatchObject({ state: 'stopped', reason: 'requested' });
    expect(states(read)).toStrictEqual(['exited', 'exited', 'cancelled']);
    expect(read.executions.map(({ exitCode }) => exitCode)).toStrictEqual([143, 143, undefined]);
    expect(agent.stops).toHaveLength(2);
    expect(await manager.runs.control(BY_OPERATOR, id, 'stop')).toMatchObject({ code: 'run_over' });
  });

  test('goes on when one of its executions is stopped', async () => {
    const id = await manager.begin(vms.slice(0, 2));
    await waitUntil('two run', () => agent.streams() === 2);
    const { executions } = await manager.read(id);
    await manager.runs.stopExecution(BY_OPERATOR, id, first(executions).id);
    await waitUntil('it was told', () => agent.stops.length === 1);
    agent.begun.find((command) => command.id !== agent.stops[0])?.exit(0);
    const read = await untilOver(manager, id);
    expect(read.run.state).toBe('finished');
    expect(read.executions.map(({ exitCode }) => exitCode)).toStrictEqual([143, 0]);
  });

  test('begins nothing while it is paused', async () => {
    const id = await manager.begin(vms.slice(0, 2), { concurrency: 1 });
    await waitUntil('one runs', () => agent.begun.length === 1);
    await manager.runs.control(BY_OPERATOR, id, 'pause');
    agent.begun[one]?.exit(0);
    await waitUntil('it ended', async () => states(await manager.read(id))[0] === 'exited');
    expect(agent.begun).toHaveLength(1);
    await manager.runs.control(BY_OPERATOR, id, 'resume');
    await waitUntil('the other runs', () => agent.begun.length === 2);
    agent.begun[two]?.exit(0);
    await untilOver(manager, id);
  });

  test('asks an agent again that has too much to do', async () => {
    let refusals = 0;
    agent.before((_request, response) => {
      refusals += 1;
      if (refusals > 1) return false;
      response.writeHead(429, { 'content-type': 'application/json' });
      response.end('{"error":{"code":"busy","message":"8 commands are running"}}');
      return true;
    });
    agent.onBegin((command) => command.exit(0));
    const { executions } = await untilOver(manager, await manager.begin(vms.slice(0, 1)));
    expect(first(executions)).toMatchObject({ state: 'exited', sends: 2 });
  });

  test('does not believe an agent that sends more than was asked for', async () => {
    agent.onBegin((command) => {
      for (let block = 0; block < 20; block += 1) command.output('x'.repeat(1000));
      command.exit(0);
    });
    const request = { argv: ['yes'], max_output_bytes: 2_000 } satisfies ExecRequest;
    const { executions } = await untilOver(
      manager,
      await manager.begin(vms.slice(0, 1), { request }),
    );
    expect(first(executions)).toMatchObject({ storedBytes: 6_000, droppedBytes: 14_000 });
    expect((await outputOf(first(executions).key)).length).toBe(6_000);
  });
});

test('500 VMs run a command each, and every output is kept', async () => {
  vms = Array.from({ length: 500 }, (_, index) =>
    makeVm(index + 1, { guestIp: agent.host, agentPort: agent.port }),
  );
  agent.onBegin((command) => {
    command.output(`of ${command.id}\n`);
    command.exit(0);
  });
  const read = await untilOver(manager, await manager.begin(vms, { concurrency: 500 }));
  expect(new Set(states(read))).toStrictEqual(new Set(['exited']));
  expect(agent.begun).toHaveLength(500);
  const last = read.executions.at(-1);
  expect(await outputOf(last?.key ?? 0)).toBe(`of ${last?.id}`);
}, 30_000);

describe('a manager that was stopped in the middle', () => {
  const restart = async (): Promise<void> => {
    await manager.stop();
    manager = startRuns(testDatabase.database, registry);
    await manager.runs.load();
  };

  test('is followed by one that takes up its commands, with complete output', async () => {
    const id = await manager.begin(vms.slice(0, 3), { concurrency: 2 });
    await waitUntil('two run', () => agent.streams() === 2);
    for (const command of agent.begun) command.output('before\n');
    await manager.stop();
    for (const command of agent.begun) command.output('while nobody looked\n');
    agent.begun[one]?.exit(7);
    manager = startRuns(testDatabase.database, registry);
    await manager.runs.load();
    await waitUntil('the third runs', () => agent.begun.length === 3);
    agent.begun[three]?.output('before\nwhile nobody looked\n');
    for (const command of agent.begun) command.exit(0);
    const read = await untilOver(manager, id);
    expect(read.run.state).toBe('finished');
    const codes = read.executions.map(({ exitCode }) => exitCode);
    expect(new Set(codes)).toStrictEqual(new Set([0, 7]));
    for (const { key } of read.executions) {
      expect(await outputOf(key)).toBe('before\nwhile nobody looked');
    }
    expect(agent.begun).toHaveLength(3);
  });

  test('tells the agents to stop what it was about to stop', async () => {
    const id = await manager.begin(vms.slice(0, 1));
    await waitUntil('it runs', () => agent.streams() === 1);
    agent.before((request) => {
      if (request.method !== 'DELETE') return false;
      request.socket.destroy();
      return true;
    });
    await manager.runs.control(BY_OPERATOR, id, 'stop');
    await manager.writer.written();
    await restart();
    agent.before(undefined);
    const read = await untilOver(manager, id);
    expect(read.run.state).toBe('stopped');
    expect(first(read.executions)).toMatchObject({ state: 'exited', exitCode: 143 });
  });
});
