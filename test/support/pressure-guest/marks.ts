/** What the guest of the pressure test says on its serial line: its own marks, and the kernel's. */

export type AgentName = 'agent' | 'exporter';

export interface Marks {
  readonly agents: Readonly<
    Record<
      AgentName,
      {
        readonly calmKib: readonly number[];
        readonly pressureKib: readonly number[];
        /** Pages of it that were read from the disk at the limit; undefined where one mark is missing. */
        readonly majorFaults: number | undefined;
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
  const faultsUntil = (phase: string, name: AgentName): number | undefined => {
    const count = new RegExp(`mark faults ${phase} ${name} (\\d+)`, 'u').exec(serial)?.[1];
    return count === undefined ? undefined : Number(count);
  };
  const faultsOf = (name: AgentName): number | undefined => {
    const before = faultsUntil('calm', name);
    const after = faultsUntil('pressure', name);
    return before === undefined || after === undefined ? undefined : after - before;
  };
  const agentOf = (name: AgentName) => ({
    calmKib: kibOf('calm', name),
    pressureKib: kibOf('pressure', name),
    majorFaults: faultsOf(name),
    wasKilled: killed.includes(PROGRAMS[name]),
  });
  return {
    agents: { agent: agentOf('agent'), exporter: agentOf('exporter') },
    exhausted: killed.filter((name) => name === 'busybox').length,
  };
};
