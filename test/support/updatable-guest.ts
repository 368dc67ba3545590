/** A VM of a manager with an agent of some version, which is enrolled and started again when it ends. */
import type { BuildKind } from './agent-versions.ts';
import { configOf, makeToken, untilStatus } from './enrolment.ts';
import type { ManagerProcess } from './manager-process.ts';
import { createVm } from './manager-questions.ts';
import { makeOtherMachine } from './other-machine.ts';
import { freePort } from './service-process.ts';
import { superviseAgent, type SupervisedAgent } from './supervised-agent.ts';

export interface UpdatableGuest {
  readonly vmId: string;
  readonly name: string;
  readonly agent: SupervisedAgent;
  stop(): Promise<void>;
}

let made = 0;

export const installGuest = async (
  manager: Pick<ManagerProcess, 'ask'>,
  options: {
    readonly kind: BuildKind;
    readonly version: string;
    readonly labels?: Readonly<Record<string, string>>;
  },
): Promise<UpdatableGuest> => {
  made += 1;
  const name = `guest-${String(made).padStart(2, '0')}`;
  const { kind, version, labels = {} } = options;
  const port = await freePort();
  const vm = await createVm(manager, { name, labels, agent_port: port });
  const config = configOf(await makeToken(manager, vm.id));
  const machine = makeOtherMachine();
  const agent = await superviseAgent({
    kind,
    program: await kind.make(version),
    config: () => config,
    host: `127.0.0.${150 + made}`,
    port,
    args: machine.args,
  });
  await untilStatus(agent, { state: 'enrolled' });
  return {
    vmId: vm.id,
    name,
    agent,
    stop: async () => {
      await agent.stop();
      machine.remove();
    },
  };
};
