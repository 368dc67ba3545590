/** Why a guest's agent gives no answer, and what somebody can do about it. */
import type { PullFailureKind } from '@innkeeper/protocol';

interface Advice {
  readonly why: string;
  readonly steps: readonly string[];
}

export const GUEST_ADVICE = {
  unreachable: {
    why: 'Nothing accepts a connection at this address and port.',
    steps: [
      'Is the VM running, and is this its address? Inside it: ip address',
      'Is the agent running in it? Inside it: curl http://127.0.0.1:8080/health',
      'Does it listen on all addresses (listen: 0.0.0.0:8080), and is the port open in the firewall?',
    ],
  },
  timeout: {
    why: 'No answer came in time.',
    steps: [
      'A firewall or a wrong route drops packets without a word: is the port open for this manager?',
      'The VM may be frozen or short of CPU: look at it from its host.',
    ],
  },
  http: {
    why: 'It answered with an error.',
    steps: ['Is it the agent that listens on this port, and not another web server?'],
  },
  too_large: {
    why: 'Its answer was larger than any agent’s.',
    steps: ['Is it the agent that listens on this port?'],
  },
  malformed: {
    why: 'What answers there is no agent.',
    steps: [
      'Check the port: another program listens on this one.',
      'Or it is another exporter: the agent answers /health with its version.',
    ],
  },
  unauthorized: {
    why: 'The agent does not accept this manager.',
    steps: [
      'It belongs to another manager, or its configuration has another key.',
      'Or the clock of the VM is wrong: compare it with this machine’s.',
    ],
  },
  wrong_identity: {
    why: 'Another VM answers at this address.',
    steps: [
      'The address was given to another VM meanwhile: find the right one.',
      'A copy of a VM that keeps the id of the original looks like this, too.',
    ],
  },
  no_guest_ip: {
    why: 'It has no address yet.',
    steps: ['An agent that enrols tells it by itself. For any other, tell it here.'],
  },
  wrong_key: {
    why: 'Somebody else answers at this address: the key is not the one that the agent has reported.',
    steps: [
      'The address was given to another VM meanwhile: find the right one.',
      'If the VM was installed anew, or its /var/lib/guest-agent is lost, enrol it again.',
    ],
  },
  no_tls: {
    why: 'What answers there does not encrypt, as the agent has said that it does.',
    steps: [
      'Check the port: another program listens on this one.',
      'If the agent has lost its /var/lib/guest-agent, enrol it again.',
    ],
  },
} as const satisfies Readonly<Record<PullFailureKind, Advice>>;
