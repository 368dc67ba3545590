/** A virtio-serial port with its hypervisor's end: lines in, lines out. */
import { spawn } from 'node:child_process';
import { compiledProgram } from '../../support/compiled-program.ts';
import type { Obtained } from '../../support/obtained.ts';
import { waitUntil } from '../../support/wait-until.ts';

export const obtainVirtioPort = async (): Promise<Obtained> =>
  compiledProgram('virtio-port', import.meta.dirname);

export interface VirtioPort {
  /** The device, for the guest. */
  readonly path: string;
  readonly received: unknown[];
  send(text: string): void;
  close(): Promise<void>;
}

export const openVirtioPort = async (program: string): Promise<VirtioPort> => {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const received: unknown[] = [];
  let path = '';
  let pending = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      if (path === '') path = line;
      else received.push(JSON.parse(line));
    }
  });
  await waitUntil('the port is there', () => path !== '');
  return {
    path,
    received,
    send: (text) => {
      child.stdin.write(text);
    },
    close: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
};
