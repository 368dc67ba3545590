/** The hosts, asked for now and then: names for the fleet, and the page about them. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Host } from '@innkeeper/protocol';
import type { Api, ApiProblem } from './api.ts';

export interface HostList {
  /** Undefined until they are known; empty also where a scope hides them. */
  readonly hosts: ReadonlySignal<readonly Host[] | undefined>;
  readonly problem: ReadonlySignal<ApiProblem | undefined>;
  readonly nameOf: (hostId: string | null) => string | undefined;
  refresh(): Promise<void>;
  /** Asks again every few seconds until the answer is called. */
  follow(): () => void;
}

interface Page {
  readonly items: readonly Host[];
}

const REFRESH_MS = 10_000;
const FORBIDDEN = 403;

export const makeHostList = (api: Api): HostList => {
  const hosts = signal<readonly Host[] | undefined>(undefined);
  const problem = signal<ApiProblem | undefined>(undefined);
  let names = new Map<string, string>();

  const refresh = async (): Promise<void> => {
    const result = await api.get<Page>('/v1/hosts');
    if (result.ok) {
      names = new Map(result.value.items.map(({ id, name }) => [id, name]));
      hosts.value = result.value.items;
      problem.value = undefined;
    } else if (result.problem.status === FORBIDDEN) {
      hosts.value = [];
    } else {
      problem.value = result.problem;
    }
  };
  return {
    hosts,
    problem,
    nameOf: (hostId) => (hostId === null ? undefined : names.get(hostId)),
    refresh,
    follow: () => {
      void refresh();
      const timer = setInterval(() => void refresh(), REFRESH_MS);
      return () => clearInterval(timer);
    },
  };
};
