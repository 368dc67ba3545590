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

/** @param pid of the process that the platform is in */
export const testPlatform = (platform: Platform, pid: number, underValgrind = false): void => {
  testFiles(platform.files, pid);
  testByteFiles(platform.files, pid);
  testFolders(platform.files, pid);
  testPipes(platform.files, pid);
  testNetwork(platform.network);
  testProcesses(platform.processes, underValgrind);
  testCrypto(platform.crypto);
  testText(platform.text);
  testClock(platform.clock);
  testMachine(platform.machine, pid);
  testUnpacking(platform.unpacking);
  testTls(platform);
};
