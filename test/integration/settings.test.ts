/** How the agent starts, and how it says that it will not. */
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { healthSchema } from '@innkeeper/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AGENT_BUILDS, BUNDLE, bundleOn, runAgent, startAgent } from '../support/agent-process.ts';
import { ask } from '../support/http-client.ts';
import { makeManagerKey } from '../support/manager-key.ts';

const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const { publicKey } = makeManagerKey();

/** Each is wrong in one way; the sentence must name the setting where it was made. */
const BAD_SETTINGS: readonly (readonly [
  what: string,
  given: {
    readonly args?: readonly string[];
    readonly variables?: Readonly<Record<string, string>>;
    readonly config?: Readonly<Record<string, unknown>>;
  },
  named: RegExp,
])[] = [
  ['an unknown flag', { args: ['--colour', 'red'] }, /unknown flag "--colour"; --help/u],
  ['a word that is no flag', { args: ['start'] }, /unknown flag "start"/u],
  ['a flag without its value', { args: ['--listen'] }, /--listen needs a value/u],
  ['a malformed flag', { args: ['--listen', 'here'] }, /--listen must be host:port.*"here"/u],
  ['a port too high', { args: ['--listen', '0.0.0.0:65536'] }, /--listen must be host:port/u],
  ['a relative socket', { args: ['--socket', 'a.sock'] }, /--socket must be an absolute path/u],
  [
    'a socket path that the kernel would cut',
    { args: ['--socket', `/tmp/${'a'.repeat(120)}`] },
    /--socket must be .* at most 107/u,
  ],
  ['nothing to serve on', { args: ['--listen', 'none'] }, /listen none .* needs a socket/u],
  ['a proc that is none', { args: ['--proc-root', '/nowhere'] }, /proc_root \/nowhere/u],
  ['a role that there is not', { args: ['--role', 'king'] }, /--role must be guest.*"king"/u],
  ['an unknown variable', { variables: { GUEST_AGENT_COLOUR: 'red' } }, /GUEST_AGENT_COLOUR/u],
  [
    'a malformed variable',
    { variables: { GUEST_AGENT_LOG_LEVEL: 'loud' } },
    /GUEST_AGENT_LOG_LEVEL must be debug, info, warn or error, not "loud"/u,
  ],
  [
    'a variable in the wrong case',
    { variables: { GUEST_AGENT_listen: '127.0.0.1:0' } },
    /GUEST_AGENT_listen/u,
  ],
  ['an unknown key', { config: { colour: 'red' } }, /"colour" in \/.*config\.json/u],
  ['a key of the wrong type', { config: { listen: 8080 } }, /"listen" in \/.*host:port.*8080/u],
  ['a URL that is none', { config: { manager_url: 'm:8080' } }, /"manager_url" in .*http/u],
  [
    'a key of no manager',
    { config: { vm_id: 'vm-1', manager_keys: ['AAAA'] } },
    /"manager_keys" in .*Ed25519/u,
  ],
  [
    'three keys',
    { config: { vm_id: 'vm-1', manager_keys: [publicKey, publicKey, publicKey] } },
    /"manager_keys" in .*one or 2/u,
  ],
  ['an id without keys', { config: { vm_id: 'vm-1' } }, /vm_id and manager_keys/u],
  ['keys without an id', { config: { manager_keys: [publicKey] } }, /vm_id and manager_keys/u],
];

describe.each(AGENT_BUILDS)('$name', (build) => {
  test('prints its help and ends', async () => {
    const ended = await runAgent({ build, args: ['--help'] });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    for (const flag of ['--listen', '--socket', '--config', '--vm-id', '--manager-keys']) {
      expect(ended.stdout).toContain(flag);
    }
  });

  test('prints its version and ends', async () => {
    const ended = await runAgent({ build, args: ['--version'] });
    expect(ended).toMatchObject({ code: 0, stdout: `guest-agent ${BUNDLE.version}\n`, stderr: '' });
  });

  test.each(BAD_SETTINGS)('%s ends the start with one sentence', async (_, given, named) => {
    const ended = await runAgent({ build, ...given });
    expect(ended).toMatchObject({ code: 78, signal: null, stdout: '' });
    expect(ended.stderr).toMatch(named);
    expect(ended.stderr).toMatch(/^guest-agent: [^\n]+\n$/u);
  });

  test.for([
    // Neither has a summer time, so the answer is the same all year.
    ['Asia/Kolkata', 'IST', 19_800],
    [':America/Phoenix', 'MST', -25_200],
    ['UTC', 'UTC', 0],
  ] as const)('knows the time zone %s', async ([zone, name, offset], context) => {
    if (!existsSync('/usr/share/zoneinfo/Asia/Kolkata')) {
      return context.skip('this machine has no time zones: apt-get install tzdata');
    }
    const agent = await startAgent({ build, variables: { TZ: zone } });
    onTestFinished(async () => void (await agent.kill()));
    const { clock } = healthSchema.parse((await ask(agent.address, '/health')).json());
    expect(clock).toMatchObject({ zone: name, utc_offset_seconds: offset });
    return undefined;
  });

  test('a config file that is named but not there ends the start', async () => {
    const path = join(makeFolder(), 'none.json');
    const ended = await runAgent({ build, args: ['--config', path] });
    expect(ended.code).toBe(78);
    expect(ended.stderr).toContain(path);
  });

  test.each([
    ['no JSON', '{"listen": '],
    ['a list', '[]'],
    ['a string', '"listen"'],
  ])('a config file that holds %s ends the start', async (_, text) => {
    const path = join(makeFolder(), 'config.json');
    writeFileSync(path, text);
    const ended = await runAgent({ build, args: ['--config', path] });
    expect(ended.code).toBe(78);
    expect(ended.stderr).toContain(path);
    expect(ended.stderr).toMatch(/^guest-agent: [^\n]+\n$/u);
  });

  test('a flag wins over a variable, and a variable over the file', async () => {
    const agent = await startAgent({
      build,
      args: ['--listen', '127.0.0.1:0'],
      variables: { GUEST_AGENT_LISTEN: '256.0.0.1:1', GUEST_AGENT_LOG_LEVEL: 'info' },
      config: { listen: '256.0.0.2:1', log_level: 'error' },
    });
    onTestFinished(async () => void (await agent.kill()));
    expect((await ask(agent.address, '/health')).status).toBe(200);
  });

  test('a port in use ends the start with a sentence that names it', async () => {
    const first = await startAgent({ build });
    onTestFinished(async () => void (await first.kill()));
    const second = await runAgent({ build, args: ['--listen', `127.0.0.1:${first.port}`] });
    expect(second).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(second.stderr).toMatch(/^guest-agent: cannot listen: [^\n]+\n$/u);
    expect(second.stderr).toContain(`127.0.0.1:${first.port}`);
    expect((await ask(first.address, '/health')).status).toBe(200);
  });

  test('an address that this machine does not have ends the start', async () => {
    const ended = await runAgent({ build, args: ['--listen', '203.0.113.77:0'] });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^guest-agent: cannot listen: [^\n]*203\.0\.113\.77[^\n]*\n$/u);
  });
});

test('the bundle runs alone in an empty folder', async () => {
  const folder = makeFolder();
  const copy = join(folder, 'guest-agent.mjs');
  copyFileSync(BUNDLE.path, copy);
  const { command } = bundleOn(process.execPath);
  const alone = command.map((word) => (word === BUNDLE.path ? copy : word));
  const agent = await startAgent({ build: { name: 'a copy', command: alone } });
  onTestFinished(async () => void (await agent.kill()));
  for (const path of ['/health', '/metrics', '/info', '/processes']) {
    expect((await ask(agent.address, path)).status, path).toBe(200);
  }
});
