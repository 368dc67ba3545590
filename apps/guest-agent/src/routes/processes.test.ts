import { errorBodySchema, processListSchema } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import { makeFakeAgent } from '../testing/fake-agent.ts';

const listOf = async (query: string) => {
  const { ask } = await makeFakeAgent();
  const answer = await ask(`/processes${query}`);
  expect(answer.status).toBe(200);
  return processListSchema.parse(JSON.parse(answer.body));
};

describe('GET /processes', () => {
  it('lists what runs, most CPU first, as the schema has it', async () => {
    expect(await listOf('')).toMatchObject({
      total: 3,
      threads: 6,
      by: 'cpu',
      by_state: { S: 2, R: 1 },
      window_seconds: null,
      processes: [
        { pid: 50, name: 'nginx: worker (a)', user: 'www-data', io: { read_bytes: 4096 } },
        { pid: 1, name: 'systemd', user: 'root', io: null },
        { pid: 60, name: 'cat', user: null, uid: 777 },
      ],
    });
  });

  it.each([
    ['?top=1', [50]],
    ['?top=2&by=memory', [1, 50]],
    ['?by=io', [50, 1, 60]],
    ['?top=1000', [50, 1, 60]],
  ])('takes %s', async (query, pids) => {
    expect((await listOf(query)).processes.map(({ pid }) => pid)).toEqual(pids);
  });

  it.each([
    ['?top=0', 'top'],
    ['?top=1001', 'top'],
    ['?top=-1', 'top'],
    ['?top=1.5', 'top'],
    ['?top=', 'top'],
    ['?top=all', 'top'],
    ['?top=1e2', 'top'],
    ['?top=0x10', 'top'],
    ['?top=99999999999', 'top'],
    ['?by=', 'by'],
    ['?by=CPU', 'by'],
    ['?by=name', 'by'],
  ])('refuses %s, and names the parameter', async (query, name) => {
    const { ask } = await makeFakeAgent();
    const answer = await ask(`/processes${query}`);
    expect(answer.status).toBe(422);
    const { error } = errorBodySchema.parse(JSON.parse(answer.body));
    expect(error.message).toMatch(new RegExp(`^${name} must be `, 'u'));
  });

  it('counts at most once a second, and gives each process its share over that time', async () => {
    // Of a process without a user and I/O nothing has to be read but for the count.
    const { ask, clock, files } = await makeFakeAgent({}, (machine) =>
      machine.unplug('/proc/60/status'),
    );
    await ask('/processes');
    clock.advance(900);
    await ask('/processes');
    expect(files.readCount('/proc/60/stat')).toBe(1);
    clock.advance(1100);
    const text = (await ask('/processes')).body;
    expect(processListSchema.parse(JSON.parse(text))).toMatchObject({
      window_seconds: 2,
      processes: [{ cpu_usage_percent: 0 }, { cpu_usage_percent: 0 }, { cpu_usage_percent: 0 }],
    });
    expect(files.readCount('/proc/60/stat')).toBe(2);
  });

  it('answers 503 where /proc cannot be listed', async () => {
    const { ask } = await makeFakeAgent({}, (files) => files.fail('/proc/', 'EACCES'));
    const answer = await ask('/processes');
    expect(answer.status).toBe(503);
    expect(errorBodySchema.parse(JSON.parse(answer.body)).error.message).toContain('EACCES');
  });
});
