import type { AgentSocket } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAgentSocket, parseAgentSocket } from './agent-socket.ts';

const PLAIN = { noNullPrototype: true };

test('what is shown is what may be typed', () => {
  const path = fc
    .array(fc.string({ unit: fc.constantFrom('a', '7', '.', ':', '-'), minLength: 1 }), {
      minLength: 1,
    })
    .map((parts) => `/${parts.join('/')}`);
  const socket = fc.oneof(
    fc.record({ kind: fc.constantFrom('unix' as const, 'virtio' as const), path }, PLAIN),
    fc.record({ kind: fc.constant('vsock' as const), path, port: fc.nat(0xff_ff_ff_fe) }, PLAIN),
    fc.constant(null),
  );
  fc.assert(
    fc.property(socket, (given: AgentSocket | null) => {
      expect(parseAgentSocket(` ${formatAgentSocket(given)} `)).toStrictEqual({
        ok: true,
        socket: given,
      });
    }),
  );
});

test.each([
  ['/run/a.sock', /Must be unix:/u],
  ['unix:run/a.sock', /Must be unix:/u],
  ['tcp:/run/a.sock', /Must be unix:/u],
  ['vsock:/run/a.sock', /needs the port/u],
  ['vsock:/run/a.sock:x', /needs the port/u],
])('%s is refused with what is accepted', (text, problem) => {
  const parsed = parseAgentSocket(text);
  expect(parsed.ok ? '' : parsed.problem).toMatch(problem);
});
