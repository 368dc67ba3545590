/** What to look at when a step of an enrolment does not come. */
import type { Enrollment } from '@innkeeper/protocol';

type Step = Enrollment['events'][number]['kind'];

interface StallAdvice {
  readonly why: string;
  readonly steps: readonly { readonly text: string; readonly code?: string }[];
}

interface Stall {
  readonly afterMs: number;
  readonly advice: (enrollment: Pick<Enrollment, 'agent'>) => StallAdvice;
}

/** A guest in an emulator takes minutes to its first boot. */
const BOOT_MS = 120_000;
const START_MS = 30_000;
const PULL_MS = 10_000;

const LOG = { text: 'Under systemd, its log:', code: 'journalctl -u guest-agent -n 30' } as const;
const OTHER_LOG = {
  text: 'Under OpenRC and SysV:',
  code: 'tail -n 30 /var/log/guest-agent.log',
} as const;

const STALLS: ReadonlyMap<Step, Stall> = new Map<Step, Stall>([
  [
    'agent_downloaded',
    {
      afterMs: BOOT_MS,
      advice: () => ({
        why: 'Nobody has fetched the agent yet.',
        steps: [
          {
            text: 'With cloud-init, its console and its log say why:',
            code: 'tail -n 30 /var/log/cloud-init-output.log',
          },
          {
            text: 'Does the guest reach the manager? Try the URL of the command there. A firewall or the wrong network is the usual reason.',
          },
          {
            text: 'Where its clock is wrong, or DNS is missing, give the manager’s URL by address.',
          },
        ],
      }),
    },
  ],
  [
    'token_used',
    {
      afterMs: START_MS,
      advice: () => ({
        why: 'The agent was fetched, and has not shown its token.',
        steps: [
          {
            text: 'In the guest it says what is in the way:',
            code: 'curl -s http://127.0.0.1:8080/health',
          },
          LOG,
          OTHER_LOG,
        ],
      }),
    },
  ],
  [
    'first_reading',
    {
      afterMs: PULL_MS,
      advice: ({ agent }) => ({
        why: 'It has enrolled, and this manager does not reach it.',
        steps: [
          {
            text: `Let this manager through to port ${agent?.agent_port ?? 8080} there; what is registered must have the same port.`,
          },
          {
            text: 'Behind QEMU’s user network or NAT nobody reaches a guest: use a bridge, or a socket.',
          },
        ],
      }),
    },
  ],
]);

/** @param waitedMs how long nothing new was seen */
export const stallAdvice = (
  enrollment: Pick<Enrollment, 'agent' | 'refusal' | 'state'>,
  waitsFor: Step | undefined,
  waitedMs: number,
): StallAdvice | undefined => {
  if (waitsFor === undefined) return undefined;
  const stall = STALLS.get(waitsFor);
  if (stall === undefined || waitedMs < stall.afterMs) return undefined;
  // A token that has expired or was refused says what to do itself.
  const isOver = waitsFor !== 'first_reading' && enrollment.state !== 'waiting';
  if (isOver || (enrollment.refusal !== null && waitsFor !== 'first_reading')) return undefined;
  return stall.advice(enrollment);
};
