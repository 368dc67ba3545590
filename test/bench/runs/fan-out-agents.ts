/**
 * Agents without machines, as a process of its own: one on each address from 127.77.0.1 on. Each
 * command prints a line and ends. Started with a port and a number.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/root.ts';
import { startFakeExecAgent } from '../../../apps/manager/src/runs/testing/fake-exec-agent.ts';

const [port = 0, count = 0] = process.argv.slice(2).map(Number);
const A_BYTE = 250;
const sample = readFileSync(join(root, 'test/golden/debian-12-vm/sample.json'));

// The first one last: it tells that all are there.
for (let number = count - 1; number >= 0; number -= 1) {
  const host = `127.77.${Math.floor(number / A_BYTE)}.${1 + (number % A_BYTE)}`;
  const agent = await startFakeExecAgent(host, port);
  agent.before((request, response) => {
    if (request.url?.startsWith('/exec') === true) return false;
    response.setHeader('content-type', 'application/json');
    response.end(sample);
    return true;
  });
  agent.onBegin((command) => {
    command.output('done\n');
    command.exit(0);
  });
}
