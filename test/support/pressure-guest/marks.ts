/** What the guest of the pressure test says on its serial line: its own marks, and the kernel's. */

export type AgentName = 'agent' | 'exporter';

export interface Marks {
  readonly agents: Readonly<
    Record<
      AgentName,
      {
        readonly calmKib: readonly number[];
        readonly pressureKib: readonly number[];
        readonly wasKilled: boolean;
      }
    >
  >;
  readonly exhausted: number;
}

/** As the kernel names them, cut to 15 characters. */
const PROGRAMS: Readonly<Record<AgentName, string>> = {
  agent: 'guest-agent',
  exporter: 'node_exporter',
};

export const readMarks = (serial: string): Marks => {
  const killed = [...serial.matchAll(/Killed process \d+ \(([^)]*)\)/gu)].map(([, name]) => name);
  const kibOf = (phase: string, name: AgentName): readonly number[] =>
    [...serial.matchAll(new RegExp(`mark resident ${phase} ${name} (\\d+)`, 'gu'))].map(([, kib]) =>
      Number(kib),
    );
  const agentOf = (name: AgentName) => ({
    calmKib: kibOf('calm', name),
    pressureKib: kibOf('pressure', name),
    wasKilled: killed.includes(PROGRAMS[name]),
  });
  return {
    agents: { agent: agentOf('agent'), exporter: agentOf('exporter') },
    exhausted: killed.filter((name) => name === 'busybox').length,
  };
};
