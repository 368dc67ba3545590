/** Requests that would change something: right ones, odd ones, and what is nearly right. */
import * as fc from 'fast-check';
import { odd, oddText, or } from './odd.ts';

export interface Change {
  readonly kind: 'exec' | 'files' | 'power' | 'rpc';
  readonly method: string;
  readonly target: string;
  readonly body: unknown;
  /** The client goes away before the answer. */
  readonly isAbandoned?: boolean;
}

const id = fc.constantFrom(...Array.from({ length: 40 }, (_, index) => `id-${index}`));

/** Programs that do no harm whatever they are given. */
const argv = fc.oneof(
  fc.tuple(fc.constantFrom('true', 'false', 'echo', 'printf', '/bin/echo', 'no-such'), oddText),
  fc.constantFrom(
    ['cat'],
    ['env'],
    ['id'],
    ['sleep', '0.01'],
    ['sleep', '20'],
    ['/etc/passwd'],
    ['/'],
  ),
);

const script = fc.constantFrom(
  'exit 3',
  'kill -SEGV $$',
  'echo out; echo err >&2; exec 1>&- 2>&-; sleep 0.02',
  'head -c 300000 /dev/urandom',
  'sleep 20 & wait',
  'setsid sleep 20 & wait',
  '#!/no/such/interpreter\n',
  '#!/bin/sh -e\nfalse\nsleep 20',
  'read line; echo "$line"; cat',
  'echo "##progress 1/2 Half"; printf "no newline"',
  'printf "\\303"; printf "\\000\\377"',
  ':(){ :; }; : ; cd /nowhere || exit 9',
);

/** It takes the KILL after three seconds: nobody here waits for that. */
const stubborn = "trap '' TERM; setsid sleep 20 & sleep 20; sleep 20";

/** Whatever it is, it is over soon, or it would fill the agent. */
const timeout = { timeout_seconds: 0.03 };

const execBody = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ argv: or(argv) }) },
      { weight: 4, arbitrary: fc.record({ script: or(script) }) },
      { weight: 2, arbitrary: fc.record({ argv: odd, script: odd }, { requiredKeys: [] }) },
    ),
    fc.record(
      {
        cwd: or(fc.constantFrom('/', '/usr', '/nowhere', '/etc/passwd')),
        env: or(
          fc.dictionary(fc.constantFrom('A', 'PATH', 'LD_PRELOAD', 'x'), oddText, { maxKeys: 3 }),
        ),
        user: or(fc.constantFrom('nobody', '0', 'no-such-user')),
        stdin: or(fc.string({ maxLength: 200 })),
        max_output_bytes: or(fc.integer({ min: 1, max: 1_000_000 })),
        id: or(id),
        interpreter: or(fc.constantFrom('/bin/sh', 'sh -e', 'no-such')),
        progress_patterns: or(fc.constant([{ pattern: 'a{*}b', phase: 'x' }])),
        unknown: odd,
      },
      { requiredKeys: [] },
    ),
    // All further fields at once are seldom right.
    fc.constantFrom(0, 0, 0, 1, 1, 2, 9),
  )
  .map(([command, others, count]) =>
    Object.fromEntries([
      ...Object.entries(command),
      ...Object.entries(timeout),
      ...Object.entries(others).slice(0, count),
    ]),
  );

/** Bodies as text, now and then damaged. */
const asText = (body: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc
    .tuple(
      body,
      fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5),
      fc.constantFrom('', '', '', '', ']'),
    )
    .map(([value, cut, more]) => {
      const text = JSON.stringify(value);
      return (cut === 0 ? text : text.slice(0, Math.floor(text.length * cut))) + more;
    });

/** Half a surrogate pair cannot stand in a URL. */
const encode = (text: string): string =>
  encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/gu, '?'));

const exec: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 6,
    arbitrary: asText(execBody).map((body): Change => ({
      kind: 'exec',
      method: 'POST',
      target: '/exec',
      body,
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof({ weight: 20, arbitrary: script }, fc.constant(stubborn))
      .map((text): Change => ({
        kind: 'exec',
        method: 'POST',
        target: '/exec',
        body: { script: text, ...timeout },
        isAbandoned: true,
      })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('GET', 'DELETE'), fc.oneof(id, oddText.map(encode)))
      .map(([method, name]): Change => ({
        kind: 'exec',
        method,
        target: `/exec/${name}`,
        body: '',
      })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(oddText, fc.constantFrom('?after=0', '?after=x', '', '?output=maybe'))
      .map(([name, query]): Change => ({
        kind: 'exec',
        method: 'GET',
        target: `/exec/${encode(name)}/events${query}`,
        body: '',
      })),
  },
);

const path = (folder: string): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom('a', 'b', 'c/d', 'c', 'e/f/g').map((name) => `${folder}/${name}`),
    },
    { weight: 2, arbitrary: oddText.map((text) => `${folder}/${text}`) },
    { weight: 1, arbitrary: oddText },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        folder,
        `${folder}/../agent.sock`,
        `${folder}x/y`,
        '/etc/passwd',
        '/proc/self/status',
        '/proc/self/mem',
        '/proc/self/fd/0',
        '/proc/self/root/etc/passwd',
        '/proc/self/task',
        '/run/guest-agent/x',
      ),
    },
  );

const files = (folder: string): fc.Arbitrary<Change> =>
  fc
    .record({
      method: fc.constantFrom('GET', 'PUT', 'PUT'),
      path: path(folder),
      query: fc.constantFrom(
        '',
        '',
        '&create_folders=true',
        '&mode=0600',
        '&mode=9',
        '&more=1',
        '&path=/',
      ),
      body: fc.oneof(
        { weight: 8, arbitrary: fc.uint8Array({ maxLength: 300 }) },
        { weight: 1, arbitrary: fc.constant(new Uint8Array(70_000)) },
      ),
    })
    .map(({ method, path: named, query, body }): Change => ({
      kind: 'files',
      method,
      target: `/files?path=${encode(named)}${query}`,
      body: method === 'PUT' ? Buffer.from(body) : '',
    }));

const power: fc.Arbitrary<Change> = asText(
  fc.record(
    {
      action: or(fc.constantFrom('shutdown', 'reboot')),
      delay_seconds: or(fc.constantFrom(0, 0.1)),
      force: odd,
    },
    { requiredKeys: [] },
  ),
).map((body): Change => ({ kind: 'power', method: 'POST', target: '/power', body }));

const params = (folder: string): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(
    {
      command: or(fc.constantFrom('true', 'echo', 'no-such')),
      args: or(fc.array(oddText, { maxLength: 2 })),
      timeout_seconds: or(fc.constantFrom(0.05, 0.1)),
      capture_output: or(fc.boolean()),
      working_directory: or(fc.constant('/usr')),
      path: or(path(folder)),
      encoding: or(fc.constantFrom('utf8', 'base64')),
      content: or(fc.constantFrom('', 'aGVsbG8=', 'text')),
      permissions: or(fc.constant('0600')),
      create_dirs: or(fc.boolean()),
      force: or(fc.boolean()),
    },
    { requiredKeys: [] },
  );

/** What each method takes, so that some calls are whole. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  ping: [],
  get_agent_info: [],
  get_system_info: [],
  get_network_info: [],
  get_disk_usage: [],
  exec_command: ['command', 'args', 'timeout_seconds', 'capture_output', 'working_directory'],
  file_read: ['path', 'encoding'],
  file_write: ['path', 'content', 'encoding', 'create_dirs', 'permissions'],
  shutdown: ['force'],
  reboot: ['force'],
};

const callOf = (folder: string): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fc.constantFrom(...Object.keys(KNOWN), 'no_such'),
      params(folder),
      fc.boolean(),
      or(fc.nat()),
    )
    .map(([method, all, isNotification, callId]) => {
      const known = KNOWN[method];
      const given = Object.entries(all).filter(([name]) => known?.includes(name) ?? true);
      const call = { jsonrpc: '2.0', method, params: Object.fromEntries(given) };
      return isNotification ? call : Object.assign(call, { id: callId });
    });

const rpc = (folder: string): fc.Arbitrary<Change> =>
  asText(
    fc.oneof(
      { weight: 8, arbitrary: callOf(folder) },
      { weight: 2, arbitrary: fc.array(callOf(folder), { maxLength: 4 }) },
      { weight: 1, arbitrary: odd },
    ),
  ).map((body): Change => ({ kind: 'rpc', method: 'POST', target: '/rpc', body }));

/** `folder` is where files may be written. */
export const changes = (folder: string): fc.Arbitrary<Change> =>
  fc.oneof(
    { weight: 4, arbitrary: exec },
    { weight: 3, arbitrary: files(folder) },
    { weight: 1, arbitrary: power },
    { weight: 3, arbitrary: rpc(folder) },
  );
