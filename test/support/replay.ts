/** Asks an agent that runs on a recorded machine, over HTTP, as a client would. */
import { makeAgent } from '../../apps/guest-agent/src/agent.ts';
import { loadSettings } from '../../apps/guest-agent/src/config/load.ts';
import { makeLog } from '../../apps/guest-agent/src/log.ts';
import { makeLogRing } from '../../apps/guest-agent/src/logs/log-ring.ts';
import { makeFakeNetwork } from '../../apps/guest-agent/src/testing/fake-network.ts';
import { settled } from '../../apps/guest-agent/src/testing/settled.ts';
import { makeRecordedMachine } from './recorded-machine.ts';

export interface Replayed {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** What the agent logged; nothing, if all went well. */
  readonly log: readonly string[];
}

/** More than any deadline of the agent. */
const MAX_WAIT_MS = 30_000;
const STEP_MS = 100;

const parseAnswer = (text: string): Omit<Replayed, 'log'> => {
  const end = text.indexOf('\r\n\r\n');
  const head = text.slice(0, end);
  const contentType = /^content-type: (.*)$/imu.exec(head)?.[1]?.trim() ?? '';
  return { status: Number(head.split(' ')[1]), contentType, body: text.slice(end + 4) };
};

/**
 * The second of two answers of a fresh agent. Between them lies the time that the recording covers,
 * so that what is computed from two looks at the machine (how busy a CPU is) has a value.
 */
export const replay = async (root: string, target: string): Promise<Replayed> => {
  const network = makeFakeNetwork();
  const machine = makeRecordedMachine(root, network);
  const { platform, clock } = machine;
  const loaded = loadSettings(
    { wants: 'run', configPath: undefined, flags: new Map() },
    {},
    platform.files,
    'node',
  );
  if (!loaded.ok) throw new Error(loaded.problem);
  const { settings } = loaded;
  const lines: string[] = [];
  const writeLine = (line: string): void => {
    lines.push(line);
  };
  const log = makeLog({ level: 'info', nowMs: () => clock.nowMs(), writeLine });
  const ownLog = makeLogRing('recorded');
  const agent = makeAgent({
    platform,
    settings,
    version: '0.0.0-recorded',
    build: 'node',
    own: { artefact: 'guest-agent.mjs', file: undefined, starter: [] },
    trial: { kind: 'none' },
    log,
    ownLog,
  });

  const ask = async (): Promise<Omit<Replayed, 'log'>> => {
    const client = network.dial();
    client.send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    for (let waitedMs = 0; waitedMs <= MAX_WAIT_MS; waitedMs += STEP_MS) {
      await settled();
      if (client.closed()) return parseAnswer(client.received());
      clock.advance(STEP_MS);
    }
    throw new Error(`no answer to ${target}`);
  };

  await agent.listen({ kind: 'tcp', host: '127.0.0.1', port: 8080 });
  await ask();
  machine.letTimePass();
  const answer = await ask();
  await agent.stop(0);
  return { ...answer, log: lines };
};
