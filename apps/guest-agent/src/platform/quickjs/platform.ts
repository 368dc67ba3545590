/** The platform of the native binary: QuickJS and `native/`. */
import type { Platform } from '../platform.ts';
import { makeAside } from './aside.ts';
import { makeClock } from './clock.ts';
import { quickjsCrypto } from './crypto.ts';
import type { EventLoop } from './event-loop.ts';
import { makeFiles } from './files.ts';
import { quickjsMachine } from './machine.ts';
import { makeNames } from './names.ts';
import { makeNetwork } from './network.ts';
import { makeProcesses } from './processes.ts';
import type { Signals } from './signals.ts';
import { quickjsText } from './text.ts';
import type { QuickjsTls } from './tls.ts';
import { quickjsUnpacking } from './unpacking.ts';

/** @param tls where the build has it: its entry brings it along */
export const makeQuickjsPlatform = (
  loop: EventLoop,
  signals: Signals,
  tls?: QuickjsTls,
): Platform => {
  const aside = makeAside(loop);
  return {
    files: makeFiles(loop, aside),
    network: makeNetwork(loop, makeNames(loop, aside), tls),
    processes: makeProcesses(loop, signals),
    clock: makeClock(loop),
    crypto: quickjsCrypto,
    text: quickjsText,
    machine: quickjsMachine,
    unpacking: quickjsUnpacking,
    ...(tls && { tls: tls.keys }),
  };
};
