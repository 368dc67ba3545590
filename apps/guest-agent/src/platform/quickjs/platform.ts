/** The platform of the native binary: QuickJS and `native/`. */
import type { Platform } from '../platform.ts';
import { makeClock } from './clock.ts';
import { quickjsCrypto } from './crypto.ts';
import type { EventLoop } from './event-loop.ts';
import { makeFiles } from './files.ts';
import { quickjsMachine } from './machine.ts';
import { makeNetwork } from './network.ts';
import { makeProcesses } from './processes.ts';
import type { Signals } from './signals.ts';
import { quickjsText } from './text.ts';
import { quickjsUnpacking } from './unpacking.ts';

export const makeQuickjsPlatform = (loop: EventLoop, signals: Signals): Platform => ({
  files: makeFiles(loop),
  network: makeNetwork(loop),
  processes: makeProcesses(loop, signals),
  clock: makeClock(loop),
  crypto: quickjsCrypto,
  text: quickjsText,
  machine: quickjsMachine,
  unpacking: quickjsUnpacking,
});
