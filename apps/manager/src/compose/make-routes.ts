/** Every route of the manager, in the order of the documentation. */
import { makeManagerRoute, type ManagerFacts } from '../about/manager-route.ts';
import { makeAuditRoutes } from '../audit/audit-routes.ts';
import type { AccessControl } from '../auth/access-control.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Enrollments } from '../enroll/enrollments.ts';
import type { HostAgents } from '../enroll/host-agents.ts';
import type { KeyRotation } from '../enroll/key-rotation.ts';
import {
  makeAgentMessageRoutes,
  type AgentMessageRoutesOptions,
} from '../enroll/routes/agent-message-routes.ts';
import { makeEnrollmentRoutes } from '../enroll/routes/enrollment-routes.ts';
import type { Deployment } from '../deploy/deployment.ts';
import { makeKeyRoutes } from '../enroll/routes/key-routes.ts';
import { healthRoutes } from '../health/health-routes.ts';
import type { HealthParts } from '../health/probe.ts';
import { makeEventRoute } from '../history/event-route.ts';
import { makeHistoryRoute } from '../history/history-route.ts';
import { makeReadHistory } from '../history/read-history.ts';
import { makeSnapshotRoute } from '../history/snapshot-route.ts';
import { makeFoundRoutes } from '../hosts/found-routes.ts';
import { makeHostRoutes } from '../hosts/host-routes.ts';
import type { HostWatch } from '../hosts/host-watch.ts';
import type { HostRegistry } from '../hosts/make-host-registry.ts';
import { makeApiRoutes } from '../http/api-routes.ts';
import type { AnyRoute } from '../http/route.ts';
import type { ManagerMetrics } from '../interop/manager-metrics.ts';
import { metricsRoutes } from '../interop/metrics-routes.ts';
import { serviceDiscoveryRoutes } from '../interop/service-discovery-routes.ts';
import { listAgentCertificates } from '../interop/sql/list-agent-certificates.ts';
import type { LogHub } from '../logs/hub/log-hub.ts';
import { makeReadKeptPage } from '../logs/kept/kept-page.ts';
import type { LogPolicyStore } from '../logs/kept/policies.ts';
import { makeLogPolicyRoutes } from '../logs/kept/policy-routes.ts';
import { makeSearchLogs } from '../logs/kept/search-logs.ts';
import { makeLogSearchRoute } from '../logs/kept/search-route.ts';
import type { LogReader } from '../logs/read/log-reader.ts';
import { makeLogRoutes } from '../logs/routes/log-routes.ts';
import type { ProvisioningParts } from '../provisioning/provisioning.ts';
import { makeScriptRoutes } from '../provisioning/routes/script-routes.ts';
import { makeVmProvisioningRoutes } from '../provisioning/routes/vm-routes.ts';
import type { Readings } from '../readings/readings.ts';
import { makeRecentRoute } from '../readings/recent-route.ts';
import type { RecentTrails } from '../readings/recent-trails.ts';
import { makeRunRoutes } from '../runs/routes/run-routes.ts';
import type { RunParts } from '../runs/run-parts.ts';
import type { Retention } from '../store/tiers.ts';
import { makeAgentRoutes } from '../vms/agent-routes.ts';
import { makeAgentQuestions, type AskAgent } from '../vms/ask-agent.ts';
import type { Glance } from '../vms/glance.ts';
import { makeGuestIpRoutes } from '../vms/guest-ip-routes.ts';
import { makeVmList } from '../vms/list-vms.ts';
import { makeUpdateRoutes } from '../updates/routes/update-routes.ts';
import type { VmRegistry } from '../vms/vm-registry.ts';
import { makeVmRoutes } from '../vms/vm-routes.ts';

import type { StartedUpdates } from './start-updates.ts';

export interface RoutesOptions {
  readonly facts: ManagerFacts;
  readonly database: Database;
  readonly vms: VmRegistry;
  readonly hosts: HostRegistry;
  readonly watch: HostWatch;
  readonly readings: Readings;
  readonly glance: Glance;
  readonly recent: Pick<RecentTrails, 'table'>;
  readonly askAgent: AskAgent;
  readonly logs: { readonly hub: LogHub; readonly reader: LogReader };
  readonly logPolicies: Pick<LogPolicyStore, 'list' | 'replace'>;
  readonly runs: Pick<RunParts, 'runs' | 'access' | 'questions' | 'limits'>;
  readonly enrolling: AgentMessageRoutesOptions & {
    readonly enrollments: Pick<Enrollments, 'create' | 'revoke' | 'describe'>;
    readonly keyRotation: Pick<KeyRotation, 'describe' | 'announce' | 'complete'>;
    readonly hostAgents: Pick<HostAgents, 'of'>;
  };
  readonly provisioning: Pick<ProvisioningParts, 'controls'>;
  readonly updating: Pick<StartedUpdates, 'updates' | 'offer' | 'agents'>;
  readonly deployment: Pick<Deployment, 'routes'>;
  readonly access: Pick<AccessControl, 'authenticator' | 'routes'>;
  readonly metrics: ManagerMetrics;
  readonly health: HealthParts;
  readonly keepMs: Retention;
  readonly keepProcessesMs: number;
  readonly startedMonotonicMs: number;
  readonly clock: Clock;
}

export const makeRoutes = (options: RoutesOptions): readonly AnyRoute[] => {
  const { facts, database, vms, hosts, watch, readings, access, clock, keepMs } = options;
  const routes: AnyRoute[] = [];
  const vmList = makeVmList({ all: () => vms.all(), glance: (vm) => options.glance.glance(vm) });
  const { agents } = options.updating;
  const intervalMs = facts.pull_interval_ms;
  const readKeptPage = makeReadKeptPage({ database, clock });
  routes.push(
    ...makeVmRoutes({ vms, vmList, readings, agents }),
    ...makeGuestIpRoutes({ vms }),
    ...makeEnrollmentRoutes({ enrollments: options.enrolling.enrollments, hosts }),
    ...makeAgentMessageRoutes(options.enrolling),
    ...makeKeyRoutes(options.enrolling.keyRotation),
    makeHistoryRoute({ history: makeReadHistory({ database, clock, keepMs, intervalMs }), clock }),
    makeEventRoute({ database, clock }),
    makeRecentRoute({ vms, recent: options.recent }),
    makeSnapshotRoute({ database, keepMs: options.keepProcessesMs }),
    ...makeAgentRoutes({ questions: makeAgentQuestions(options.askAgent) }),
    ...makeLogRoutes({ ...options.logs, readKeptPage, clock }),
    makeLogSearchRoute({ search: makeSearchLogs({ database, vms }), clock }),
    ...makeLogPolicyRoutes(options.logPolicies),
    ...makeRunRoutes({ ...options.runs, database, vms }),
    ...makeScriptRoutes({ database, vms }),
    ...makeVmProvisioningRoutes({ database, ...options.provisioning }),
    ...makeUpdateRoutes({ database, vms, access: options.runs.access, ...options.updating }),
    ...makeHostRoutes({ hosts, watch, agentOf: (id) => options.enrolling.hostAgents.of(id) }),
    ...makeFoundRoutes({ hosts, vms, watch, readings, agents }),
    ...options.deployment.routes,
    ...access.routes,
    ...makeAuditRoutes(database),
    ...metricsRoutes({ metrics: options.metrics, vms, readings, hosts }),
    ...serviceDiscoveryRoutes({
      vms,
      readings,
      hosts,
      listCertificates: async () => listAgentCertificates(database),
    }),
    ...healthRoutes({
      version: facts.version,
      startedMonotonicMs: options.startedMonotonicMs,
      monotonicMs: () => clock.monotonicMs(),
      parts: options.health,
      authenticate: (credentials) => access.authenticator.authenticate(credentials),
    }),
    makeManagerRoute(facts),
    ...makeApiRoutes(() => routes, { version: facts.version }),
  );
  return routes;
};
