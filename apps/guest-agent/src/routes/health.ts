/** `GET /health`: cheap, and truthful: it reads the kernel like any collector does. */
import { parseUptime } from '@innkeeper/procfs';
import type { Health } from '@innkeeper/protocol';
import { readParsed, valueOf } from '../sources/collected.ts';
import type { Collectors } from '../collectors/collectors.ts';
import type { Settings } from '../config/settings.ts';
import { jsonAnswer } from '../http/answer.ts';
import type { Identity } from '../identity.ts';
import type { Clock } from '../platform/platform.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Route } from './route.ts';

export interface HealthDependencies {
  readonly identity: Identity;
  readonly settings: Pick<Settings, 'roles'>;
  readonly capabilities: readonly string[];
  readonly kernel: KernelFiles;
  readonly clock: Clock;
  readonly collectors: Pick<Collectors, 'time'>;
  readonly enrollment: () => Health['enrollment'];
  readonly tls: () => Health['tls'];
}

export const makeHealthRoute = (dependencies: HealthDependencies): Route => {
  const { identity, settings, capabilities, kernel, clock, collectors } = dependencies;
  const uptime = kernel.proc('uptime', { whole: true });
  const hostname = kernel.proc('sys/kernel/hostname', { whole: true });
  return {
    path: '/health',
    methods: ['GET'],
    access: { scope: undefined, beforeEnrolment: 'everybody', openToLoopback: true },
    query: [],
    handle: async () => {
      const name = hostname.read();
      const time = valueOf((await collectors.time.run()).outcome);
      const zone = clock.zone();
      const enrolling = dependencies.enrollment();
      const health: Health = {
        status: 'ok',
        version: identity.version,
        vm_id: identity.vmId ?? null,
        boot_id: identity.bootId ?? null,
        hostname: name.ok ? name.value.trim() : null,
        uptime_seconds: valueOf(readParsed(uptime, parseUptime))?.uptimeSeconds ?? null,
        enrolled: enrolling === null ? identity.vmId !== undefined : enrolling.state === 'enrolled',
        enrollment: enrolling,
        tls: dependencies.tls(),
        roles: [...settings.roles],
        capabilities: [...capabilities],
        clock: {
          unix_ms: clock.nowMs(),
          synchronized: time?.synchronized ?? null,
          zone: zone.name,
          utc_offset_seconds: zone.offsetSeconds,
        },
      };
      return jsonAnswer(health);
    },
  };
};
