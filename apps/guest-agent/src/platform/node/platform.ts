/** The platform on Node 18.15 and newer. */
import type { Platform } from '../platform.ts';
import { nodeClock } from './clock.ts';
import { nodeCrypto } from './crypto.ts';
import { nodeFiles } from './files.ts';
import { nodeMachine } from './machine.ts';
import { nodeNetwork } from './network.ts';
import { nodeProcesses } from './processes.ts';
import { nodeText } from './text.ts';
import { nodeTls } from './tls.ts';
import { nodeUnpacking } from './unpacking.ts';

export const nodePlatform: Platform = {
  files: nodeFiles,
  network: nodeNetwork,
  processes: nodeProcesses,
  clock: nodeClock,
  crypto: nodeCrypto,
  text: nodeText,
  machine: nodeMachine,
  unpacking: nodeUnpacking,
  tls: nodeTls,
};
