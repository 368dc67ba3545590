/**
 * An agent on loopback whose commands a test writes: it counts tokens, keeps events and starts nothing
 * twice, as docs/protocol.md says, and misbehaves when it is told to.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execRequestSchema, type ExecRequest } from '@innkeeper/protocol';
import { z } from 'zod';

export interface FakeCommand {
  readonly id: string;
  readonly request: ExecRequest;
  output(text: string, stream?: 'stdout' | 'stderr'): void;
  progress(phase: string, done: number, total: number): void;
  exit(code: number): void;
}

export interface FakeExecAgent {
  readonly host: string;
  readonly port: number;
  /** Every command that was begun, in order. One that ran twice would be there twice. */
  readonly begun: readonly FakeCommand[];
  /** Tokens of `POST /exec` in the order in which they came. */
  readonly tokens: readonly { readonly jti: string; readonly sub: string }[];
  readonly stops: readonly string[];
  streams(): number;
  /** What happens to a request before it is looked at; true: it was dealt with. */
  before(
    handle: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined,
  ): void;
  /** What a new command does at once. */
  onBegin(act: (command: FakeCommand) => void): void;
  /** Takes the next `POST /exec`, runs it, and breaks off without an answer. */
  swallowNextAnswer(): void;
  /** Breaks off all streams. */
  cut(): void;
  /** Forgets everything, and takes no token of before. */
  restart(): void;
  stop(): Promise<void>;
}

interface Kept {
  readonly command: FakeCommand;
  readonly events: { readonly name: string; readonly data: object }[];
  readonly open: Set<ServerResponse>;
  isOver: boolean;
}

const claimsSchema = z.object({
  aud: z.string(),
  scope: z.literal('exec'),
  jti: z.string().optional(),
  iat: z.number().optional(),
  sub: z.string().optional(),
});

const claimsOf = ({ headers }: IncomingMessage) => {
  const [, payload = ''] = (headers.authorization ?? '').split('.');
  return claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};
const refuse = (response: ServerResponse, status: number, code: string): void =>
  sendJson(response, status, { error: { code, message: `no: ${code}` } });

const text = (number: number, { name, data }: Kept['events'][number]): string =>
  `id: ${number}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

export const startFakeExecAgent = async (host = '127.0.0.1', port = 0): Promise<FakeExecAgent> => {
  const begun: FakeCommand[] = [];
  const tokens: { jti: string; sub: string }[] = [];
  const stops: string[] = [];
  let known = new Map<string, Kept>();
  let used = new Set<string>();
  let startedAt = 0;
  let isSwallowing = false;
  let before: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  let onBegin: (command: FakeCommand) => void = () => undefined;

  const stream = (kept: Kept, after: number, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(':\n\n');
    for (const [index, event] of kept.events.entries()) {
      if (index + 1 > after) response.write(text(index + 1, event));
    }
    if (kept.isOver) {
      response.end();
      return;
    }
    kept.open.add(response);
    response.once('close', () => kept.open.delete(response));
  };

  const begin = (id: string, request: ExecRequest): Kept => {
    const add = (name: string, data: object): void => {
      kept.events.push({ name, data: { at: Date.now(), ...data } });
      const event = kept.events.at(-1);
      for (const response of kept.open) {
        if (event !== undefined) response.write(text(kept.events.length, event));
      }
    };
    let bytes = 0;
    const command: FakeCommand = {
      id,
      request,
      output: (given, of = 'stdout') => {
        bytes += Buffer.byteLength(given);
        add('output', { stream: of, text: given });
      },
      progress: (phase, done, total) => add('progress', { phase, done, total }),
      exit: (code) => {
        if (kept.isOver) return;
        kept.isOver = true;
        add('exited', {
          exit_code: code,
          signal: null,
          timed_out: false,
          duration_seconds: 1,
          output_held: false,
          output_bytes: bytes,
          dropped_bytes: 0,
        });
        for (const response of kept.open) response.end();
      },
    };
    const kept: Kept = { command, events: [], open: new Set(), isOver: false };
    known.set(id, kept);
    begun.push(command);
    add('started', { id, pid: 4242 });
    onBegin(command);
    return kept;
  };

  const post = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { jti = '', iat = 0, sub = '' } = claimsOf(request);
    tokens.push({ jti, sub });
    if (used.has(jti) || iat * 1000 < startedAt) return refuse(response, 401, 'unauthorized');
    used.add(jti);
    const parsed = execRequestSchema.parse(JSON.parse(await readBody(request)));
    const kept = known.get(parsed.id ?? '') ?? begin(parsed.id ?? '', parsed);
    if (!isSwallowing) return stream(kept, 0, response);
    isSwallowing = false;
    request.socket.destroy();
    return undefined;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (before?.(request, response) === true) return undefined;
    const [, , id = ''] = (request.url ?? '').split('/');
    if (request.method === 'POST') return post(request, response);
    claimsOf(request);
    const kept = known.get(id);
    if (kept === undefined) return refuse(response, 404, 'not_found');
    if (request.method === 'DELETE') {
      stops.push(id);
      sendJson(response, 200, {});
      return kept.command.exit(143);
    }
    return stream(kept, Number(request.headers['last-event-id'] ?? 0), response);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => refuse(response, 500, 'broken'));
  });
  await new Promise<void>((resolve) => {
    server.listen(port, host, resolve);
  });
  const portOf = (given: AddressInfo | string | null): number =>
    typeof given === 'object' && given !== null ? given.port : 0;

  const cut = (): void => {
    for (const { open } of known.values()) for (const response of open) response.destroy();
  };

  return {
    host,
    port: portOf(server.address()),
    begun,
    tokens,
    stops,
    streams: () => [...known.values()].reduce((sum, { open }) => sum + open.size, 0),
    before: (handle) => {
      before = handle;
    },
    onBegin: (act) => {
      onBegin = act;
    },
    swallowNextAnswer: () => {
      isSwallowing = true;
    },
    cut,
    restart: () => {
      cut();
      known = new Map();
      used = new Set();
      startedAt = Date.now();
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};
