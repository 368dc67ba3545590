import { expect, test } from 'vitest';
import { agentConfig } from './agent-config.ts';

const manager = { public_keys: ['bWFuYWdlcg=='], public_url: 'https://innkeeper.example.org' };

test('the agent of a host learns its id, its role and whom it may trust', () => {
  const config = agentConfig({ agent_id: 'b1', agent_port: 8081, address: '192.0.2.7' }, manager);
  expect(JSON.parse(config)).toStrictEqual({
    role: ['host'],
    listen: '0.0.0.0:8081',
    vm_id: 'b1',
    manager_keys: ['bWFuYWdlcg=='],
    manager_url: 'https://innkeeper.example.org',
  });
});

test('a host that is reached over IPv6 listens on IPv6', () => {
  const config = agentConfig({ agent_id: 'b1', agent_port: 8080, address: 'fd00::5' }, manager);
  expect(config).toContain('"[::]:8080"');
});

test('a manager that does not know its own address leaves it out', () => {
  const config = agentConfig(
    { agent_id: 'b1', agent_port: 8080, address: '192.0.2.7' },
    { ...manager, public_url: null },
  );
  expect(config).not.toContain('manager_url');
});
