/** install.sh as guests run it: with the shells and the programs for downloads that they have. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../../scripts/root.ts';
import { runCommand, type CommandResult } from '../../scripts/run-command.ts';
import { obtainBusybox } from '../support/busybox-root.ts';
import { serveDeployment, type DeploymentServer } from '../support/deployment.ts';
import {
  configOf,
  ENROL,
  findProgram,
  imageWith,
  INSTALL_MS,
  modeOf,
  pathOf,
  runInstallScript,
  serveForTest,
  TOKEN,
  TOOLS,
  VM_ID,
  type Asked,
} from '../support/install-script.ts';
import { orSkip } from '../support/obtained.ts';
import { obtainShellcheck } from '../support/shellcheck.ts';

let server: DeploymentServer;
beforeAll(async () => {
  server = await serveDeployment();
});
afterAll(async () => server.stop());

const runScript = async (asked: Partial<Asked> & Pick<Asked, 'args'>): Promise<CommandResult> =>
  await runInstallScript({ from: server, ...asked });

interface Shell {
  readonly name: string;
  readonly shell: readonly [string, ...string[]];
}
const SHELLS: readonly Shell[] = [
  { name: 'dash', shell: ['dash'] },
  { name: 'bash', shell: ['bash', '--posix'] },
  { name: 'the ash of busybox', shell: ['busybox', 'ash'] },
];

describe.each(SHELLS)('under $name', ({ shell }) => {
  test('it installs the agent into an image', async (context) => {
    const [name, ...rest] = shell;
    const program =
      name === 'busybox' ? orSkip(context, name, await obtainBusybox()).path : findProgram(name);
    if (program === undefined) return context.skip(`there is no ${name} here`);
    const image = imageWith('systemd');
    const done = await runScript({ shell: [program, ...rest], args: [...ENROL, '--root', image] });
    expect(done, done.output).toMatchObject({ code: 0 });
    expect(configOf(image)).toEqual({
      updates: 'on',
      vm_id: VM_ID,
      manager_url: server.url,
      manager_keys: [server.key],
      enrollment_token: TOKEN,
    });
    expect(modeOf(image, 'etc/guest-agent/config.json')).toBe(0o600);
    expect(modeOf(image, 'var/lib/guest-agent')).toBe(0o700);
    expect(modeOf(image, 'usr/local/bin/guest-agent')).toBe(0o755);
    const units = join(image, 'etc/systemd/system');
    expect(readlinkSync(join(units, 'multi-user.target.wants/guest-agent.service'))).toBe(
      '/etc/systemd/system/guest-agent.service',
    );
    expect(existsSync(join(units, 'guest-agent.service.d/commands.conf'))).toBe(true);
    expect(server.downloads.at(-1)).toMatchObject({ vmId: VM_ID });
    return undefined;
  });
});

const DOWNLOADERS: readonly (readonly [string, readonly string[]])[] = [
  ['curl', ['curl']],
  ['wget', ['wget']],
  ['python3', ['python3']],
];

describe.each(DOWNLOADERS)('with nothing but %s', (name, programs) => {
  test('it downloads, and says why it cannot', async (context) => {
    if (findProgram(name) === undefined) return context.skip(`there is no ${name} here`);
    const path = pathOf([...TOOLS, ...programs]);
    const image = imageWith('systemd');
    const done = await runScript({ path, args: [...ENROL, '--root', image] });
    expect(done, done.output).toMatchObject({ code: 0 });
    const missing = await serveForTest({ replace: (one) => ({ ...one, name: `no-${one.name}` }) });
    const refused = await runScript({
      path,
      from: missing,
      args: ['--root', imageWith('systemd')],
    });
    expect(refused.output).toMatch(/does not have \/download\/guest-agent.*404/u);
    expect(refused).toMatchObject({ code: 4 });
    await missing.stop();
    const lost = await runScript({
      path,
      args: ['--manager', missing.url, '--root', imageWith('systemd'), '--wait', '2'],
    });
    expect(lost.output).toMatch(
      /cannot fetch \S+ yet: .*(?:refused|connect).*; again in 1 s\n[^]*cannot fetch/iu,
    );
    expect(lost).toMatchObject({ code: 4 });
    return undefined;
  });
});

test(
  'it waits for a manager that comes later',
  async () => {
    const late = await serveForTest({});
    const port = Number(new URL(late.url).port);
    await late.stop();
    const path = pathOf([...TOOLS, 'curl']);
    const image = imageWith('systemd');
    const installing = runScript({
      path,
      args: ['--manager', `http://127.0.0.1:${port}`, '--root', image, '--wait', '20'],
    });
    const proxy = createServer((request, response) => {
      void server.ask(request.url ?? '/').then(async () => {
        const answer = await fetch(`${server.url}${request.url ?? '/'}`);
        response.writeHead(answer.status);
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
    });
    onTestFinished(() => {
      proxy.close();
    });
    await new Promise<void>((resolve) => {
      proxy.listen(port, '127.0.0.1', resolve);
    });
    const done = await installing;
    expect(done, done.output).toMatchObject({ code: 0 });
  },
  INSTALL_MS,
);

describe('what is not what it should be is not installed:', () => {
  const untouched = (image: string): void => {
    expect(existsSync(join(image, 'usr/local'))).toBe(false);
    expect(existsSync(join(image, 'etc/guest-agent'))).toBe(false);
  };

  test('a program with another checksum', async () => {
    const evil = await serveForTest({
      replace: (one) => ({ ...one, content: Buffer.from('#!/bin/sh\necho evil\n') }),
    });
    const image = imageWith('systemd');
    // Whoever is in between changes downloads, and cannot reach the script that the owner has.
    const done = await runScript({
      path: pathOf([...TOOLS, 'curl']),
      args: ['--manager', evil.url, '--root', image],
    });
    expect(done.output).toMatch(/is not what it should be: its SHA-256 is [\da-f]{64}/u);
    expect(done).toMatchObject({ code: 5 });
    untouched(image);
  });

  test('a list that another key has signed', async (context) => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const other = await serveForTest({ signingKey: privateKey });
    const image = imageWith('systemd');
    const done = await runScript({ from: other, args: ['--root', image] });
    if (done.output.includes('is not checked')) return context.skip('there is no openssl here');
    expect(done.output).toMatch(/is not signed by the manager's key/u);
    expect(done).toMatchObject({ code: 5 });
    untouched(image);
    return undefined;
  });

  test('a script whose checksums are not those that the manager has signed', async (context) => {
    const image = imageWith('systemd');
    const done = await runScript({
      args: ['--root', image],
      edit: (script) => script.replace(/^[\da-f]{8}(?=[\da-f]{56} guest-agent\.mjs)/mu, '00000000'),
    });
    if (done.output.includes('is not checked')) return context.skip('there is no openssl here');
    expect(done.output).toMatch(/is not in the signed list/u);
    expect(done).toMatchObject({ code: 5 });
    untouched(image);
    return undefined;
  });

  test('anything, where a signature is demanded that nothing here can check', async () => {
    const image = imageWith('systemd');
    const path = pathOf([...TOOLS, 'curl']);
    const done = await runScript({ path, args: ['--root', image, '--require-signature'] });
    expect(done.output).toMatch(/cannot be checked: openssl is not installed/u);
    expect(done).toMatchObject({ code: 5 });
    untouched(image);
  });
});

test.each([
  [['--what'], 'unknown option --what'],
  [['--vm-id'], '--vm-id needs a value'],
  [['--vm-id', VM_ID], '--vm-id needs --token'],
  [['--token', TOKEN], 'belong together'],
  [['--vm-id', 'a"b', '--token', TOKEN], '--vm-id has characters'],
  [['--vm-id', VM_ID, '--token', 'a$(id)'], '--token has characters'],
  [['--manager', 'ftp://x'], '--manager needs the URL'],
  [['--manager', 'http://x/"'], '--manager has characters'],
  [['--listen', '1:2"'], '--listen has characters'],
  [['--key', 'a\nb'], '--key has characters'],
  [['--role', 'king'], '--role is guest, host or guest,host'],
  [['--commands', 'maybe'], '--commands is on or off'],
  [['--build', 'rust'], '--build is native, node or auto'],
  [['--tls', 'on'], '--tls is auto or off'],
  [['--wait', 'long'], '--wait needs a number'],
])('%j is refused, and says why', async (args, said) => {
  const refused = await runScript({ args });
  expect(refused.output).toContain(said);
  expect(refused).toMatchObject({ code: 2 });
});

test('a machine without Node is told what its manager lacks', async () => {
  const done = await runScript({
    path: pathOf([...TOOLS.filter((name) => name !== 'node'), 'curl']),
    args: ['--root', imageWith('systemd')],
    edit: (script) => script.replace(/^.*[\da-f]{64} guest-agent-linux-x64\n/mu, ''),
  });
  expect(done.output).toContain('needs Node 18.15 or newer here, which is not installed');
  expect(done.output.includes('npm run build:native')).toBe(process.arch === 'x64');
  expect(done).toMatchObject({ code: 3 });
});

test.each([
  ['aarch64', 'guest-agent-linux-arm64', 'native'],
  ['aarch64', undefined, 'node'],
  ['riscv64', 'guest-agent-linux-arm64', 'node'],
])('on %s, where the manager has %s, it takes the %s build', async (machine, artefact, build) => {
  const done = await runScript({
    args: ['--print', '--root', imageWith('systemd')],
    edit: (script) =>
      script
        .replaceAll('uname -m', `echo ${machine}`)
        .replace(/^[\da-f]{64} guest-agent-linux-arm64\n/mu, '')
        .replace(
          "CHECKSUMS='",
          artefact === undefined ? "CHECKSUMS='" : `CHECKSUMS='${'0'.repeat(64)} ${artefact}\n`,
        ),
  });
  expect(done.output).toContain(`would install the ${build} build`);
});

const ENROLLED = { 'var/lib/guest-agent/state.json': '{}' };
const PLAIN = {
  'etc/guest-agent/config.json': '{\n  "tls": "off",\n  "listen": "0.0.0.0:8080"\n}\n',
};
test.each([
  ['It enrols', ENROL, {}, true, 'guest-agent-linux-x64-tls'],
  ['It enrols', ENROL, {}, false, 'guest-agent-linux-x64'],
  ['It enrols without TLS', [...ENROL, '--tls', 'off'], {}, true, 'guest-agent-linux-x64'],
  ['It enrols, and had none', ENROL, PLAIN, true, 'guest-agent-linux-x64'],
  ['It wants it anew', [...ENROL, '--tls', 'auto'], PLAIN, true, 'guest-agent-linux-x64-tls'],
  ['It does not enrol', [], {}, true, 'guest-agent-linux-x64'],
  ['It has enrolled before', [], ENROLLED, true, 'guest-agent-linux-x64-tls'],
  ['It has, without TLS', [], { ...ENROLLED, ...PLAIN }, true, 'guest-agent-linux-x64'],
])(
  '%s, with %j and %j, where it is offered: %s. It gets %s',
  async (_, args, files, isOffered, artefact) => {
    const image = imageWith('systemd', files);
    const names = ['guest-agent-linux-x64', ...(isOffered ? ['guest-agent-linux-x64-tls'] : [])];
    const sums = names.map((name) => `${'0'.repeat(64)} ${name}`);
    const done = await runScript({
      args: [...args, '--print', '--root', image],
      edit: (script) =>
        script
          .replaceAll('uname -m', 'echo x86_64')
          .replace(/^CHECKSUMS='[^']*'/mu, `CHECKSUMS='${sums.join('\n')}'`),
    });
    expect(done.output).toContain(`(${artefact})`);
  },
);

test('what was chosen about TLS is kept until somebody chooses anew', async () => {
  const image = imageWith('systemd');
  const install = async (...args: readonly string[]): Promise<unknown> => {
    const done = await runScript({ args: [...args, '--root', image] });
    expect(done, done.output).toMatchObject({ code: 0 });
    return configOf(image);
  };
  expect(await install(...ENROL, '--tls', 'off')).toMatchObject({ tls: 'off', vm_id: VM_ID });
  expect(await install('--listen', '0.0.0.0:9111')).toMatchObject({ tls: 'off', vm_id: VM_ID });
  expect(await install('--tls', 'auto')).not.toHaveProperty('tls');
});

test('half of a script does nothing', async () => {
  const script = (await server.ask('/install.sh')).text;
  const image = imageWith('systemd');
  const half = await runScript({
    args: ['--root', image],
    edit: () => script.slice(0, script.lastIndexOf('main "$@"')),
  });
  expect(half).toMatchObject({ code: 0, output: '' });
  expect(existsSync(join(image, 'etc'))).toBe(false);
});

test(
  'shellcheck has nothing to say about any of the scripts',
  async (context) => {
    const shellcheck = orSkip(context, 'shellcheck', await obtainShellcheck());
    const scripts = ['cloud-init/install.sh', 'cloud-init/units/guest-agent.sysv'];
    const openrc = ['-s', 'sh', '-e', 'SC2034', 'cloud-init/units/guest-agent.openrc'];
    for (const args of [scripts, openrc]) {
      const options = { cwd: root, timeoutMs: INSTALL_MS };
      expect(await runCommand(shellcheck.path, args, options)).toMatchObject({
        output: '',
        code: 0,
      });
    }
  },
  INSTALL_MS,
);
