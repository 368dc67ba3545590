/** What every platform's child processes must do. */
import { setTimeout as wait } from 'node:timers/promises';
import { existsSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { ChildProcess, ProcessOptions, Processes } from '../../platform/platform.ts';
import { latin1Bytes } from '../latin1-bytes.ts';

const ENV = { PATH: '/usr/bin:/bin' };

interface Ended {
  readonly out: string;
  readonly err: string;
  readonly end: { readonly code: number | null; readonly signal: string | null };
  readonly exits: number;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Settles when standard output holds this text. */
  readonly says: (text: string) => Promise<void>;
}

/** A minute and more: valgrind takes its time. A test that hangs ends before that. */
const MOST_WAITS = 12_000;

const until = async (condition: () => boolean): Promise<void> => {
  for (let waited = 0; !condition(); waited += 1) {
    if (waited > MOST_WAITS) throw new Error('it does not happen');
    await wait(5);
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** @param underValgrind whose own execve(2) ends the child where the kernel's gives E2BIG */
export const testProcesses = (processes: Processes, underValgrind: boolean): void => {
  const start = async (
    argv: ProcessOptions['argv'],
    options: Partial<ProcessOptions> = {},
  ): Promise<Running> => {
    const out: Uint8Array[] = [];
    const err: Uint8Array[] = [];
    let exits = 0;
    let finish: (ended: Ended) => void = () => undefined;
    const ended = new Promise<Ended>((resolve) => {
      finish = resolve;
    });
    const textOf = (chunks: readonly Uint8Array[]): string =>
      Buffer.concat(chunks).toString('utf8');
    const outcome = await processes.spawn(
      { argv, env: ENV, ...options },
      {
        stdout: (chunk) => out.push(chunk.slice()),
        stderr: (chunk) => err.push(chunk.slice()),
        exited: (end) => {
          exits += 1;
          finish({ out: textOf(out), err: textOf(err), end, exits });
        },
      },
    );
    if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
    return {
      child: outcome.value,
      ended,
      says: async (text) => until(() => textOf(out).includes(text)),
    };
  };

  const run = async (
    argv: ProcessOptions['argv'],
    options: Partial<ProcessOptions> = {},
  ): Promise<Ended> => (await start(argv, options)).ended;

  const refusal = async (options: Partial<ProcessOptions>): Promise<string> => {
    const outcome = await processes.spawn(
      { argv: ['true'], env: ENV, ...options },
      { stdout: () => undefined, stderr: () => undefined, exited: () => undefined },
    );
    return outcome.ok ? 'started' : outcome.error.code;
  };

  describe('processes', () => {
    it('runs a program with its arguments as they are, through no shell', async () => {
      const { out, end } = await run(['printf', '%s|', '$HOME', 'a b', '*', ';true', "'"]);
      expect(out).toBe("$HOME|a b|*|;true|'|");
      expect(end).toEqual({ code: 0, signal: null });
    });

    it('gives it just the environment that is named', async () => {
      const { out } = await run(['env'], { env: { ...ENV, ONE: 'x y' } });
      expect(out.trimEnd().split('\n').sort()).toEqual(['ONE=x y', 'PATH=/usr/bin:/bin']);
    });

    it('runs it in the folder that is named', async () => {
      expect((await run(['pwd'], { cwd: tmpdir() })).out).toBe(`${realpathSync(tmpdir())}\n`);
    });

    it('gives it its input to the end, whole, and no input where there is none', async () => {
      const stdin = latin1Bytes('0123456789'.repeat(50_000));
      expect((await run(['cat'], { stdin })).out).toHaveLength(500_000);
      expect((await run(['wc', '-c'])).out.trim()).toBe('0');
    });

    it('takes it that a program does not want its input', async () => {
      const { end } = await run(['true'], { stdin: latin1Bytes('x'.repeat(1_000_000)) });
      expect(end).toEqual({ code: 0, signal: null });
    });

    it('reads both outputs to their end before it says that the program has', async () => {
      const script = 'i=0; while [ $i -lt 2000 ]; do echo out$i; echo err$i >&2; i=$((i+1)); done';
      const { out, err, exits } = await run(['sh', '-c', script]);
      expect([out, err].map((text) => text.trimEnd().split('\n').length)).toEqual([2000, 2000]);
      expect(out.endsWith('out1999\n')).toBe(true);
      expect(err.endsWith('err1999\n')).toBe(true);
      expect(exits).toBe(1);
    });

    it.each([0, 1, 3, 255])('tells the exit code %i', async (code) => {
      expect((await run(['sh', '-c', `exit ${code}`])).end).toEqual({ code, signal: null });
    });

    it('tells the signal that ended it', async () => {
      expect((await run(['sh', '-c', 'kill -SEGV $$'])).end).toEqual({
        code: null,
        signal: 'SIGSEGV',
      });
    });

    it.each(['SIGTERM', 'SIGKILL'] as const)('ends it by %s', async (signal) => {
      const { child, ended } = await start(['sleep', '60']);
      expect(isAlive(child.pid)).toBe(true);
      child.signal(signal);
      expect((await ended).end).toEqual({ code: null, signal });
      expect(isAlive(child.pid)).toBe(false);
    });

    it('reaches the children of its children', async () => {
      const { child, ended, says } = await start(['sh', '-c', 'sleep 60 & echo $!; wait']);
      await says('\n');
      child.signal('SIGKILL');
      const grandchild = Number((await ended).out);
      expect(grandchild).toBeGreaterThan(1);
      await until(() => !isAlive(grandchild) || !existsSync(`/proc/${grandchild}/exe`));
    });

    it('says that a process has ended while a child of it holds its output, and lets go of that', async () => {
      const order: string[] = [];
      let finish: () => void = () => undefined;
      const exited = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const outcome = await processes.spawn(
        { argv: ['sh', '-c', 'sleep 60 & echo $!'], env: ENV },
        {
          stdout: (chunk) => order.push(Buffer.from(chunk).toString('utf8').trim()),
          stderr: () => undefined,
          ended: ({ code }) => order.push(`ended ${code}`),
          exited: ({ code }) => {
            order.push(`exited ${code}`);
            finish();
          },
        },
      );
      if (!outcome.ok) throw new Error(outcome.error.message);
      await until(() => order.includes('ended 0'));
      expect(order).toHaveLength(2);
      outcome.value.closeOutput();
      await exited;
      expect(order[2]).toBe('exited 0');
      const sleeper = Number(order.find((word) => /^\d+$/u.test(word)));
      processes.signal(sleeper, 'SIGKILL');
      await until(() => !isAlive(sleeper) || !existsSync(`/proc/${sleeper}/exe`));
    });

    it('makes a program wait whose output is paused, and loses none of it', async () => {
      let length = 0;
      let isDone = false;
      const script =
        'i=0; while [ $i -lt 3000 ]; do printf %01000d 0; i=$((i+1)); done; echo end >&2';
      let saidEnd = false;
      const outcome = await processes.spawn(
        { argv: ['sh', '-c', script], env: ENV },
        {
          stdout: (chunk) => {
            length += chunk.length;
          },
          stderr: () => {
            saidEnd = true;
          },
          exited: () => {
            isDone = true;
          },
        },
      );
      if (!outcome.ok) throw new Error(outcome.error.message);
      outcome.value.pauseOutput();
      await wait(200);
      expect(saidEnd).toBe(false);
      expect(length).toBeLessThan(3_000_000);
      outcome.value.resumeOutput();
      await until(() => isDone);
      expect(length).toBe(3_000_000);
    });

    it('runs a program as another user with one group, or says that it may not', async () => {
      const user = { uid: 65_534, gid: 65_534 };
      if (process.geteuid?.() !== 0) {
        expect(await refusal({ user })).toBe('EPERM');
        return;
      }
      const { out } = await run(['id', '-a'], { user, cwd: '/' });
      expect(out).toMatch(/^uid=65534\b.* gid=65534\b.* groups=65534\b[^,]*$/mu);
    });

    it('takes a signal for a process that there is not', () => {
      expect(() => processes.signal(2 ** 22 + 1, 'SIGTERM')).not.toThrow();
    });

    it('takes a signal for what has ended already', async () => {
      const { child, ended } = await start(['true']);
      await ended;
      expect(() => child.signal('SIGTERM')).not.toThrow();
    });

    it.each([
      ['a program that is not there', { argv: ['no-such-program'] }, 'ENOENT'],
      [
        'a program that is not in the PATH it was given',
        { argv: ['true'], env: { PATH: '/nowhere' } },
        'ENOENT',
      ],
      ['what is no program', { argv: ['/etc/passwd'] }, 'EACCES'],
      ['a folder that is not there', { cwd: '/nowhere' }, 'ENOENT'],
    ] satisfies [string, Partial<ProcessOptions>, string][])(
      'says why it cannot run %s',
      async (_, options, code) => {
        expect(await refusal(options)).toBe(code);
      },
    );

    it.skipIf(underValgrind)('says why it cannot run with more than the kernel takes', async () => {
      expect(await refusal({ argv: ['printf', 'x'.repeat(3_000_000)] })).toBe('E2BIG');
    });

    it('says why it cannot run with arguments that no kernel takes', async () => {
      expect(await refusal({ argv: ['printf', 'a\0b'] })).not.toBe('started');
      expect(await refusal({ env: { ...ENV, X: 'a\0b' } })).not.toBe('started');
    });
  });
};
