import { expect, test } from 'vitest';
import { detailText, targetText } from './audit-words.ts';

test('what changed is one line', () => {
  expect(detailText({ guest_ip: '192.168.1.100', agent_port: 8080, labels: { env: 'a' } })).toBe(
    'guest_ip 192.168.1.100, agent_port 8080, labels {"env":"a"}',
  );
});

test('nothing to say is an empty line', () => {
  expect(detailText({})).toBe('');
});

test('what somebody typed at length is cut', () => {
  expect(detailText({ name: 'x'.repeat(10_000) }).length).toBeLessThan(200);
});

test('the target is called by its name, or by its id where it had none', () => {
  expect(targetText({ kind: 'vm', id: 'b7', name: 'web-01' })).toBe('vm web-01');
  expect(targetText({ kind: 'vm', id: 'b7', name: null })).toBe('vm b7');
  expect(targetText(null)).toBe('');
});
