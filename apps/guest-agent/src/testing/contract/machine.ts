/** What every platform must know of its machine. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../platform/platform.ts';

const output = (file: string, ...args: readonly string[]): string =>
  execFileSync(file, args, { encoding: 'utf8' }).trim();

export const testMachine = (machine: Machine, pid: number, architecture?: string): void => {
  describe('machine', () => {
    it('is what uname and getconf say', () => {
      expect(machine.architecture).toBe(architecture ?? output('uname', '-m'));
      expect(machine.pageSizeBytes).toBe(Number(output('getconf', 'PAGESIZE')));
    });

    it('has the process id and the user of the agent', () => {
      expect(machine.pid).toBe(pid);
      expect(machine.uid).toBe(process.geteuid?.());
    });

    it('has loopback among its addresses', () => {
      const addresses = machine.interfaceAddresses();
      expect(addresses.ok && addresses.value).toContainEqual({
        device: 'lo',
        family: 'ipv4',
        address: '127.0.0.1',
        prefixLength: 8,
      });
    });
  });
};
