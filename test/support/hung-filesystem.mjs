/**
 * Mounts a FUSE filesystem and never answers for it, as a network filesystem whose server is dead:
 * `hung-filesystem.mjs MOUNT_POINT [greet]`. With `greet` it does the handshake of the protocol
 * first (FUSE_INIT, https://man7.org/linux/man-pages/man4/fuse.4.html); without, not even that.
 */

import { spawnSync } from 'node:child_process';
import { openSync, readSync, writeSync } from 'node:fs';

const [mountPoint, greet] = process.argv.slice(2);
if (mountPoint === undefined) throw new Error('needs a mount point');

const device = openSync('/dev/fuse', 'r+');
const options = 'fd=3,rootmode=40000,user_id=0,group_id=0,allow_other';
const { status, stderr } = spawnSync(
  'mount',
  ['-i', '-t', 'fuse', '-o', options, 'dead-server', mountPoint],
  { stdio: ['ignore', 'inherit', 'pipe', device], encoding: 'utf8' },
);
if (status !== 0) throw new Error(`cannot mount: ${stderr}`);

if (greet === 'greet') {
  // struct fuse_in_header: len, opcode, unique; then fuse_init_in: major, minor.
  const request = Buffer.alloc(1024 * 1024);
  readSync(device, request);
  const answer = Buffer.alloc(16 + 64);
  answer.writeUInt32LE(answer.length, 0);
  request.copy(answer, 8, 8, 16);
  answer.writeUInt32LE(7, 16);
  answer.writeUInt32LE(31, 20);
  // max_background and congestion_threshold, max_write.
  answer.writeUInt16LE(12, 32);
  answer.writeUInt16LE(9, 34);
  answer.writeUInt32LE(128 * 1024, 36);
  writeSync(device, answer);
}
console.log('mounted');
setInterval(() => undefined, 1_000_000);
