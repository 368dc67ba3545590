/** What both native binaries do from their start on; one of them has TLS. */
import { main } from '../../main.ts';
import type { OwnProgram } from '../../update/own-program.ts';
import type { Platform } from '../platform.ts';
import { startEventLoop } from './event-loop.ts';
import { makeQuickjsPlatform } from './platform.ts';
import { watchSignals } from './signals.ts';
import type { QuickjsTls } from './tls.ts';

const STDOUT = 1;
const STDERR = 2;

/** A signal to a process group can arrive twice: from the group's sender, and passed on by a parent. */
const SAME_REQUEST_MS = 100;

const variablesOf = (environment: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    environment.map((entry) => {
      const end = entry.indexOf('=');
      return [entry.slice(0, end), entry.slice(end + 1)];
    }),
  );

/** A reader that is gone (a closed terminal), or does not read, is no reason for the agent to go. */
const writeTo =
  (descriptor: number) =>
  (text: string): void => {
    const bytes = native.encodeUtf8(text);
    for (let written = 0; written < bytes.length;) {
      const count = native.write(descriptor, bytes, written);
      if (count <= 0) return;
      written += count;
    }
  };

/** As `uname -m` calls machines, and as artefacts are called. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'x64', aarch64: 'arm64' };

const ownProgram = ({ machine, files }: Platform, isEncrypting: boolean): OwnProgram => {
  const { architecture } = machine;
  const name = `guest-agent-linux-${ARCHITECTURES[architecture] ?? architecture}`;
  const link = files.readLink('/proc/self/exe');
  return {
    artefact: isEncrypting ? `${name}-tls` : name,
    // The kernel says " (deleted)" where somebody has taken it away since.
    file: link.ok && !link.value.endsWith(' (deleted)') ? link.value : undefined,
    starter: [],
  };
};

export const run = async (tls?: QuickjsTls): Promise<never> => {
  const loop = startEventLoop();
  const signals = watchSignals(loop);

  const ended = new Promise<string>((resolve) => {
    let askedAtMs: number | undefined;
    signals.onSignal((name) => {
      if (name === 'SIGCHLD') return;
      const now = native.monotonicMs();
      if (askedAtMs === undefined) {
        askedAtMs = now;
        resolve(name);
      } else if (now - askedAtMs > SAME_REQUEST_MS) {
        native.exit(130); // A second signal means now.
      }
    });
  });

  const platform = makeQuickjsPlatform(loop, signals, tls);
  return native.exit(
    await main({
      platform,
      build: 'native',
      own: ownProgram(platform, tls !== undefined),
      args: native.arguments,
      variables: variablesOf(native.environment),
      writeOut: writeTo(STDOUT),
      writeError: writeTo(STDERR),
      notify: (socket, text) => void native.notify(socket, text),
      ended,
    }),
  );
};
