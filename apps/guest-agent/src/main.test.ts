import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from './main.ts';
import { nodeCrypto } from './platform/node/crypto.ts';
import { nodeText } from './platform/node/text.ts';
import type { Platform } from './platform/platform.ts';
import { makeFakeClock } from './testing/fake-clock.ts';
import { makeFakeFiles } from './testing/fake-files.ts';
import { makeFakeNetwork } from './testing/fake-network.ts';
import { settled } from './testing/settled.ts';
import { smallVm } from './testing/small-vm.ts';

const setUp = (args: readonly string[], change: Partial<Platform> = {}) => {
  const clock = makeFakeClock();
  const network = makeFakeNetwork();
  const platform: Platform = {
    files: makeFakeFiles(smallVm()),
    clock,
    network,
    crypto: nodeCrypto,
    text: nodeText,
    processes: {
      signal: () => undefined,
      spawn: async () => ({ ok: false, error: { code: 'ENOSYS', message: '' } }),
    },
    machine: {
      architecture: 'x86_64',
      pageSizeBytes: 4096,
      pid: 1,
      uid: 0,
      interfaceAddresses: () => ({ ok: true, value: [] }),
    },
    unpacking: { zstd: () => undefined },
    ...change,
  };
  let out = '';
  let errors = '';
  let end: (reason: string) => void = () => undefined;
  const exit = main({
    platform,
    build: 'node',
    own: { artefact: 'guest-agent.mjs', file: undefined, starter: [] },
    args,
    variables: {},
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      errors += text;
    },
    ended: new Promise((resolve) => {
      end = resolve;
    }),
  });
  return {
    exit,
    network,
    clock,
    end: (reason: string) => end(reason),
    out: () => out,
    errors: () => errors,
  };
};

describe('main', () => {
  // The bundler puts the version in its place.
  beforeEach(() => {
    vi.stubGlobal('__VERSION__', '1.2.3');
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('prints its help or its version, and ends well', async () => {
    const help = setUp(['--help']);
    expect(await help.exit).toBe(0);
    expect(help.out()).toContain('Usage: guest-agent');
    const version = setUp(['--version']);
    expect(await version.exit).toBe(0);
    expect(version.out()).toBe('guest-agent 1.2.3\n');
  });

  it.each([
    [['--nonsense', 'x'], /^guest-agent: unknown flag "--nonsense"/u],
    [['--listen', 'x'], /^guest-agent: --listen must be host:port/u],
    [['--config', '/none.json'], /^guest-agent: cannot read the config file \/none.json/u],
  ])('does not start with %j: one sentence, and exit code 78', async (args, sentence) => {
    const { exit, errors, out, network } = setUp(args);
    expect(await exit).toBe(78);
    expect(errors()).toMatch(sentence);
    expect(errors().trimEnd()).not.toContain('\n');
    expect(out()).toBe('');
    expect(network.listening()).toBe(false);
  });

  it('serves until it is told to end, and ends well', async () => {
    const { exit, network, clock, end, errors } = setUp(['--listen', '127.0.0.1:9100']);
    await settled();
    expect(network.listening()).toBe(true);
    end('SIGTERM');
    expect(await exit).toBe(0);
    expect(network.listening()).toBe(false);
    expect(clock.pendingTimers()).toBe(0);
    const lines = errors()
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toMatchObject([
      { message: 'listening', fields: { address: 'http://127.0.0.1:9100' } },
      { message: 'started', fields: { version: '1.2.3', enrolled: false, vm_id: null } },
      { message: 'stopping', fields: { reason: 'SIGTERM' } },
    ]);
  });

  it('ends with a sentence where it cannot listen, and leaves nothing running', async () => {
    const error = { code: 'EADDRINUSE', message: 'address already in use 127.0.0.1:9100' };
    const deaf = { ...makeFakeNetwork(), listen: async () => ({ ok: false as const, error }) };
    const { exit, errors, clock } = setUp(['--listen', '127.0.0.1:9100'], { network: deaf });
    expect(await exit).toBe(1);
    expect(errors()).toContain('guest-agent: cannot listen: address already in use 127.0.0.1:9100');
    expect(clock.pendingTimers()).toBe(0);
  });
});
