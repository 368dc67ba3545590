/** An agent on a recorded machine that is asked several times, with the answers as a manager gets them. */
import { makeAgent } from '../../apps/guest-agent/src/agent.ts';
import { loadSettings } from '../../apps/guest-agent/src/config/load.ts';
import { makeLog } from '../../apps/guest-agent/src/log.ts';
import { makeLogRing } from '../../apps/guest-agent/src/logs/log-ring.ts';
import { makeFakeNetwork } from '../../apps/guest-agent/src/testing/fake-network.ts';
import { parseAnswers } from '../../apps/guest-agent/src/testing/http-answers.ts';
import { settled } from '../../apps/guest-agent/src/testing/settled.ts';
import type { SampleAnswer } from '../../apps/manager/src/pull/sample-decoder.ts';
import { makeRecordedMachine } from './recorded-machine.ts';

export interface CompactMachine {
  ask(target: string): Promise<SampleAnswer>;
  /** As the recording has it: counters have grown, and processes are counted again. */
  letTimePass(): void;
  stop(): Promise<void>;
}

/** More than any deadline of the agent. */
const MAX_WAIT_MS = 3_000;
const STEP_MS = 100;

export const makeCompactMachine = async (root: string): Promise<CompactMachine> => {
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
  const log = makeLog({ level: 'error', nowMs: () => clock.nowMs(), writeLine: () => undefined });
  const ownLog = makeLogRing('recorded');
  const agent = makeAgent({
    platform,
    settings: loaded.settings,
    version: '0.0.0-recorded',
    build: 'node',
    own: { artefact: 'guest-agent.mjs', file: undefined, starter: [] },
    trial: { kind: 'none' },
    log,
    ownLog,
  });
  await agent.listen({ kind: 'tcp', host: '127.0.0.1', port: 8080 });

  const ask = async (target: string): Promise<SampleAnswer> => {
    const client = network.dial();
    client.send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    for (let waitedMs = 0; waitedMs <= MAX_WAIT_MS; waitedMs += STEP_MS) {
      await settled();
      if (client.closed()) break;
      clock.advance(STEP_MS);
    }
    const [answer] = parseAnswers(client.received());
    if (answer === undefined) throw new Error(`no answer to ${target}`);
    return {
      status: answer.status,
      contentType: answer.headers.get('content-type'),
      header: (name) => answer.headers.get(name),
      body: Buffer.from(answer.body),
    };
  };

  return { ask, letTimePass: () => machine.letTimePass(), stop: () => agent.stop(0) };
};
