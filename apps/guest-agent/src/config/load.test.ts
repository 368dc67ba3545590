import { describe, expect, it } from 'vitest';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { makeManagerKey } from '../testing/manager-key.ts';
import { parseCommandLine } from './command-line.ts';
import { DEFAULT_CONFIG_PATH, loadSettings, type Loaded } from './load.ts';
import { SETTINGS, type Settings } from './settings.ts';

interface Given {
  readonly args?: readonly string[];
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** What stands in the default config file. */
  readonly file?: unknown;
  readonly files?: Readonly<Record<string, string>>;
  readonly build?: 'native';
}

const load = ({ args = [], variables = {}, file, files = {}, build }: Given): Loaded => {
  const parsed = parseCommandLine(args);
  if (!parsed.ok) throw new Error(parsed.problem);
  const texts =
    file === undefined ? files : { [DEFAULT_CONFIG_PATH]: JSON.stringify(file), ...files };
  return loadSettings(parsed.commandLine, variables, makeFakeFiles(texts), build ?? 'node');
};

const settingsOf = (given: Given): Settings => {
  const loaded = load(given);
  if (!loaded.ok) throw new Error(`unexpectedly refused: ${loaded.problem}`);
  return loaded.settings;
};

const problemOf = (given: Given): string => {
  const loaded = load(given);
  return loaded.ok ? 'accepted' : loaded.problem;
};

const KEY = makeManagerKey();
const OTHER_KEY = makeManagerKey();
const KEY_TEXT = Buffer.from(KEY.publicKey).toString('base64');
const TOKEN_TEXT = `ie_0123456789ab_${'x'.repeat(43)}`;
const OTHER_KEY_TEXT = Buffer.from(OTHER_KEY.publicKey).toString('base64');
const JWK = KEY.publicKeyObject.export({ format: 'jwk' });

/** A text that is right for each setting, and what becomes of it. */
const GOOD = {
  listen: ['[::1]:9', { listen: { kind: 'tcp', host: '::1', port: 9 } }],
  socket: ['/run/agent.sock', { socket: '/run/agent.sock' }],
  role: ['guest,host', { roles: ['guest', 'host'] }],
  proc_root: ['/host/proc', { procRoot: '/host/proc' }],
  sys_root: ['/host/sys/', { sysRoot: '/host/sys' }],
  log_level: ['debug', { logLevel: 'debug' }],
  vm_id: ['vm-1', { vmId: 'vm-1' }],
  manager_keys: [KEY_TEXT, { managerKeys: [KEY.publicKey] }],
  manager_url: ['https://manager.example/base/', { managerUrl: 'https://manager.example/base' }],
  host_paths: ['/run/,/srv/vm', { hostPaths: ['/run', '/srv/vm'] }],
  log_paths: ['/var/log,/srv/logs', { logPaths: ['/var/log', '/srv/logs'] }],
  journal_paths: ['/srv/journal', { journalPaths: ['/srv/journal'] }],
  exec: ['off', { exec: { isOn: false } }],
  exec_allow: [
    '/usr/bin/uptime\n/bin/systemctl restart *',
    { exec: { allow: ['/usr/bin/uptime', '/bin/systemctl restart *'] } },
  ],
  exec_user: ['deploy', { exec: { user: 'deploy' } }],
  exec_max_running: ['3', { exec: { maxRunning: 3 } }],
  exec_max_seconds: ['600', { exec: { maxSeconds: 600 } }],
  exec_max_output_bytes: ['1000', { exec: { maxOutputBytes: 1000 } }],
  file_prefixes: ['/etc/app,/srv/app/', { filePrefixes: ['/etc/app', '/srv/app'] }],
  file_max_bytes: ['4096', { fileMaxBytes: 4096 }],
  power: ['off', { isPowerOn: false }],
  updates: ['on', { areUpdatesOn: true }],
  power_commands: [
    '{"shutdown":["/bin/down","now"],"reboot":["/bin/again"]}',
    { powerCommands: { shutdown: ['/bin/down', 'now'], reboot: ['/bin/again'] } },
  ],
  virtio_port: ['/dev/virtio-ports/x', { virtioPort: '/dev/virtio-ports/x' }],
  provision_dir: ['/srv/scripts/', { provisionDir: '/srv/scripts' }],
  state_dir: ['/srv/state', { stateDir: '/srv/state' }],
  enrollment_token: [TOKEN_TEXT, { enrollmentToken: TOKEN_TEXT }],
  tls: ['off', { isTlsOn: false }],
} as const satisfies Record<keyof typeof SETTINGS, readonly [string, object]>;

const KEYS = Object.keys(SETTINGS).filter((key): key is keyof typeof SETTINGS => key in SETTINGS);
const flagOf = (key: string): string => `--${key.replaceAll('_', '-')}`;
const variableOf = (key: string): string => `GUEST_AGENT_${key.toUpperCase()}`;

/** These are only good together. */
const PARTNER: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  vm_id: { manager_keys: KEY_TEXT },
  manager_keys: { vm_id: 'vm-1' },
  enrollment_token: { vm_id: 'vm-1', manager_keys: KEY_TEXT, manager_url: 'http://m' },
};

describe('loadSettings', () => {
  it('serves on all addresses, un-enrolled, where nothing is set', () => {
    expect(settingsOf({})).toEqual({
      listen: { kind: 'tcp', host: '0.0.0.0', port: 8080 },
      socket: undefined,
      roles: ['guest'],
      procRoot: '/proc',
      sysRoot: '/sys',
      logLevel: 'info',
      vmId: undefined,
      managerKeys: [],
      managerUrl: undefined,
      enrollmentToken: undefined,
      isTlsOn: true,
      hostPaths: ['/run', '/var/run', '/var/lib', '/srv'],
      logPaths: ['/var/log'],
      journalPaths: ['/var/log/journal', '/run/log/journal'],
      exec: {
        isOn: true,
        allow: undefined,
        user: undefined,
        maxRunning: 8,
        maxSeconds: 86_400,
        maxOutputBytes: 1_073_741_824,
      },
      filePrefixes: [],
      fileMaxBytes: 10_485_760,
      isPowerOn: true,
      areUpdatesOn: false,
      powerCommands: undefined,
      virtioPort: undefined,
      provisionDir: '/etc/guest-agent/provision.d',
      stateDir: '/var/lib/guest-agent',
    });
  });

  it('takes smaller files by default where it is the native build', () => {
    expect(settingsOf({ build: 'native' }).fileMaxBytes).toBe(1_048_576);
    const file = { file_max_bytes: 4096 };
    expect(settingsOf({ build: 'native', file }).fileMaxBytes).toBe(4096);
  });

  it('takes lists, numbers and switches of the file as what they are', () => {
    const file = {
      exec: false,
      exec_allow: ['/bin/a', '/bin/b x,y'],
      exec_max_running: 2,
      power: true,
      power_commands: { shutdown: ['a'], reboot: ['b'] },
    };
    const { exec, isPowerOn, powerCommands } = settingsOf({ file });
    expect(exec).toMatchObject({ isOn: false, allow: ['/bin/a', '/bin/b x,y'], maxRunning: 2 });
    expect(isPowerOn).toBe(true);
    expect(powerCommands).toEqual({ shutdown: ['a'], reboot: ['b'] });
  });

  it.each(KEYS)('reads %s from a flag, a variable and the file alike', (key) => {
    const [text, expected] = GOOD[key];
    const file = PARTNER[key] ?? {};
    expect(settingsOf({ file, args: [flagOf(key), text] })).toMatchObject(expected);
    expect(settingsOf({ file, variables: { [variableOf(key)]: text } })).toMatchObject(expected);
    expect(settingsOf({ file: { ...file, [key]: text } })).toMatchObject(expected);
  });

  it('lets flags win over variables, and variables over the file', () => {
    const file = { log_level: 'warn', proc_root: '/file', sys_root: '/file' };
    const variables = { GUEST_AGENT_PROC_ROOT: '/variable', GUEST_AGENT_SYS_ROOT: '/variable' };
    expect(settingsOf({ file, variables, args: ['--sys-root', '/flag'] })).toMatchObject({
      logLevel: 'warn',
      procRoot: '/variable',
      sysRoot: '/flag',
    });
  });

  it('does not look at a value that a stronger one replaces', () => {
    expect(settingsOf({ file: { log_level: 7 }, args: ['--log-level', 'warn'] }).logLevel).toBe(
      'warn',
    );
  });

  it('leaves variables of others alone', () => {
    expect(
      settingsOf({ variables: { PATH: '/bin', GUEST_AGENTS: 'x', guest_agent_x: 'x' } }),
    ).toEqual(settingsOf({}));
  });

  it.each([
    ['a flag', { args: ['--config', '/my.json'] }],
    ['a variable', { variables: { GUEST_AGENT_CONFIG: '/my.json' } }],
    [
      'a flag rather than a variable',
      { args: ['--config', '/my.json'], variables: { GUEST_AGENT_CONFIG: '/other.json' } },
    ],
  ])('reads the file that %s names instead of the default one', (_, given) => {
    const files = { '/my.json': '{"log_level":"warn"}', '/other.json': '{}' };
    expect(settingsOf({ ...given, files, file: { log_level: 'error' } }).logLevel).toBe('warn');
  });

  it.each([
    ['the default one cannot be read', 'EACCES', {}],
    ['one that was named does not exist', 'ENOENT', { args: ['--config', '/my.json'] }],
  ])('does not start where %s', (_, code, { args = [] }: Given) => {
    const files = makeFakeFiles();
    files.fail(DEFAULT_CONFIG_PATH, 'EACCES');
    const parsed = parseCommandLine(args);
    const loaded = parsed.ok ? loadSettings(parsed.commandLine, {}, files, 'node') : undefined;
    expect(loaded).toMatchObject({ ok: false });
    expect(JSON.stringify(loaded)).toContain(code);
    expect(JSON.stringify(loaded)).toContain(args[1] ?? DEFAULT_CONFIG_PATH);
  });

  it.each([
    ['is empty', '', /not valid JSON/u],
    ['is not JSON', '{log_level: warn}', /not valid JSON/u],
    ['has a comma too many', '{"log_level":"warn",}', /not valid JSON/u],
    ['is a list', '[]', /one JSON object/u],
    ['is null', 'null', /one JSON object/u],
    ['is a word', '"listen"', /one JSON object/u],
    ['is too big', `{"log_level":"warn"${' '.repeat(70_000)}}`, /at most 65536 bytes/u],
    ['has a setting that there is not', '{"lissen":"x"}', /unknown setting "lissen" in .*listen/u],
    ['has a name that every object has', '{"toString":"x"}', /unknown setting "toString"/u],
    ['has a prototype', '{"__proto__":{"log_level":"warn"}}', /unknown setting "__proto__"/u],
    ['spells a setting like a flag', '{"log-level":"warn"}', /unknown setting "log-level"/u],
  ])('does not start where the file %s', (_, text, problem) => {
    const told = problemOf({ files: { [DEFAULT_CONFIG_PATH]: text } });
    expect(told).toMatch(problem);
    expect(told).toContain(DEFAULT_CONFIG_PATH);
  });

  it.each(['GUEST_AGENT_LISSEN', 'GUEST_AGENT_', 'GUEST_AGENT_listen', 'GUEST_AGENT_LOG-LEVEL'])(
    'does not start with the variable %s, and names those that there are',
    (name) => {
      const told = problemOf({ variables: { [name]: 'x' } });
      expect(told).toContain(`unknown setting ${name};`);
      expect(told).toContain('log_level');
    },
  );

  describe('with a malformed', () => {
    const tooMany = [KEY_TEXT, OTHER_KEY_TEXT, KEY_TEXT].join(',');
    const BAD: Readonly<Record<keyof typeof SETTINGS, readonly unknown[]>> = {
      listen: [
        '',
        'x',
        '8080',
        ':',
        ':x',
        ':65536',
        ':-1',
        '::1:80',
        '[::1]',
        '[x]:1',
        'a b:1',
        8080,
      ],
      socket: ['', 'agent.sock', './x', 7],
      role: ['', 'gast', 'guest,', 'guest,admin', 'Guest', 'guest, host', [], ['x'], [7], 7],
      proc_root: ['', 'proc', 7, null],
      sys_root: ['', 'sys', 7, null],
      enrollment_token: ['', 'ie_x', 'ik_secret', 7, `${TOKEN_TEXT}x`, `${TOKEN_TEXT}\n`],
      tls: ['', 'on', 'Auto', true, 1],
      log_level: ['', 'verbose', 'INFO', 0, true],
      exec: ['', 'On', 'yes', 1, null],
      exec_allow: ['', 'uptime', '/bin/a\nb', [], ['/bin/a', 7], ['a'], 7, `/${'x'.repeat(1000)}`],
      exec_user: ['', 'a b', '-x', 'a/b', 7],
      exec_max_running: ['', '0', '65', '1.5', '-1', 0, 65, 1.5, 'x', true],
      exec_max_seconds: ['0', '604801', 0, '1e3'],
      exec_max_output_bytes: ['0', '-5', 0, 1.5],
      file_prefixes: ['', 'etc', '/etc/../x', '/a//b', '/a,', [], [7], 7],
      file_max_bytes: ['0', '67108865', 0, 'all'],
      power: ['', 'ON', 0],
      updates: ['', 'yes', 1],
      power_commands: [
        '',
        'x',
        '{}',
        '[]',
        {},
        { shutdown: ['a'] },
        { shutdown: 'a', reboot: 'b' },
        { shutdown: [], reboot: ['b'] },
        { shutdown: ['a'], reboot: ['b'], halt: ['c'] },
        { shutdown: ['a', 7], reboot: ['b'] },
        null,
      ],
      virtio_port: ['', 'port', 7],
      provision_dir: ['', 'scripts', 7],
      state_dir: ['', './state', null],
      vm_id: ['', 'a b', 'a/b', '\u00fc', 'x'.repeat(129), 7],
      manager_keys: [
        '',
        'x',
        `${KEY_TEXT},`,
        `${KEY_TEXT},x`,
        tooMany,
        [],
        [7],
        [KEY_TEXT, 'x'],
        {},
      ],
      manager_url: [
        '',
        'manager',
        'ftp://x',
        'http://',
        'http://a b',
        'http://x?q',
        'http://x#f',
        7,
      ],
      log_paths: ['var/log', '/var/../etc', 5],
      journal_paths: ['', [], 5],
      host_paths: [
        '',
        'run',
        './run',
        '/run,',
        '/run,srv',
        '/run/../etc',
        '/run/..',
        '/run/./x',
        '/run//x',
        '//run',
        '/run\0',
        [],
        [7],
        ['/run', 'srv'],
        Array.from({ length: 65 }, (_, index) => `/run/${index}`),
        7,
        {},
      ],
    };

    it.each(KEYS)('%s, does not start and says which setting and what it takes', (key) => {
      const { accepts } = SETTINGS[key];
      for (const value of BAD[key]) {
        const told = problemOf({ file: { [key]: value } });
        expect(told).toContain(`"${key}" in ${DEFAULT_CONFIG_PATH} must be ${accepts}, not `);
        if (typeof value !== 'string') continue;
        const variable = variableOf(key);
        expect(problemOf({ variables: { [variable]: value } })).toContain(
          `${variable} must be ${accepts}, not `,
        );
        if (value === '') continue;
        expect(problemOf({ args: [`${flagOf(key)}=${value}`] })).toContain(
          `${flagOf(key)} must be ${accepts}, not `,
        );
      }
    });

    it('value that is long, says so in a short form', () => {
      expect(problemOf({ file: { log_level: 'x'.repeat(50_000) } }).length).toBeLessThan(300);
    });
  });

  it.each([
    ['0.0.0.0:8080', '0.0.0.0', 8080],
    [':80', '0.0.0.0', 80],
    ['localhost:0', 'localhost', 0],
    ['[::]:8080', '::', 8080],
    ['[::ffff:192.0.2.7]:65535', '::ffff:192.0.2.7', 65_535],
  ])('reads where to listen from %s', (text, host, port) => {
    expect(settingsOf({ args: ['--listen', text] }).listen).toEqual({ kind: 'tcp', host, port });
  });

  it.each([
    ['host', ['host']],
    ['host,guest', ['host', 'guest']],
    ['guest,guest', ['guest']],
    [
      ['guest', 'host'],
      ['guest', 'host'],
    ],
  ])('reads the roles %j', (role, roles) => {
    expect(settingsOf({ file: { role } }).roles).toEqual(roles);
  });

  it.each([
    ['/', ['/']],
    ['/srv/vm/', ['/srv/vm']],
    [
      ['/srv', '/a b', '/srv'],
      ['/srv', '/a b'],
    ],
  ])('reads the paths of a host from %j', (paths, expected) => {
    expect(settingsOf({ file: { host_paths: paths } }).hostPaths).toEqual(expected);
  });

  it('reads two keys as a text with a comma or as a list in the file, in any spelling', () => {
    const both = [KEY.publicKey, OTHER_KEY.publicKey];
    const file = { vm_id: 'vm-1', manager_keys: [JWK, OTHER_KEY_TEXT] };
    expect(settingsOf({ file }).managerKeys).toEqual(both);
    const variables = {
      GUEST_AGENT_VM_ID: 'vm-1',
      GUEST_AGENT_MANAGER_KEYS: `${KEY_TEXT},${OTHER_KEY_TEXT}`,
    };
    expect(settingsOf({ variables }).managerKeys).toEqual(both);
  });

  it.each([
    ['vm_id without manager_keys', { file: { vm_id: 'vm-1' } }],
    ['manager_keys without vm_id', { file: { manager_keys: KEY_TEXT } }],
    ['one of them as a flag', { args: ['--vm-id', 'vm-1'] }],
  ])('does not start with %s: the agent would be open, or deaf', (_, given) => {
    expect(problemOf(given)).toBe('vm_id and manager_keys belong together: set both, or neither');
  });

  it('names the malformed setting rather than the missing partner', () => {
    expect(problemOf({ file: { vm_id: 'vm-1', manager_keys: 'x' } })).toContain('"manager_keys"');
  });
});
