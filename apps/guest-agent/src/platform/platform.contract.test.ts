import { nodePlatform } from './node/platform.ts';
import { testByteFiles } from '../testing/contract/byte-files.ts';
import { testClock } from '../testing/contract/clock.ts';
import { testCrypto } from '../testing/contract/crypto.ts';
import { testFiles } from '../testing/contract/files.ts';
import { testMachine } from '../testing/contract/machine.ts';
import { testNetwork } from '../testing/contract/network.ts';
import { testPipes } from '../testing/contract/pipes.ts';
import { testProcesses } from '../testing/contract/processes.ts';
import { testText } from '../testing/contract/text.ts';
import { describe } from 'vitest';
import type { Platform } from './platform.ts';

/** What the core relies on, whatever it runs on. A new platform is one more line here. */
const PLATFORMS: Readonly<Record<string, Platform>> = { node: nodePlatform };

describe.each(Object.entries(PLATFORMS))('the platform %s', (_, platform) => {
  testFiles(platform.files);
  testByteFiles(platform.files);
  testPipes(platform.files);
  testNetwork(platform.network);
  testProcesses(platform.processes);
  testCrypto(platform.crypto);
  testText(platform.text);
  testClock(platform.clock);
  testMachine(platform.machine);
});
