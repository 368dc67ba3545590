/** Bodies for the manager's routes about commands: right ones, odd ones, and what is nearly right. */
import * as fc from 'fast-check';
import { odd, oddText, or } from './odd.ts';

export interface ManagerChange {
  readonly kind: 'exec' | 'runs' | 'commands' | 'provisioning' | 'control';
  readonly method: string;
  readonly path: string;
  /** As it is sent. */
  readonly body: string;
}

export interface Known {
  readonly vmIds: readonly string[];
  readonly commandIds: readonly string[];
  readonly scriptIds: readonly string[];
}

const UNKNOWN = '00000000-0000-4000-8000-00000000dead';

const oneOf = (ids: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...ids) },
    { weight: 1, arbitrary: fc.constant(UNKNOWN) },
  );

/** What may stand in a path is another matter: here it is one that is found, or is none. */
const inPath = (ids: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 19, arbitrary: oneOf(ids) },
    {
      weight: 1,
      arbitrary: oddText.map((text) => encodeURIComponent(text.replaceAll(/\p{Cs}/gu, ''))),
    },
  );

const argv = fc.oneof(
  fc.constantFrom(['true'], ['echo', '{{word}}'], ['a'.repeat(300)]),
  fc.array(oddText, { maxLength: 4 }),
);
const patterns = fc.constantFrom(
  [{ pattern: 'a{*}b', phase: 'x' }],
  [{ pattern: '\u0000', phase: '\ud800' }],
  [{ pattern: '(((((', phase: 'x' }],
);
const name = fc.oneof(
  fc.constantFrom('one', 'two'),
  fc.string({ minLength: 1, maxLength: 40 }),
  oddText,
);
const selector = fc.constantFrom('', 'env=prod', 'env in (a, b)', 'nowhere', '!', 'a=b,', '\u0000');
const seconds = fc.constantFrom(1, 0.5, 60, 604_800, 604_801);

/** All of `first`, and often a few of the others. */
const fields = (
  first: fc.Arbitrary<object>,
  others: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<object> =>
  fc
    .tuple(
      first,
      fc.shuffledSubarray(Object.keys(others)),
      fc.record(others),
      fc.constantFrom(0, 1, 1, 2, 99),
    )
    .map(([given, names, values, count]) => {
      const more = new Map(Object.entries(values));
      const chosen = names.slice(0, count).map((one): [string, unknown] => [one, more.get(one)]);
      return Object.fromEntries([...Object.entries(given), ...chosen]);
    });

const commandOf = ({ commandIds }: Known): fc.Arbitrary<object> =>
  fc.oneof(
    fc.record({ argv: or(argv) }),
    fc.record({ script: or(fc.oneof(fc.constantFrom('true', 'exit {{word}}'), oddText)) }),
    fc.record({
      command_id: or(oneOf(commandIds)),
      parameters: or(fc.dictionary(fc.constantFrom('word', 'Bad', '__proto__'), oddText)),
    }),
    fc.record({ argv: odd, script: odd, command_id: odd }, { requiredKeys: [] }),
  );

const how: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  name: or(name),
  interpreter: or(oddText),
  cwd: or(fc.constantFrom('/', '/\ud800', '/\u0000')),
  env: or(fc.dictionary(fc.constantFrom('A', 'PATH', '1', '__proto__'), oddText, { maxKeys: 3 })),
  user: or(fc.constantFrom('nobody', '0', '-x')),
  stdin: or(oddText),
  timeout_seconds: or(seconds),
  max_output_bytes: or(fc.constantFrom(1, 1_000_000, 2 ** 40)),
  progress_patterns: or(patterns),
  offline: or(fc.constantFrom('fail', 'never')),
  wait_seconds: or(fc.constantFrom(1, 0)),
  unknown: odd,
};

const execBody = (known: Known): fc.Arbitrary<object> => fields(commandOf(known), how);

const runBody = (known: Known): fc.Arbitrary<object> =>
  fields(
    fc
      .tuple(
        commandOf(known),
        or(
          fc.oneof(
            fc.record({ vm_ids: or(fc.array(or(oneOf(known.vmIds)), { maxLength: 4 })) }),
            fc.record({ selector: or(selector) }),
          ),
        ),
      )
      .map(([command, targets]) => Object.assign({}, command, { targets })),
    {
      ...how,
      concurrency: or(fc.constantFrom(1, 500, 501)),
      canary: or(fc.constantFrom(1, 5_000)),
      max_failures: or(fc.constantFrom(1, 2)),
    },
  );

const commandBody = fields(
  fc
    .tuple(
      fc.oneof(fc.record({ argv: or(argv) }), fc.record({ script: or(oddText) }), fc.constant({})),
      or(name),
    )
    .map(([command, given]) => Object.assign({}, command, { name: given })),
  {
    description: or(oddText),
    interpreter: or(oddText),
    cwd: or(fc.constantFrom('/', 'here', '/\ud800')),
    user: or(fc.constantFrom('nobody', '')),
    timeout_seconds: or(seconds),
    parameters: or(
      fc.array(
        fc.record(
          { name: fc.constantFrom('word', 'word', 'Bad'), description: oddText, default: oddText },
          { requiredKeys: ['name'] },
        ),
        { maxLength: 3 },
      ),
    ),
    progress_patterns: or(patterns),
    run_by: or(fc.constantFrom('operator', 'admin', 'viewer')),
    only_on: or(selector),
    unknown: odd,
  },
);

const scriptBody = ({ vmIds }: Known): fc.Arbitrary<object> =>
  fields(
    fc
      .tuple(
        fc.record({
          name: or(name),
          script: or(fc.oneof(fc.constant('true'), oddText)),
          when: or(fc.constantFrom('first_boot', 'every_boot', 'never')),
        }),
        fc.oneof(fc.record({ vm_id: or(oneOf(vmIds)) }), fc.record({ selector: or(selector) })),
      )
      .map(([script, where]) => Object.assign({}, script, where)),
    {
      description: or(oddText),
      order: or(fc.constantFrom(1, -1, 2 ** 31)),
      interpreter: or(oddText),
      user: or(fc.constantFrom('nobody', '')),
      timeout_seconds: or(seconds),
      progress_patterns: or(patterns),
      enabled: or(fc.boolean()),
      unknown: odd,
    },
  );

/** Mostly as it is; sometimes cut, or no object at all. */
const sent = (body: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 30, arbitrary: body.map((value) => JSON.stringify(value)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(body, fc.nat(200))
        .map(([value, at]) => JSON.stringify(value).slice(0, at)),
    },
    { weight: 1, arbitrary: odd.map((value) => JSON.stringify(value)) },
  );

export const managerChanges = (known: Known): fc.Arbitrary<ManagerChange> => {
  const { vmIds, commandIds, scriptIds } = known;
  const change = (
    kind: ManagerChange['kind'],
    method: string,
    path: fc.Arbitrary<string>,
    body: fc.Arbitrary<unknown>,
  ): fc.Arbitrary<ManagerChange> =>
    fc.tuple(path, sent(body)).map(([where, text]) => ({ kind, method, path: where, body: text }));
  const of = (ids: readonly string[], before: string, after = ''): fc.Arbitrary<string> =>
    inPath(ids).map((id) => `${before}/${id}${after}`);
  const again = fc.record(
    { script_ids: or(fc.array(or(oneOf(scriptIds)))), again: or(fc.boolean()) },
    { requiredKeys: [] },
  );
  return fc.oneof(
    {
      weight: 4,
      arbitrary: change('exec', 'POST', of(vmIds, '/v1/vms', '/exec'), execBody(known)),
    },
    { weight: 4, arbitrary: change('runs', 'POST', fc.constant('/v1/runs'), runBody(known)) },
    { weight: 3, arbitrary: change('commands', 'POST', fc.constant('/v1/commands'), commandBody) },
    {
      weight: 1,
      arbitrary: change('commands', 'PUT', of(commandIds, '/v1/commands'), commandBody),
    },
    {
      weight: 3,
      arbitrary: change('provisioning', 'POST', fc.constant('/v1/provisioning'), scriptBody(known)),
    },
    {
      weight: 1,
      arbitrary: change(
        'provisioning',
        'PATCH',
        of(scriptIds, '/v1/provisioning'),
        scriptBody(known),
      ),
    },
    {
      weight: 1,
      arbitrary: change('control', 'POST', of(vmIds, '/v1/vms', '/provisioning/run'), again),
    },
  );
};
