/**
 * Answers QMP as a QEMU with one disk and a balloon does, on many sockets at once. A process of its
 * own, so that its time is neither in the agent's figures nor in the client's. Arguments: the sockets.
 */
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const requestSchema = z.looseObject({ execute: z.string(), id: z.unknown().optional() });

const GREETING = {
  QMP: {
    version: { qemu: { micro: 22, minor: 2, major: 7 }, package: 'Debian' },
    capabilities: ['oob'],
  },
};

const ZERO = [
  'unmap_bytes',
  'unmap_operations',
  'unmap_merged',
  'unmap_total_time_ns',
  'rd_merged',
  'wr_merged',
  'failed_rd_operations',
  'failed_wr_operations',
  'failed_flush_operations',
  'invalid_rd_operations',
  'invalid_wr_operations',
  'invalid_flush_operations',
];

const STATS = {
  ...Object.fromEntries(ZERO.map((name) => [name, 0])),
  rd_bytes: 232_366_080,
  rd_operations: 7_902,
  rd_total_time_ns: 81_234_567,
  wr_bytes: 44_044_800,
  wr_operations: 7_900,
  wr_total_time_ns: 9_876_543,
  wr_highest_offset: 33_280,
  flush_operations: 12,
  flush_total_time_ns: 12_345,
  account_invalid: true,
  account_failed: true,
  timed_stats: [],
  idle_time_ns: 1_234_567,
};

const ANSWERS: Readonly<Record<string, unknown>> = {
  'query-status': { status: 'running', singlestep: false, running: true },
  'query-balloon': { actual: 67_108_864 },
  'query-blockstats': [
    {
      device: 'root',
      qdev: '/machine/peripheral/root/virtio-backend',
      'node-name': '#block123',
      stats: STATS,
      parent: { 'node-name': '#block045', stats: STATS },
    },
  ],
};

for (const path of process.argv.slice(2)) {
  createServer((socket) => {
    socket.write(`${JSON.stringify(GREETING)}\r\n`);
    socket.on('error', () => undefined);
    createInterface({ input: socket }).on('line', (line) => {
      const { execute, id } = requestSchema.parse(JSON.parse(line));
      socket.write(`${JSON.stringify({ return: ANSWERS[execute] ?? {}, id })}\r\n`);
    });
  }).listen(path);
}
process.stdout.write('ready\n');
process.stdin.on('end', () => process.exit()).resume();
