/** An agent that knows a manager, and that manager's requests: each with a token of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execEventSchemas, type ExecEventData, type ExecEventName } from '@innkeeper/protocol';
import { startAgent, type AgentOptions, type AgentProcess } from './agent-process.ts';
import { ask, requestAt, type HttpAddress, type HttpReply } from './http-client.ts';
import {
  CLOCK_STEP_MS,
  bearer,
  bindingOf,
  makeManagerKey,
  secondsFromNow,
  type ManagerKey,
} from './manager-key.ts';
import { keepTlsState } from './tls-state.ts';
import { waitUntil } from './wait-until.ts';

const VM_ID = 'vm-1';
const SCOPES = 'metrics logs exec files power';
const TIMEOUT_MS = 30_000;

/** An event of a stream, checked against its schema. */
export type ExecClientEvent = {
  [Name in ExecEventName]: {
    readonly name: Name;
    readonly id: number | undefined;
    readonly data: ExecEventData[Name];
  };
}[ExecEventName];

export interface ExecStream {
  readonly status: number;
  readonly events: ExecClientEvent[];
  /** The output as it has come so far. */
  text(stream?: 'stdout' | 'stderr'): string;
  exited(): ExecEventData['exited'] | undefined;
  lastId(): number;
  /** What an answer without events says. */
  body(): string;
  readonly closed: Promise<void>;
  until(what: string, isSo: () => boolean): Promise<void>;
  pause(): void;
  resume(): void;
  destroy(): void;
}

export interface EnrolledAgent {
  readonly agent: AgentProcess;
  readonly address: HttpAddress;
  headers(method: string, target: string, body?: string | Uint8Array): Record<string, string>;
  ask(
    method: string,
    target: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<HttpReply>;
  /** Starts a command and follows it. */
  exec(body: unknown): Promise<ExecStream>;
  attach(id: string, after?: number): Promise<ExecStream>;
}

const isEventName = (name: string | undefined): name is ExecEventName =>
  name !== undefined && name in execEventSchemas;

const eventOf = (name: ExecEventName, id: number | undefined, data: unknown): ExecClientEvent => {
  switch (name) {
    case 'started':
      return { name, id, data: execEventSchemas.started.strict().parse(data) };
    case 'output':
      return { name, id, data: execEventSchemas.output.strict().parse(data) };
    case 'progress':
      return { name, id, data: execEventSchemas.progress.strict().parse(data) };
    case 'dropped':
      return { name, id, data: execEventSchemas.dropped.strict().parse(data) };
    case 'exited':
      return { name, id, data: execEventSchemas.exited.strict().parse(data) };
    default: {
      const never: never = name;
      return never;
    }
  }
};

const takeBlock = (block: string): ExecClientEvent | undefined => {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*): ?(.*)$/su.exec(line) ?? [];
    fields.set(name, value);
  }
  const name = fields.get('event');
  if (!isEventName(name)) return undefined;
  const id = fields.get('id');
  return eventOf(
    name,
    id === undefined ? undefined : Number(id),
    JSON.parse(fields.get('data') ?? ''),
  );
};

const follow = (incoming: IncomingMessage, destroy: () => void): ExecStream => {
  const events: ExecClientEvent[] = [];
  let pending = '';
  let body = '';
  const isStream = incoming.headers['content-type']?.startsWith('text/event-stream') === true;
  incoming.setEncoding('utf8').on('data', (chunk: string) => {
    if (!isStream) {
      body += chunk;
      return;
    }
    pending += chunk;
    const blocks = pending.split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = takeBlock(block);
      if (event !== undefined) events.push(event);
    }
  });
  const closed = new Promise<void>((resolve) => {
    incoming.once('close', () => resolve());
  });
  incoming.on('error', () => undefined);
  return {
    status: incoming.statusCode ?? 0,
    events,
    text: (stream) =>
      events
        .map(({ name, data }) =>
          name === 'output' && (stream === undefined || data.stream === stream) ? data.text : '',
        )
        .join(''),
    exited: () => {
      const last = events.at(-1);
      return last?.name === 'exited' ? last.data : undefined;
    },
    lastId: () => events.findLast(({ id }) => id !== undefined)?.id ?? 0,
    body: () => body,
    closed,
    until: (what, isSo) => waitUntil(what, isSo, TIMEOUT_MS),
    pause: () => incoming.pause(),
    resume: () => incoming.resume(),
    destroy,
  };
};

const bodyOf = (body: unknown): string | Uint8Array => {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  return body === undefined ? '' : JSON.stringify(body);
};

/** With a key for TLS, as if it had enrolled itself. */
const startWithTls = async (
  options: AgentOptions & {
    readonly config: Readonly<Record<string, unknown>>;
    readonly managerKeys: readonly string[];
  },
): Promise<AgentProcess> => {
  const given = options.config['state_dir'];
  const folder = typeof given === 'string' ? given : mkdtempSync(join(tmpdir(), 'agent-state-'));
  keepTlsState(folder, VM_ID, options.managerKeys);
  const agent = await startAgent({ ...options, config: { ...options.config, state_dir: folder } });
  if (given === undefined) {
    void agent.exited.then(() => rmSync(folder, { recursive: true, force: true }));
  }
  return agent;
};

export const startEnrolled = async (
  options: AgentOptions & {
    readonly manager?: ManagerKey;
    /** How long a token lives: the agent remembers those that were used for as long. */
    readonly tokenSeconds?: number;
  },
  connect: (agent: AgentProcess) => HttpAddress = ({ address }) => address,
): Promise<EnrolledAgent> => {
  const manager = options.manager ?? makeManagerKey();
  const config = { vm_id: VM_ID, manager_keys: [manager.publicKey], ...options.config };
  const isTls = options.build.isTls === true;
  const agent = isTls
    ? await startWithTls({ ...options, config, managerKeys: [manager.publicKey] })
    : await startAgent({ ...options, config });
  const address = isTls ? { host: '127.0.0.1', port: agent.port, isTls } : connect(agent);
  // A token must be younger than the agent, whatever becomes of the clock.
  const readyAt = performance.now() + 3 * CLOCK_STEP_MS;
  await waitUntil('the agent is older than its tokens', () => performance.now() > readyAt);

  const headers: EnrolledAgent['headers'] = (method, target, body = '') => {
    const bound = method === 'GET' || method === 'HEAD' ? {} : bindingOf(method, target, body);
    const claims = {
      aud: VM_ID,
      scope: SCOPES,
      exp: secondsFromNow(options.tokenSeconds ?? 60),
      sub: 'ann',
      ...bound,
    };
    return { ...bearer(manager.sign(claims)) };
  };

  const openStream = async (
    method: string,
    target: string,
    body: string,
    more: Readonly<Record<string, string>>,
  ): Promise<ExecStream> =>
    new Promise((resolve, reject) => {
      const sent = requestAt(
        address,
        {
          method,
          path: target,
          headers: { ...headers(method, target, body), accept: 'text/event-stream', ...more },
        },
        (incoming) => resolve(follow(incoming, () => sent.destroy())),
      );
      sent.on('error', reject);
      sent.end(body);
    });

  return {
    agent,
    address,
    headers,
    ask: async (method, target, body, more) => {
      const text = bodyOf(body);
      return ask(address, target, {
        method,
        headers: { ...headers(method, target, text), ...more },
        body: text,
        timeoutMs: TIMEOUT_MS,
      });
    },
    exec: (body) => openStream('POST', '/exec', JSON.stringify(body), {}),
    attach: (id, after) =>
      openStream(
        'GET',
        `/exec/${id}/events`,
        '',
        after === undefined ? {} : { 'last-event-id': String(after) },
      ),
  };
};
