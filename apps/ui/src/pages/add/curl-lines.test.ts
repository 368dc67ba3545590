import { expect, test } from 'vitest';
import { curlLines } from './curl-lines.ts';

const empty = { name: '', address: '', port: '8080', labels: '', id: undefined };

test('the lines can be pasted as they are, with examples where nothing is typed yet', () => {
  const { register, tellAddress } = curlLines('https://innkeeper.example.org/', empty);
  expect(register).toBe(
    [
      `curl -X POST 'https://innkeeper.example.org/v1/vms' \\`,
      `  -H "authorization: Bearer $INNKEEPER_TOKEN" \\`,
      `  -H 'content-type: application/json' \\`,
      `  -d '{"name":"web-01"}'`,
    ].join('\n'),
  );
  expect(tellAddress).toContain('/v1/vms/VM_ID/guest-ip');
  expect(tellAddress).toContain(`'{"guest_ip":"192.168.1.100"}'`);
});

test('a port other than the usual one and the labels are part of the request', () => {
  const typed = { ...empty, port: '9111', labels: 'env=prod, legacy' };
  const { register } = curlLines('http://127.0.0.1:8080', typed);
  expect(register).toContain(
    `-d '{"name":"web-01","agent_port":9111,"labels":{"env":"prod","legacy":""}}'`,
  );
});

test.each([
  ['', ''],
  ['x', '=prod'],
])('what is not complete yet is left out: port %j, labels %j', (port, labels) => {
  const { register } = curlLines('http://127.0.0.1:8080', { ...empty, port, labels });
  expect(register).toContain(`-d '{"name":"web-01"}'`);
});

test('what is typed never leaves its quotes', () => {
  const { register } = curlLines('http://127.0.0.1:8080', { ...empty, name: `x'; rm -rf $HOME` });
  expect(register).toContain(String.raw`-d '{"name":"x'\''; rm -rf $HOME"}'`);
});

test('a VM that is registered already is named by its id', () => {
  const { tellAddress } = curlLines('http://127.0.0.1:8080', { ...empty, id: 'b7' });
  expect(tellAddress).toContain(`'http://127.0.0.1:8080/v1/vms/b7/guest-ip'`);
});
