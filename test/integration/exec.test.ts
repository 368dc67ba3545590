/** Commands in the guest: real processes that behave and that do not, through the real agent. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  errorBodySchema,
  executionListSchema,
  executionResultSchema,
  executionSchema,
  healthSchema,
} from '@innkeeper/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { AGENT_WAYS } from '../support/agent-process.ts';
import { startEnrolled, type EnrolledAgent } from '../support/enrolled-agent.ts';
import { ask, type HttpReply } from '../support/http-client.ts';
import { makeManagerKey } from '../support/manager-key.ts';
import { waitUntil } from '../support/wait-until.ts';

const isRoot = process.getuid?.() === 0;

const isRunning = (pid: number): boolean => {
  try {
    // A zombie has no command line.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
};

/** Processes that carry the agent's mark with this id. */
const marked = (id: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`INNKEEPER_EXECUTION=${id}\0`);
      } catch {
        return false;
      }
    })
    .map(Number);

const zombiesOf = (parent: number): number =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .filter((pid) => {
      try {
        const [, state, ppid] =
          /\) (\w) (\d+)/u.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return state === 'Z' && Number(ppid) === parent;
      } catch {
        return false;
      }
    }).length;

const expectRefusal = (reply: HttpReply, status: number, code: string, about: RegExp): void => {
  const { error } = errorBodySchema.parse(reply.json());
  expect(`${reply.status} ${error.code} ${error.message}`).toMatch(`${status} ${code}`);
  expect(error.message).toMatch(about);
};

describe.each(AGENT_WAYS)('$name', (build) => {
  let guest: EnrolledAgent;
  beforeAll(async () => {
    guest = await startEnrolled({ build });
  });
  afterEach(() => {
    expect(zombiesOf(guest.agent.pid)).toBe(0);
  });
  afterAll(async () => {
    expect(await guest.agent.stop()).toStrictEqual({ code: 0, signal: null });
  });

  const run = async (body: Readonly<Record<string, unknown>>) => {
    const reply = await guest.ask('POST', '/exec', body);
    expect(reply.status, reply.text).toBe(200);
    return executionResultSchema.strict().parse(reply.json());
  };

  test('runs a command without a shell and answers with all of it at its end', async () => {
    const result = await run({ argv: ['printf', '%s|', '$HOME', '*', "a'b"] });
    expect(result).toMatchObject({
      state: 'exited',
      exit_code: 0,
      signal: null,
      timed_out: false,
      stdout: "$HOME|*|a'b|",
      stderr: '',
      output_bytes: 12,
      dropped_bytes: 0,
      missing_bytes: 0,
      output_held: false,
      subject: 'ann',
      cwd: '/',
    });
    expect(result.duration_seconds).toBeGreaterThan(0);
  });

  test('streams both outputs as they come, apart, in order, with numbers', async () => {
    const script = 'echo one; echo two >&2; sleep 0.1; echo three; exit 3';
    const stream = await guest.exec({ script });
    expect(stream.status).toBe(200);
    await stream.closed;
    const { events } = stream;
    expect(events[0]?.name).toBe('started');
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
    expect(stream.text('stdout')).toBe('one\nthree\n');
    expect(stream.text('stderr')).toBe('two\n');
    expect(stream.exited()).toMatchObject({ exit_code: 3, signal: null, timed_out: false });
  });

  test('gives a clean environment, and what was asked for', async () => {
    const { stdout } = await run({ argv: ['env'], env: { ONE: 'x y', LANG: 'de' }, id: 'env-1' });
    const lines = stdout.trimEnd().split('\n');
    const names = lines.map((line) => line.replace(/=.*/u, ''));
    expect(new Set(names)).toEqual(
      new Set(['HOME', 'INNKEEPER_EXECUTION', 'LANG', 'LOGNAME', 'ONE', 'PATH', 'SHELL', 'USER']),
    );
    expect(lines).toContain('ONE=x y');
    expect(lines).toContain('LANG=de');
    expect(lines).toContain('INNKEEPER_EXECUTION=env-1');
  });

  test('gives input and folder, and runs as another user', async () => {
    expect((await run({ argv: ['cat'], stdin: 'gr\u00fc\u00df dich\n' })).stdout).toBe(
      'gr\u00fc\u00df dich\n',
    );
    expect((await run({ argv: ['pwd'], cwd: '/usr' })).stdout).toBe('/usr\n');
    const body = { script: 'id -un; id -Gn; echo $HOME; cat', user: 'nobody', stdin: 'in' };
    if (!isRoot) {
      expectRefusal(await guest.ask('POST', '/exec', body), 403, 'forbidden', /not root/u);
      return;
    }
    const home = /^nobody:.*:([^:]*):[^:]*$/mu.exec(readFileSync('/etc/passwd', 'utf8'))?.[1];
    const result = await run(body);
    expect(result.stdout).toMatch(new RegExp(`^nobody\\nno(?:group|body)\\n${home}\\nin$`, 'u'));
    expect(result.user).toBe('nobody');
  });

  test('runs scripts with what their first line names, or what was asked for', async () => {
    const withLine = await run({ script: '#!/bin/sh -e\nfalse\necho never' });
    expect(withLine).toMatchObject({ exit_code: 1, stdout: '' });
    const asked = await run({ script: 'A=1; echo $A $0', interpreter: '/bin/sh -u' });
    expect(asked.stdout).toMatch(/^1 \/(?:run\/guest-agent|tmp)\/script-[\w-]+\n$/u);
    expect(existsSync(asked.argv.at(-1) ?? '/')).toBe(false);
    const long = await run({ script: `${'#'.repeat(79)}\n`.repeat(3000) + 'echo end' });
    expect(long.stdout).toBe('end\n');
  });

  test('keeps characters whole across the borders of chunks, and takes bytes that are none', async () => {
    const stream = await guest.exec({
      script:
        "printf 'gr\\303'; sleep 0.2; printf '\\274n \\360\\237'; sleep 0.2; printf '\\230\\200 \\377\\000 \\303'",
    });
    await stream.closed;
    expect(stream.text()).toBe('gr\u00fcn \u{1F600} \uFFFD\0 \uFFFD');
    expect(stream.events.filter(({ name }) => name === 'output').length).toBeGreaterThan(2);
  });

  test('reads on when one of the two outputs ends early', async () => {
    const { stdout, stderr, exit_code } = await run({
      script: 'exec 2>&-; sleep 0.2; echo still here; exec 1>&-; sleep 0.2; exit 4',
    });
    expect([stdout, stderr, exit_code]).toEqual(['still here\n', '', 4]);
  });

  test('does not wait for ever for a child that holds the output', async () => {
    const began = Date.now();
    const result = await run({ script: 'echo $$; sleep 60 & echo $!', id: 'held' });
    expect(result).toMatchObject({ exit_code: 0, output_held: true });
    expect(Date.now() - began).toBeLessThan(15_000);
    const sleeper = Number(result.stdout.split('\n')[1]);
    expect(isRunning(sleeper)).toBe(true);
    process.kill(sleeper, 'SIGKILL');
  });

  test('does not wait at all for one that does not', async () => {
    const result = await run({ script: 'sleep 60 >/dev/null 2>&1 & echo $!' });
    expect(result.output_held).toBe(false);
    process.kill(Number(result.stdout), 'SIGKILL');
  });

  test('ends the whole tree at the timeout, also what ignores TERM or has left the group', async () => {
    const began = Date.now();
    const stream = await guest.exec({
      script:
        "trap '' TERM\nsleep 61 &\nsetsid sleep 62 &\n(setsid sh -c 'trap \"\" TERM; sleep 63; sleep 64' &)\necho up\nsleep 65; sleep 66",
      timeout_seconds: 2,
      id: 'tree',
    });
    await stream.until('it runs', () => stream.text().includes('up'));
    await waitUntil('all of it runs', () => marked('tree').length >= 4);
    await stream.closed;
    expect(stream.exited()).toMatchObject({ signal: 'SIGKILL', exit_code: null, timed_out: true });
    // Three seconds are for TERM. Its own clock begins when it runs, which may be late.
    expect(Date.now() - began).toBeGreaterThanOrEqual(5_000);
    await waitUntil('nothing of it is left', () => marked('tree').length === 0);
    expect(Date.now() - began).toBeLessThan(25_000);
  });

  test('DELETE stops a command, once and again, and tells what became of it', async () => {
    const stream = await guest.exec({
      script: "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done",
      id: 'stop-me',
    });
    await stream.until('it runs', () => stream.text().includes('up'));
    const reply = await guest.ask('DELETE', '/exec/stop-me');
    expect(executionSchema.strict().parse(reply.json())).toMatchObject({ state: 'stopping' });
    await stream.closed;
    expect(stream.text()).toContain('bye');
    expect(stream.exited()).toMatchObject({ exit_code: 7, signal: null, timed_out: false });
    const again = await guest.ask('DELETE', '/exec/stop-me');
    expect(again.json()).toMatchObject({ state: 'exited', exit_code: 7 });
    expectRefusal(await guest.ask('DELETE', '/exec/nobody'), 404, 'not_found', /no execution/u);
  });

  test('does not end a command with its connection, and gives all of it to who comes back', async () => {
    const stream = await guest.exec({
      script: 'i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i+1)); sleep 0.02; done',
      id: 'again',
    });
    await stream.until('a few lines', () => stream.text().includes('line 5\n'));
    const early = stream.text();
    const after = stream.lastId();
    stream.destroy();
    const second = await guest.attach('again', after);
    await second.closed;
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}\n`).join('');
    const before = stream.events.filter(({ id }) => (id ?? 0) <= after);
    expect(before.length).toBeGreaterThan(1);
    expect(early + second.text()).toBe(lines);
    expect(second.exited()).toMatchObject({ exit_code: 0 });
    const third = await guest.attach('again');
    await third.closed;
    expect(third.text()).toBe(lines);
    const end = await guest.attach('again', third.lastId());
    await end.closed;
    expect(end.events).toEqual([]);
    const kept = executionResultSchema.parse((await guest.ask('GET', '/exec/again')).json());
    expect(kept).toMatchObject({ stdout: lines, exit_code: 0, state: 'exited' });
    const brief = await guest.ask('GET', '/exec/again?output=false');
    executionSchema.strict().parse(brief.json());
  });

  test('never runs the same id twice, at once or later, and refuses another command under it', async () => {
    const body = { script: 'echo $$; sleep 0.3', id: 'once' };
    const answers = await Promise.all([run(body), run(body), run(body)]);
    const again = await run(body);
    for (const answer of answers) expect(answer.stdout).toBe(again.stdout);
    const other = await guest.ask('POST', '/exec', { ...body, script: 'echo other' });
    expectRefusal(other, 409, 'conflict', /"once" is that of another command/u);
    const { items } = executionListSchema.parse((await guest.ask('GET', '/exec')).json());
    expect(items.filter(({ id }) => id === 'once')).toHaveLength(1);
  });

  test('marks and counts what is more than the limit, and reads the command to its end', async () => {
    const stream = await guest.exec({
      script: 'head -c 300000 /dev/zero | tr "\\0" x; echo end >&2',
      max_output_bytes: 100_000,
    });
    await stream.closed;
    expect(stream.text('stdout')).toHaveLength(100_000);
    const marks = stream.events.filter(({ name }) => name === 'dropped');
    expect(marks.map(({ data }) => data)).toMatchObject([{ reason: 'limit', count: null }]);
    expect(stream.exited()).toMatchObject({
      exit_code: 0,
      output_bytes: 300_004,
      dropped_bytes: 200_004,
    });
  });

  test('keeps the last of much output for who was not there, and says how much is missing', async () => {
    const result = await run({ script: 'head -c 9000000 /dev/zero | tr "\\0" x; echo end' });
    expect(result.stdout.endsWith('xend\n')).toBe(true);
    expect(result.output_bytes).toBe(9_000_004);
    expect(result.stdout.length + result.missing_bytes).toBe(9_000_004);
    expect(result.missing_bytes).toBeGreaterThan(6_000_000);
    const late = await guest.attach(result.id, 1);
    await late.closed;
    expect(late.events[0]).toMatchObject({ name: 'dropped', data: { reason: 'overwritten' } });
    expect(late.exited()).toMatchObject({ exit_code: 0 });
  });

  test(
    'gives 100 MB to a reader that keeps up, whole, in bounded memory, and answers meanwhile',
    { timeout: 60_000 },
    async () => {
      const bytes = 100_000_000;
      const stream = await guest.exec({
        script: `head -c ${bytes} /dev/zero | tr "\\0" x`,
        max_output_bytes: bytes,
      });
      let health = 0;
      while (stream.exited() === undefined) {
        expect((await guest.ask('GET', '/health')).status).toBe(200);
        health += 1;
      }
      expect(health).toBeGreaterThan(1);
      expect(stream.events.some(({ name }) => name === 'dropped')).toBe(false);
      expect(stream.text()).toHaveLength(bytes);
      const status = readFileSync(`/proc/${guest.agent.pid}/status`, 'utf8');
      const peakKb = Number(/VmHWM:\s+(\d+)/u.exec(status)?.[1]);
      expect(peakKb).toBeLessThan(300_000);
    },
  );

  test('makes a command wait for a slow reader rather than lose what it prints', async () => {
    const bytes = 12_000_000;
    const stream = await guest.exec({
      script: `head -c ${bytes} /dev/zero | tr "\\0" x`,
      max_output_bytes: bytes,
      id: 'slow',
    });
    stream.pause();
    let before = 0;
    let unchanged = 0;
    await waitUntil('the command waits', async () => {
      const reply = await guest.ask('GET', '/exec/slow?output=false');
      const now = executionSchema.parse(reply.json()).output_bytes;
      unchanged = now === before && now > 0 ? unchanged + 1 : 0;
      before = now;
      return unchanged > 10;
    });
    expect(before).toBeLessThan(bytes);
    stream.resume();
    await stream.closed;
    expect(stream.text()).toHaveLength(bytes);
    expect(stream.exited()).toMatchObject({ exit_code: 0, dropped_bytes: 0 });
  });

  test('tells the progress that tools, patterns and marker lines tell', async () => {
    const stream = await guest.exec({
      script:
        "echo '##progress 1/3 Copying files'; sleep 0.15; echo 'compiled 7 of 9 units'; sleep 0.15; echo '# apk'; echo '(2/5) Installing musl'",
      progress_patterns: [{ pattern: 'compiled {n} of {m} units', phase: 'Compiling' }],
      id: 'progress',
    });
    await stream.closed;
    const told = stream.events.flatMap(({ name, data }) => (name === 'progress' ? [data] : []));
    expect(told.map(({ phase, done, total }) => [phase, done, total])).toEqual([
      ['Copying files', 1, 3],
      ['Compiling', 7, 9],
      ['Installing', 2, 5],
    ]);
    expect((await guest.ask('GET', '/exec/progress')).json()).toMatchObject({
      progress: { phase: 'Installing', done: 2, total: 5 },
    });
  });

  test.each([
    ['a program that there is not', { argv: ['no-such-program'] }, 'not_found', /no program/u],
    ['a folder that there is not', { argv: ['true'], cwd: '/no' }, 'not_found', /no folder/u],
    ['what is no program', { argv: ['/etc/passwd'] }, 'cannot_start', /no program/u],
    ['an interpreter that there is not', { script: '#!/no/sh\n' }, 'not_found', /no program/u],
    ['a user that there is not', { argv: ['true'], user: 'no-one' }, 'invalid', /no user/u],
    ['neither argv nor script', {}, 'invalid', /either argv or script/u],
    ['a field that there is not', { argv: ['true'], timeout: 5 }, 'invalid', /"timeout"/u],
  ])('refuses %s with 422', async (_, body, code, about) => {
    expectRefusal(await guest.ask('POST', '/exec', body), 422, code, about);
    const { items } = executionListSchema.parse((await guest.ask('GET', '/exec')).json());
    expect(items.filter(({ state }) => state !== 'exited')).toEqual([]);
  });

  test('refuses what is no JSON with 400, and too many commands with 429', async () => {
    expectRefusal(await guest.ask('POST', '/exec', '{"argv":'), 400, 'malformed_request', /JSON/u);
    const running = await Promise.all(
      Array.from({ length: 8 }, async (_, index) =>
        guest.exec({ argv: ['sleep', '30'], id: `many-${index}` }),
      ),
    );
    expect(running.map(({ status }) => status)).toEqual(running.map(() => 200));
    expectRefusal(await guest.ask('POST', '/exec', { argv: ['true'] }), 429, 'busy', /8 commands/u);
    for (let index = 0; index < 8; index += 1) await guest.ask('DELETE', `/exec/many-${index}`);
    for (const stream of running) {
      await stream.closed;
      expect(stream.exited()).toMatchObject({ signal: 'SIGTERM' });
    }
  });

  test('keeps the output of the newest that have ended, and the outcome of all', async () => {
    const script = 'head -c 900000 /dev/zero | tr "\\0" x; exit 5';
    for (let index = 0; index < 7; index += 1) await run({ script, id: `kept-${index}` });
    const kept = await Promise.all(
      Array.from({ length: 7 }, async (_, index) => {
        const reply = await guest.ask('GET', `/exec/kept-${index}`);
        return executionResultSchema.parse(reply.json());
      }),
    );
    expect(kept.map(({ exit_code }) => exit_code)).toEqual(kept.map(() => 5));
    expect(kept[6]?.stdout).toHaveLength(900_000);
    expect(kept[0]).toMatchObject({ stdout: '', missing_bytes: 900_000 });
  });

  test('logs who ran what and what became of it, and no value of the environment', async () => {
    await run({ argv: ['echo', 'logged'], env: { SECRET: 'hunter2' }, id: 'logged' });
    const lines = guest.agent.log().filter(({ fields }) => fields['id'] === 'logged');
    expect(lines).toMatchObject([
      {
        message: 'command starts',
        fields: { subject: 'ann', command: 'echo logged', cwd: '/' },
      },
      {
        message: 'command ended',
        fields: { exit_code: 0, signal: null, timed_out: false, output_bytes: 7 },
      },
    ]);
    expect(guest.agent.stderr()).not.toContain('hunter2');
  });
});

describe.each(AGENT_WAYS)('$name, with settings', (build) => {
  const start = async (config: Readonly<Record<string, unknown>>): Promise<EnrolledAgent> => {
    const guest = await startEnrolled({ build, config });
    onTestFinished(async () => void (await guest.agent.kill()));
    return guest;
  };

  test('runs nothing where commands are off', async () => {
    const guest = await start({ exec: 'off' });
    expectRefusal(await guest.ask('POST', '/exec', { argv: ['true'] }), 403, 'forbidden', /off/u);
    const health = healthSchema.parse((await guest.ask('GET', '/health')).json());
    expect(health.capabilities).not.toContain('exec');
  });

  test('runs only what the list names, as the list names it', async () => {
    const guest = await start({ exec_allow: ['/usr/bin/id', '/bin/echo restart *'] });
    const asked = async (body: unknown): Promise<number> =>
      (await guest.ask('POST', '/exec', body)).status;
    expect(await asked({ argv: ['/usr/bin/id', '-u'] })).toBe(200);
    expect(await asked({ argv: ['id'] })).toBe(200);
    expect(await asked({ argv: ['/bin/echo', 'restart', 'nginx'] })).toBe(200);
    for (const body of [
      { argv: ['/bin/echo', 'restart'] },
      { argv: ['/bin/echo', 'stop', 'nginx'] },
      { argv: ['/bin/echo', 'restart', 'a', 'b'] },
      { argv: ['/bin/../usr/bin/id'] },
      { argv: ['./id'], cwd: '/usr/bin' },
      { argv: ['sh', '-c', 'id'] },
      { script: 'id' },
      { argv: ['id'], env: { LD_PRELOAD: '/tmp/x.so' } },
    ]) {
      expect([body, await asked(body)]).toEqual([body, 403]);
    }
  });

  test('runs everything as the user that is set, and as no other', async (context) => {
    if (!isRoot) return context.skip('only root may become another user');
    const guest = await start({ exec_user: 'nobody' });
    expect((await guest.ask('POST', '/exec', { argv: ['id', '-un'] })).json()).toMatchObject({
      stdout: 'nobody\n',
    });
    const other = await guest.ask('POST', '/exec', { argv: ['id'], user: 'root' });
    return expectRefusal(other, 403, 'forbidden', /exec_user/u);
  });

  test('ends its commands when it ends, and tells who reads them', async () => {
    const guest = await start({});
    const script = "trap '' TERM; echo up; setsid sleep 71 & sleep 72; sleep 73";
    const stream = await guest.exec({ script, id: 'shutdown' });
    await stream.until('it runs', () => stream.text().includes('up'));
    expect(marked('shutdown').length).toBeGreaterThan(0);
    expect(await guest.agent.stop()).toStrictEqual({ code: 0, signal: null });
    await stream.closed;
    expect(stream.exited()).toMatchObject({ signal: 'SIGKILL' });
    expect(marked('shutdown')).toEqual([]);
  });

  test('does not run a request again that it ran before a restart', async () => {
    const manager = makeManagerKey();
    const first = await startEnrolled({ build, manager });
    onTestFinished(async () => void (await first.agent.kill()));
    const body = JSON.stringify({ argv: ['true'] });
    const question = { method: 'POST', headers: first.headers('POST', '/exec', body), body };
    expect((await ask(first.address, '/exec', question)).status).toBe(200);
    const used = await ask(first.address, '/exec', question);
    expectRefusal(used, 401, 'unauthenticated', /used before/u);
    await first.agent.kill();
    const second = await startEnrolled({ build, manager });
    onTestFinished(async () => void (await second.agent.kill()));
    const replayed = await ask(second.address, '/exec', question);
    expectRefusal(replayed, 401, 'unauthenticated', /older than this agent process/u);
    expect((await second.ask('POST', '/exec', body)).status).toBe(200);
  });
});
