/** The socket.io events between browser and manager. */
import { z } from 'zod';
import { errorBodySchema } from './error-body.ts';
import { labelsSchema } from './labels.ts';
import type { LogHistory, LogLines, LogState, LogStreamName, LogSubscription } from './log-feed.ts';
import type { ProvisionState } from './provisioning.ts';
import type { Reading } from './reading.ts';
import type { RunEvents } from './run.ts';
import { updateStepStateSchema } from './update-state.ts';
import { vmNameSchema } from './vm.ts';

export const vmSubscriptionSchema = z.strictObject({ vm_id: z.uuid() });

export const acknowledgementSchema = z.object({
  ok: z.boolean(),
  error: errorBodySchema.shape.error.optional(),
});
export type Acknowledgement = z.infer<typeof acknowledgementSchema>;
export type Acknowledge = (answer: Acknowledgement) => void;

/** Who is behind a key of the `fleet` frames. */
export const fleetMemberSchema = z.object({
  key: z.int().positive(),
  id: z.uuid(),
  name: vmNameSchema,
  host_id: z.uuid().nullable(),
  guest_ip: z.string().nullable(),
  is_local: z.boolean(),
  labels: labelsSchema,
  /** As the agent has said last. */
  agent_version: z.string().nullable(),
  /** Of an update that is under way, or of the last one where that did not end well. */
  agent_update: updateStepStateSchema.nullable(),
});
export type FleetMember = z.infer<typeof fleetMemberSchema>;

export const fleetMembersSchema = z.object({
  /** True: this is the whole fleet, forget what was there before. */
  all: z.boolean(),
  members: z.array(fleetMemberSchema),
  removed: z.array(z.int().positive()),
});
export type FleetMembers = z.infer<typeof fleetMembersSchema>;

export interface ClientToServer {
  'fleet:subscribe': (acknowledge: Acknowledge) => void;
  'fleet:unsubscribe': (acknowledge: Acknowledge) => void;
  'vm:subscribe': (vm: { vm_id: string }, acknowledge: Acknowledge) => void;
  'vm:unsubscribe': (vm: { vm_id: string }, acknowledge: Acknowledge) => void;
  /** Again for the same stream: with another filter, or from another place. */
  'logs:subscribe': (wanted: LogSubscription, acknowledge: Acknowledge) => void;
  'logs:unsubscribe': (stream: LogStreamName, acknowledge: Acknowledge) => void;
  'run:subscribe': (
    run: { run_id: string; after?: number | undefined },
    acknowledge: Acknowledge,
  ) => void;
  'run:unsubscribe': (run: { run_id: string }, acknowledge: Acknowledge) => void;
  'provision:subscribe': (vm: { vm_id: string }, acknowledge: Acknowledge) => void;
  'provision:unsubscribe': (vm: { vm_id: string }, acknowledge: Acknowledge) => void;
}

export interface ServerToClient {
  /** Before the first frame, and whenever VMs come, go or change. */
  'fleet:members': (members: FleetMembers) => void;
  /** At most one a second: base64 of a frame as in `fleet-frame.ts`. */
  fleet: (frame: string) => void;
  /** To be acknowledged: at most two are under way, and then the newest waits for its turn. */
  vm: (reading: Reading, received: () => void) => void;
  /** The VM is no more, or no longer visible to this actor: the subscription has ended. */
  'vm:gone': (vm: { vm_id: string }) => void;
  /** What `GET /v1/vms/:id/enrollment` tells has changed. */
  'vm:enrollment': (vm: { vm_id: string }) => void;
  /** After each subscription, once. */
  'logs:history': (history: LogHistory, received: () => void) => void;
  'logs:lines': (lines: LogLines, received: () => void) => void;
  /** After each subscription, and at each change. */
  'logs:state': (state: LogState) => void;
  /** All subscriptions to logs of this VM have ended, as with `vm:gone`. */
  'logs:gone': (vm: { vm_id: string }) => void;
  /** To be acknowledged: at most two are under way, and the rest waits in the database. */
  'run:events': (events: RunEvents, received: () => void) => void;
  /** To be acknowledged: one is under way, and then the newest. */
  'provision:state': (state: ProvisionState, received: () => void) => void;
  /** The session has ended or the token was revoked; the connection closes. */
  'session:ended': (reason: { code: string; message: string }) => void;
}
