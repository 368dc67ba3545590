/** Signals that have come to the agent, and the names of those that end children. */
import { READABLE, type EventLoop } from './event-loop.ts';

/** signal(7), as x86 and ARM number them. */
const NAMES: readonly string[] = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGUSR1',
  'SIGSEGV',
  'SIGUSR2',
  'SIGPIPE',
  'SIGALRM',
  'SIGTERM',
  'SIGSTKFLT',
  'SIGCHLD',
  'SIGCONT',
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGVTALRM',
  'SIGPROF',
  'SIGWINCH',
  'SIGIO',
  'SIGPWR',
  'SIGSYS',
];

export const signalName = (number: number): string => NAMES[number - 1] ?? `SIG${number}`;
export const signalNumber = (name: string): number => NAMES.indexOf(name) + 1;

export interface Signals {
  /** `taken` gets SIGCHLD, SIGINT or SIGTERM, each time that one comes. */
  onSignal(taken: (name: string) => void): void;
}

export const watchSignals = (loop: EventLoop): Signals => {
  const listeners: ((name: string) => void)[] = [];
  const descriptor = native.signals();
  loop.watch(descriptor, READABLE, () => {
    for (;;) {
      const number = native.nextSignal(descriptor);
      if (number === 0) return;
      for (const taken of listeners) taken(signalName(number));
    }
  });
  return { onSignal: (taken) => void listeners.push(taken) };
};
