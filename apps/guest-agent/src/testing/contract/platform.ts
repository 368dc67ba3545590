/** What the core relies on, whatever it runs on. */
import type { Platform } from '../../platform/platform.ts';
import { testByteFiles } from './byte-files.ts';
import { testClock } from './clock.ts';
import { testCrypto } from './crypto.ts';
import { testFiles } from './files.ts';
import { testFolders } from './folders.ts';
import { testMachine } from './machine.ts';
import { testNetwork } from './network.ts';
import { testPipes } from './pipes.ts';
import { testProcesses } from './processes.ts';
import { testText } from './text.ts';
import { testTls } from './tls.ts';
import { testUnpacking } from './unpacking.ts';

export interface Circumstances {
  readonly underValgrind?: boolean;
  /** Where the machine is not this one, but emulated. */
  readonly architecture?: string;
}

/** @param pid of the process that the platform is in */
export const testPlatform = (
  platform: Platform,
  pid: number,
  { underValgrind = false, architecture }: Circumstances = {},
): void => {
  testFiles(platform.files, pid);
  testByteFiles(platform.files, pid);
  testFolders(platform.files, pid);
  testPipes(platform.files, pid);
  testNetwork(platform.network);
  testProcesses(platform.processes, underValgrind);
  testCrypto(platform.crypto);
  testText(platform.text);
  testClock(platform.clock);
  testMachine(platform.machine, pid, architecture);
  testUnpacking(platform.unpacking);
  testTls(platform);
};
