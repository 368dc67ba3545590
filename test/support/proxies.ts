/** nginx and Caddy with the very configurations of docs/operations.md, on a port of loopback. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/root.ts';
import { runCommand } from '../../scripts/run-command.ts';
import { debianBinary, debianVariables, type DebianProgram } from './debian-package.ts';
import type { Obtained } from './obtained.ts';
import { waitUntil } from './wait-until.ts';

export const SITE = 'innkeeper.example.org';

const CERTIFICATE_MS = 30_000;

const NGINX: DebianProgram = {
  package: 'nginx',
  path: 'usr/sbin/nginx',
  dependencies: true,
  versionArgs: ['-v'],
};
const CADDY: DebianProgram = {
  package: 'caddy',
  path: 'usr/bin/caddy',
  dependencies: true,
  versionArgs: ['version'],
};

/** With a certificate for it, which openssl makes. */
const obtainProxy = async (program: DebianProgram): Promise<Obtained> => {
  const openssl = await runCommand('openssl', ['version'], { timeoutMs: CERTIFICATE_MS });
  if (openssl.ok) return debianBinary(program);
  const reason = 'openssl, which makes its certificate, is not on the PATH';
  return { ok: false, reason, install: 'apt-get install openssl' };
};

export const obtainNginx = async (): Promise<Obtained> => obtainProxy(NGINX);
export const obtainCaddy = async (): Promise<Obtained> => obtainProxy(CADDY);

/** The block of code after this line of the documentation. */
const documented = (line: string): string => {
  const text = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const start = text.indexOf(`\n${line}\n\n\`\`\`\n`);
  if (start < 0) throw new Error(`docs/operations.md has no block after "${line}"`);
  const block = text.indexOf('```\n', start) + 4;
  return text.slice(block, text.indexOf('```', block));
};

/** Exactly what stands there, with the places of a test. */
const replaced = (text: string, places: Readonly<Record<string, string>>): string => {
  let made = text;
  for (const [from, to] of Object.entries(places)) {
    if (!made.includes(from)) throw new Error(`docs/operations.md says "${from}" no more`);
    made = made.replaceAll(from, to);
  }
  return made;
};

interface Places {
  readonly folder: string;
  readonly port: number;
  readonly managerPort: number;
}

const certificateOf = (folder: string): Record<string, string> => ({
  '/etc/ssl/innkeeper.pem': join(folder, 'cert.pem'),
  '/etc/ssl/innkeeper.key': join(folder, 'key.pem'),
});

const nginxArgs = ({ folder, port, managerPort }: Places): readonly string[] => {
  const site = replaced(documented('With nginx:'), {
    'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
    '127.0.0.1:8080': `127.0.0.1:${managerPort}`,
    ...certificateOf(folder),
  });
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = kinds.map((kind) => `  ${kind}_temp_path ${folder}/${kind};`).join('\n');
  const whole = `daemon off;\npid ${folder}/pid;\nerror_log stderr;\nevents {}\nhttp {\n  access_log off;\n${temporary}\n${site}}\n`;
  writeFileSync(join(folder, 'nginx.conf'), whole);
  return ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')];
};

const caddyArgs = ({ folder, port, managerPort }: Places): readonly string[] => {
  const site = replaced(documented('With Caddy:'), {
    [`${SITE} {`]: `https://${SITE}:${port} {\n\tbind 127.0.0.1`,
    '127.0.0.1:8080': `127.0.0.1:${managerPort}`,
    ...certificateOf(folder),
  });
  const whole = `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`;
  writeFileSync(join(folder, 'Caddyfile'), whole);
  return ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')];
};

const PROXIES = {
  nginx: { program: NGINX, argsOf: nginxArgs },
  caddy: { program: CADDY, argsOf: caddyArgs },
} as const;

export interface Proxy {
  readonly port: number;
  /** To be trusted. */
  readonly certificate: string;
  stop(): Promise<void>;
}

const START_MS = 20_000;

const makeCertificate = async (folder: string): Promise<string> => {
  const subject = ['-subj', `/CN=${SITE}`, '-addext', `subjectAltName=DNS:${SITE}`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  const args = ['req', '-x509', '-days', '2', ...key, ...subject, ...files];
  const made = await runCommand('openssl', args, { timeoutMs: CERTIFICATE_MS });
  if (!made.ok) throw new Error(made.output);
  return readFileSync(join(folder, 'cert.pem'), 'utf8');
};

const answers = async (port: number): Promise<boolean> =>
  new Promise((settle) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => settle(false));
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
  });

/** @param port a free one, at which it listens */
export const startProxy = async (
  name: keyof typeof PROXIES,
  path: string,
  ports: Pick<Places, 'port' | 'managerPort'>,
): Promise<Proxy> => {
  const { program, argsOf } = PROXIES[name];
  const folder = mkdtempSync(join(tmpdir(), `innkeeper-${name}-`));
  mkdirSync(join(folder, 'logs'));
  const certificate = await makeCertificate(folder);
  const child = spawn(path, argsOf({ folder, ...ports }), {
    env: {
      ...process.env,
      ...debianVariables(path, program),
      HOME: folder,
      XDG_DATA_HOME: folder,
      XDG_CONFIG_HOME: folder,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const closed = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await closed;
    rmSync(folder, { recursive: true, force: true });
  };
  await waitUntil(
    `${name} listens`,
    async () => {
      if (child.exitCode !== null) throw new Error(`${name} has ended; it said: ${said}`);
      return answers(ports.port);
    },
    START_MS,
  );
  return { port: ports.port, certificate, stop };
};
