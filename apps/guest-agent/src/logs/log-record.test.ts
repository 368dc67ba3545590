import { expect, test } from 'vitest';
import { unitNames } from './log-record.ts';

test.each([
  ['ssh', ['ssh', 'ssh.service']],
  ['ssh.socket', ['ssh.socket']],
  ['web@a.example.org', ['web@a.example.org', 'web@a.example.org.service']],
])('the unit %s is what systemctl takes it for', (unit, names) => {
  expect([...unitNames([unit])]).toEqual(names);
});
