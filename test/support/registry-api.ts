/** The routes of VMs and hosts over real HTTP. The bearer token names who asks. */
import type { Reading } from '@innkeeper/protocol';
import type { Actor } from '../../apps/manager/src/auth/actor.ts';
import { makeFoundRoutes } from '../../apps/manager/src/hosts/found-routes.ts';
import { makeHostRoutes } from '../../apps/manager/src/hosts/host-routes.ts';
import { makeHostWatch, type HostWatch } from '../../apps/manager/src/hosts/host-watch.ts';
import type { Readings } from '../../apps/manager/src/readings/readings.ts';
import { makeAgentRoutes } from '../../apps/manager/src/vms/agent-routes.ts';
import { makeAgentQuestions, type AskAgent } from '../../apps/manager/src/vms/ask-agent.ts';
import { makeGlance } from '../../apps/manager/src/vms/glance.ts';
import { makeAgentStates } from '../../apps/manager/src/updates/agent-states.ts';
import { makeGuestIpRoutes } from '../../apps/manager/src/vms/guest-ip-routes.ts';
import { makeVmList } from '../../apps/manager/src/vms/list-vms.ts';
import { makeVmRoutes } from '../../apps/manager/src/vms/vm-routes.ts';
import { refuseAll, serveApp, type ServedApp } from './http-served-app.ts';
import { makeReading } from './registry-fixtures.ts';
import { testClock, type Registries } from './registry-harness.ts';

export interface RegistryApi {
  readonly app: ServedApp;
  readonly watch: HostWatch;
  readonly readings: Map<string, Partial<Reading>>;
  stop(): Promise<void>;
}

export interface RegistryApiOptions {
  readonly registries: Registries;
  readonly actors: Readonly<Record<string, Actor>>;
  readonly askAgent?: AskAgent;
}

const noAgent: AskAgent = async () => ({
  ok: false,
  seconds: 0,
  failure: { kind: 'unreachable', message: 'no agent in this test' },
});

export const serveRegistry = async ({
  registries: { vms, hosts },
  actors,
  askAgent = noAgent,
}: RegistryApiOptions): Promise<RegistryApi> => {
  const values = new Map<string, Partial<Reading>>();
  const readings: Readings = {
    latest: ({ id }) => makeReading(id, values.get(id)),
    onReading: () => () => {},
  };
  const agents = makeAgentStates();
  const glance = makeGlance({ vms, readings });
  const watch = makeHostWatch({ vms, hosts, intervalMs: 60_000, clock: testClock });
  const vmList = makeVmList({ all: () => vms.all(), glance: (vm) => glance.glance(vm) });
  const app = await serveApp({
    routes: [
      ...makeVmRoutes({ vms, vmList, readings, agents }),
      ...makeGuestIpRoutes({ vms }),
      ...makeAgentRoutes({ questions: makeAgentQuestions(askAgent) }),
      ...makeHostRoutes({ hosts, watch, agentOf: () => undefined }),
      ...makeFoundRoutes({ hosts, vms, watch, readings, agents }),
    ],
    authenticator: {
      ...refuseAll,
      authenticate: ({ authorization, ...rest }) => {
        const actor = actors[(authorization ?? '').replace('Bearer ', '')];
        return actor === undefined
          ? refuseAll.authenticate(rest)
          : { ok: true, actor, csrfToken: undefined };
      },
    },
    findVm: (id) => vms.get(id),
  });
  return {
    app,
    watch,
    readings: values,
    stop: async () => {
      await app.stop();
      glance.stop();
      watch.stop();
    },
  };
};
