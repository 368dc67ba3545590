/**
 * Agents without machines, as a process of its own: one on each address from 127.77.0.1 on, with a
 * log of which there are a thousand lines, and a few more each second. Started with a port and a
 * number.
 */
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { LogEvent } from '@innkeeper/protocol';
import { root } from '../../../scripts/root.ts';

const [port = 0, count = 0] = process.argv.slice(2).map(Number);
const A_BYTE = 250;
const PAST_LINES = 1_000;
const LINES_PER_SECOND = 5;

const sample = readFileSync(join(root, 'test/golden/debian-12-vm/sample.json'));

const eventOf = (number: number): LogEvent => ({
  timestamp: Date.now(),
  level: 'info',
  target: 'service.service',
  message: `quiet ${number} request of a client took some ms and was answered 200`,
  fields: {
    PRIORITY: '6',
    SYSLOG_IDENTIFIER: 'service',
    SYSLOG_FACILITY: '3',
    _PID: '812',
    _UID: '0',
    _GID: '0',
    _COMM: 'service',
    _EXE: '/usr/lib/services/service',
    _CMDLINE: '/usr/lib/services/service --config /etc/services/service.conf',
    _SYSTEMD_CGROUP: '/system.slice/service.service',
    _SYSTEMD_UNIT: 'service.service',
    _HOSTNAME: 'db-0287',
    _TRANSPORT: 'stdout',
  },
  cursor: `s=69880b7d3f90462aaa7004366cf149b6;i=${number.toString(16)};b=6f372cb2ce8d4e8ba287987cd104091a`,
});

const textOf = (number: number): string => {
  const event = eventOf(number);
  return `id: ${event.cursor}\nevent: log\ndata: ${JSON.stringify(event)}\n\n`;
};

const past = Array.from({ length: PAST_LINES }, (_, number) => textOf(number)).join('');

const startOne = (host: string): void => {
  const following = new Set<ServerResponse>();
  let next = PAST_LINES;
  setInterval(() => {
    const text = Array.from({ length: LINES_PER_SECOND }, (_, more) => textOf(next + more)).join(
      '',
    );
    next += LINES_PER_SECOND;
    for (const response of following) response.write(text);
  }, 1_000);
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/logs') !== true) {
      response.setHeader('content-type', 'application/json');
      response.end(sample);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(`:\n\n${past}`);
    following.add(response);
    response.once('close', () => following.delete(response));
  });
  server.listen(port, host);
};

for (let number = count - 1; number >= 0; number -= 1) {
  startOne(`127.77.${Math.floor(number / A_BYTE)}.${1 + (number % A_BYTE)}`);
}
