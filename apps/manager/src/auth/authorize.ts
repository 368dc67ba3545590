/**
 * The one place that says who may do what. Every route, socket event and download asks here, and
 * what is not allowed by this table is forbidden.
 */
import type { Labels, Role } from '@innkeeper/protocol';
import type { Actor } from './actor.ts';

/** What an action is about: one VM, or the whole installation. */
interface Rule {
  readonly roles: readonly Role[];
  readonly about: 'vm' | 'fleet';
}

const SEE = ['viewer', 'operator', 'admin'] as const;
const OPERATE = ['operator', 'admin'] as const;
const ADMINISTER = ['admin'] as const;

const RULES = {
  'vm.read': { roles: SEE, about: 'vm' },
  'vm.create': { roles: OPERATE, about: 'vm' },
  'vm.update': { roles: OPERATE, about: 'vm' },
  'vm.delete': { roles: ADMINISTER, about: 'vm' },
  'logs.read': { roles: SEE, about: 'vm' },
  /** What is kept of which VM. */
  'logs.configure': { roles: ADMINISTER, about: 'fleet' },
  /** That something was run, by whom, when, and with what exit code. */
  'run.read': { roles: SEE, about: 'vm' },
  /** What was run, and what it printed: secrets may be in both. */
  'run.output': { roles: OPERATE, about: 'vm' },
  'run.create': { roles: OPERATE, about: 'vm' },
  'run.control': { roles: OPERATE, about: 'vm' },
  /** A new agent may do anything that its unit may: as much as a command. */
  'update.read': { roles: SEE, about: 'vm' },
  'update.create': { roles: OPERATE, about: 'vm' },
  'update.control': { roles: OPERATE, about: 'vm' },
  'command.read': { roles: OPERATE, about: 'vm' },
  'command.manage': { roles: OPERATE, about: 'fleet' },
  /** Scripts for provisioning are for VMs of all labels, and secrets may be in them. */
  'provisioning.manage': { roles: OPERATE, about: 'fleet' },
  /** Whoever has a label scope sees nothing of hosts: a host's list of VMs knows no scope. */
  'host.read': { roles: SEE, about: 'fleet' },
  'host.create': { roles: OPERATE, about: 'fleet' },
  'host.update': { roles: OPERATE, about: 'fleet' },
  'host.delete': { roles: ADMINISTER, about: 'fleet' },
  'token.manage': { roles: ADMINISTER, about: 'fleet' },
  /** By which agents know the manager. */
  'key.manage': { roles: ADMINISTER, about: 'fleet' },
  'audit.read': { roles: ADMINISTER, about: 'fleet' },
  /** The manager's own metrics; those of VMs are `vm.read` of each. */
  'manager.read': { roles: SEE, about: 'fleet' },
} satisfies Record<string, Rule>;

export type Action = keyof typeof RULES;
export const ACTIONS = Object.keys(RULES);

const ruleOf = (action: Action): Rule => RULES[action];

/** Which roles may do this at all, for those who document or test it. */
export const rolesFor = (action: Action): readonly Role[] => ruleOf(action).roles;
export const isAboutFleet = (action: Action): boolean => ruleOf(action).about === 'fleet';

/**
 * `vm` is the VM in question; undefined where the action is about the fleet, or where the question
 * is whether the actor may do this to any VM at all.
 */
export const authorize = (
  actor: Pick<Actor, 'role' | 'scope'>,
  action: Action,
  vm: { readonly labels: Labels } | undefined,
): boolean => {
  const { roles, about } = ruleOf(action);
  if (!roles.includes(actor.role)) return false;
  if (actor.scope === undefined) return true;
  if (about === 'fleet') return false;
  return vm === undefined || actor.scope.fits(vm.labels);
};
