import { expect, test } from 'vitest';
import { agentKeyOf, describePlaceOf, originOf, placeOf } from './agent-place.ts';

const at = (guestIp: string | undefined) => ({ guestIp, agentPort: 80 });
const agentSocket = { kind: 'unix', path: '/run/a.sock' } as const;

test.each([
  [at('fd00::5'), '[fd00::5]:80'],
  [at('10.0.0.5'), '10.0.0.5:80'],
  [{ ...at(undefined), agentSocket }, 'unix:/run/a.sock'],
  [
    { ...at(undefined), agentSocket: { kind: 'vsock', path: '/v', port: 1024 } as const },
    'vsock:/v:1024',
  ],
  [at(undefined), undefined],
])('an agent is told as %j', (vm, told) => {
  expect(describePlaceOf(vm)).toBe(told);
});

test('a socket goes before an address, and both lead to the same agent only as they are', () => {
  const vm = { ...at('10.0.0.5'), agentSocket, enrolledAt: 1 };
  expect(placeOf(vm)).toBe(agentSocket);
  expect(originOf(agentSocket)).toBe('http://localhost');
  expect(agentKeyOf(vm)).not.toBe(agentKeyOf({ ...vm, agentSocket: undefined }));
  expect(agentKeyOf(vm)).toBe(agentKeyOf({ ...vm, guestIp: undefined }));
});
