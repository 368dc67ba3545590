/** The whole agent on a machine, a network and a clock that are all in memory. */
import { makeAgent } from '../agent.ts';
import type { Settings } from '../config/settings.ts';
import { makeLog } from '../log.ts';
import { makeLogRing } from '../logs/log-ring.ts';
import { nodeCrypto } from '../platform/node/crypto.ts';
import { nodeText } from '../platform/node/text.ts';
import type { Platform } from '../platform/platform.ts';
import { makeFakeClock } from './fake-clock.ts';
import { makeFakeFiles, SPACE } from './fake-files.ts';
import { makeFakeNetwork, type FakeClientOptions } from './fake-network.ts';
import { parseAnswers, type HttpAnswer } from './http-answers.ts';
import { settled } from './settled.ts';
import { smallVm } from './small-vm.ts';

const SETTINGS: Settings = {
  listen: { kind: 'tcp', host: '127.0.0.1', port: 8080 },
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
    maxOutputBytes: 1024 ** 3,
  },
  filePrefixes: [],
  fileMaxBytes: 10 * 1024 * 1024,
  isPowerOn: true,
  areUpdatesOn: false,
  powerCommands: undefined,
  virtioPort: undefined,
  provisionDir: '/etc/guest-agent/provision.d',
  stateDir: '/var/lib/guest-agent',
};

export interface AskOptions extends FakeClientOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `spoil` changes the machine before the agent starts on it. */
export const makeFakeAgent = async (
  change: Partial<Settings> = {},
  spoil: (files: ReturnType<typeof makeFakeFiles>) => void = () => undefined,
) => {
  const clock = makeFakeClock();
  const files = makeFakeFiles(smallVm());
  files.setSpace('/', SPACE);
  files.setSpace('/data', SPACE);
  spoil(files);
  const network = makeFakeNetwork();
  const logged: string[] = [];
  const platform: Platform = {
    files,
    clock,
    network,
    crypto: nodeCrypto,
    text: nodeText,
    processes: {
      signal: () => undefined,
      spawn: async () => ({ ok: false, error: { code: 'ENOSYS', message: 'no processes here' } }),
    },
    machine: {
      architecture: 'x86_64',
      pageSizeBytes: 4096,
      pid: 50,
      uid: 0,
      interfaceAddresses: () => ({
        ok: true,
        value: [{ device: 'eth0', family: 'ipv4', address: '192.0.2.7', prefixLength: 24 }],
      }),
    },
    unpacking: { zstd: () => undefined },
  };
  const ownLog = makeLogRing('fake');
  const log = makeLog({
    level: 'debug',
    nowMs: () => clock.nowMs(),
    writeLine: (line) => logged.push(line),
    keep: (line) => ownLog.add(line),
  });
  const settings = { ...SETTINGS, ...change };
  const agent = makeAgent({
    platform,
    settings,
    version: '1.2.3',
    build: 'node',
    own: { artefact: 'guest-agent.mjs', file: undefined, starter: [] },
    trial: { kind: 'none' },
    log,
    ownLog,
  });
  await agent.listen({ kind: 'tcp', host: '127.0.0.1', port: 8080 });

  const ask = async (target: string, options: AskOptions = {}): Promise<HttpAnswer> => {
    const { method = 'GET', headers = {}, body, ...clientOptions } = options;
    const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
    const client = network.dial(clientOptions);
    const lines = Object.entries({
      Host: 'localhost',
      Connection: 'close',
      ...length,
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    client.send(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`);
    await settled();
    const [answer] = parseAnswers(client.received(), method === 'HEAD');
    if (answer === undefined) throw new Error(`no answer to ${target}`);
    return answer;
  };

  return { agent, ask, clock, files, network, logged };
};
